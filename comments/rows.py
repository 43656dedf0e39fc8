"""Isso's tables: what this server does to their rows beside Isso, and how it forgets."""

import sqlite3
import time
from pathlib import Path

# What stands in a row for the network of a reply by the site itself; no visitor can have it.
SITE = "site"
# What stands in a row where no network is known.
NOWHERE = "0.0.0.0"
# How long the network of a reply is kept: long enough for the guard to count by it.
KEEP_NETWORK = 30 * 24 * 3600
PUBLISHED, PENDING, DELETED = 1, 2, 4


class database:
    """Open the database for a few statements: committed, closed, erased pages overwritten."""

    def __init__(self, path: Path):
        if not path.is_file():
            raise FileNotFoundError(f"there is no database {path}")
        self._db = sqlite3.connect(path, timeout=30)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA secure_delete = ON")

    def __enter__(self) -> sqlite3.Connection:
        return self._db.__enter__()

    def __exit__(self, *why) -> None:
        self._db.__exit__(*why)
        self._db.close()


def remove(db: sqlite3.Connection, number: int) -> None:
    """Delete a reply; one that has answers stays as an empty place that knows nobody."""
    answered = db.execute("SELECT 1 FROM comments WHERE parent = ?", (number,)).fetchone()
    if answered:
        db.execute(
            "UPDATE comments SET mode = ?, text = '', author = NULL, email = NULL, website = NULL,"
            " remote_addr = ?, voters = zeroblob(256), notification = 0 WHERE id = ?",
            (DELETED, NOWHERE, number),
        )
    else:
        db.execute("DELETE FROM comments WHERE id = ?", (number,))
    _clear_empty_places(db)


def tidy(path: Path, keep_pending: int) -> None:
    """Throw out replies that waited too long; forget who wrote deleted ones; forget networks."""
    now = time.time()
    with database(path) as db:
        # An imported reply is as old as it is, yet waits only since its import, kept in `modified`.
        db.execute(
            "DELETE FROM comments WHERE mode = ? AND coalesce(modified, created) < ?",
            (PENDING, now - keep_pending),
        )
        # Isso blanks a deleted reply that has answers, but for its e-mail address and network.
        db.execute(
            "UPDATE comments SET email = NULL, remote_addr = ?, voters = zeroblob(256)"
            " WHERE mode = ? AND (email IS NOT NULL OR remote_addr <> ?)",
            (NOWHERE, DELETED, NOWHERE),
        )
        db.execute(
            "UPDATE comments SET remote_addr = ?, voters = zeroblob(256)"
            " WHERE created < ? AND remote_addr NOT IN (?, ?)",
            (NOWHERE, now - KEEP_NETWORK, NOWHERE, SITE),
        )
        _clear_empty_places(db)


def _clear_empty_places(db: sqlite3.Connection) -> None:
    while db.execute(
        "DELETE FROM comments WHERE mode = ? AND id NOT IN"
        " (SELECT parent FROM comments WHERE parent IS NOT NULL)",
        (DELETED,),
    ).rowcount:
        pass
