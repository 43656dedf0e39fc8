"""One build after the other in the same process: `tools.build`, with a memory, for a preview."""

import gc
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from blinker import ANY, Signal
from pelican.plugins import signals

from plugins.comments import LOCAL_ENDPOINT
from tools.build import BuildFailed, build, load_settings, locate
from tools.check import check, reading
from tools.serve.memory import Bytecode, Memory

# Files of these kinds are read anew by every build, or their text is what the memory goes by.
TEXTS = {".md", ".html", ".css", ".js"}


class Rebuilder:
    """Builds the folder `content` (None: the one that the settings name) for `address`."""

    def __init__(self, settings: str, content: str | None, address: str):
        self._settings, self._content = settings, content
        self._overrides = {"SITEURL": address, "RELATIVE_URLS": True, "PUBLISHING": False}
        self._clocked = "SOURCE_DATE_EPOCH" not in os.environ
        self._bytecode, self._memory = Bytecode(), Memory()
        self._memory.serve()
        # Advice is `make check`'s; working it out for every save would take longest of all.
        reading.advise = lambda *_: ()
        # Collecting garbage during a build takes a tenth of it; here it waits for the answer.
        gc.disable()

    def warm_up(self):
        """Convert all texts, so that the build to come is quick. What is wrong is left to it."""
        try:
            settings = load_settings(self._settings)
            check(Path(self._content or settings["PATH"]), settings)
        except Exception:
            return

    def build(self, output: str, changed: list[str]) -> dict:
        """Build into `output` after a change of files; return what came of it.

        `problems`: what is wrong; with any, there is no site in `output`. `unlisted`: pages that a
        published site does not have (yet), each a dict of `file`, `address`, `title`, `kind`,
        `source`. `watch`: the folders that the site is made of. `spent`: this process must build
        no more, because a build that broke off leaves plugins in a state of their own.
        """
        for path in map(Path, changed):
            if path.suffix not in TEXTS:
                self._memory.forget(path.name)
        if self._clocked:
            os.environ["SOURCE_DATE_EPOCH"] = str(int(time.time()))
        self._unlisted, self._root, self._began, self._watch = [], output, False, []
        self._connect()
        problems = []
        try:
            settings = load_settings(self._settings)
            content = self._content or settings["PATH"]
            self._watch = [content, settings["THEME"], *settings["THEME_TEMPLATES_OVERRIDES"]]
            build(content, output, self._settings, self._overrides)
            self._memory.tidy()
        except BuildFailed as failed:
            problems = failed.problems
        except (Exception, SystemExit) as error:
            problems = [locate(error, default=self._settings)]
        return {
            "problems": [vars(problem) for problem in problems],
            "unlisted": self._unlisted,
            "watch": [str(Path(folder).resolve()) for folder in self._watch],
            "spent": bool(problems) and self._began,
        }

    def _connect(self):
        # Plugins connect anew in every build; one that the settings no longer name must not.
        for signal in vars(signals).values():
            if isinstance(signal, Signal):
                for receiver in list(signal.receivers_for(ANY)):
                    signal.disconnect(receiver)
        signals.initialized.connect(self._begin)
        signals.content_written.connect(self._note)

    def _begin(self, pelican):
        self._began = True
        settings = pelican.settings
        settings["JINJA_ENVIRONMENT"] = {
            **settings["JINJA_ENVIRONMENT"],
            "bytecode_cache": self._bytecode,
        }
        if settings.get("COMMENTS", {}).get("provider") == "isso":
            # A preview must not write to the owner's real comment server.
            settings["COMMENTS"] = {**settings["COMMENTS"], "endpoint": LOCAL_ENDPOINT}

    def _note(self, path, context):
        content = context.get("article") or context.get("page")
        if content is None:
            return
        date = getattr(content, "date", None)
        if content.status == "draft":
            kind = "Draft"
        elif date and date > datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC):
            kind = f"Not out before {date:%Y-%m-%d %H:%M}"
        else:
            return
        self._unlisted.append(
            {
                "file": context["output_file"],
                "address": f"/{content.url}",
                "title": content.title,
                "kind": kind,
                "source": content.get_relative_source_path(),
            }
        )
