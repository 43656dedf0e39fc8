"""The other end of the worker: asks for builds, replaces it when it is spent, ends it."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Built:
    """What came of a build: `folder` holds the site, or is None with `problems`, dicts with the
    fields of a Problem. See Rebuilder.build for the rest; `code`: the folders of loaded code."""

    folder: Path | None
    problems: list[dict] = field(default_factory=list)
    unlisted: list[dict] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    watch: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


class Builder:
    """Builds into folders of its own below `root`, of which it keeps the last two good ones."""

    def __init__(self, root: Path, settings: str, content: str | None, address: str):
        self._root = root
        self._options = {"settings": settings, "content": content, "address": address}
        self._settings = Path(settings).resolve()
        self._count = 0
        self._good: list[Path] = []
        self._worker: subprocess.Popen | None = None
        self._closed = False
        self._start()

    def build(self, changed: set[Path]) -> Built:
        """Build after a change of files."""
        if any(map(self._is_loaded_once, changed)):
            self._start()
        self._count += 1
        folder = self._root / str(self._count)
        answer = self._ask({"output": str(folder), "changed": [str(path) for path in changed]})
        if answer is None:
            code = self._worker.wait() if self._worker else 0
            self._start()
            return Built(None, [_lost(code)])
        if answer.pop("spent"):
            self._start()
        if answer["problems"]:
            shutil.rmtree(folder, ignore_errors=True)
            return Built(None, **answer)
        self._good.append(folder)
        if len(self._good) > 2:
            shutil.rmtree(self._good.pop(0), ignore_errors=True)
        return Built(folder, **answer)

    def _is_loaded_once(self, path: Path) -> bool:
        """Tell whether a process keeps what it once read from a file: Python code other than the
        settings, tables of words; but not the snapshot of replies, which lies in the root."""
        if path.suffix == ".json":
            return path.parent != Path.cwd()
        return path.suffix == ".py" and path != self._settings

    def interrupt(self):
        """End the worker, in the middle of a build too. Safe in a signal's handler."""
        self._closed = True
        if self._worker:
            self._worker.kill()

    def close(self):
        """End the worker and wait for it."""
        self._closed = True
        self._end()

    def _ask(self, request: dict) -> dict | None:
        try:
            self._worker.stdin.write(json.dumps(request) + "\n")
            self._worker.stdin.flush()
            return json.loads(self._worker.stdout.readline())
        except (OSError, ValueError):  # it has ended, or `close` has ended it
            return None

    def _start(self):
        self._end()
        if self._closed:
            return
        # A session of its own: Ctrl-C is for the server, which then ends the worker.
        alone = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        self._worker = subprocess.Popen(
            # -B: bytecode of code that was saved twice in a second would be taken for current.
            [sys.executable, "-B", "-m", "tools.serve.worker", json.dumps(self._options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
            **alone,
        )
        if self._closed:  # meanwhile
            self._worker.kill()

    def _end(self):
        if self._worker:
            self._worker.kill()
            self._worker.wait()
            for pipe in (self._worker.stdin, self._worker.stdout):
                with suppress(OSError):
                    pipe.close()


def _lost(code: int) -> dict:
    what = f"the process that builds has ended with code {code}"
    return {"path": "build", "line": 0, "col": 0, "what": what, "fix": "save again"}
