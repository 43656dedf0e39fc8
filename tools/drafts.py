"""The command behind `make drafts`: what is written but not published yet."""

import argparse
import sys
from pathlib import Path

from plugins.problems import ContentError, display_path
from plugins.schedule import Unpublished, format_time, unpublished
from tools.build import load_settings, warn_of_time
from tools.check import check
from tools.terminal import progress


def waiting(settings: dict) -> list[Unpublished]:
    """Return the drafts and the scheduled articles, by date, those without one first.

    Raises ContentError where no article can be read at all.
    """
    report = check(Path(settings["PATH"]), settings)
    if not report.documents:
        raise ContentError(*report.errors)
    found = [one for one in unpublished(report.documents.values(), settings) if one.why != "skip"]
    return sorted(found, key=lambda one: (f"{one.date:%Y-%m-%d}" if one.date else "", one.name))


def line(one: Unpublished, content: str) -> str:
    """Return what is listed of one, with the moment from which a scheduled one is published."""
    when = f"{one.date:%Y-%m-%d}" if one.date else "no date"
    if one.why == "scheduled":
        when = format_time(one.date)
    return f"{when:<20}  {one.why:<9}  {display_path(Path(content, one.name))}  {one.title}"


def main(arguments: list[str] | None = None) -> int:
    """Print what is not published yet, one line each; print nothing when all is."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.drafts",
        description="Lists the drafts, and the articles whose date is still to come, by date. "
        "Neither is part of a published site.",
    )
    parser.add_argument("content", nargs="?", help="folder to look in (as a rule: content)")
    parser.add_argument(
        "-s", "--settings", default="pelicanconf.py", help="the site's settings (%(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(options.settings)
        settings["PATH"] = options.content or settings["PATH"]
        with progress():
            found = waiting(settings)
    except ContentError as failed:
        print(failed, file=sys.stderr)
        return 2
    for one in found:
        print(line(one, settings["PATH"]))
    warn_of_time(settings, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
