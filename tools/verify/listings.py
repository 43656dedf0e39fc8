"""What machines read about the site: its feed, its sitemap and robots.txt, and that all agree.

The feed keeps the rules of Atom, https://www.rfc-editor.org/rfc/rfc4287, the sitemap those of
https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import lxml.html
from lxml import etree

from plugins.addresses import absolute_url
from plugins.schedule import is_future
from tools.verify.page import NAMESPACES, date_differences, parse_date
from tools.verify.site import BuiltSite, alternates

_ABSOLUTE = "[a-z][a-z0-9+.-]*:"
_HOLDERS = "(/a:feed | /a:feed/a:entry)"
_PEOPLE = "(//a:author | //a:contributor)"
_TEXTS = "(//a:title | //a:summary | //a:subtitle | //a:rights | //a:content)"
_ALTERNATE = "a:link[not(@rel) or @rel = 'alternate']"
_NO_ADDRESS = rf"//a:id[not(re:test(., '^{_ABSOLUTE}\S+$', 'i'))]"
_DATE = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
_NO_DATE = f"(//a:updated | //a:published)[not(re:test(., '{_DATE}'))]"
_TYPES = "re:test(@type, '^(text|x?html)$') or self::a:content and contains(@type, '/')"
_NO_TYPE = f"{_TEXTS}[@type and not({_TYPES})]"
# What is wrong in XML, what to report and how to fix it; the numbers are the RFC's sections.
_FEED_RULES = (
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
    (_NO_ADDRESS, "the id {text!r} is not an absolute address", "write one (4.2.6)"),
    (_NO_DATE, "the date {text!r} has another form", "write it as 2026-11-23T00:00:00Z (3.3)"),
    (_NO_TYPE, "the type {type!r} is unknown", "use text, html or xhtml (3.1.1)"),
    (f"{_TEXTS}[not(@type) or @type = 'text'][*]", "markup inside plain text", "escape it (3.1.1)"),
    ("//a:category[string(@term) = '']", "a category without a term", "give it one (4.2.2)"),
)
MOST_ADDRESSES, MOST_BYTES, LONGEST = 50_000, 50 * 2**20, 2048
_SITEMAP_RULES = (
    ("/*[not(self::s:urlset)]", "the root is <{tag}>", "it has to be the protocol's <urlset>"),
    ("/*/*[not(self::s:url)]", "<{tag}> is among the addresses", "remove it"),
)
_ORDER = "loc( lastmod)?( changefreq)?( priority)?"


def feed_form(site: BuiltSite) -> Iterator[tuple]:
    """The feed is as the RFC asks, each id is used once, and the feed names itself."""
    yield from ((site.feed, *found) for found in site.feed.violations(_FEED_RULES))
    for text, count in Counter(site.feed.all("//a:id/text()")).items():
        if count > 1:
            yield site.feed, f"duplicate id {text} ({count} times)", "make them differ"
    own = f"{site.context.address}feed.xml"
    if site.feed.tree is not None and site.feed.all("/*/a:link[@rel='self']/@href") != [own]:
        yield site.feed, "the feed does not name itself", f"add the link self: {own}"


def feed_entries(site: BuiltSite) -> Iterator[tuple]:
    """Each entry is a page that may be listed, and its dates are in order."""
    pages = {page.address for page in site.indexed}
    newest = parse_date(next(iter(site.feed.all("/a:feed/a:updated/text()")), ""))
    for address, (published, updated, entry) in _entries(site).items():
        if address not in pages:
            yield site.feed, f"{address} is not a page to be listed", "take it out", entry
        if published and updated and updated < published:
            yield site.feed, "updated before it was published", "correct Date or Modified", entry
        if newest and updated and newest < updated:
            yield site.feed, "the entry is newer than the feed", "take the newest (4.2.15)", entry


def feed_links(site: BuiltSite) -> Iterator[tuple]:
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


def sitemap_form(site: BuiltSite) -> Iterator[tuple]:
    """The sitemap is as the protocol's schema asks, within its limits."""
    yield from ((site.sitemap, *found) for found in site.sitemap.violations(_SITEMAP_RULES))
    urls = _urls(site)
    for url, _, _ in urls:
        names = " ".join(etree.QName(part).localname for part in url.iterfind("s:*", NAMESPACES))
        if not re.fullmatch(_ORDER, names):
            fix = f"each at most once, in this order: {re.sub('[()?]', '', _ORDER)}"
            yield site.sitemap, f"an entry has the parts {names or 'none'}", fix, url
    for lastmod in site.sitemap.all("//s:lastmod"):
        if parse_date(lastmod.text) is None:
            fix = "write it as 2026-11-23T00:00:00+00:00"
            yield site.sitemap, f"lastmod is {lastmod.text!r}", fix, lastmod
    size = site.files["sitemap.xml"].stat().st_size if urls else 0
    if size > MOST_BYTES or len(urls) > MOST_ADDRESSES:
        what = f"more than {MOST_ADDRESSES} addresses or {MOST_BYTES >> 20} MB"
        yield site.sitemap, what, "split the sitemap"


def sitemap_pages(site: BuiltSite) -> Iterator[tuple]:
    """It lists the canonical address of every page that may be listed, once, and nothing else."""
    excluded = site.settings.get("SITEMAP", {}).get("exclude", [])
    everything = {page.address for page in site.pages.values()}
    paths = {page.path.removesuffix("index.html"): page for page in site.indexed}
    found = [path for path in paths if not any(re.search(each, path) for each in excluded)]
    wanted = {paths[path].address: paths[path] for path in found}
    listed = Counter(address for _, address, _ in _urls(site))
    for address, count in listed.items():
        if count > 1:
            yield site.sitemap, f"{address} is listed {count} times", "list it once"
        if len(address) >= LONGEST:
            yield site.sitemap, f"{address[:60]}… is too long", "shorten the slug"
        if address not in wanted:
            why = "is not the canonical address of a page here"
            if address in everything:
                why = "is a page that hides from search engines, or that SITEMAP excludes"
            yield site.sitemap, f"{address} {why}", "take it out"
    for address in wanted.keys() - listed.keys():
        yield wanted[address], "the sitemap lacks this page", "list it in sitemap.xml"


def robots(site: BuiltSite) -> Iterator[tuple]:
    """robots.txt names the sitemap by its absolute address, and closes nothing."""
    lines = [line.split("#")[0].strip() for line in site.read("robots.txt").splitlines()]
    own = f"Sitemap: {absolute_url(site.context.address, 'sitemap.xml')}"
    if own not in lines:
        yield "robots.txt", "robots.txt does not name the sitemap", f"add: {own}"
    if any(re.fullmatch(r"(?i)disallow:\s*/", line) for line in lines):
        yield "robots.txt", "robots.txt closes the whole site", "write: Disallow:"


def translations(site: BuiltSite) -> Iterator[tuple]:
    """A page with translations names each of them, itself and the default, and they name it."""
    listed = {address: alternates(url.iterfind("{*}link")) for url, address, _ in _urls(site)}
    groups = {page.address: dict(page.translations) for page in site.indexed}
    for page in site.indexed:
        group = groups[page.address]
        if listed.get(page.address) and listed[page.address] != group:
            yield page, "the sitemap names other translations than the page", "name the same"
        if group and group.get(page.lang) != page.address:
            what = f"it names translations, but not itself as {page.lang!r}"
            yield page, what, f"add hreflang={page.lang!r}"
        if group and "x-default" not in group:
            yield page, "its translations lack x-default", "name the default language's"
        for code, address in group.items():
            if address not in groups:
                what = f"its translation {code} is {address}, which does not exist"
                yield page, what, "correct the address"
            elif page.address not in groups[address].values():
                what = f"{address} does not name this page as its translation"
                yield page, what, "link both ways"


def dates(site: BuiltSite) -> Iterator[tuple]:
    """Feed and sitemap give the dates of the pages. Nothing is dated after the build."""
    lastmods = {address: lastmod for _, address, lastmod in _urls(site) if lastmod}
    entries, known = _entries(site), {}
    for page in site.pages.values():
        if not page.published:
            continue
        published, modified = map(datetime.fromisoformat, (page.published, page.modified))
        known[page.address] = modified
        stated = {"the sitemap's lastmod": (lastmods.get(page.address), modified)}
        if page.address in entries:
            stated["the feed's published"] = (entries[page.address][0], published)
            stated["the feed's updated"] = (entries[page.address][1], modified)
        yield from ((page, *found) for found in date_differences(page, stated))
        for date in {published, modified}:
            if is_future(date, site.now):
                what = f"the page is dated {date.isoformat()}, after the build's {site.now}"
                yield page, what, "correct Date or Modified, or wait until that day"
    for address, lastmod in lastmods.items():
        if known and address not in known and lastmod > max(known.values()):
            what = f"the lastmod of {address} is newer than any article"
            yield "sitemap.xml", what, "date lists by their articles"


def _entries(site: BuiltSite) -> dict[str, tuple[datetime | None, datetime | None, object]]:
    """Return (published, updated, element) of each entry by the address of its page."""
    found = {}
    for link in site.feed.all(f"/a:feed/a:entry/{_ALTERNATE}"):
        entry = link.getparent()
        dates = [parse_date(entry.findtext(f"{{*}}{name}")) for name in ("published", "updated")]
        found[link.get("href")] = (*dates, entry)
    return found


def _urls(site: BuiltSite) -> list[tuple]:
    """Return (element, address, when it was last modified) of each page in the sitemap."""
    return [
        (url, (url.findtext("{*}loc") or "").strip(), parse_date(url.findtext("{*}lastmod")))
        for url in site.sitemap.all("/*/s:url")
    ]
