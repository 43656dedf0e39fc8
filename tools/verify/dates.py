"""What readers see and what machines are told agree, and nothing is out before its day."""

import json
import re
from collections.abc import Iterator
from datetime import datetime

from plugins.problems import Problem
from plugins.schedule import is_future
from tools.verify import feed, sitemap
from tools.verify.facts import normal
from tools.verify.page import Page, moment
from tools.verify.site import Site


def graphs(page: Page) -> Iterator[Problem]:
    """Structured data is JSON."""
    try:
        page.graph  # noqa: B018 (reads it)
    except json.JSONDecodeError as error:
        yield page.problem(f"the structured data is not JSON: {error}", "print it as JSON")


def headlines(page: Page) -> Iterator[Problem]:
    """The headline in the structured data is the title that readers see."""
    shown = normal("".join(page.all("(//h1)[1]//text()")))
    headline = page.posting.get("headline", "")
    if page.posting and normal(headline) != shown:
        what = f"the headline {page.posting.get('headline')!r} is not the page's <h1>"
        yield page.problem(what, "say the same to machines and readers")


def reviewers(page: Page) -> Iterator[Problem]:
    """Nobody is said to have reviewed a page whom readers do not see named there."""
    for node in page.graph:
        if "reviewedBy" in node:
            name = str(node["reviewedBy"].get("name", ""))
            if not name or name not in "".join(page.all("//main//text()")):
                what = f"the reviewer {name!r} is named to machines only"
                yield page.problem(what, "name them in the page too")


def agreement(page: Page) -> Iterator[Problem]:
    """Byline, structured data and cards for sharing give the same dates."""
    if not page.dates:
        return
    published, modified = page.dates
    said = {
        "the page's article:published_time": (_meta(page, "published"), published),
        "the page's article:modified_time": (_meta(page, "modified"), modified),
    }
    for node in page.graph:
        for name, wanted in (("datePublished", published), ("dateModified", modified)):
            if name in node:
                said[f"the {name} of the {node.get('@type')}"] = (moment(node[name]), wanted)
    yield from _differences(page, said)
    yield from _visible(page, published, modified)


def listed(site: Site) -> Iterator[Problem]:
    """Feed and sitemap give the dates of the pages."""
    lastmods, entries = sitemap.lastmods(site), feed.moments(site)
    for page in site.pages.values():
        if not page.published:
            continue
        published, modified = map(datetime.fromisoformat, (page.published, page.modified))
        said = {"the sitemap's lastmod": (lastmods.get(page.address), modified)}
        if page.address in entries:
            said["the feed's published"] = (entries[page.address][0], published)
            said["the feed's updated"] = (entries[page.address][1], modified)
        yield from _differences(page, said)


def lists(site: Site) -> Iterator[Problem]:
    """A list of articles changed when one of the articles did."""
    articles = {page.address: page.modified for page in site.pages.values() if page.modified}
    newest = max(map(datetime.fromisoformat, articles.values()), default=None)
    for address, lastmod in sitemap.lastmods(site).items():
        if address not in articles and newest and lastmod > newest:
            what = f"the lastmod of {address} is newer than any article"
            yield Problem("sitemap.xml", 0, 0, what, "date lists by their articles")


def future(site: Site) -> Iterator[Problem]:
    """Nothing is dated after the moment of the build."""
    for page in site.pages.values():
        for day in filter(None, (page.published, page.modified)):
            if is_future(datetime.fromisoformat(day), site.now):
                what = f"the page is dated {day}, after the build's {_iso(site.now)}"
                yield page.problem(what, "mend Date or Modified, or wait until that day")


def drafts(site: Site) -> Iterator[Problem]:
    """No draft is published."""
    for page in site.pages.values():
        if page.path.startswith("drafts/") or "/drafts/" in page.path:
            yield page.problem("a draft is published", "leave DRAFT_SAVE_AS empty")


def _differences(page, said: dict[str, tuple]) -> Iterator[Problem]:
    """Yield where other dates are `said` than wanted."""
    for where, (found, wanted) in said.items():
        if found != wanted and not (found is None and not page.indexed):
            what = f"{where} is {_iso(found)}, the structured data says {_iso(wanted)}"
            yield page.problem(what, "give the same date everywhere")


def _visible(page: Page, published: datetime, modified: datetime) -> Iterator[Problem]:
    shown = {}
    for element in page.all("//main//header//time[@datetime]"):
        if stated := moment(element.get("datetime")):
            shown[stated] = element
    for name, wanted in {"published": published, "modified": modified}.items():
        if wanted not in shown:
            what = f"readers do not see that it was {name} on {_iso(wanted)}"
            yield page.problem(what, "show the date in the header of the article")
            continue
        text = shown[wanted].text_content()
        numbers = [int(number) for number in re.findall(r"[0-9]+", text)]
        if numbers and not {wanted.year, wanted.day} <= set(numbers):
            what = f"the date reads {text!r} and means {_iso(wanted)}"
            line = shown[wanted].sourceline or 0
            yield page.problem(what, "print the date that it means", line)


def _meta(page: Page, name: str) -> datetime | None:
    stated = page.meta(f"article:{name}_time")
    return moment(stated[0]) if stated else None


def _iso(day: datetime | None) -> str:
    return day.isoformat() if day else "missing"
