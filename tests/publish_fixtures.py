"""A small content of its own for the tests of publishing, and the site published from it."""

from pathlib import Path

import pytest
from PIL import Image

from tests import ROOT
from tools import publish

# 23 March 2026: the article of 2126 is still to come.
EPOCH = "1774224000"
# Open for replies, with lists of more than one page.
OPEN = {"COMMENTS": {"provider": "isso", "endpoint": "/isso"}, "DEFAULT_PAGINATION": 3}
SUMMARY = (
    "What this article of the tests says about {}, told in words enough that a search engine can "
    "show them as a description of some length."
)
ARTICLE = """Title: {title}
Date: {date}
Category: Tests
Tags: {tags}
Slug: {slug}
Summary: {summary}
{more}
## A heading of {slug}

{body}
"""
PAGES = {"about": "About us", "privacy": "Your privacy", "accessibility": "Use for everybody"}


def write_article(content: Path, slug: str, date: str, body: str, tags="kept", **more):
    """Write an article that passes the checks."""
    lines = "".join(f"{key}: {value}\n" for key, value in more.items())
    text = ARTICLE.format(
        title=f"The {slug} one",
        date=date,
        slug=slug,
        tags=tags,
        summary=SUMMARY.format(slug),
        body=body,
        more=lines,
    )
    (content / "articles" / f"{slug}.md").write_text(text, "utf-8")


def write_content(folder: Path) -> Path:
    """Write a content with all that publishing treats apart: a picture, earlier addresses, a
    draft, an article of the future, more articles than one list shows."""
    content = folder / "content"
    for name in ("articles", "pages", "images", "extra"):
        (content / name).mkdir(parents=True)
    first = "See [the second]({filename}second.md#a-heading-of-second)."
    first += "\n\n![A box]({static}/images/box.png)"
    write_article(
        content,
        "first",
        "2026-01-05",
        first,
        Modified="2026-02-06",
        Aliases="/before/, /long/ago.html, /naïve/",
        Comment_id="/before/",
    )
    write_article(content, "second", "2026-01-04", "The second has words too.", tags="other")
    for number in range(3, 6):
        write_article(content, f"number-{number}", f"2025-12-{number:02}", "A few words.")
    write_article(content, "unfinished", "2026-01-01", "DRAFTED", Status="draft")
    write_article(content, "tomorrow", "2126-01-01", "FORETOLD")
    for slug, title in PAGES.items():
        head = f"Title: {title}\nSlug: {slug}\nSummary: {SUMMARY.format(title)}"
        text = f"{head}\n\nWords about {title}.\n"
        (content / "pages" / f"{slug}.md").write_text(text, "utf-8")
    Image.new("RGB", (600, 400), "teal").save(content / "images" / "box.png")
    return content


def publish_site(folder: Path, siteurl: str, host: str = "hosted") -> Path:
    """Publish the tests' content for an address, open for replies, and return the output."""
    content = write_content(folder) if not (folder / "content").exists() else folder / "content"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        publish.publish(siteurl, content, folder / "output", "publishconf.py", OPEN, host)
    return folder / "output"
