"""What commands share: arguments, how far a build has come, and errors in color on a terminal."""

import argparse
import sys
import time
from contextlib import contextmanager

from pelican import signals
from rich.console import Console
from rich.text import Text

from plugins.problems import Problem, as_started
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
    about = "the site's settings (%(default)s)"
    parser.add_argument("-s", "--settings", default="pelicanconf.py", help=about)
    return parser


def missing_settings(path) -> Problem:
    """Return the error of a settings file that does not exist."""
    fix = as_started("name one that does: CONFFILE=pelicanconf.py", "name one that does: -s")
    return Problem(str(path), 0, 0, "this settings file does not exist", fix)


def make_console(stream) -> Console:
    """Return a console that prints text as it is; styles are for terminals without NO_COLOR."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows another one
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_problem(console: Console, problem: Problem, style: str = "red"):
    """Print a problem on one line; `style` is that of what is wrong."""
    place, what = (problem.place, "bold"), (problem.what, style)
    console.print(Text.assemble(place, ": ", what, problem.advice))


@contextmanager
def progress(stream=None):
    """Show on a terminal how far a build has come, and anywhere the lines that are announced."""
    stream = stream or sys.stderr  # None in a program without a console
    is_terminal = stream is not None and stream.isatty()
    shown, due = "", time.monotonic() + PATIENCE
    written = to_write = 0

    def show(text: str, end: str = ""):
        nonlocal shown
        if text or shown:
            print(f"\r{text:<{len(shown)}}", end=end, file=stream, flush=True)
        shown = text

    def announce(text: str):
        show("", end="\r")
        if stream:
            print(text, file=stream, flush=True)

    def advance(stage: str, done: int, total: int):
        nonlocal due
        if is_terminal and time.monotonic() >= due:
            due = time.monotonic() + PAUSE
            show(f"{stage}: {done:,} of {total:,}")

    def count(_path, context):
        nonlocal written, to_write
        if "article" in context or "page" in context:  # lists of them take little time
            contents = context["generated_content"].values()
            to_write = to_write or sum(bool(one and one.save_as) for one in contents)
            written += 1
            advanced.send("Writing", done=written, total=to_write)

    with (
        announced.connected_to(announce),
        advanced.connected_to(advance),
        signals.content_written.connected_to(count),
    ):
        try:
            yield
        finally:
            show("", end="\r")
