"""The sitemap and the links between translations.

https://www.sitemaps.org/protocol.html, https://www.sitemaps.org/schemas/sitemap/0.9/sitemap.xsd and
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from plugins.addresses import absolute_url
from tools.verify.page import NAMESPACES, parse_date
from tools.verify.site import BuiltSite, alternates

MOST_ADDRESSES, MOST_BYTES, LONGEST = 50_000, 50 * 2**20, 2048
_RULES = (
    ("/*[not(self::s:urlset)]", "the root is <{tag}>", "it has to be the protocol's <urlset>"),
    ("/*/*[not(self::s:url)]", "<{tag}> is among the addresses", "remove it"),
)
_ORDER = "loc( lastmod)?( changefreq)?( priority)?"


def form(site: BuiltSite) -> Iterator[tuple]:
    """The sitemap is as the protocol's schema asks, within its limits."""
    yield from ((site.sitemap, *found) for found in site.sitemap.violations(_RULES))
    urls = _urls(site)
    for url, _, _ in urls:
        parts = (etree.QName(child) for child in url)
        names = " ".join(part.localname for part in parts if part.namespace == NAMESPACES["s"])
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


def complete(site: BuiltSite) -> Iterator[tuple]:
    """It lists the canonical address of every page that may be listed, once, and nothing else."""
    excluded = site.settings.get("SITEMAP", {}).get("exclude", [])
    everything = {page.address for page in site.pages.values()}
    wanted = {}
    for page in site.indexed:
        path = page.path.removesuffix("index.html")
        if not any(re.search(pattern, path) for pattern in excluded):
            wanted[page.address] = page
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
            what = "the sitemap names other translations than the page"
            yield page, what, "name the same in both"
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


def lastmods(site: BuiltSite) -> dict[str, datetime]:
    """Return when each listed page was last modified, according to the sitemap."""
    return {address: lastmod for _, address, lastmod in _urls(site) if lastmod}


def _urls(site: BuiltSite) -> list[tuple]:
    """Return (element, address, when it was last modified) of each page in the sitemap."""
    return [
        (url, (url.findtext("{*}loc") or "").strip(), parse_date(url.findtext("{*}lastmod")))
        for url in site.sitemap.all("/*/s:url")
    ]


RULES = (form, complete, robots, translations)
