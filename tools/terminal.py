"""What commands share: arguments, how far a build has come, and errors in color on a terminal."""

import argparse
import sys
import time
from contextlib import contextmanager

from pelican import signals
from rich.console import Console
from rich.text import Text

from plugins.problems import Problem
from plugins.progress import advanced, announced

PATIENCE = 2  # seconds until there is something to show
PAUSE = 0.1  # seconds between two changes of the line


def argument_parser(
    command: str, description: str, epilog: str = "", takes_content: bool = True
) -> argparse.ArgumentParser:
    """Return a parser for a command of `tools` about the site's content and settings."""
    prog = f"python -m tools.{command}"
    parser = argparse.ArgumentParser(prog=prog, description=description, epilog=epilog)
    if takes_content:
        parser.add_argument("content", nargs="?", help="its folder (as the settings say)")
    parser.add_argument(
        "-s", "--settings", default="pelicanconf.py", help="the site's settings (%(default)s)"
    )
    return parser


def make_console(stream) -> Console:
    """Return a console that prints text as it is, on one line; styles are for terminals only, and
    never where NO_COLOR is set."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows another one
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_problem(console: Console, problem: Problem, style: str = "red"):
    """Print a problem on one line; `style` is that of what is wrong."""
    place, what = (problem.place, "bold"), (problem.what, style)
    console.print(Text.assemble(place, ": ", what, problem.advice))


@contextmanager
def progress(stream=None):
    """Show on a terminal how far a build has come, once it takes longer than two seconds.

    Lines announced are printed elsewhere too. The line of progress is gone in the end.
    """
    line, pages = ProgressLine(stream or sys.stderr), PageCounter()
    with (
        announced.connected_to(line.announce),
        advanced.connected_to(line.advance),
        signals.all_generators_finalized.connected_to(pages.start),
        signals.content_written.connected_to(pages.count),
    ):
        try:
            yield
        finally:
            line.clear()


class ProgressLine:
    """The line that shows what is being done."""

    def __init__(self, stream):
        self._stream, self._width = stream, 0
        self._is_terminal = stream is not None and stream.isatty()
        self._next = time.monotonic() + PATIENCE

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
        if self._width:
            self._show("", end="\r")

    def _show(self, text: str, end: str = ""):
        print(f"\r{text:<{self._width}}", end=end, file=self._stream, flush=True)
        self._width = len(text)


class PageCounter:
    """Counts the articles and pages that Pelican writes; lists of them take little time."""

    def __init__(self):
        self._done = self._total = 0

    def start(self, generators):
        """Note how many pages there will be."""
        contents = generators[0].context["generated_content"].values()
        self._done, self._total = 0, sum(bool(one and one.save_as) for one in contents)

    def count(self, _path, context):
        """Note that a page is written."""
        if "article" in context or "page" in context:
            self._done += 1
            advanced.send("Writing", done=self._done, total=self._total)
