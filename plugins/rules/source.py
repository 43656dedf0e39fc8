"""A file as its author sees it: text, front matter, and the line and column of everything."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plugins.problems import ContentError, Problem, display_path

# How Python-Markdown's meta extension reads a line of front matter.
FIELD = re.compile(r"[ ]{0,3}(?P<key>[A-Za-z0-9_-]+):[ \t]*(?P<value>.*)")
FENCE = re.compile(r"(-{3}|\.{3})(\s.*)?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of front matter; `at` and `value_at` are offsets into the text."""

    key: str
    written: str
    value: str
    at: int
    value_at: int
    continued: bool = False


class Source:
    """The text of one file, without byte order mark and with plain line ends.

    `entries` is its front matter, `body_at` the offset where the article starts; `fenced` tells
    whether the front matter stands between `---` lines.
    """

    def __init__(self, path: Path, name: str, text: str):
        self.path, self.name, self.text = path, name, text
        self.entries: list[Entry] = []
        self.body_at, self.fenced = 0, False
        self._read_front_matter()

    @cached_property
    def text(self) -> str:
        """The text, read again where it was let go."""
        return _text(self.path, read(self.path))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def let_go(self):
        """Keep the text no longer: most rules across files do not ask for it."""
        for name in ("text", "_starts"):
            self.__dict__.pop(name, None)

    def problem(self, at: int, what: str, fix: str) -> Problem:
        """Return a problem at the offset `at`."""
        line = bisect_right(self._starts, at)
        return Problem(self.name, line, at - self._starts[line - 1] + 1, what, fix)

    def first(self, key: str) -> Entry | None:
        """Return the first entry of `key` (in lower case), as Pelican uses it."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def value(self, key: str) -> str:
        """Return the value of `key`, or "" where it is missing or empty."""
        entry = self.first(key)
        return entry.value if entry else ""

    def _read_front_matter(self):
        offset = 0
        for number, line in enumerate(self.text.split("\n")):
            if number == 0 and re.match(r"-{3}(\s.*)?$", line):
                self.fenced = True
            elif not line.strip() or FENCE.match(line):
                self.body_at = min(offset + len(line) + 1, len(self.text))
                return
            elif match := FIELD.match(line.expandtabs(4)) and FIELD.match(line):
                value = match["value"].strip()
                value_at = match.start("value") if value else len(line)
                self.entries.append(
                    Entry(
                        match["key"].lower(),
                        match["key"],
                        value,
                        offset + match.start("key"),
                        offset + value_at,
                    )
                )
            elif self.entries and line.expandtabs(4).startswith("    "):
                last = self.entries[-1]
                indent = len(line) - len(line.lstrip())
                self.entries.append(
                    Entry(last.key, last.written, line.strip(), offset, offset + indent, True)
                )
            else:
                self.body_at = offset
                return
            offset += len(line) + 1
        self.body_at = len(self.text)


def read(path: Path) -> bytes:
    """Return what is in a file. Raises ContentError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read: {(error.strerror or 'it cannot be read').lower()}"
        problem = Problem(display_path(path), 1, 1, what, "check its permissions")
        raise ContentError(problem) from error


def decode(path: Path, raw: bytes) -> Source:
    """Return the source in the bytes of a file. Raises ContentError with the place where they are
    not UTF-8."""
    return Source(path, display_path(path), _text(path, raw))


def _text(path: Path, raw: bytes) -> str:
    name = display_path(path)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:1000]:
        raise ContentError(
            Problem(name, 1, 1, "the file is not UTF-8: it looks like UTF-16", _RESAVE)
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        data = error.object  # without a byte order mark, to which error.start is relative
        before = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        byte = data[error.start]
        looks = bytes([byte]).decode("cp1252", "replace")
        guess = f", {looks} in Windows-1252 or Latin-1" if looks.isprintable() else ""
        raise ContentError(
            Problem(
                name,
                before.count(b"\n") + 1,
                column,
                f"the file is not UTF-8: byte 0x{byte:02X}{guess}",
                _RESAVE,
            )
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


_RESAVE = 'save it again with the encoding "UTF-8"'
