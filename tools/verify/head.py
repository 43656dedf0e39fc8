"""What each page tells about itself, and that what readers see and machines are told agree."""

import re
from collections import Counter
from collections.abc import Iterator

from plugins.rules.fields import SUMMARY_LENGTH, SUMMARY_LIMITS, TITLE_LENGTH
from tools.verify.page import Page, date_differences, parse_date
from tools.verify.site import BuiltSite, single_spaced

_NO_LANG = "/html[not(re:test(@lang, '^[a-z]{2,3}(-[a-z0-9]{2,8})*$', 'i'))]"
_CARD = "@property='og:url' or @property='og:image' or @name='twitter:image'"
_RELATIVE = f"//meta[{_CARD}][not(contains(@content, '://'))]"
_SCHEME = r"//a[re:test(@href, '^\s*(javascript|vbscript|file):', 'i')]"
_SCRIPT = "//script[not(@src or @type='application/ld+json')]"
_OWN = "<{tag}> has a style or script of its own, which the policy blocks"
# What is wrong in a page, what to report and how to fix it.
_RULES = (
    (_NO_LANG, "the page's language is {lang!r}", "set DEFAULT_LANG or Lang, such as en-US"),
    ("/html[not(//h1)]", "the page has no <h1>", "keep one: the title"),
    ("/html[count(//h1) > 1]", "the page has more than one <h1>", "keep one: the title"),
    (_RELATIVE, "{property}{name} is relative: {content!r}", "write an absolute address"),
    (_SCHEME, "the link {href:.40} runs a script or opens a file of the reader", "take it out"),
    (_SCRIPT, "a script in the page", "put it into a file of the theme"),
    ("//*[@style or @*[starts-with(name(), 'on')]]", _OWN, "use a class, or a file of the theme"),
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
    for stated in set(page.meta("og:url")) - {page.address}:
        yield f"og:url is {stated}", f"it has to be {page.address}"


def named(page: Page) -> Iterator[tuple]:
    """Each page that may be listed has one title and one description."""
    kinds = {"title": page.titles, "description": page.meta("description")}
    for kind, values in kinds.items() if page.is_indexed else ():
        if len(values) != 1 or not values[0].strip():
            yield f"the page has {len(values)} {kind}s", f"give it one {kind}"


def structured_data(page: Page) -> Iterator[tuple]:
    """Structured data is JSON. Its headline is the title that readers see, and a reviewer in it is
    named in the page."""
    for error in page.data[1]:
        yield f"the structured data is not JSON: {error}", "print it as JSON"
    headline, shown = page.posting.get("headline", ""), "".join(page.all("(//h1)[1]//text()"))
    if page.posting and single_spaced(headline) != single_spaced(shown):
        yield f"the headline {headline!r} is not the page's <h1>", "give both the same text"
    for reviewer in [node["reviewedBy"] for node in page.data[0] if "reviewedBy" in node]:
        name = str(reviewer.get("name", ""))
        if not name or name not in "".join(page.all("//main//text()")):
            yield f"the reviewer {name!r} is named to machines only", "name them in the page too"


def dates(page: Page) -> Iterator[tuple]:
    """Byline, structured data and cards for sharing give the same dates."""
    for wanted, name in zip(page.dates or (), ("published", "modified"), strict=False):
        key = f"date{name.title()}"
        card = [parse_date(date) for date in page.meta(f"article:{name}_time")] or [None]
        stated = {f"the page's article:{name}_time": (card[0], wanted)}
        for node in page.data[0]:
            if key in node:
                stated[f"the {key} of the {node.get('@type')}"] = (parse_date(node[key]), wanted)
        yield from date_differences(page, stated)
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
    """No two pages of a language have the same title or description."""
    for kind in ("title", "description"):
        holders = {}
        for page in site.indexed:
            first = holders.setdefault((page.lang, getattr(page, kind)), page)
            if getattr(page, kind) and first is not page:
                yield page, f"the same {kind} as {first.path}", f"give each page its own {kind}"
