"""Reports what was saved: content and theme, the code, and in the root settings and snapshot."""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import watchfiles

TOGETHER = 50  # milliseconds to wait for more changes: editors write in several steps
_KNOWN = watchfiles.DefaultFilter()


class Watch:
    """Calls `changed` with a set of paths after every save, until `stop()`."""

    def __init__(self, changed: Callable[[set[Path]], None]):
        self._changed = changed
        self._below, self._code, self._watched = set(), set(), []
        self._running = ExitStack()  # closing it ends the threads

    def add(self, below: Iterable[Path], code: Iterable[Path]):
        """Watch all that is below some folders too, and the code directly in others."""
        self._below |= set(below)
        self._code |= set(code)
        # A folder that was deleted and made again is another one to the system.
        both = (self._below, self._code)
        watched = [{one: one.stat().st_ino for one in each if one.is_dir()} for each in both]
        if watched == self._watched:
            return
        self._watched, before, self._running = watched, self._running, ExitStack()
        stop = threading.Event()

        def is_code(change, path) -> bool:
            """Return whether this is Python code, data beside it, or a watched folder itself."""
            is_ours = Path(path).suffix in (".py", ".json") or Path(path) in self._below
            return is_ours and is_saved(change, path)

        self._start(watched[0], stop, is_saved, recursive=True)
        self._start(watched[1], stop, is_code, recursive=False)
        self._running.callback(stop.set)
        before.close()

    def stop(self):
        """Watch no longer."""
        self._running.close()

    def _start(self, folders: dict[Path, int], stop, passes: Callable, recursive: bool):
        options = {"watch_filter": passes, "recursive": recursive, "stop_event": stop}
        options |= {"step": TOGETHER, "ignore_permission_denied": True}

        def run():
            for changes in watchfiles.watch(*folders, **options):
                added = {path for change, path in changes if change == watchfiles.Change.added}
                # Editors write another file first, which is gone by now.
                found = (path for _, path in changes if path not in added or os.path.exists(path))
                if saved := set(map(Path, found)):
                    self._changed(saved)

        if folders:
            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            self._running.callback(thread.join, 5)


def is_saved(change, path) -> bool:
    """Return whether a person saves this: not what editors and programs put beside it."""
    return not Path(path).name.startswith((".", "#")) and _KNOWN(change, path)
