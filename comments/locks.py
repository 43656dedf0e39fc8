"""Locks between processes: one server to a database, one writer at a time. They wait in the
system's queue: polling, as filelock does, would take a busy server longer than writing.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

if os.name == "nt":
    import msvcrt

    def _lock(file: int, wait: bool) -> None:
        while True:
            try:
                return msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise BlockingIOError("another process has the lock") from None
                time.sleep(0.02)
else:
    import fcntl

    def _lock(file: int, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextmanager
def _locked(database: Path, kind: str, wait: bool) -> Iterator[None]:
    path = database.with_name(f"{database.name}.{kind}")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name != "nt" and os.geteuid() == 0:
            # A command that root runs must not lock out the server, which has its own account.
            folder = database.parent.stat()
            os.fchown(file, folder.st_uid, folder.st_gid)
        _lock(file, wait)
        yield
    finally:
        os.close(file)


# Claims a database for one server process, as a context. Raises BlockingIOError.
exclusive_lock = partial(_locked, kind="server", wait=False)
# Waits until no other process adds rows, and keeps others from it. Isso adds a reply and then reads
# the newest row: one added in between would go to the wrong visitor.
write_lock = partial(_locked, kind="turn", wait=True)
