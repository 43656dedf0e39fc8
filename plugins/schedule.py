"""What is published, and when: the one moment a build calls "now", and what waits for a later one.

The moment is SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/) where
that is set, so that the same commit gives the same bytes; else the time of the commit, where the
words are those of this project's own commit; else the clock. An article is published from its
`Date` on: one dated by a day, when that day begins in TIMEZONE.
"""

import functools
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pelican import signals
from pelican.contents import Static

from plugins import ROOT
from plugins.dates import parse_date
from plugins.problems import ContentError, Problem

_AS_OF_NOW = "put SOURCE_DATE_EPOCH=$(date +%s) in front of the command"
_NOTES = {"scheduled": "scheduled article{} not published", "draft": "draft{} not published"}
_NOTES["skip"] = "file{} not built (Status: skip)"


@dataclass(frozen=True)
class BuildTime:
    """The moment of a build, in UTC. `is_commit`: it is the time of the commit. `doubt` is the
    reason why git cannot give that time; the clock is used then."""

    moment: datetime
    is_commit: bool = False
    doubt: Problem | None = None


def is_future(date: datetime, now: datetime) -> bool:
    """Return whether a date is still to come."""
    return date > now


def build_time(content) -> BuildTime:
    """Return the moment for a build of the folder `content`. Raises ContentError when
    SOURCE_DATE_EPOCH is not a number."""
    if not (stated := os.environ.get("SOURCE_DATE_EPOCH", "")):
        return _unstated(Path(content).resolve())
    try:
        return BuildTime(datetime.fromtimestamp(int(stated), UTC))
    except (ValueError, OverflowError, OSError):
        what = f"SOURCE_DATE_EPOCH is {stated!r}, which is not a number of seconds"
        fix = "give whole seconds since 1970, as `date +%s` prints them"
        raise ContentError(Problem("the environment", 0, 0, what, fix)) from None


# Every article asks, and one build is to have one answer.
@functools.cache
def _unstated(content: Path) -> BuildTime:
    now = datetime.now(UTC)
    has_repository = any((folder / ".git").exists() for folder in (ROOT, *ROOT.parents))
    if not content.is_relative_to(ROOT) or not has_repository:
        return BuildTime(now)
    try:
        top = _git("rev-parse", "--show-toplevel")
        if Path(top) == ROOT or _git("ls-files", "pelicanconf.py"):
            new = ["ls-files", "--others", "--exclude-standard", "--directory"]
            is_committed = not (
                _git("status", "--porcelain", "--untracked-files=no")
                or _git(*new, "--no-empty-directory", "--", str(content), "theme", "plugins")
            )
            if not is_committed or not _git("rev-list", "--all", "--max-count=1"):
                return BuildTime(now)  # there is no commit, or the site is made of more
            seconds = int(_git("log", "-1", "--format=%ct"))
            return BuildTime(datetime.fromtimestamp(seconds, UTC), is_commit=True)
        doubt = f"the git repository {top} is not this project's own"
    except FileNotFoundError:
        doubt = "this is a git repository, and git is not installed"
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().partition("\n")[0]
        doubt = f"git cannot read this repository ({reason})"
    what = f"it is not known which articles are scheduled: {doubt}"
    return BuildTime(now, doubt=Problem("the date of the build", 0, 0, what, _AS_OF_NOW))


def _git(*arguments: str) -> str:
    command = ["git", "--no-optional-locks", *arguments]
    return subprocess.check_output(command, cwd=ROOT, stderr=subprocess.PIPE, text=True).strip()


def is_public(status: str) -> bool:
    """Return whether a status lets readers reach an article or page, once its date has come."""
    return status in ("published", "hidden")


def is_listed(status: str) -> bool:
    """Return whether a status lets lists have an article, once its date has come."""
    return status == "published"


def is_scheduled(content, now: datetime) -> bool:
    """Return whether an article or page has a date that is still to come."""
    return hasattr(content, "date") and is_future(content.date, now)


def is_published(content, now: datetime) -> bool:
    """Return whether an article or page is one that all may read; None, of a file that is skipped
    or cannot be read, is not."""
    return content is not None and is_public(content.status) and not is_scheduled(content, now)


@dataclass(frozen=True)
class Unpublished:
    """A document that a published site does not have: its `state` is "draft", "scheduled", or
    "skip", which a preview does not have either. `date` is None where it has none."""

    document: Any  # a Document: its module imports this one
    state: str
    date: datetime | None


def unpublished(documents, settings) -> list[Unpublished]:
    """Return what is not published (yet) of the documents that a build has read, by name."""
    now = build_time(settings["PATH"]).moment
    found = []
    for document in sorted(documents, key=lambda document: document.name):
        if not is_public(document.stated_status):
            state = "skip" if document.stated_status == "skip" else "draft"
            found.append(Unpublished(document, state, parse_date(document.source.value("date"))[0]))
        elif is_scheduled(document.content, now):
            found.append(Unpublished(document, "scheduled", document.content.date))
    return found


def exclusion_notes(documents, settings) -> list[str]:
    """Return lines that say what a build of these documents excludes, why and until when."""
    found, lines = unpublished(documents, settings), []
    if not settings.get("PUBLISHING"):
        found = [one for one in found if one.state == "skip"]
    for state, what in _NOTES.items():
        names = []
        for one in (each for each in found if each.state == state):
            # As its folder lists it (articles/walking.md is walking.md).
            path = PurePosixPath(one.document.name)
            inside = (folder for folder in settings["ARTICLE_PATHS"] if path.is_relative_to(folder))
            until = f" (until {format_time(one.date)})" if state == "scheduled" else ""
            names.append(f"{path.relative_to(next(inside, ''))}{until}")
        if names:
            what = what.format(" is" if len(names) == 1 else "s are")
            lines.append(f"{len(names)} {what}: {', '.join(names)}")
    return lines + commit_note(found, settings)


def commit_note(found: list[Unpublished], settings) -> list[str]:
    """Return a line that says how to go by the clock, where something is scheduled and dates are
    judged as of a commit of an earlier day; else none."""
    built = build_time(settings["PATH"])
    is_old = built.is_commit and built.moment.date() < datetime.now(UTC).date()
    if not is_old or all(one.state != "scheduled" for one in found):
        return []
    judged = f"Dates are judged as of the last commit, {format_time(built.moment)}."
    return [f"{judged} To judge them as of now, {_AS_OF_NOW}."]


def format_time(when: datetime) -> str:
    """Return a moment as messages show it, such as "2026-12-01 00:00 UTC"."""
    return f"{when:%Y-%m-%d %H:%M %Z}"


def register():
    """Turn what is scheduled into drafts, and write no draft, where PUBLISHING is set."""
    signals.content_object_init.connect(_withhold)


def _withhold(content):
    may_wait = content.settings.get("PUBLISHING") and not isinstance(content, Static)
    if may_wait and not is_published(content, build_time(content.settings["PATH"]).moment):
        content.status, content.override_save_as = "draft", ""  # whatever its Save_as
