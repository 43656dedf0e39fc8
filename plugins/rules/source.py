"""A file as its author sees it: text, metadata, and the line and column of everything."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from plugins.problems import ContentError, Problem, display_path
from plugins.rules.scan import Scan

# What a rule yields: an offset into the text, what is wrong there, and how to fix it.
Finding = tuple[int, str, str]
Findings = Iterator[Finding]

# How Python-Markdown's meta extension reads a line of metadata.
FIELD = re.compile(r"[ ]{0,3}(?P<key>[A-Za-z0-9_-]+):[ \t]*(?P<value>.*)")
_FENCE = re.compile(r"(-{3}|\.{3})(\s.*)?$")


class Entry(NamedTuple):
    """A metadata field as it is written: `at` is its offset in the text, `lines` has each line of
    its value and the offset of that."""

    key: str
    written: str
    at: int
    lines: tuple[tuple[str, int], ...]

    def __bool__(self) -> bool:
        return bool(self.key)

    @property
    def value(self) -> str:
        """The lines of its value, joined."""
        return " ".join(line for line, _ in self.lines if line)

    @property
    def value_at(self) -> int:
        """The offset of its value."""
        return self.place(0)

    def place(self, index: int) -> int:
        """Return the offset of a character of the value."""
        for line, at in self.lines:
            if line and index <= len(line):
                return at + index
            index -= len(line) + 1 if line else 0
        return self.lines[0][1]

    def split(self) -> list[tuple[str, int]]:
        """Return the parts of a list as Pelican splits it, each with its offset."""
        pattern = r"[^;]+" if ";" in self.value else r"[^,]+"
        parts = re.finditer(pattern, self.value)
        found = ((part[0].strip(), part.end() - len(part[0].lstrip())) for part in parts)
        return [(name, self.place(at)) for name, at in found if name]


_NOT_GIVEN = Entry("", "", 0, (("", 0),))


class Source:
    """The text of a file, with plain line ends: `entries` is its metadata, which is between `---`
    lines if it `is_fenced`, and ends without a blank line if it `is_cut`; `body_at` is its end."""

    def __init__(self, path: Path, name: str, text: str):
        self.path, self.name, self.text = path, name, text
        self.entries: list[Entry] = []
        self.is_fenced = self.is_cut = False
        self.body_at = self._read_metadata()

    @cached_property
    def text(self) -> str:
        """The text, read again where it was let go."""
        return _text(self.path, read(self.path))

    @cached_property
    def scan(self) -> Scan:
        """Finds places in the text."""
        return Scan(self.text, self.body_at)

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def let_go(self):
        """Keep the metadata only: most rules across files do not ask for the text."""
        for name in ("text", "scan", "starts"):
            vars(self).pop(name, None)

    def problems(self, findings: Iterable[Finding]) -> Iterator[Problem]:
        """Yield each of the findings of a rule as a problem in a line and column."""
        for at, what, fix in findings:
            line = bisect_right(self.starts, at)
            yield Problem(self.name, line, at - self.starts[line - 1] + 1, what, fix)

    def place(self, at: int) -> str:
        """Return the file and the line of an offset, as messages name another place."""
        return f"{self.name}:{bisect_right(self.starts, at)}"

    def first(self, key: str) -> Entry:
        """Return the first entry of `key`, in lower case; else an empty one, which is false."""
        return next((entry for entry in self.entries if entry.key == key), _NOT_GIVEN)

    def value(self, key: str) -> str:
        """Return the value of `key`, or "" where it is missing or empty."""
        return self.first(key).value

    def value_at(self, *keys: str) -> int:
        """Return the offset of the value of the first of `keys` that is given, else 0."""
        return next(filter(None, map(self.first, keys)), _NOT_GIVEN).value_at

    def _read_metadata(self) -> int:
        at = 0
        for line in self.text.split("\n"):
            if at == 0 and re.match(r"-{3}(\s.*)?$", line):
                self.is_fenced = True
            elif not line.strip() or _FENCE.match(line):
                return min(at + len(line) + 1, len(self.text))
            elif FIELD.match(line.expandtabs(4)) and (match := FIELD.match(line)):
                key, value = match["key"], match["value"].strip()
                value_at = at + (match.start("value") if value else len(line))
                key_at = at + match.start("key")
                self.entries.append(Entry(key.lower(), key, key_at, ((value, value_at),)))
            elif self.entries and line.expandtabs(4).startswith("    "):
                last, below = self.entries[-1], (line.strip(), at + len(line) - len(line.lstrip()))
                self.entries[-1] = last._replace(lines=(*last.lines, below))
            else:
                self.is_cut = True
                return at
            at += len(line) + 1
        return len(self.text)


def read(path: Path) -> bytes:
    """Return what is in a file. Raises ContentError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read: {(error.strerror or 'it cannot be read').lower()}"
        problem = Problem(display_path(path), 1, 1, what, "check its permissions")
        raise ContentError(problem) from error


def decode(path: Path, raw: bytes) -> Source:
    """Return the source in the bytes of a file. Raises ContentError where they are not UTF-8."""
    return Source(path, display_path(path), _text(path, raw))


def _text(path: Path, raw: bytes) -> str:
    name, fix = display_path(path), 'save it again with the encoding "UTF-8"'
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw[:1000].count(0) > len(raw[:1000]) // 4:
        raise ContentError(Problem(name, 1, 1, "the file is not UTF-8: it looks like UTF-16", fix))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        data = error.object  # without a byte order mark, to which error.start is relative
        lines = _plain_ends(data[: error.start].decode()).split("\n")
        looks = data[error.start : error.start + 1].decode("cp1252", "replace")
        guess = f', "{looks}" in Windows-1252 or Latin-1' if looks.isprintable() else ""
        what = f"the file is not UTF-8: byte 0x{data[error.start]:02X}{guess}"
        raise ContentError(Problem(name, len(lines), len(lines[-1]) + 1, what, fix)) from error
    return _plain_ends(text)


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
