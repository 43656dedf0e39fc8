"""Backing the replies up while the server runs, and putting a backup back."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import erasure

# The tables' form of Isso 0.14; a newer one could not be read by the server.
NEWEST = 5


class Unusable(Exception):
    """A file that is no sound backup."""


@dataclass(frozen=True)
class Contents:
    """What a database holds."""

    replies: int
    waiting: int
    pages: int
    newest: str

    def __str__(self) -> str:
        return (
            f"replies: {self.replies} (waiting: {self.waiting}), pages: {self.pages}, "
            f"newest: {self.newest}"
        )


def inspect(path: Path) -> Contents:
    """What a sound database of replies holds. Raises Unusable."""
    try:
        with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as db:
            if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise Unusable(f"{path} is damaged ({said}) — take another backup")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > NEWEST:
                raise Unusable(f"{path} was made by a newer Isso — upgrade this server first")
            replies, waiting, newest = db.execute(
                "SELECT count(*), coalesce(sum(mode = 2), 0), max(created) FROM comments"
            ).fetchone()
            pages = db.execute("SELECT count(*) FROM threads").fetchone()[0]
    except sqlite3.Error as error:
        raise Unusable(f"{path} is no database of replies ({error}) — name another file") from None
    when = datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%d") if newest else "none"
    return Contents(replies, waiting, pages, when)


def copy(source: Path, target: Path) -> Contents:
    """Copy a database, also one in use, and check the copy. Raises Unusable."""
    if not source.is_file():
        raise Unusable(f"there is no file {source} — name another")
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        with (
            closing(sqlite3.connect(source, timeout=30)) as old,
            closing(sqlite3.connect(target, timeout=30)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise Unusable(f"{source} could not be copied to {target} ({error})") from None
    return inspect(target)


def restore(backup: Path, path: Path) -> tuple[Contents, Path | None, int]:
    """Put `backup` in the place of the database, also under a running server.

    Returns what it holds, where the replies of until now are kept, and how many people had to be
    erased again. Raises Unusable, with the database as it was.
    """
    inspect(backup)
    kept = None
    if path.exists():
        kept = path.with_name(f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}.db")
        copy(path, kept)
    copy(backup, path)
    again = erasure.erase_again(path)
    return inspect(path), kept, again
