"""The feed keeps the rules of Atom: https://www.rfc-editor.org/rfc/rfc4287"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import lxml.html

from tools.verify.page import parse_date
from tools.verify.site import BuiltSite

_ABSOLUTE = "[a-z][a-z0-9+.-]*:"
_HOLDERS = "(/a:feed | /a:feed/a:entry)"
_PEOPLE = "(//a:author | //a:contributor)"
_TEXTS = "(//a:title | //a:summary | //a:subtitle | //a:rights | //a:content)"
_ALTERNATE = "a:link[not(@rel) or @rel = 'alternate']"
_DATE = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
# What is wrong in XML, what to report and how to fix it; the numbers are the RFC's sections.
_RULES = (
    ("/*[not(self::a:feed)]", "the root is <{tag}>", "it has to be Atom's <feed> (4.1.1)"),
    *(
        (f"{_HOLDERS}[count(a:{name}) != 1]", f"not exactly one <{name}>", "write it once (4.1.1)")
        for name in ("id", "title", "updated")
    ),
    *(
        (f"{_HOLDERS}[count(a:{name}) > 1]", f"more than one <{name}>", "keep one (4.1.1)")
        for name in ("published", "summary", "content", "rights", "subtitle")
    ),
    (f"{_HOLDERS}[count({_ALTERNATE}) > 1]", "more than one alternate link", "keep one (4.1.1)"),
    (f"//a:entry[not(a:content|{_ALTERNATE})]", "no content and no link", "link to it (4.1.2)"),
    ("//a:entry[not(a:author|/a:feed/a:author)]", "the entry has no author", "name one (4.1.2)"),
    (f"{_PEOPLE}[count(a:name) != 1]", "the {tag} is without a name", "write one name (3.2.1)"),
    (f"{_PEOPLE}/a:name[not(normalize-space())]", "a <name> without a name", "name them (3.2.1)"),
    (
        rf"//a:id[not(re:test(., '^{_ABSOLUTE}\S+$', 'i'))]",
        "the id {text!r} is not an absolute address",
        "write one (4.2.6)",
    ),
    (
        f"(//a:updated | //a:published)[not(re:test(., '{_DATE}'))]",
        "the date {text!r} has another form",
        "write it as 2026-11-23T00:00:00Z (3.3)",
    ),
    (
        f"{_TEXTS}[@type and not(re:test(@type, '^(text|x?html)$') or self::a:content and "
        "contains(@type, '/'))]",
        "the type {type!r} is unknown",
        "use text, html or xhtml (3.1.1)",
    ),
    (f"{_TEXTS}[not(@type) or @type = 'text'][*]", "markup inside plain text", "escape it (3.1.1)"),
    ("//a:category[string(@term) = '']", "a category without a term", "give it one (4.2.2)"),
)


def form(site: BuiltSite) -> Iterator[tuple]:
    """The feed is as the RFC asks, each id is used once, and the feed names itself."""
    yield from ((site.feed, *found) for found in site.feed.violations(_RULES))
    for text, count in Counter(site.feed.all("//a:id/text()")).items():
        if count > 1:
            yield site.feed, f"duplicate id {text} ({count} times)", "make them differ"
    own = f"{site.context.address}feed.xml"
    if site.feed.tree is not None and site.feed.all("/*/a:link[@rel='self']/@href") != [own]:
        yield site.feed, "the feed does not name itself", f"add the link self: {own}"


def dates(site: BuiltSite) -> Iterator[tuple]:
    """Nothing is modified before it is published, or after the feed."""
    newest = parse_date(next(iter(site.feed.all("/a:feed/a:updated/text()")), ""))
    for published, updated, entry in entries(site).values():
        if published and updated and updated < published:
            yield site.feed, "updated before it was published", "correct Date or Modified", entry
        if newest and updated and newest < updated:
            fix = "take the newest date (4.2.15)"
            yield site.feed, "the entry is newer than the feed", fix, entry


def links(site: BuiltSite) -> Iterator[tuple]:
    """Links of the feed and of the articles in it are absolute, since they are read elsewhere, and
    lead to what is there (4.2.7)."""
    found = [(link, link.get("href", "")) for link in site.feed.all("//a:link")]
    for content in site.feed.all("//a:content[normalize-space()]"):
        body = lxml.html.fragment_fromstring(content.text or "", create_parent="div")
        found += [(content, address) for _, _, address, _ in body.iterlinks()]
    for element, address in found:
        if not re.match(_ABSOLUTE, address, re.IGNORECASE):
            what = f"the link {address!r} works on this site only"
            yield site.feed, what, "write the absolute address", element
        elif what := site.broken(address, site.context.resolve(address)):
            yield site.feed, what, "correct the link", element


def listed(site: BuiltSite) -> Iterator[tuple]:
    """Each entry is a page of the site that may be listed."""
    pages = {page.address for page in site.indexed}
    for address, (_, _, entry) in entries(site).items():
        if address not in pages:
            what = f"{address} is not a page to be listed"
            yield site.feed, what, "take it out of the feed", entry


def entries(site: BuiltSite) -> dict[str, tuple[datetime | None, datetime | None, object]]:
    """Return (published, updated, element) of each entry by the address of its page."""
    found = {}
    for link in site.feed.all(f"/a:feed/a:entry/{_ALTERNATE}"):
        entry = link.getparent()
        dates = [parse_date(entry.findtext(f"{{*}}{name}")) for name in ("published", "updated")]
        found[link.get("href")] = (*dates, entry)
    return found


RULES = (form, dates, links, listed)
