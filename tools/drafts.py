"""The command behind `make drafts`: what is written but not out yet."""

import argparse
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tools.build import BuildFailed, load_settings
from tools.check.dates import read_dates
from tools.check.files import inventory
from tools.check.source import NotText, read
from tools.epoch import epoch
from tools.problems import Mistake, shown


@dataclass(frozen=True, order=True)
class Waiting:
    """A draft, or an article dated after now; `day` is "" where it has no date."""

    day: str
    path: str
    title: str
    why: str

    def __str__(self) -> str:
        return f"{self.day or 'no date   '}  {self.why:<6}  {self.path}  {self.title}"


def waiting(content: Path, settings: dict, now: datetime) -> list[Waiting]:
    """Return the drafts and the articles dated after `now`, by date."""
    found = []
    for path, _, _ in inventory(content, settings).documents:
        try:
            source = read(path)
        except NotText:
            continue  # `make check` tells
        date = read_dates(source).get("date")
        day = date.date().isoformat() if date else ""
        status = source.value("status").lower() or settings["DEFAULT_METADATA"].get("status", "")
        if status == "draft":
            why = "draft"
        elif status == "published" and date and date.date() > now.date():
            why = "future"
        else:
            continue
        found.append(Waiting(day, shown(path), source.value("title"), why))
    return sorted(found)


def main(arguments: list[str] | None = None) -> int:
    """Print what is not out yet, one line each; print nothing when all is."""
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
        found = waiting(Path(options.content or settings["PATH"]), settings, epoch())
    except (BuildFailed, Mistake) as failed:
        print(failed, file=sys.stderr)
        return 2
    for article in found:
        print(article)
    return 0


if __name__ == "__main__":
    sys.exit(main())
