"""Builds the preview, each time in a new process that is started ahead of the save that it is for.

While it waits, the process imports the libraries; the project's own code only when it is asked for
a build, in JSON, so that it is what was saved. The answer is JSON too.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Preview:
    """What came of a build: a folder with the site, or errors."""

    folder: Path | None
    errors: list[dict] = field(default_factory=list)  # the fields of each Problem
    # Pages that a published site does not have (yet), each with `file`, `address`, `title`, `kind`.
    unpublished: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # on files that the preview does not have either
    watch: list[str] = field(default_factory=list)  # the folders that the site is made of
    code: list[str] = field(default_factory=list)  # the folders of loaded code


class Builder:
    """Builds each good site into a folder of its own below `root`, so that what is being read is
    never replaced, and keeps the last two."""

    def __init__(self, root: Path, settings: str, content: str | None, address: str):
        self._root, self._count = root, 0
        self._options = {"settings": settings, "content": content, "address": address}
        self._is_closed = False
        self._start()

    def build(self) -> Preview:
        """Build the site as it now is."""
        folder = self._root / str(self._count)
        answer, _ = self._process.communicate(json.dumps({**self._options, "output": str(folder)}))
        code = self._process.returncode
        self._start()
        try:
            answer = json.loads(answer)
        except ValueError:
            what = f"the process that builds has ended with code {code}"
            fix = "read in the terminal why, then save again"
            error = {"path": "build", "line": 0, "col": 0, "what": what, "fix": fix}
            return Preview(None, [error])
        if answer["errors"]:
            return Preview(None, **answer)
        self._count += 1
        shutil.rmtree(self._root / str(self._count - 3), ignore_errors=True)
        return Preview(folder, **answer)

    def interrupt(self):
        """End the process, in the middle of a build too. Safe in a signal's handler."""
        self._is_closed = True
        self._process.kill()

    def close(self):
        """End the process and wait for it."""
        with self._process:
            self.interrupt()

    def _start(self):
        if self._is_closed:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.serve.builder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
            # Ctrl-C is for the server, which then ends this process.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        if self._is_closed:  # meanwhile
            self._process.kill()


def main():
    """Answer what is asked. Without a question, the server has ended."""
    # Not used here: to import them while a save is waited for saves a third of its time.
    import lxml.html  # noqa: F401
    import markdown  # noqa: F401
    import pelican  # noqa: F401

    # Bytecode of code that is saved twice in a second would be taken for current.
    sys.dont_write_bytecode = True
    with suppress(OSError), os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # What plugins print must not be taken for the answer.
        sys.stdout.reconfigure(line_buffering=True)
        if asked := sys.stdin.read():
            json.dump(build_preview(**json.loads(asked)), answers)
    os._exit(0)  # To clear the memory would take a tenth of the time.


def build_preview(settings: str, content: str | None, address: str, output: str) -> dict:
    """Build `content`, or what the settings name; return a Preview's fields but for its folder."""
    answer = {"errors": []}
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(int(time.time())))
    try:
        from contract import LOCAL_ENDPOINT
        from plugins import schedule
        from tools.build import build, load_settings
        from tools.terminal import progress

        own = load_settings(settings)
        content = content or own["PATH"]
        folders = [content, own["THEME"], *own["THEME_TEMPLATES_OVERRIDES"]]
        answer["watch"] = [str(Path(folder).resolve()) for folder in folders]
        overrides = {"SITEURL": address, "RELATIVE_URLS": True, "PUBLISHING": False}
        if own.get("COMMENTS", {}).get("provider") == "isso":
            # A preview must not write to the owner's real comment server.
            overrides["COMMENTS"] = {**own["COMMENTS"], "endpoint": LOCAL_ENDPOINT}
        with progress():
            built = build(content, output, settings, overrides)
        answer["unpublished"] = []
        for one in schedule.unpublished(built.documents.values(), built.settings):
            if page := one.document.content:
                when = f"{one.date:%Y-%m-%d %H:%M}" if one.state == "scheduled" else ""
                kind = f"Scheduled for {when}" if when else "Draft"
                shown = {"file": page.save_as, "address": f"/{page.url}", "title": page.title}
                answer["unpublished"].append({**shown, "kind": kind})
        answer["notes"] = built.notes
    except (Exception, SystemExit) as error:
        from plugins.problems import locate

        answer["errors"] = [asdict(problem) for problem in locate(error)]
    from plugins import ROOT

    files = [Path(getattr(one, "__file__", None) or "") for one in [*sys.modules.values()]]
    own = {file.parent for file in files if file.is_relative_to(ROOT)}
    answer["code"] = sorted(str(each) for each in own if "site-packages" not in each.parts)
    return answer


if __name__ == "__main__":
    main()
