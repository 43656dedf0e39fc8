"""The one moment that a build calls "now", so that the same commit gives the same bytes."""

import functools
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tools.problems import Mistake, Problem


def epoch() -> datetime:
    """Return the build's moment in UTC.

    It is SOURCE_DATE_EPOCH (seconds since 1970, https://reproducible-builds.org/specs/source-date-epoch/)
    where that is set, else the time of the commit, else (a folder without git) the clock.
    Raises Mistake when SOURCE_DATE_EPOCH is not a number.
    """
    stated = os.environ.get("SOURCE_DATE_EPOCH", "")
    if stated:
        try:
            return datetime.fromtimestamp(int(stated), UTC)
        except (ValueError, OverflowError, OSError):
            what = f"SOURCE_DATE_EPOCH is {stated!r}, which is no moment"
            fix = "give whole seconds since 1970, as `date +%s` prints them"
            raise Mistake(Problem("the environment", 0, 0, what, fix)) from None
    return _unstated()


# Every article asks, and one build is to have one answer.
@functools.cache
def _unstated() -> datetime:
    try:
        said = subprocess.run(
            ["git", "log", "-1", "--format=%ct"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
        return datetime.fromtimestamp(int(said.stdout), UTC)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return datetime.now(UTC)
