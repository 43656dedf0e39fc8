"""Isso's tables: what this server does to their rows besides Isso, and how it forgets."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SITE = "site"  # the network of a reply by the site itself: no visitor can have it
NOWHERE = "0.0.0.0"  # the network where none is known
KEEP_NETWORK = 30 * 24 * 3600  # seconds, for the guard to count a network's replies
PUBLISHED, PENDING, DELETED = 1, 2, 4


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database for a few statements: committed, closed, erased pages overwritten."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no database {path}")
    with closing(sqlite3.connect(path, timeout=30)) as db, db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA secure_delete = ON")
        yield db


def remove(db: sqlite3.Connection, number: int) -> None:
    """Delete a reply; one that has answers stays as an empty place that names no one."""
    db.execute(
        "UPDATE comments SET mode = ?, text = '', author = NULL, email = NULL, website = NULL,"
        " remote_addr = ?, voters = zeroblob(256), notification = 0 WHERE id = ?",
        (DELETED, NOWHERE, number),
    )
    _remove_empty_places(db)


def prune(path: Path, keep_pending: int) -> None:
    """Delete replies that waited too long; forget who wrote deleted ones; forget networks."""
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
        _remove_empty_places(db)


def _remove_empty_places(db: sqlite3.Connection) -> None:
    while db.execute(
        "DELETE FROM comments WHERE mode = ? AND id NOT IN"
        " (SELECT parent FROM comments WHERE parent IS NOT NULL)",
        (DELETED,),
    ).rowcount:
        pass
