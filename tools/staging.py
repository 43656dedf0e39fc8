"""The folder that a build writes into, and how it takes the output's place: in one step, or not at
all. Builds at the same time do not meet: each has its own folder, which the next build clears away
where one was killed.
"""

import ctypes
import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_PREFIX = ".{}-being-built-"  # of a folder for the output of that name
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_HERE = -100  # AT_FDCWD


@contextmanager
def staging(output: Path) -> Iterator[Path]:
    """Give an empty folder beside `output`, and remove it in the end. Raises OSError."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with _locked(output.parent):
            _clear_away(output)
            stage = Path(tempfile.mkdtemp(prefix=_PREFIX.format(output.name), dir=output.parent))
            held.enter_context(_locked(stage))
        stage.chmod(0o755)
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def swap(stage: Path, output: Path):
    """Put `stage` in the place of `output`, and what was there in the place of `stage`. Raises
    OSError, as on Windows while a program has one of the files open."""
    _keep_times(stage, output)
    with _locked(output.parent):
        if not output.exists():
            stage.rename(output)
        elif not _exchange(stage, output):
            old = stage.with_name(f"{stage.name}-old")
            output.rename(old)
            try:
                stage.rename(output)
            except OSError:
                old.rename(output)
                raise
            old.rename(stage)


def _keep_times(stage: Path, output: Path):
    """Give files that have not changed their old time, for servers, caches and rsync to see."""
    for folder, _, names in os.walk(stage):
        before = output / Path(folder).relative_to(stage)
        for name in filecmp.cmpfiles(folder, before, names, shallow=False)[0]:
            with suppress(OSError):  # another build has just taken its place
                status = (before / name).stat()
                os.utime(Path(folder, name), ns=(status.st_atime_ns, status.st_mtime_ns))


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step. Return whether the system can."""
    if os.name != "posix":
        return False
    system, paths = ctypes.CDLL(None), (os.fsencode(one), os.fsencode(other))
    if hasattr(system, "renameat2"):
        return system.renameat2(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0
    return hasattr(system, "renamex_np") and system.renamex_np(*paths, _EXCHANGE) == 0


def _clear_away(output: Path):
    """Remove what builds left here that were killed."""
    for folder in output.parent.glob(_PREFIX.format(output.name) + "*"):
        with _locked(folder, wait=False) as is_ours:
            if is_ours and folder.name.endswith("-old") and not output.exists():
                folder.rename(output)  # killed between two steps, where one is not enough
            elif is_ours:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, wait: bool = True) -> Iterator[bool]:
    """Lock a folder against other builds, as long as this process lives. Give whether it is locked:
    not while another has it and this is not to `wait`, nor where folders cannot be locked."""
    with ExitStack() as opened:
        is_locked = False
        with suppress(ImportError, OSError):
            import fcntl  # Windows, where folders cannot be locked, has none

            descriptor = os.open(folder, os.O_RDONLY)
            opened.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            is_locked = True
        yield is_locked
