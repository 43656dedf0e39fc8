"""The feed keeps the rules of Atom: https://www.rfc-editor.org/rfc/rfc4287"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from plugins.problems import Problem
from tools.verify.site import Site

ATOM = "{http://www.w3.org/2005/Atom}"
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TYPES = {"text", "html", "xhtml"}


def well_formed(site: Site) -> Iterator[Problem]:
    """The feed is there and is XML."""
    root, error = site.feed.root, site.feed.error
    if "feed.xml" not in site.files:
        yield Problem("feed.xml", 0, 0, "the feed is missing", "set FEED_ATOM")
    elif error:
        yield Problem("feed.xml", error.lineno or 0, 0, f"not XML: {error.msg}", "escape it")
    elif root.tag != f"{ATOM}feed":
        yield _problem(root, f"the root is {root.tag}", f"it has to be {ATOM}feed (4.1.1)")


def complete(site: Site) -> Iterator[Problem]:
    """The feed and each entry have the elements that the RFC asks for, as often as it allows."""
    feed = site.feed.root
    if feed is None:
        return
    entries = feed.findall(f"{ATOM}entry")
    for holder in (feed, *entries):
        for name in ("id", "title", "updated"):
            count = len(holder.findall(f"{ATOM}{name}"))
            if count != 1:
                yield _problem(holder, f"{count} <{name}>", "write it once (4.1.1, 4.1.2)")
        for name in ("published", "summary", "content", "rights", "subtitle"):
            if len(holder.findall(f"{ATOM}{name}")) > 1:
                yield _problem(holder, f"more than one <{name}>", "keep one (4.1.1, 4.1.2)")
    for entry in entries:
        links = {link.get("rel", "alternate") for link in entry.iterfind(f"{ATOM}link")}
        if entry.find(f"{ATOM}content") is None and "alternate" not in links:
            yield _problem(entry, "an entry without content and link", "link to it (4.1.2)")
        if entry.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
            yield _problem(entry, "nobody is the author", "name one (4.1.2)")


def people(site: Site) -> Iterator[Problem]:
    """Whoever is named has a name (3.2.1)."""
    for person in _all(site, "author", "contributor"):
        names = person.findall(f"{ATOM}name")
        if len(names) != 1 or not (names[0].text or "").strip():
            yield _problem(person, f"an {_name(person)} without a name", "name them (3.2.1)")


def ids(site: Site) -> Iterator[Problem]:
    """Each id is a whole address of its own (4.2.6)."""
    found = list(_all(site, "id"))
    for element in found:
        if not _ABSOLUTE.fullmatch(element.text or ""):
            yield _problem(element, f"the id {element.text!r}", "make it a whole address (4.2.6)")
    for text, count in Counter(element.text for element in found).items():
        if count > 1:
            yield Problem(
                "feed.xml", 0, 0, f"the id {text} stands {count} times", "make them differ"
            )


def dates(site: Site) -> Iterator[Problem]:
    """Dates have a time and a zone (3.3), and nothing is changed before it is published."""
    for element in _all(site, "updated", "published"):
        if date(element.text) is None:
            yield _problem(element, f"the date {element.text!r}", "as 2026-11-23T00:00:00Z (3.3)")
    feed = site.feed.root
    for entry in [] if feed is None else feed.iterfind(f"{ATOM}entry"):
        published = date(entry.findtext(f"{ATOM}published"))
        updated = date(entry.findtext(f"{ATOM}updated"))
        if published and updated and updated < published:
            yield _problem(entry, "updated before it was published", "mend Date or Modified")
        whole_feed = date(feed.findtext(f"{ATOM}updated"))
        if updated and whole_feed and whole_feed < updated:
            yield _problem(entry, "newer than the feed says it is", "take the newest date (4.2.15)")


def links(site: Site) -> Iterator[Problem]:
    """Links are whole addresses, the feed names itself, no two say the same (4.1.1, 4.2.7)."""
    for link in _all(site, "link"):
        if not _ABSOLUTE.fullmatch(link.get("href", "")):
            yield _problem(link, f"the link {link.get('href')!r}", "write the whole address")
        elif site.context.is_own(link.get("href")):
            target = site.context.resolve(link.get("href"))
            wrong = site.missing(target) if target else ""
            if wrong:
                yield _problem(link, f"the link {link.get('href')} {wrong}", "mend the link")
    feed = site.feed.root
    if feed is None:
        return
    itself = [link.get("href") for link in feed.iterfind(f'{ATOM}link[@rel="self"]')]
    if itself != [f"{site.address}feed.xml"]:
        yield _problem(feed, "the feed does not name itself", f"self: {site.address}feed.xml")
    for holder in (feed, *feed.iterfind(f"{ATOM}entry")):
        alternates = Counter(
            (link.get("type"), link.get("hreflang"))
            for link in holder.iterfind(f"{ATOM}link")
            if link.get("rel", "alternate") == "alternate"
        )
        if any(count > 1 for count in alternates.values()):
            yield _problem(holder, "two alternate links of one kind", "keep one (4.1.1, 4.1.2)")


def texts(site: Site) -> Iterator[Problem]:
    """Texts are of a known type (3.1.1), categories have a term (4.2.2)."""
    for element in _all(site, "title", "summary", "subtitle", "rights", "content"):
        kind = element.get("type", "text")
        if kind not in _TYPES and not (_name(element) == "content" and "/" in kind):
            yield _problem(element, f"the type {kind!r}", "use text, html or xhtml (3.1.1)")
        if kind == "text" and len(element):
            yield _problem(element, "markup inside plain text", "escape it (3.1.1)")
    for category in _all(site, "category"):
        if not category.get("term"):
            yield _problem(category, "a category without a term", "give it one (4.2.2)")


def entries(site: Site) -> Iterator[Problem]:
    """Each entry is a page of the site that may be listed."""
    listed = {page.address for page in site.indexed}
    for address, (_, _, entry) in moments(site).items():
        if address not in listed:
            yield _problem(entry, f"{address} is no page to be listed", "take it out of the feed")


def moments(site: Site) -> dict[str, tuple]:
    """Return (published, updated, element) of each entry by the address of its page."""
    feed = site.feed.root
    found = {}
    for entry in [] if feed is None else feed.iterfind(f"{ATOM}entry"):
        for link in entry.iterfind(f"{ATOM}link"):
            if link.get("rel", "alternate") == "alternate":
                published = date(entry.findtext(f"{ATOM}published"))
                updated = date(entry.findtext(f"{ATOM}updated"))
                found[link.get("href")] = (published, updated, entry)
    return found


def date(text: str | None) -> datetime | None:
    """Return the time that an Atom date means, or None if it is not one."""
    try:
        return datetime.fromisoformat(text) if _DATE.fullmatch(text or "") else None
    except ValueError:
        return None


def _all(site: Site, *names: str):
    feed = site.feed.root
    if feed is not None:
        yield from feed.iter(*(f"{ATOM}{name}" for name in names))


def _name(element) -> str:
    return element.tag.removeprefix(ATOM)


def _problem(element, what: str, fix: str) -> Problem:
    return Problem("feed.xml", element.sourceline or 0, 0, what, fix)
