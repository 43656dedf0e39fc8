"""Where things stand in Markdown source: links, headings, footnotes, fences, boxes.

What is a link and what is a heading is read from the converted HTML, which is always right. This
scanner only finds the places: it blanks out code, comments and escaped signs, then looks for the
signs that are left. All passes take time in proportion to the text.
"""

import html
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

_CODE_FENCE = re.compile(r"(?P<fence>~{3,}|`{3,})(?P<info>.*)$")
# The first line of a fence as Python-Markdown's fenced_code reads it.
_INFO = re.compile(r"[ ]*(\{[^\n]*\}|\.?[\w#.+-]*[ ]*(hl_lines=(\"|').*?\3[ ]*)?)$")
_OPENS_INDENT = re.compile(r"\s{0,3}([-*+]|\d+[.)]|:|!!!|\[\^[^\]]+\]:)(\s|$)|!!!|\[\^[^\]]+\]:")
_SIGNS = re.compile(r"\\[\\`*_{}\[\]()>#+.!|~:\"'-]|`+|<!--")
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
_BOX = re.compile(r"^[ \t]*!!!(?P<rest>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Location:
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
        """Return the text with code, comments, escapes and front matter blanked out."""
        lines = self.text[self.body_at :].split("\n")
        blank = [False] * len(lines)
        self._fences(lines, blank)
        self._indented(lines, blank)
        text = "\n".join(
            " " * len(line) if hidden else line for line, hidden in zip(lines, blank, strict=True)
        )
        front = re.sub(r"[^\n]", " ", self.text[: self.body_at])
        return front + self._inline(text)

    def _fences(self, lines: list[str], blank: list[bool]):
        ends: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            if line[:3] in ("```", "~~~") and not line.strip(" ").strip(line[0]):
                ends.setdefault(line.rstrip(" "), []).append(number)
        at, number = self.body_at, 0
        offsets = []
        for line in lines:
            offsets.append(at)
            at += len(line) + 1
        while number < len(lines):
            match = _CODE_FENCE.match(lines[number])
            if not match or ("`" in match["info"] and match["fence"][0] == "`"):
                number += 1
                continue
            place = Location(offsets[number], match["fence"])
            closing = ends.get(match["fence"], [])
            index = bisect_left(closing, number + 1)
            if not _INFO.match(match["info"]):
                self.unread.append(Location(place.at, match["info"].strip()))
            if index == len(closing):
                self.unclosed.append(place)
                # Nothing below can be told apart any more.
                for below in range(number, len(lines)):
                    blank[below] = True
                return
            for inside in range(number, closing[index] + 1):
                blank[inside] = True
            number = closing[index] + 1

    @staticmethod
    def _indented(lines: list[str], blank: list[bool]):
        """Blank code that is told by four spaces, outside lists, boxes and footnotes."""
        within, after_blank = False, True
        for number, line in enumerate(lines):
            if blank[number]:
                after_blank = True
                continue
            if not line.strip():
                after_blank = True
                continue
            indented = line.startswith(("    ", "\t"))
            if not indented:
                within = bool(_OPENS_INDENT.match(line)) or (within and not after_blank)
            elif after_blank and not within:
                blank[number] = True
                continue
            after_blank = False

    def _inline(self, text: str) -> str:
        parts, done = [], 0
        unpaired: tuple[int, set[int]] = (-1, set())
        position = 0
        while match := _SIGNS.search(text, position):
            sign, start = match[0], match.start()
            position = match.end()
            if sign == "<!--":
                end = text.find("-->", position)
                if end < 0:
                    self.unended.append(Location(self.body_at + start, sign))
                    break
                end += 3
            elif sign[0] == "`":
                stop = unpaired[0]
                if position > stop:
                    stop = _paragraph_end(text, position)
                    unpaired = (stop, set())
                end = -1
                if len(sign) not in unpaired[1]:
                    closing = re.compile(rf"(?<!`)`{{{len(sign)}}}(?!`)")
                    found = closing.search(text, position, stop)
                    end = found.end() if found else -1
                if end < 0:
                    unpaired[1].add(len(sign))
                    continue
            else:
                end = position
            parts += [text[done:start], re.sub(r"[^\n]", " ", text[start:end])]
            done = position = end
        return "".join(parts) + text[done:]

    @cached_property
    def links(self) -> dict[str, list[Location]]:
        """Places of links and images by address, in reading order; a reference link stands where
        its address is defined. `text` is what stands in the square brackets."""
        found: list[tuple[str, Location]] = []
        opening = self.brackets
        for match in re.finditer(r"\]\(", self.masked):
            start = opening.get(match.start())
            if start is not None:
                inner = self.text[start + 1 : match.start()]
                image = start > 0 and self.masked[start - 1] == "!"
                found.append((self._address(match.end()), Location(start - image, inner)))
        for match in _DEFINITION.finditer(self.masked, self.body_at):
            address = self.text[match.start(2) : match.end(2)]
            at = match.start(1) - 1
            found.append((_plain(address.strip("<>")), Location(at, match[1])))
        for match in _TAG.finditer(self.masked, self.body_at):
            for name, double, single, bare in _ATTRIBUTE.findall(
                self.text[match.start() : match.end()]
            ):
                value = html.unescape(double or single or bare)
                if name.lower() == "srcset":
                    for part in value.split(","):
                        found.append(
                            (part.strip().split(" ")[0], Location(match.start(), match[0]))
                        )
                else:
                    found.append((value, Location(match.start(), match[0])))
        for match in _AUTO.finditer(self.masked, self.body_at):
            found.append((html.unescape(match[1]), Location(match.start(), match[1])))
        found.sort(key=lambda pair: pair[1].at)
        links: dict[str, list[Location]] = {}
        for address, place in found:
            links.setdefault(address, []).append(place)
        return links

    @cached_property
    def brackets(self) -> dict[int, int]:
        """The opening bracket of each closing one, within paragraphs."""
        pairs, stack = {}, []
        for match in _BRACKET.finditer(self.masked, self.body_at):
            if match[0] == "[":
                stack.append(match.start())
            elif match[0] == "]":
                if stack:
                    pairs[match.start()] = stack.pop()
            else:
                stack.clear()
        return pairs

    def _address(self, at: int) -> str:
        """Return the address of an inline link whose round bracket opens before `at`."""
        rest = self.text[at : _paragraph_end(self.text, at, at + 4000)]
        if match := re.match(r"\s*<([^<>]*)>", rest):
            return _plain(match[1].strip())
        depth, quoted = 1, ""
        for index, sign in enumerate(rest):
            if quoted:
                if sign == quoted and re.match(r"\s*\)", rest[index + 1 :]):
                    break
            elif sign in "\"'" and index and rest[index - 1].isspace():
                quoted, stop = sign, index
            elif sign == "(":
                depth += 1
            elif sign == ")":
                depth -= 1
                if not depth:
                    return _plain(rest[:index].strip())
        return _plain(rest[:stop].strip()) if quoted else _plain(rest.strip())

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
        return sorted(found, key=lambda place: place.at)

    @cached_property
    def notes(self) -> tuple[list[Location], list[Location]]:
        """Footnotes: definitions and uses; `text` is the key."""
        definitions, uses = [], []
        for match in _NOTE.finditer(self.masked, self.body_at):
            line_start = self.masked.rfind("\n", 0, match.start()) + 1
            before = self.masked[line_start : match.start()]
            defines = match[2] and not before.strip() and len(before) <= 3
            (definitions if defines else uses).append(Location(match.start(), match[1]))
        return definitions, uses

    @cached_property
    def boxes(self) -> list[Location]:
        """Lines that begin with !!!; `text` is what follows the marks."""
        return [
            Location(
                match.end() - len(match["rest"]) - 3, self.text[match.start("rest") : match.end()]
            )
            for match in _BOX.finditer(self.masked, self.body_at)
        ]

    def find(self, words: str, nth: int = 0) -> int:
        """Return the offset of `words` in the body (the nth time), or the start of the body."""
        at, start = -1, self.body_at
        for _ in range(nth + 1):
            at = self.masked.find(words, start) if words else -1
            if at < 0:
                break
            start = at + 1
        return at if at >= 0 else self.start

    @cached_property
    def start(self) -> int:
        """The first visible sign of the body."""
        match = re.compile(r"\S").search(self.text, self.body_at)
        return match.start() if match else max(self.body_at - 1, 0)


def _paragraph_end(text: str, at: int, most: int | None = None) -> int:
    limit = len(text) if most is None else min(most, len(text))
    match = _BLANK_LINE.search(text, at, limit)
    return match.start() if match else limit


_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def _plain(address: str) -> str:
    return html.unescape(re.sub(r"\\([\\`*_{}\[\]()>#+.!|~-])", r"\1", address))
