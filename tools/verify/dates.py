"""What readers see and what machines are told agree, and nothing is published before its day."""

import re
from collections.abc import Iterator
from datetime import datetime

from plugins.schedule import is_future
from tools.verify import feed, sitemap
from tools.verify.page import Page, parse_date
from tools.verify.site import BuiltSite, single_spaced


def structured_data(page: Page) -> Iterator[tuple]:
    """Structured data is JSON."""
    for error in page.data[1]:
        yield f"the structured data is not JSON: {error}", "print it as JSON"


def headlines(page: Page) -> Iterator[tuple]:
    """The headline in the structured data is the title that readers see."""
    headline, shown = page.posting.get("headline", ""), "".join(page.all("(//h1)[1]//text()"))
    if page.posting and single_spaced(headline) != single_spaced(shown):
        what = f"the headline {headline!r} is not the page's <h1>"
        yield what, "give machines and readers the same"


def reviewers(page: Page) -> Iterator[tuple]:
    """A reviewer in the structured data is named in the page."""
    for node in page.data[0]:
        if "reviewedBy" in node:
            name = str(node["reviewedBy"].get("name", ""))
            if not name or name not in "".join(page.all("//main//text()")):
                what = f"the reviewer {name!r} is named to machines only"
                yield what, "name them in the page too"


def dates_in_page(page: Page) -> Iterator[tuple]:
    """Byline, structured data and cards for sharing give the same dates."""
    for index, name in enumerate(("published", "modified") if page.dates else ()):
        wanted, key = page.dates[index], f"date{name.title()}"
        card = [parse_date(date) for date in page.meta(f"article:{name}_time")] or [None]
        stated = {f"the page's article:{name}_time": (card[0], wanted)}
        for node in page.data[0]:
            if key in node:
                stated[f"the {key} of the {node.get('@type')}"] = (parse_date(node[key]), wanted)
        yield from _differences(page, stated)
        times = page.all("//main//header//time[@datetime]")
        shown = [time for time in times if parse_date(time.get("datetime")) == wanted]
        if not shown:
            what = f"readers do not see that it was {name} on {wanted.isoformat()}"
            yield what, "show the date in the header of the article"
            continue
        text = shown[-1].text_content()
        numbers = {int(number) for number in re.findall(r"[0-9]+", text)}
        if numbers and not {wanted.year, wanted.day} <= numbers:
            what = f"the date reads {text!r} and means {wanted.isoformat()}"
            yield what, "print the date that it means", shown[-1]


def dates_across(site: BuiltSite) -> Iterator[tuple]:
    """Feed and sitemap give the dates of the pages. Nothing is dated after the build."""
    lastmods, entries = sitemap.lastmods(site), feed.entries(site)
    dates = {}
    for page in site.pages.values():
        if not page.published:
            continue
        published, modified = map(datetime.fromisoformat, (page.published, page.modified))
        dates[page.address] = modified
        stated = {"the sitemap's lastmod": (lastmods.get(page.address), modified)}
        if page.address in entries:
            stated["the feed's published"] = (entries[page.address][0], published)
            stated["the feed's updated"] = (entries[page.address][1], modified)
        yield from ((page, *found) for found in _differences(page, stated))
        for date in {published, modified}:
            if is_future(date, site.now):
                what = f"the page is dated {date.isoformat()}, after the build's {site.now}"
                yield page, what, "correct Date or Modified, or wait until that day"
    for address, lastmod in lastmods.items():
        if dates and address not in dates and lastmod > max(dates.values()):
            what = f"the lastmod of {address} is newer than any article"
            yield "sitemap.xml", what, "date lists by their articles"


def drafts(site: BuiltSite) -> Iterator[tuple]:
    """No draft is published."""
    for page in site.pages.values():
        if "/drafts/" in f"/{page.path}":
            yield page, "a draft is published", "leave DRAFT_SAVE_AS empty"


def _differences(page, stated: dict[str, tuple]) -> Iterator[tuple]:
    """Yield where other dates are `stated` than wanted."""
    for where, (found, wanted) in stated.items():
        if found != wanted and (found or page.is_indexed):
            found = found.isoformat() if found else "missing"
            what = f"{where} is {found}, the structured data has {wanted.isoformat()}"
            yield what, "give the same date everywhere"


PAGE_RULES = (structured_data, headlines, reviewers, dates_in_page)
RULES = (dates_across, drafts)
