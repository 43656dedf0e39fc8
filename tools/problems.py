"""How a mistake is named: one line with its place, what is wrong and how to mend it."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
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


class Mistake(ValueError):
    """Raised where work cannot go on: a setting, a file or a picture that cannot be right."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


def shown(path) -> str:
    """Return a path as it is shown: relative to the working directory where it lies below it."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return absolute.as_posix()
