"""What a command shows on a terminal while it works: the stage, and how far it has come."""

import sys
import time
from contextlib import contextmanager

from pelican import signals

from plugins.progress import advanced, announced

PATIENCE = 2  # seconds until there is something to show
PAUSE = 0.1  # seconds between two changes of the line


@contextmanager
def progress(stream=None):
    """Show on a terminal how far a build has come, once it takes longer than two seconds.

    Lines announced are printed elsewhere too. The line of progress is gone in the end.
    """
    line = Line(stream or sys.stderr)
    pages = Pages()
    with (
        announced.connected_to(line.announce),
        advanced.connected_to(line.advance),
        signals.all_generators_finalized.connected_to(pages.expect),
        signals.content_written.connected_to(pages.count),
    ):
        try:
            yield
        finally:
            line.clear()


class Line:
    """The one line that says what is being done."""

    def __init__(self, stream):
        self._stream = stream
        self._is_terminal = stream is not None and stream.isatty()
        self._next = time.monotonic() + PATIENCE
        self._shown = ""

    def announce(self, text: str):
        """Print a line that stays."""
        self.clear()
        if self._stream:  # a program without a console has none
            print(text, file=self._stream, flush=True)

    def advance(self, stage: str, done: int, total: int):
        """Show that so much of a stage is done."""
        if self._is_terminal and time.monotonic() >= self._next:
            self._next = time.monotonic() + PAUSE
            self._show(f"{stage}: {done:,} of {total:,}")

    def clear(self):
        """Take the line away."""
        if self._shown:
            self._show("")
            self._stream.write("\r")
            self._stream.flush()

    def _show(self, text: str):
        self._stream.write(f"\r{text:<{len(self._shown)}}")
        self._stream.flush()
        self._shown = text


class Pages:
    """Counts the articles and pages that Pelican writes; lists of them take little time."""

    def __init__(self):
        self._done = self._total = 0

    def expect(self, generators):
        """Note how many pages there will be."""
        contents = generators[0].context["generated_content"].values()
        self._done, self._total = 0, sum(bool(one and one.save_as) for one in contents)

    def count(self, _path, context):
        """Note that a page is written."""
        if "article" in context or "page" in context:
            self._done += 1
            advanced.send("Writing", done=self._done, total=self._total)
