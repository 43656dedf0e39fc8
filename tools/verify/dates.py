"""What readers see and what machines are told agree, and nothing is out before its day."""

import json
import re
from collections.abc import Iterator
from datetime import datetime

from plugins.problems import Problem
from tools.verify import feed, sitemap
from tools.verify.site import Page, Site


def graphs(site: Site) -> Iterator[Problem]:
    """Structured data is JSON."""
    for page in site.pages.values():
        try:
            page.graph  # noqa: B018 (reads it)
        except json.JSONDecodeError as error:
            yield page.problem(f"the structured data is not JSON: {error}", "print it as JSON")


def headlines(site: Site) -> Iterator[Problem]:
    """The headline in the structured data is the title that readers see."""
    for page in site.pages.values():
        shown = " ".join("".join(page.all("(//h1)[1]//text()")).split())
        posting = page.node("BlogPosting")
        if posting and " ".join(posting.get("headline", "").split()) != shown:
            what = f"the headline {posting.get('headline')!r} is not the page's <h1>"
            yield page.problem(what, "say the same to machines and readers")


def reviewers(site: Site) -> Iterator[Problem]:
    """Nobody is said to have reviewed a page whom readers do not see named there."""
    for page in site.pages.values():
        for node in page.graph:
            if "reviewedBy" in node:
                name = str(node["reviewedBy"].get("name", ""))
                if not name or name not in "".join(page.all("//main//text()")):
                    what = f"the reviewer {name!r} is named to machines only"
                    yield page.problem(what, "name them in the page too")


def agreement(site: Site) -> Iterator[Problem]:
    """Byline, structured data, cards for sharing, feed and sitemap give the same dates."""
    listed, entries = sitemap.lastmods(site), feed.moments(site)
    for page in site.pages.values():
        dates = _dates(page)
        if not dates:
            continue
        published, modified = dates
        said = {
            "the page's article:published_time": (_meta(page, "published"), published),
            "the page's article:modified_time": (_meta(page, "modified"), modified),
            "the sitemap's lastmod": (listed.get(page.address), modified),
        }
        if page.address in entries:
            said["the feed's published"] = (entries[page.address][0], published)
            said["the feed's updated"] = (entries[page.address][1], modified)
        for node in page.graph:
            for name, wanted in (("datePublished", published), ("dateModified", modified)):
                if name in node:
                    kind = f"the {name} of the {node.get('@type')}"
                    said[kind] = (sitemap.moment(node[name]), wanted)
        for where, (found, wanted) in said.items():
            if found != wanted and not (found is None and not page.indexed):
                what = f"{where} is {_iso(found)}, the structured data says {_iso(wanted)}"
                yield page.problem(what, "give the same date everywhere")
        yield from _visible(page, published, modified)


def lists(site: Site) -> Iterator[Problem]:
    """A list of articles changed when one of the articles did."""
    known = {dates[1] for page in site.pages.values() if (dates := _dates(page))}
    articles = {page.address for page in site.pages.values() if _dates(page)}
    for address, lastmod in sitemap.lastmods(site).items():
        if address not in articles and known and lastmod > max(known):
            what = f"the lastmod of {address} is newer than any article"
            yield Problem("sitemap.xml", 0, 0, what, "date lists by their articles")


def future(site: Site) -> Iterator[Problem]:
    """Nothing is dated after the moment of the build."""
    for page in site.pages.values():
        for day in _dates(page) or ():
            if day > site.now:
                what = f"the page is dated {_iso(day)}, after the build's {_iso(site.now)}"
                yield page.problem(what, "mend Date or Modified, or wait until that day")


def drafts(site: Site) -> Iterator[Problem]:
    """No draft is published."""
    for page in site.pages.values():
        if page.path.startswith("drafts/") or "/drafts/" in page.path:
            yield page.problem("a draft is published", "leave DRAFT_SAVE_AS empty")


def _visible(page: Page, published: datetime, modified: datetime) -> Iterator[Problem]:
    shown = {}
    for element in page.all("//main//header//time[@datetime]"):
        moment = sitemap.moment(element.get("datetime"))
        if moment:
            shown[moment] = element
    for name, wanted in {"published": published, "modified": modified}.items():
        if wanted not in shown:
            what = f"readers do not see that it was {name} on {_iso(wanted)}"
            yield page.problem(what, "show the date in the header of the article")
            continue
        numbers = [int(number) for number in re.findall(r"[0-9]+", shown[wanted].text_content())]
        if numbers and not {wanted.year, wanted.day} <= set(numbers):
            what = f"the date reads {shown[wanted].text_content()!r} and means {_iso(wanted)}"
            yield page.problem(what, "print the date that it means", shown[wanted])


def _dates(page: Page) -> tuple[datetime, datetime] | None:
    posting = page.node("BlogPosting") or {}
    published = sitemap.moment(posting.get("datePublished", ""))
    modified = sitemap.moment(posting.get("dateModified", ""))
    return (published, modified) if published and modified else None


def _meta(page: Page, name: str) -> datetime | None:
    stated = page.meta(f"article:{name}_time")
    return sitemap.moment(stated[0]) if stated else None


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else "missing"
