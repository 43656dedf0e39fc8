"""The command behind `make check`: a build that ends where writing would begin."""

import sys
from pathlib import Path

from plugins import ROOT
from plugins.check import ContentReport
from plugins.problems import ContentError
from plugins.schedule import Unpublished, commit_note, unpublished
from tools.build import close_cache, load_settings, moment_of, run_pelican
from tools.terminal import argument_parser, make_console, print_problem, progress


def check(content: Path, settings: dict) -> ContentReport:
    """Return what is wrong in the folder `content`. Raises ContentError if there is no such."""
    moment_of(content)
    output = str(ROOT / ".cache" / "unwritten")  # is not there: nothing can be lost in it
    own = {"PATH": str(content), "OUTPUT_PATH": output, "DELETE_OUTPUT_DIRECTORY": False}
    settings = {**settings, **own, "CHECK_ONLY": True}
    try:
        return run_pelican(settings)
    finally:
        close_cache(settings)


def run_check(options) -> tuple[dict, ContentReport]:
    """Check the content that a command line names; return the settings too. Raises ContentError."""
    settings = load_settings(options.settings)
    settings["PATH"] = options.content or settings["PATH"]
    with progress():
        return settings, check(Path(settings["PATH"]), settings)


def print_time(found: list[Unpublished], settings: dict):
    """Print what is to be known of the moment that decides whether those found are published."""
    if doubt := moment_of(settings["PATH"]).doubt:
        print(f"warning: {doubt}", file=sys.stderr)
    for note in commit_note(found, settings):
        print(note, file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Check the content and print what is wrong; return 1 if there is an error."""
    parser = argument_parser(
        "check",
        "Looks for errors in the articles and pages: broken links, missing fields, sources without "
        "a footnote and the like. Prints one line for each, with file, line and column and how to "
        "fix it. Prints nothing when all is well.",
        "Ends with 1 if there is an error, else with 0. Warnings (long sentences, a review that is "
        "due) are printed separately and never count as errors.",
    )
    output, errors = make_console(sys.stdout), make_console(sys.stderr)
    try:
        settings, report = run_check(parser.parse_args(arguments))
    except ContentError as failed:
        print(failed, file=sys.stderr)
        return 2
    for problem in report.errors:
        print_problem(output, problem)
    if report.warnings:
        errors.print("Warnings (they do not stop a build):")
    for problem in report.warnings:
        print_problem(errors, problem, "yellow")
    print_time(unpublished(report.documents.values(), settings), settings)
    return 1 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
