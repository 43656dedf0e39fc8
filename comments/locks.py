"""Locks between processes: one server to a database, one writer at a time."""

import os
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl

    def _lock(file, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
except ImportError:  # Windows
    import msvcrt
    import time

    def _lock(file, wait: bool) -> None:
        while True:
            try:
                file.seek(0)
                return msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise
                time.sleep(0.02)


def _open(database: Path, kind: str):
    path = database.with_name(f"{database.name}.{kind}")
    return open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)


def alone(database: Path):
    """Claim `database` for one server process; returns the claim, which `close()` gives up.

    Raises BlockingIOError when another process holds it.
    """
    file = _open(database, "server")
    try:
        _lock(file, wait=False)
    except OSError as error:
        file.close()
        raise BlockingIOError(str(database)) from error
    return file


@contextmanager
def turn(database: Path):
    """Wait for this process's turn to add rows.

    Isso adds a reply and then reads the newest row: a row that another process added in between
    would be answered to the wrong visitor.
    """
    with _open(database, "turn") as file:
        _lock(file, wait=True)
        yield
