"""Made-up articles, all of one length, to be counted and timed."""

from pathlib import Path

from tests import ROOT

PARAGRAPH = (
    "Walking a little further each day is how most people begin again after a bout of back pain, "
    "and a bad day in between says less about the back than about the day.[^trial] "
)
SUMMARY = (
    "One of many made-up articles of the same length, which stand here to be counted and timed "
    "and are never published anywhere at all:"
)
LAST_ANSWER = "Only in its number."
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

{last_answer}

## Sources

[^trial]: Author A. A made-up title. *Journal of Examples*. 2024. <https://doi.org/10.1000/{number}>
"""


def write_content(folder: Path, count: int):
    """Write `count` articles, and the pages that the footer of every page links to."""
    for name in ("articles", "pages", "images"):
        (folder / name).mkdir(parents=True)
    for page in (ROOT / "content" / "pages").glob("*.md"):
        (folder / "pages" / page.name).write_bytes(page.read_bytes())
    for number in range(count):
        day = f"20{number // 336 % 20 + 10:02}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        text = ARTICLE.format(
            number=number,
            summary=SUMMARY,
            date=day,
            category=number % 7,
            tag=number % 23,
            text=PARAGRAPH * 12,
            last_answer=LAST_ANSWER,
        )
        (folder / "articles" / f"example-{number}.md").write_text(text, "utf-8")


def insert_after(words: str, more: str, file: Path):
    """Insert `more` after the first `words` of a file."""
    before, found, after = file.read_text("utf-8").partition(words)
    if not found:
        raise SystemExit(f"{file} does not contain {words!r}, after which text is to be inserted")
    file.write_text(before + found + more + after, "utf-8")
