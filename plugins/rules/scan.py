"""Where links, headings and footnotes are in Markdown source, in time in proportion to the text.

What is a link or a heading is read from the page, which is always right; this finds the places.
"""

import functools
import html
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate, islice

from markdown_it import MarkdownIt

from plugins.addresses import split_srcset
from plugins.commonmark import make_parser

_MAY_BE_CODE = re.compile(r"```|~~~|^[ >]*(?: {4}|\t)", re.MULTILINE)
_MARKS = re.compile(
    r"\\[\\`*_{}\[\]()>#+.!|~:\"'-]|`+|<!--|<(?P<code>pre|code|kbd|samp|script|style|textarea)\b[^<>]*>"
)
_TAG = re.compile(r"<[A-Za-z][\w:-]*(?:\s[^<>]*)?>")
_ATTRIBUTE = re.compile(
    r"\b(href|src|srcset|poster|data|cite|id|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
_AUTO = re.compile(r"<((?:[A-Za-z][A-Za-z0-9+.-]*:|[^\s<>@/]+@)[^\s<>]+)>")
# The address of an inline link, up to its title or its last bracket.
_ADDRESS = re.compile(
    r"\s*(?:<(?P<bracketed>[^<>]*)>|"
    r"(?P<bare>(?:\\.|\((?:\\.|\([^()]*\)|[^()\\])*+\)|[^()\s]|\s(?!\s*[\"']))*+))"
)
# Of a label: what it is called, and its address.
DEFINITION = re.compile(r"^[ ]{0,3}\[([^\[\]^][^\[\]]*)\]:[ ]*(?:\n[ ]*)?(\S+)", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]]|\n\s*\n")
_REFERENCE = re.compile(r"(?<![\w\])])!?\[(?!\^)([^\[\]]+)\]\[((?!\^)[^\[\]]*)\]")
_NOTE = re.compile(r"\[\^([^\[\]\n]+)\](:?)")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# What becomes a heading, at the group `at`: a line with # or a number, or the title of an
# admonition; a line that is underlined; raw HTML.
_TITLES = (
    re.compile(r"^[ \t>]*(?P<at>#{1,6}|\d+[.)](?=\s)|!!![^\n\"]*\"?)(?P<text>.*)$", re.MULTILINE),
    re.compile(r"^(?P<at>)(?P<text>[^\n]*\S[ \t]*)\n(?:=+|-+)[ ]*$", re.MULTILINE),
    re.compile(r"(?P<at><[hH][1-6]\b)[^<>]*>(?P<text>.*?)(?:</[hH]|\n\s*\n|\Z)", re.DOTALL),
)
# What is written in a heading and not read in it.
_UNREAD = re.compile(r"\A\s*\d+[.)]\s+|\{[^{}]*\}[\s#]*\Z|\]\([^()]*\)|<[^<>]*>|\[\^[^\]]*\]")


# An offset, and what is there: which words, that depends on what was looked for.
Location = tuple[int, str]


class Scan:
    """Finds places in the body of a text. Offsets count from the start of the whole text.

    `masked` is the text with code, comments, escapes and metadata blanked out, `broken` what is
    wrong with code and comments: the offset, what, and how to fix it.
    """

    def __init__(self, text: str, body_at: int):
        self.text, self.body_at = text, body_at
        self.broken: list[tuple[int, str, str]] = []
        self.masked = _blanked(text, [(0, body_at)])
        for find in (self._blocks, self._inline):
            self.masked = _blanked(self.masked, find(self.masked))

    def _blocks(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the beginning and the end of code between fences, or indented by four spaces."""
        if not _MAY_BE_CODE.search(text, self.body_at):
            return
        lines = text[self.body_at :].split("\n")
        starts = [*accumulate((len(line) + 1 for line in lines), initial=self.body_at)]
        for token in _parser().parse("\n".join(lines)):
            if token.type not in ("fence", "code_block"):
                continue
            (first, end), fence = token.map, token.markup
            is_closed = end - first > 1 and lines[end - 1].strip(f" >{fence[:1]}") == ""
            if fence and not (is_closed and fence in lines[end - 1]):
                what = f'the code that begins with "{fence}" has no end'
                self.broken.append((starts[first], what, f"add a line {fence} below the code"))
            yield starts[first], starts[end] - 1

    def _inline(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield code between backticks, comments and escaped characters."""
        end = paragraph_end = -1
        unpaired: set[str] = set()  # backticks that no others close
        while found := _MARKS.search(text, max(end, self.body_at)):
            mark, (start, end) = found[0], found.span()
            if mark == "<!--":
                end = text.find("-->", end) + 3
                if end < 3:
                    what, fix = "a comment is not closed", "write --> where it ends"
                    self.broken.append((start, what, fix))
                    return
            elif name := found["code"]:
                start, end = end, text.find(f"</{name}>", end)
                if end < 0:
                    end = start
                    continue
            elif mark[0] == "`":
                if end > paragraph_end:
                    paragraph_end, unpaired = _paragraph_end(text, end), set()
                closing = re.compile(rf"(?<!`){mark}(?!`)")
                if mark in unpaired or not (found := closing.search(text, end, paragraph_end)):
                    unpaired.add(mark)
                    continue
                end = found.end()
            yield start, end

    def all(self, pattern: re.Pattern) -> Iterator[re.Match]:
        """Return all that a pattern finds in the body, outside code and comments."""
        return pattern.finditer(self.masked, self.body_at)

    @cached_property
    def _links(self) -> dict[str, list[int]]:
        return _grouped(self._find_links())

    def _find_links(self) -> Iterator[Location]:
        """Yield links and images by address; a reference link is where its address is defined."""
        for match in self.all(re.compile(r"\]\(")):
            if (start := self.brackets.get(match.start())) is not None:
                is_image = start > 0 and self.masked[start - 1] == "!"
                limit = _paragraph_end(self.text, match.end(), match.end() + 4000)
                found = _ADDRESS.match(self.text, match.end(), limit)
                address = (found["bracketed"] or found["bare"] or "").strip()
                yield start - is_image, _plain(address)
        for match in self.all(DEFINITION):
            address = self.text[match.start(2) : match.end(2)].strip("<>")
            yield match.start(1) - 1, _plain(address)
        for match in self.all(_TAG):
            for name, *values in _ATTRIBUTE.findall(self.text[match.start() : match.end()]):
                value = html.unescape("".join(values))
                several = split_srcset(value) if name.lower() == "srcset" else ()
                yield from ((match.start(), address) for address, *_ in several or [[value]])
        for match in self.all(_AUTO):
            yield match.start(), html.unescape(match[1])

    def link_at(self, address: str, nth: int) -> int:
        """Return the offset of the nth link or image of an address."""
        places = self._links.get(address) or self._links.get(html.unescape(address))
        return places[min(nth, len(places) - 1)] if places else self.find(address, nth)

    @cached_property
    def brackets(self) -> dict[int, int]:
        """The opening bracket of each closing one, within paragraphs."""
        pairs: dict[int, int] = {}
        stack: list[int] = []
        for match in self.all(_BRACKET):
            if match[0] == "[":
                stack.append(match.start())
            elif match[0] != "]":
                stack.clear()
            elif stack:
                pairs[match.start()] = stack.pop()
        return pairs

    def undefined(self) -> Iterator[Location]:
        """Yield links of the form [text][label] whose label is not defined."""
        known = {_label(match[1]) for match in self.all(DEFINITION)}
        for match in self.all(_REFERENCE):
            label = _label(match[2] or match[1])
            if label not in known and not label.isdigit():  # as in [1][2], of sources elsewhere
                yield match.start(), label

    @cached_property
    def notes(self) -> tuple[list[Location], list[Location]]:
        """Footnotes: definitions and uses; `text` is the key."""
        definitions, uses = [], []
        for match in self.all(_NOTE):
            before = self.masked[self.masked.rfind("\n", 0, match.start()) + 1 : match.start()]
            defines = match[2] and not before.strip()
            (definitions if defines else uses).append((match.start(), match[1]))
        return definitions, uses

    @cached_property
    def _titles(self) -> dict[str, list[int]]:
        """Places of what may be a heading or a question, by its words."""
        return _grouped(
            (match.start("at"), _bare(self.text[match.start("text") : match.end("text")]))
            for pattern in _TITLES
            for match in self.all(pattern)
        )

    def title_at(self, words: str, nth: int) -> int:
        """Return the offset of the nth heading or question of these words."""
        places = self._titles.get(_bare(words))
        return places[min(nth, len(places) - 1)] if places else self.find(words)

    def find(self, words: str, nth: int = 0) -> int:
        """Return the offset of `words` in the body (the nth time), or the start of the body."""
        found = self.all(re.compile(re.escape(words))) if words else ()
        return next((match.start() for match in islice(found, nth, None)), self.start)

    @cached_property
    def start(self) -> int:
        """The first visible character of the body."""
        match = re.compile(r"\S").search(self.text, self.body_at)
        return match.start() if match else max(self.body_at - 1, 0)


def _grouped(found: Iterable[Location]) -> dict[str, list[int]]:
    """Return the places of equal words, in reading order."""
    places: dict[str, list[int]] = {}
    for at, words in sorted(found):
        places.setdefault(words, []).append(at)
    return places


def _label(words: str) -> str:
    return " ".join(words.lower().split())


def _bare(words: str) -> str:
    """Return the letters and digits of a heading, as its author or its reader has it."""
    return re.sub(r"[\W_]+", "", _UNREAD.sub("", words)).casefold()


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], re.sub(r"[^\n]", " ", text[start:end])]
        done = end
    return "".join(parts) + text[done:]


def _paragraph_end(text: str, at: int, most: int = sys.maxsize) -> int:
    match = _BLANK_LINE.search(text, at, most)
    return match.start() if match else min(most, len(text))


def _plain(address: str) -> str:
    return html.unescape(re.sub(r"\\([\\`*_{}\[\]()>#+.!|~-])", r"\1", address))


@functools.cache
def _parser() -> MarkdownIt:
    return make_parser().disable(["inline", "footnote_tail"])  # which moves footnotes to the end
