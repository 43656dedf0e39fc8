"""What each page tells about itself: language, title, description, address, headings, ids."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from plugins.rules.fields import SUMMARY_LENGTH, SUMMARY_LIMITS, TITLE_LENGTH
from tools.verify.page import Page
from tools.verify.site import BuiltSite

# What is wrong in a page, what to report and how to fix it.
_RULES = (
    (
        "/html[not(re:test(string(@lang), '^[a-z]{2,3}(-[a-z0-9]{2,8})*$', 'i'))]",
        "the page's language is {lang!r}",
        "set DEFAULT_LANG or Lang, such as en-US",
    ),
    ("/html[not(//h1)]", "the page has no <h1>", "keep one: the title"),
    ("/html[count(//h1) > 1]", "the page has more than one <h1>", "keep one: the title"),
    (
        "//meta[@property='og:url' or @property='og:image' or @name='twitter:image']"
        "[not(contains(@content, '://'))]",
        "{property}{name} is {content!r}, which works on this site only",
        "write the absolute address",
    ),
    (
        r"//a[re:test(@href, '^\s*(javascript|vbscript|file):', 'i')]",
        "the link {href:.40} runs a script or opens a file of the reader",
        "take it out",
    ),
    (
        "//script[not(@src) and not(@type='application/ld+json')]",
        "a script in the page",
        "put it into a file of the theme",
    ),
    (
        "//*[@style or @*[starts-with(name(), 'on')]]",
        "<{tag}> has a style or script of its own, which the policy blocks",
        "use a class, or a file of the theme",
    ),
)


def form(page: Page) -> Iterator[tuple]:
    """Each page names its language, has one level-1 heading, ids that are used once, absolute
    addresses where a link to it is shared, and no code or style of its own in the HTML."""
    yield from page.violations(_RULES)
    for name, count in Counter(page.ids).items():
        if count > 1 or not re.fullmatch(r"\S+", name):
            what = f"duplicate id {name!r} ({count} times)" if count > 1 else f"the id {name!r}"
            yield what, "give each element its own id, without spaces"


def canonicals(page: Page) -> Iterator[tuple]:
    """Each page that may be listed names its own absolute address, once; others name none."""
    if page.is_moved:
        if len(page.canonical) != 1:
            yield "a moved page must name the new address", "add a canonical link"
    elif page.is_indexed and page.canonical != [page.address]:
        what = f"its canonical address is {', '.join(page.canonical) or 'nothing'}"
        yield what, f"it has to be {page.address}, once"
    elif not page.is_indexed and page.canonical:
        yield "it hides from search engines and names a canonical address", "drop one of the two"
    for stated in page.meta("og:url"):
        if stated != page.address:
            yield f"og:url is {stated}", f"it has to be {page.address}"


def named(page: Page) -> Iterator[tuple]:
    """Each page that may be listed has one title and one description."""
    kinds = {"title": page.titles, "description": page.meta("description")}
    for kind, values in kinds.items() if page.is_indexed else ():
        if len(values) != 1 or not values[0].strip():
            yield f"the page has {len(values)} {kind}s", f"give it one {kind}"


def lengths(page: Page) -> Iterator[tuple]:
    """Warning: titles and descriptions are of a length that search engines show in full."""
    for title in page.titles if page.is_indexed else ():
        if len(title) > TITLE_LENGTH:
            what = f"the title has {len(title)} characters, and about {TITLE_LENGTH} are shown"
            yield what, "begin with the main thing"
    for text in page.meta("description") if page.is_indexed else ():
        if len(text) not in SUMMARY_LENGTH:
            yield f"the description has {len(text)} characters", f"write {SUMMARY_LIMITS}"


def unique(site: BuiltSite) -> Iterator[tuple]:
    """No two pages have the same title or description."""
    for kind in ("title", "description"):
        holders = defaultdict(list)
        for page in site.indexed:
            holders[getattr(page, kind)].append(page)
        holders.pop("", None)
        for first, *others in holders.values():
            for page in others:
                yield page, f"the same {kind} as {first.path}", f"give each page its own {kind}"


PAGE_RULES = (form, canonicals, named)
PAGE_WARNINGS = (lengths,)
RULES = (unique,)
