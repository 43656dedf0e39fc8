"""Has the site built, each time by a new process, which is started ahead and waits to be asked."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Built:
    """What came of a build: `folder` holds the site, or is None with `problems`, dicts with the
    fields of a Problem.

    `unlisted`: pages that a published site does not have (yet), each a dict of `file`, `address`,
    `title`, `kind`. `left_out`: lines that say what the preview does not have either.
    `watch`: the folders that the site is made of. `code`: the folders of loaded code.
    """

    folder: Path | None
    problems: list[dict] = field(default_factory=list)
    unlisted: list[dict] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    watch: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


class Builder:
    """Builds into folders of its own below `root`, of which it keeps the last two.

    Each good site has a folder of its own, so that what is being read is never replaced.
    """

    def __init__(self, root: Path, settings: str, content: str | None, address: str):
        self._root, self._count = root, 0
        self._options = {"settings": settings, "content": content, "address": address}
        self._closed = False
        self._start()

    def build(self) -> Built:
        """Build the site as it now is."""
        folder = self._root / str(self._count)
        asked = json.dumps({**self._options, "output": str(folder)})
        said, _ = self._process.communicate(asked)
        code = self._process.returncode
        self._start()
        try:
            answer = json.loads(said)
        except ValueError:
            return Built(None, [_lost(code)])
        if answer["problems"]:
            return Built(None, **answer)
        self._count += 1
        shutil.rmtree(self._root / str(self._count - 3), ignore_errors=True)
        return Built(folder, **answer)

    def interrupt(self):
        """End the process, in the middle of a build too. Safe in a signal's handler."""
        self._closed = True
        self._process.kill()

    def close(self):
        """End the process and wait for it."""
        with self._process:
            self.interrupt()

    def _start(self):
        if self._closed:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.serve.once"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
            # Ctrl-C is for the server, which then ends this process.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        if self._closed:  # meanwhile
            self._process.kill()


def _lost(code: int) -> dict:
    what = f"the process that builds has ended with code {code}"
    return {"path": "build", "line": 0, "col": 0, "what": what, "fix": "save again"}
