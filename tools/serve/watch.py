"""Tells what was saved: content and theme, the code, and in the root settings and snapshot."""

import os
import threading
from collections.abc import Callable, Container
from pathlib import Path

import watchfiles

# After the first change, wait this many milliseconds for more: editors write in several steps.
TOGETHER = 50


class Watch:
    """Calls `changed` with a set of paths after every save, until `stop()`."""

    def __init__(self, changed: Callable[[set[Path]], None]):
        self._changed = changed
        self._below, self._beside = Watching(), Watching()
        self._places: tuple = ()

    def folders(self, below: set[Path], code: set[Path]):
        """Watch all that lies below some folders, and the code right in others, instead of what
        was watched before."""
        # A folder that was deleted and made again is another one to the system.
        places = tuple({folder: _number(folder) for folder in each} for each in (below, code))
        if places == self._places:
            return
        self._places = places
        before = self._below, self._beside
        self._below, self._beside = Watching(), Watching()
        self._below.start(_existing(places[0]), Saved(), self._tell, recursive=True)
        self._beside.start(_existing(places[1]), Code(below), self._tell, recursive=False)
        for watching in before:
            watching.stop()

    def stop(self):
        """Watch no longer."""
        self._below.stop()
        self._beside.stop()

    def _tell(self, changes):
        came = {path for change, path in changes if change == watchfiles.Change.added}
        # Editors write another file first, which is gone by now.
        saved = {path for _, path in changes if path not in came or os.path.exists(path)}
        if saved:
            self._changed({Path(path) for path in saved})


def _number(folder: Path) -> int:
    return folder.stat().st_ino if folder.is_dir() else 0


def _existing(places: dict[Path, int]) -> list[Path]:
    return sorted(folder for folder, number in places.items() if number)


class Watching:
    """One thread that watches some folders."""

    def __init__(self):
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def start(self, folders, passes, tell, recursive: bool):
        """Call `tell` with changes that `passes`."""

        def run():
            for changes in watchfiles.watch(
                *folders,
                watch_filter=passes,
                step=TOGETHER,
                recursive=recursive,
                stop_event=self._stop,
                ignore_permission_denied=True,
            ):
                tell(changes)

        if folders:
            self._thread = threading.Thread(target=run, daemon=True)
            self._thread.start()

    def stop(self):
        self._stop.set()
        if self._thread:
            self._thread.join(5)


class Saved(watchfiles.DefaultFilter):
    """Passes what a person saves, not what editors and programs put beside it."""

    def __call__(self, change, path) -> bool:
        return not Path(path).name.startswith((".", "#")) and super().__call__(change, path)


class Code(Saved):
    """Passes Python code and data beside it, and the coming and going of watched folders."""

    def __init__(self, folders: Container[Path]):
        super().__init__()
        self._folders = folders

    def __call__(self, change, path) -> bool:
        mine = Path(path).suffix in (".py", ".json") or Path(path) in self._folders
        return mine and super().__call__(change, path)
