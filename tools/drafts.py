"""The command behind `make drafts`: what is written but not published yet."""

import sys
from pathlib import Path

from plugins.problems import ContentError, display_path
from plugins.schedule import format_time, unpublished
from tools.check import print_time, run_check
from tools.terminal import argument_parser


def main(arguments: list[str] | None = None) -> int:
    """Print what is not published yet, one line each; print nothing when all is."""
    about = "Lists drafts and scheduled articles by date. A published site has neither."
    parser = argument_parser("drafts", about)
    try:
        settings, report = run_check(parser.parse_args(arguments))
        if not report.documents:
            raise ContentError(*report.errors)
    except ContentError as failed:
        print(failed, file=sys.stderr)
        return 2
    found = unpublished(report.documents.values(), settings)
    found = [one for one in found if one.state != "skip"]
    for one in sorted(found, key=lambda one: f"{one.date:%Y-%m-%d}" if one.date else ""):
        path = display_path(Path(settings["PATH"], one.document.name))
        when = f"{one.date:%Y-%m-%d}" if one.date else "no date"
        when = format_time(one.date) if one.state == "scheduled" else when
        print(f"{when:<20}  {one.state:<9}  {path}  {one.document.source.value('title')}")
    print_time(found, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
