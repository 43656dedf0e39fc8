"""Measure how building and checking grow with the number of articles: `make bench`.

    python -m tools.bench [10 100 1000 …]

Each size is built by this project and by stock Pelican with its `simple` theme, one after the other
in the same run, so that the ratio means the same on every machine. The articles are made up.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def seconds(*command: str) -> float:
    """Run a command and return how long it took. Stops the run with its words if it fails."""
    started = time.monotonic()
    # A moment after the last article, so that none is still to come.
    env = {**os.environ, "SOURCE_DATE_EPOCH": "4000000000"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.monotonic() - started


def measure(count: int) -> dict[str, float]:
    """Return the seconds that each of the commands takes for `count` articles."""
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
            "stock Pelican": seconds(python, "-m", "pelican", "-q", "-s", str(stock)),
            "make check": seconds(python, "-m", "tools.check", str(content)),
            "first make html": seconds(*ours),
            "make html": seconds(*ours),
        }


def main(argv=None) -> int:
    """Print one row a size; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[10, 100, 1000])
    print(
        "articles   stock Pelican      make check first make html       make html"
        "   (check is part of html)"
    )
    before = None
    for count in parser.parse_args(argv).sizes:
        taken = measure(count)
        row = "".join(
            f"{value:8.2f} s ×{value / taken['stock Pelican']:4.1f}" for value in taken.values()
        )
        print(f"{count:8}{row}", flush=True)
        if before:
            more = count / before[0]
            grown = ", ".join(
                f"{name} ×{value / before[1][name]:.1f}" for name, value in taken.items()
            )
            print(f"         {more:.0f} times the articles: {grown}", flush=True)
        before = (count, taken)
    return 0


if __name__ == "__main__":
    sys.exit(main())
