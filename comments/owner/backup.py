"""Backing the replies up while the server runs, and putting a backup back."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from comments.rows import PENDING

from . import CommandError, erasure, store

NEWEST = 5  # the version of Isso 0.14's tables; the server could not read a newer one
KEPT = "before-restore-{}.db"  # where `restore` keeps the replies that a backup replaces


def inspect(path: Path) -> str:
    """Return what a sound database of replies holds, in words. Raises CommandError."""
    try:
        path.open("rb").close()  # SQLite does not say why a file cannot be opened
        with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as db:
            if (result := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise CommandError(f"{path} is damaged ({result}) — take another backup")
            if db.execute("PRAGMA user_version").fetchone()[0] > NEWEST:
                raise CommandError(f"{path} was made by a newer Isso — upgrade this server first")
            replies, waiting, pages, newest = db.execute(
                "SELECT count(*), coalesce(sum(mode = ?), 0), (SELECT count(*) FROM threads),"
                " coalesce(date(max(created), 'unixepoch'), 'none') FROM comments",
                (PENDING,),
            ).fetchone()
    except (OSError, sqlite3.Error) as error:
        what = f"is not a database of replies ({error})"
        what = f"cannot be read ({error.strerror})" if isinstance(error, OSError) else what
        raise CommandError(f"{path} {what} — name another file") from None
    return f"replies: {replies} (waiting: {waiting}), pages: {pages}, newest: {newest}"


def copy(source: Path, target: Path) -> str:
    """Copy a database, also one in use; return what the checked copy holds. Raises CommandError."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        with (
            closing(sqlite3.connect(source, timeout=30)) as old,
            closing(sqlite3.connect(target, timeout=30)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise CommandError(f"{source} could not be copied to {target} ({error})") from None
    return inspect(target)


def restore(backup: Path, path: Path) -> tuple[Path | None, int]:
    """Put `backup` in the place of the database, also under a running server. Returns where the
    replies of until now are kept, and how many people were erased again. Raises CommandError."""
    inspect(backup)
    kept = None
    if path.exists():
        kept = path.with_name(KEPT.format(f"{datetime.now(UTC):%Y%m%d-%H%M%S}"))
        copy(path, kept)
    copy(backup, path)
    was_erased = erasure.was_erased(path)
    people = {one.email for one in store.find(path) if one.email and was_erased(one.email)}
    for email in people:
        erasure.erase(path, email)
    return kept, len(people)
