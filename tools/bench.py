"""Measure how building and checking grow with the number of articles: `make bench`.

    python -m tools.bench [10 100 1000 …]

Each size is built by this project and by stock Pelican with its `simple` theme, one after the other
in the same run, so that the ratio means the same on every machine. The articles are made up.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PARAGRAPH = (
    "Walking a little further each day is how most people begin again after a bout of back pain, "
    "and a bad day in between says less about the back than about the day.[^trial] "
)
SUMMARY = (
    "One of many made-up articles of the same length, which stand here to be counted and timed "
    "and are never published anywhere at all:"
)
ARTICLE = """Title: Example article number {number}
Date: {date}
Category: Category {category}
Tags: walking, tag {tag}
Slug: example-{number}
Summary: {summary} {number:04}.

{text}

## How it works

{text}

- a first point
- a second point with a [link](#faqs)

## FAQs

### Is this article number {number}?

It is. {text}

### Does it differ from the others?

Only in its number.

## Sources

[^trial]: Author A. A made-up title. *Journal of Examples*. 2024. <https://doi.org/10.1000/{number}>
"""
STOCK = """
PATH, OUTPUT_PATH, THEME, PLUGINS = {content!r}, {output!r}, "simple", []
SITEURL, TIMEZONE, SITENAME = "http://localhost:8000", "UTC", "Stock"
ARTICLE_PATHS, PAGE_PATHS = ["articles"], ["pages"]
"""


def write_content(folder: Path, count: int):
    """Write `count` articles, and the pages that the foot of every page links to."""
    for name in ("articles", "pages", "images", "extra"):
        (folder / name).mkdir(parents=True)
    for page in (ROOT / "content" / "pages").glob("*.md"):
        (folder / "pages" / page.name).write_bytes(page.read_bytes())
    icon = ROOT / "content" / "extra" / "favicon.svg"
    (folder / "extra" / icon.name).write_bytes(icon.read_bytes())
    for number in range(count):
        day = f"20{number // 336 % 20 + 10:02}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        text = ARTICLE.format(
            number=number,
            summary=SUMMARY,
            date=day,
            category=number % 7,
            tag=number % 23,
            text=PARAGRAPH * 12,
        )
        (folder / "articles" / f"example-{number}.md").write_text(text, "utf-8")


class Cost(NamedTuple):
    """What a command took, in seconds: of all processors, and on the clock."""

    cpu: float
    wall: float


def cost(*command: str) -> Cost:
    """Run a command and return what it took. Stops the run with its words if it fails."""
    # A moment after the last article, so that none is still to come.
    env = {**os.environ, "SOURCE_DATE_EPOCH": "4000000000"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def measure(count: int) -> dict[str, Cost]:
    """Return what each of the commands takes for `count` articles."""
    with tempfile.TemporaryDirectory() as folder:
        content, output = Path(folder, "content"), Path(folder, "output")
        write_content(content, count)
        stock = Path(folder, "stock.py")
        stock.write_text(STOCK.format(content=str(content), output=str(output)), "utf-8")
        python = sys.executable
        # A cache of its own: the first build draws each article's card for sharing.
        cache = f'PICTURES_CACHE="{Path(folder, "cache").as_posix()}"'
        ours = (python, "-m", "tools.build", str(content), "-o", f"{output}-ours", "-e", cache)
        return {
            "stock Pelican": cost(python, "-m", "pelican", "-q", "-s", str(stock)),
            "make check": cost(python, "-m", "tools.check", str(content)),
            "first make html": cost(*ours),
            "make html": cost(*ours),
        }


def main(argv=None) -> int:
    """Print a row a command for each size; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[10, 100, 1000])
    print("× is the ratio to stock Pelican in the same run; CPU is that of all processors.\n")
    print(f"{'articles':>8}  {'command':<16}{'CPU':>9}{'':8}{'wall':>9}{'':8}growth of CPU")
    before: dict[str, Cost] = {}
    for count in parser.parse_args(argv).sizes:
        taken = measure(count)
        stock = taken["stock Pelican"]
        for name, (cpu, wall) in taken.items():
            grown = f"×{cpu / before[name].cpu:.1f}" if before else ""
            print(
                f"{count:8,}  {name:<16}{cpu:7.2f} s ×{cpu / stock.cpu:5.2f} "
                f"{wall:7.2f} s ×{wall / stock.wall:5.2f}  {grown}",
                flush=True,
            )
        before = taken
    return 0


if __name__ == "__main__":
    sys.exit(main())
