"""The command behind `make check`: a build that ends where writing would begin."""

import argparse
import os
import sys
from pathlib import Path

from plugins import ROOT
from plugins.check import ContentReport
from plugins.problems import ContentError, Problem, Report, display_path
from plugins.schedule import build_time, unpublished
from tools.build import closed_cache, load_settings, run_pelican, warn_of_time
from tools.terminal import progress

_RED, _YELLOW, _BOLD, _PLAIN = "\033[31m", "\033[33m", "\033[1m", "\033[0m"


def check(content: Path, settings: dict) -> ContentReport:
    """Return all mistakes in the folder `content`, judged by Pelican's `settings`, advice on its
    words, and the documents it holds.

    Raises ContentError when SOURCE_DATE_EPOCH is not a number.
    """
    if not Path(content).is_dir():
        what, fix = "there is no such folder", "name the folder of the content"
        return ContentReport([Problem(display_path(content), 1, 1, what, fix)])
    build_time(content)  # raises ContentError
    own = {"PATH": str(content), "CHECK_ONLY": True}
    # A folder that is not there, so that nothing can be lost in it.
    own |= {"OUTPUT_PATH": str(ROOT / ".cache" / "unwritten"), "DELETE_OUTPUT_DIRECTORY": False}
    settings = {**settings, **own}
    with closed_cache(settings):
        return run_pelican(settings)


def main(arguments: list[str] | None = None) -> int:
    """Check the content and print what is wrong; return 1 if there is a mistake."""
    options = _parser().parse_args(arguments)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.reconfigure(errors="replace")  # a console that lacks a letter shows another one
    try:
        settings = load_settings(options.settings)
        settings["PATH"] = options.content or settings["PATH"]
        with progress():
            report = check(Path(settings["PATH"]), settings)
    except ContentError as failed:
        print(failed, file=sys.stderr)
        return 2
    if options.format == "github":
        for kind, problems in (("error", report.errors), ("notice", report.warnings)):
            for problem in problems:
                print(annotation(kind, problem))
    else:
        _print(report)
        warn_of_time(settings, unpublished(report.documents.values(), settings))
    return 1 if report.errors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.check",
        description="Looks for mistakes in the articles and pages: broken links, missing fields, "
        "sources without a footnote and the like. Prints one line for each, with file, line and "
        "column and what to do about it. Says nothing when all is well.",
        epilog="Ends with 1 if there is a mistake, else with 0. Advice (long sentences, a review "
        "that is due) is printed apart and never counts as a mistake.",
    )
    parser.add_argument("content", nargs="?", help="folder to check (as a rule: content)")
    parser.add_argument(
        "-s", "--settings", default="pelicanconf.py", help="the site's settings (%(default)s)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "github"),
        default="text",
        help="text for people (the default), github for annotations in GitHub's checks",
    )
    return parser


def _print(report: Report):
    for problem in report.errors:
        print(_coloured(problem, _RED, sys.stdout))
    if report.warnings:
        print("Advice (not mistakes):", file=sys.stderr)
        for problem in report.warnings:
            print(_coloured(problem, _YELLOW, sys.stderr), file=sys.stderr)


def _coloured(problem: Problem, colour: str, stream) -> str:
    text = str(problem)
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return text
    place, _, rest = text.partition(f": {problem.what}")
    return f"{_BOLD}{place}{_PLAIN}: {colour}{problem.what}{_PLAIN}{rest}"


def annotation(kind: str, problem: Problem) -> str:
    """Return a workflow command of GitHub Actions, escaped as its toolkit does."""
    place = ",".join(
        f"{name}={_escape(str(value), ':,')}"
        for name, value in (("file", problem.path), ("line", problem.line), ("col", problem.col))
        if value
    )
    text = f"{problem.what} — {problem.fix}" if problem.fix else problem.what
    return f"::{kind} {place}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


if __name__ == "__main__":
    sys.exit(main())
