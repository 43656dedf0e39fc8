"""How a mistake is named: one line with its place, what is wrong and how to fix it."""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """A mistake in a file. `line` and `col` count from 1; 0 means that the place is not known."""

    path: str
    line: int
    col: int
    what: str
    fix: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.col) if part)
        return f"{place}: {self.what}" + (f" — {self.fix}" if self.fix else "")


class ContentError(ValueError):
    """Raised where work cannot go on: a setting, a file or a picture that cannot be right.

    `problems` says why, sorted by place.
    """

    def __init__(self, *problems: Problem):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


class PictureError(ContentError):
    """A picture that cannot be published."""

    def __init__(self, path, what: str, fix: str):
        super().__init__(Problem(display_path(path), 0, 0, what, fix))


@dataclass
class Report:
    """What was found wrong: errors stop a build, warnings do not. Both are sorted."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def display_path(path) -> str:
    """Return a path as it is shown: relative to the working directory where it lies below it."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return absolute.as_posix()
