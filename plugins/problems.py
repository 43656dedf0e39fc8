"""How an error is named: one line with its place, what is wrong and how to fix it."""

import os
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
from pelican.contents import Article, Page


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """An error in a file. `line` and `col` count from 1; 0 means that the place is not known."""

    path: str
    line: int
    col: int
    what: str
    fix: str

    @property
    def place(self) -> str:
        """The file, with line and column as far as they are known."""
        return ":".join(str(part) for part in (self.path, self.line, self.col) if part)

    @property
    def advice(self) -> str:
        """How to fix it, behind a dash; "" where there is nothing to say."""
        return f" — {self.fix}" if self.fix else ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}{self.advice}"


class ContentError(ValueError):
    """Raised where work cannot go on: a setting, a file or a picture that cannot be right.
    `problems` are the reasons, sorted by place."""

    def __init__(self, *problems: Problem):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, path, what: str, fix: str) -> "ContentError":
        """Return the error of one problem in a file, or of a setting, without a line."""
        return cls(Problem(display_path(path), 0, 0, what, fix))


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
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    shown = absolute.relative_to(here) if absolute.is_relative_to(here) else absolute
    return shown.as_posix()


def as_started(make: str, plain: str) -> str:
    """Return what to type, in the form in which this program was started: with make or without."""
    return make if "MAKELEVEL" in os.environ else plain.replace("python -m ", command(""), 1)


def command(module: str) -> str:
    """Return what to type to run a module of the project, and behind it its arguments."""
    python = Path(sys.executable)
    shown = os.path.relpath(python) if python.is_relative_to(Path.cwd()) else python.stem
    return f"{shown} -m {module}"


def content_file(frames) -> str:
    """Return the article or page that code works on, as it is shown; "" where there is none.
    `frames` are those of the code, the innermost first: what is handed to a function counts."""
    for frame in frames:
        for name in frame.f_code.co_varnames[: frame.f_code.co_argcount]:
            value = frame.f_locals.get(name)
            kept = [value.get("article"), value.get("page")] if isinstance(value, dict) else [value]
            for one in kept:
                if isinstance(one, (Article, Page)) and one.source_path:
                    return display_path(one.source_path)
    return ""


def locate(error: BaseException, default: str = "build") -> list[Problem]:
    """Return what an exception says, and where in a template, the settings or the content the
    reason is, as far as that can be known: else it is at the `default`."""
    if isinstance(error, ContentError):
        return error.problems
    what = str(error) or type(error).__name__
    if isinstance(error, jinja2.TemplateNotFound):
        return [Problem("theme/templates", 0, 0, f"no template {what}", "add it or name another")]
    if isinstance(error, (jinja2.TemplateSyntaxError, SyntaxError)) and error.filename:
        place, col, fix = display_path(error.filename), 0, "fix the template"
        if isinstance(error, SyntaxError):
            what, col, fix = error.msg, error.offset or 0, "fix the Python code"
        return [Problem(place, error.lineno or 0, col, what, fix)]
    frames = list(traceback.walk_tb(error.__traceback__))[::-1]
    source, what = content_file(frame for frame, _ in frames), f"{type(error).__name__}: {what}"
    for frame, line in frames:
        file = frame.f_code.co_filename
        if file.endswith(".html"):
            what += f" (in the page of {source})" * bool(source)
            return [Problem(display_path(file), line, 0, what, "fix the template")]
        if file.endswith("conf.py") or display_path(file) == display_path(default):
            return [Problem(display_path(file), line, 0, what, "correct the setting")]
    if default.endswith(".py"):
        return [Problem(default, 0, 0, str(error), "correct the setting")]
    more = as_started("make html PELICANOPTS=-D", "python -m tools.build -D")
    fix = f"correct what was changed last; if all is right, report what `{more}` prints"
    return [Problem(source or default, 0, 0, f"building failed ({what})", fix)]
