"""What each page says about itself: language, title, description, address, headings, ids."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from plugins.problems import Problem
from tools.verify.facts import normal
from tools.verify.page import Page
from tools.verify.site import Site

TITLE_MOST = 60
DESCRIPTION_LENGTHS = (120, 155)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


def languages(page: Page) -> Iterator[Problem]:
    """Each page names its language by a BCP 47 tag."""
    if not _LANGUAGE.fullmatch(page.lang):
        what = f"the page's language is {page.lang!r}"
        yield page.problem(what, "set DEFAULT_LANG or Lang, such as en-US")


def headings(page: Page) -> Iterator[Problem]:
    """Each page has one first-level heading."""
    count = len(page.all("//h1"))
    if count != 1:
        yield page.problem(f"the page has {count} <h1>", "keep one: the title")


def ids(page: Page) -> Iterator[Problem]:
    """An id names one element only."""
    for name, count in Counter(page.ids).items():
        if count > 1 or not name or re.search(r"\s", name):
            what = f"the id {name!r} stands {count} times" if count > 1 else f"the id {name!r}"
            yield page.problem(what, "give each element an id of its own, without spaces")


def canonicals(page: Page) -> Iterator[Problem]:
    """Each page that may be listed names its own absolute address, once; others name none."""
    if page.moved:
        if len(page.canonical) != 1:
            yield page.problem("a moved page must name the new address", "add a canonical link")
    elif page.indexed and page.canonical != [page.address]:
        said = ", ".join(page.canonical) or "nothing"
        yield page.problem(f"its canonical address is {said}", f"it has to be {page.address}, once")
    elif not page.indexed and page.canonical:
        yield page.problem(
            "it hides from search engines and names a canonical address", "drop one of the two"
        )
    for stated in page.meta("og:url"):
        if stated != page.address:
            yield page.problem(f"og:url is {stated}", f"it has to be {page.address}")


def named(page: Page) -> Iterator[Problem]:
    """Each page that may be listed has one title and one description."""
    kinds = {"title": page.titles, "description": page.meta("description")}
    for kind, values in kinds.items() if page.indexed else ():
        if len(values) != 1 or not normal(values[0]):
            yield page.problem(f"the page has {len(values)} {kind}s", f"give it one {kind}")


def lengths(page: Page) -> Iterator[Problem]:
    """Advice: titles and descriptions of a length that search engines show whole."""
    least, most = DESCRIPTION_LENGTHS
    for title in page.titles if page.indexed else ():
        if len(title) > TITLE_MOST:
            what = f"the title has {len(title)} characters, and about {TITLE_MOST} are shown"
            yield page.problem(what, "say the main thing first")
    for text in page.meta("description") if page.indexed else ():
        if not least <= len(text) <= most:
            what = f"the description has {len(text)} characters"
            yield page.problem(what, f"{least} to {most} are best")


def unique(site: Site) -> Iterator[Problem]:
    """No two pages have the same title or description."""
    for kind in ("title", "description"):
        holders = defaultdict(list)
        for page in site.indexed:
            holders[getattr(page, kind)].append(page)
        holders.pop("", None)
        for pages in holders.values():
            for page in pages[1:]:
                what = f"the same {kind} as {pages[0].path}"
                yield page.problem(what, f"give each page a {kind} of its own")
