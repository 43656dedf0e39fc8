"""One build after the other in the same process: `tools.build`, for a preview.

What was read for one build is handed to the reader of the next, which reads only what was saved.
"""

import gc
import os
import time
from pathlib import Path

import jinja2
from blinker import ANY, Signal
from pelican.plugins import signals

from plugins import schedule
from plugins.check import content_checked
from plugins.comments import LOCAL_ENDPOINT
from tools.build import BuildFailed, Built, build, load_settings, locate
from tools.check import check
from tools.terminal import progress


class Rebuilder:
    """Builds the folder `content` (None: the one that the settings name) for `address`."""

    def __init__(self, settings: str, content: str | None, address: str):
        self._settings, self._content = settings, content
        self._overrides = {"SITEURL": address, "RELATIVE_URLS": True, "PUBLISHING": False}
        self._clocked = "SOURCE_DATE_EPOCH" not in os.environ
        self._bytecode = Bytecode()
        self._documents = {}
        content_checked.connect(self._remember)
        # Collecting garbage during a build takes a tenth of it; here it waits for the answer.
        gc.disable()

    def warm_up(self):
        """Read all texts, so that the build to come is quick. What is wrong is left to it."""
        try:
            settings = load_settings(self._settings, self._overrides)
            check(Path(self._content or settings["PATH"]), settings)
        except Exception:
            return

    def build(self, output: str, changed: list[str]) -> dict:
        """Build into `output` after a change of files; return what came of it.

        `problems`: what is wrong; with any, there is no site in `output`. `unlisted`: pages that a
        published site does not have (yet), each a dict of `file`, `address`, `title`, `kind`,
        `source`. `left_out`: lines that say what the preview does not have either. `watch`: the
        folders that the site is made of. `spent`: this process must build no more, because a build
        that broke off while writing leaves plugins in a state of their own.
        """
        if any(path.endswith(".py") for path in changed):  # texts are read by the settings
            self._documents = {}
        if self._clocked:
            os.environ["SOURCE_DATE_EPOCH"] = str(int(time.time()))
        self._is_writing, watch, unlisted, left_out, problems = False, [], [], [], []
        self._connect()
        try:
            settings = load_settings(self._settings)
            content = self._content or settings["PATH"]
            watch = [content, settings["THEME"], *settings["THEME_TEMPLATES_OVERRIDES"]]
            before = {"READ_BEFORE": self._documents}
            with progress():
                built = build(content, output, self._settings, self._overrides | before)
            unlisted = _unlisted(built)
            left_out = schedule.left_out(built.report.documents.values(), built.settings)
        except BuildFailed as failed:
            problems = failed.problems
        except (Exception, SystemExit) as error:
            problems = locate(error, default=self._settings)
        return {
            "problems": [vars(problem) for problem in problems],
            "unlisted": unlisted,
            "left_out": left_out,
            "watch": [str(Path(folder).resolve()) for folder in watch],
            "spent": bool(problems) and self._is_writing,
        }

    def _connect(self):
        # Plugins connect anew in every build; one that the settings no longer name must not.
        for signal in vars(signals).values():
            if isinstance(signal, Signal):
                for receiver in list(signal.receivers_for(ANY)):
                    signal.disconnect(receiver)
        signals.initialized.connect(self._begin)
        signals.get_writer.connect(self._write)

    def _begin(self, pelican):
        settings = pelican.settings
        settings["JINJA_ENVIRONMENT"] = {
            **settings["JINJA_ENVIRONMENT"],
            "bytecode_cache": self._bytecode,
        }
        if settings.get("COMMENTS", {}).get("provider") == "isso":
            # A preview must not write to the owner's real comment server.
            settings["COMMENTS"] = {**settings["COMMENTS"], "endpoint": LOCAL_ENDPOINT}

    def _write(self, _pelican):
        self._is_writing = True

    def _remember(self, _context, report):
        self._documents = report.documents


class Bytecode(jinja2.BytecodeCache):
    """Compiled templates. Pelican makes four environments a build, which share none."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket):
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def _unlisted(built: Built) -> list[dict]:
    documents = built.report.documents
    return [
        {
            "file": content.save_as,
            "address": f"/{content.url}",
            "title": content.title,
            "kind": f"Not out before {one.date:%Y-%m-%d %H:%M}"
            if one.why == "scheduled"
            else "Draft",
            "source": one.name,
        }
        for one in schedule.unpublished(documents.values(), built.settings)
        if (content := documents[one.name].content)
    ]
