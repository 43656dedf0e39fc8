"""Where things are in Markdown source: links, headings, footnotes, fences, admonitions.

What is a link and what is a heading is read from the converted HTML, which is always right. This
scanner only finds the places: it blanks out code, comments and escaped characters, then looks for
the marks that are left. All passes take time in proportion to the text.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

_CODE_FENCE = re.compile(r"(?P<fence>~{3,}|`{3,})(?P<info>.*)$")
# The first line of a fence as Python-Markdown's fenced_code reads it.
_INFO = re.compile(r"[ ]*(\{[^\n]*\}|\.?[\w#.+-]*[ ]*(hl_lines=(\"|').*?\3[ ]*)?)$")
_OPENS_INDENT = re.compile(r"\s{0,3}([-*+]|\d+[.)]|:|!!!|\[\^[^\]]+\]:)(\s|$)|!!!|\[\^[^\]]+\]:")
_MARKS = re.compile(r"\\[\\`*_{}\[\]()>#+.!|~:\"'-]|`+|<!--")
_TAG = re.compile(r"<[A-Za-z][\w:-]*(?:\s[^<>]*)?>")
_ATTRIBUTE = re.compile(
    r"\b(href|src|srcset|poster|data|cite|id|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
_AUTO = re.compile(r"<((?:[A-Za-z][A-Za-z0-9+.-]*:|[^\s<>@/]+@)[^\s<>]+)>")
_DEFINITION = re.compile(r"^[ ]{0,3}\[([^\[\]^][^\[\]]*)\]:[ ]*(?:\n[ ]*)?(\S+)", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]]|\n\s*\n")
_REFERENCE = re.compile(r"(?<![\w\])])!?\[(?!\^)([^\[\]]+)\][ ]?\[((?!\^)[^\[\]]*)\]")
_ATX = re.compile(r"^[ \t>]*(#{1,6})(?P<text>.*)$", re.MULTILINE)
_UNDERLINE = re.compile(r"^(=+|-+)[ ]*$", re.MULTILINE)
_RAW_HEADING = re.compile(r"<[hH]([1-6])\b[^<>]*>(?P<text>.*?)(?:</[hH]|\n\s*\n|\Z)", re.DOTALL)
_NOTE = re.compile(r"\[\^([^\[\]\n]+)\](:?)")
_ADMONITION = re.compile(r"^[ \t]*!!!(?P<rest>.*)$", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


class Location(NamedTuple):
    """Something at the offset `at`; what `text` holds depends on what was looked for."""

    at: int
    text: str
    level: int = 0


class Scan:
    """Finds places in the body of a text. Offsets count from the start of the whole text."""

    def __init__(self, text: str, body_at: int):
        self.text = text
        self.body_at = body_at
        self.unclosed: list[Location] = []  # fences without an end
        self.unread: list[Location] = []  # fences whose first line the converter does not read
        self.unended: list[Location] = []  # comments without an end
        self.masked = self._mask()

    def _mask(self) -> str:
        """Return the text with code, comments, escapes and metadata blanked out."""
        lines = self.text[self.body_at :].split("\n")
        blank = [False] * len(lines)
        self._fences(lines, blank)
        self._indented(lines, blank)
        text = "\n".join(
            " " * len(line) if hidden else line for line, hidden in zip(lines, blank, strict=True)
        )
        metadata = re.sub(r"[^\n]", " ", self.text[: self.body_at])
        return metadata + self._inline(text)

    def _fences(self, lines: list[str], blank: list[bool]):
        ends: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            if line[:3] in ("```", "~~~") and not line.strip(" ").strip(line[0]):
                ends.setdefault(line.rstrip(" "), []).append(number)
        offsets = list(accumulate((len(line) + 1 for line in lines), initial=self.body_at))
        after = 0
        for number, line in enumerate(lines):
            match = _CODE_FENCE.match(line) if number >= after else None
            if not match or ("`" in match["info"] and match["fence"][0] == "`"):
                continue
            closing = ends.get(match["fence"], [])
            index = bisect_left(closing, number + 1)
            if not _INFO.match(match["info"]):
                self.unread.append(Location(offsets[number], match["info"].strip()))
            if index == len(closing):  # and nothing below can be told apart any more
                self.unclosed.append(Location(offsets[number], match["fence"]))
            after = closing[index] + 1 if index < len(closing) else len(lines)
            blank[number:after] = [True] * (after - number)

    @staticmethod
    def _indented(lines: list[str], blank: list[bool]):
        """Blank code that is indented by four spaces, outside lists, admonitions and footnotes."""
        is_within, after_blank = False, True
        for number, line in enumerate(lines):
            if blank[number] or not line.strip():
                after_blank = True
                continue
            if not line.startswith(("    ", "\t")):
                is_within = bool(_OPENS_INDENT.match(line)) or (is_within and not after_blank)
            elif after_blank and not is_within:
                blank[number] = True
                continue
            after_blank = False

    def _inline(self, text: str) -> str:
        parts, done, position = [], 0, 0
        paragraph_end, unpaired = -1, set()  # lengths of backticks that no others close
        while match := _MARKS.search(text, position):
            mark, start, position = match[0], match.start(), match.end()
            end = position
            if mark == "<!--":
                end = text.find("-->", position) + 3
                if end < 3:
                    self.unended.append(Location(self.body_at + start, mark))
                    break
            elif mark[0] == "`":
                if position > paragraph_end:
                    paragraph_end, unpaired = _paragraph_end(text, position), set()
                closing = re.compile(rf"(?<!`){mark}(?!`)")
                if mark in unpaired or not (found := closing.search(text, position, paragraph_end)):
                    unpaired.add(mark)
                    continue
                end = found.end()
            parts += [text[done:start], re.sub(r"[^\n]", " ", text[start:end])]
            done = position = end
        return "".join(parts) + text[done:]

    @cached_property
    def links(self) -> dict[str, list[Location]]:
        """Places of links and images by address, in reading order; a reference link has that where
        its address is defined. `text` is what the square brackets hold."""
        links: dict[str, list[Location]] = {}
        for address, place in sorted(self._links(), key=lambda found: found[1].at):
            links.setdefault(address, []).append(place)
        return links

    def _links(self) -> Iterator[tuple[str, Location]]:
        for match in re.finditer(r"\]\(", self.masked):
            start = self.brackets.get(match.start())
            if start is not None:
                is_image = start > 0 and self.masked[start - 1] == "!"
                place = Location(start - is_image, self.text[start + 1 : match.start()])
                yield self._address(match.end()), place
        for match in _DEFINITION.finditer(self.masked, self.body_at):
            address = self.text[match.start(2) : match.end(2)].strip("<>")
            yield _plain(address), Location(match.start(1) - 1, match[1])
        for match in _TAG.finditer(self.masked, self.body_at):
            place, tag = Location(match.start(), match[0]), self.text[match.start() : match.end()]
            for name, double, single, bare in _ATTRIBUTE.findall(tag):
                value = html.unescape(double or single or bare)
                several = value.split(",") if name.lower() == "srcset" else ()
                for address in [part.strip().split(" ")[0] for part in several] or [value]:
                    yield address, place
        for match in _AUTO.finditer(self.masked, self.body_at):
            yield html.unescape(match[1]), Location(match.start(), match[1])

    def link_at(self, address: str, nth: int) -> int:
        """Return the offset of the nth link or image of an address."""
        places = self.links.get(address) or self.links.get(html.unescape(address))
        return places[min(nth, len(places) - 1)].at if places else self.find(address, nth)

    @cached_property
    def brackets(self) -> dict[int, int]:
        """The opening bracket of each closing one, within paragraphs."""
        pairs: dict[int, int] = {}
        stack: list[int] = []
        for match in _BRACKET.finditer(self.masked, self.body_at):
            if match[0] == "[":
                stack.append(match.start())
            elif match[0] != "]":
                stack.clear()
            elif stack:
                pairs[match.start()] = stack.pop()
        return pairs

    def _address(self, at: int) -> str:
        """Return the address of an inline link whose round bracket opens before `at`."""
        rest = self.text[at : _paragraph_end(self.text, at, at + 4000)]
        if match := re.match(r"\s*<([^<>]*)>", rest):
            return _plain(match[1].strip())
        depth, quoted, stop = 1, "", len(rest)
        for index, character in enumerate(rest):
            if quoted:
                if character == quoted and re.match(r"\s*\)", rest[index + 1 :]):
                    break
            elif character in "\"'" and index and rest[index - 1].isspace():
                quoted, stop = character, index
            elif character in "()":
                depth += 1 if character == "(" else -1
                if not depth:
                    stop = index
                    break
        return _plain(rest[:stop].strip())

    @cached_property
    def definitions(self) -> list[Location]:
        """Definitions of reference links; `text` is the label."""
        return [
            Location(match.start(1) - 1, " ".join(match[1].lower().split()))
            for match in _DEFINITION.finditer(self.masked, self.body_at)
        ]

    @cached_property
    def references(self) -> list[Location]:
        """Links of the form [text][label]; `text` is the label."""
        return [
            Location(match.start(), " ".join((match[2] or match[1]).lower().split()))
            for match in _REFERENCE.finditer(self.masked, self.body_at)
        ]

    @cached_property
    def headings(self) -> list[Location]:
        """Headings; `text` is what the author wrote."""
        found = []
        for match in _ATX.finditer(self.masked, self.body_at):
            words = self.text[match.start("text") : match.end("text")].rstrip(" \t#")
            found.append(Location(match.start(1), words, len(match[1])))
        for match in _UNDERLINE.finditer(self.masked, self.body_at):
            start = self.text.rfind("\n", 0, max(match.start() - 1, 0)) + 1
            words = self.text[start : match.start()].strip()
            if words and start >= self.body_at:
                found.append(Location(start, words, 1 if match[1][0] == "=" else 2))
        for match in _RAW_HEADING.finditer(self.masked, self.body_at):
            found.append(Location(match.start(), match["text"], int(match[1])))
        return sorted(found)

    @cached_property
    def notes(self) -> tuple[list[Location], list[Location]]:
        """Footnotes: definitions and uses; `text` is the key."""
        definitions, uses = [], []
        for match in _NOTE.finditer(self.masked, self.body_at):
            before = self.masked[self.masked.rfind("\n", 0, match.start()) + 1 : match.start()]
            defines = match[2] and not before.strip() and len(before) <= 3
            (definitions if defines else uses).append(Location(match.start(), match[1]))
        return definitions, uses

    @cached_property
    def admonitions(self) -> list[Location]:
        """Lines that begin with !!!; `text` is what follows the marks."""
        return [
            Location(match.start("rest") - 3, self.text[match.start("rest") : match.end()])
            for match in _ADMONITION.finditer(self.masked, self.body_at)
        ]

    def find(self, words: str, nth: int = 0) -> int:
        """Return the offset of `words` in the body (the nth time), or the start of the body."""
        at = self.body_at - 1
        for _ in range(nth + 1):
            at = self.masked.find(words, at + 1) if words else -1
            if at < 0:
                return self.start
        return at

    @cached_property
    def start(self) -> int:
        """The first visible character of the body."""
        match = re.compile(r"\S").search(self.text, self.body_at)
        return match.start() if match else max(self.body_at - 1, 0)


def _paragraph_end(text: str, at: int, most: int | None = None) -> int:
    limit = len(text) if most is None else min(most, len(text))
    match = _BLANK_LINE.search(text, at, limit)
    return match.start() if match else limit


def _plain(address: str) -> str:
    return html.unescape(re.sub(r"\\([\\`*_{}\[\]()>#+.!|~-])", r"\1", address))
