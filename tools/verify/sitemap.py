"""The sitemap and the links between translations.

https://www.sitemaps.org/protocol.html, https://www.sitemaps.org/schemas/sitemap/0.9/sitemap.xsd and
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from plugins.problems import Problem
from tools.verify.facts import alternates
from tools.verify.page import moment
from tools.verify.site import Site

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
MOST_ADDRESSES, MOST_BYTES, LONGEST = 50_000, 50 * 2**20, 2048
_ORDER = ["loc", "lastmod", "changefreq", "priority"]


def well_formed(site: Site) -> Iterator[Problem]:
    """The sitemap is XML in UTF-8, within the protocol's limits."""
    file, error = site.files.get("sitemap.xml"), site.sitemap.error
    if file is None:
        yield Problem("sitemap.xml", 0, 0, "the sitemap is missing", "keep the plugin `sitemap`")
        return
    if error:
        yield Problem("sitemap.xml", error.lineno or 0, 0, f"not XML: {error.msg}", "escape it")
    if file.stat().st_size > MOST_BYTES or len(_urls(site)) > MOST_ADDRESSES:
        what = f"more than {MOST_ADDRESSES} addresses or {MOST_BYTES >> 20} MB"
        yield Problem("sitemap.xml", 0, 0, what, "split the sitemap")


def valid(site: Site) -> Iterator[Problem]:
    """It holds by the protocol's schema."""
    root = site.sitemap.root
    if root is None:
        return
    if root.tag != f"{NAMESPACE}urlset":
        yield _problem(root, f"the root is {root.tag}", f"it has to be {NAMESPACE}urlset")
    for url in root:
        if url.tag != f"{NAMESPACE}url":
            yield _problem(url, f"{url.tag} stands among the addresses", "drop it")
            continue
        names = [
            child.tag.removeprefix(NAMESPACE) for child in url if child.tag.startswith(NAMESPACE)
        ]
        known = [name for name in _ORDER if name in names]
        if names != known or names[:1] != ["loc"]:
            what = f"an entry has the parts {', '.join(names) or 'none'}"
            yield _problem(url, what, f"each at most once, in this order: {', '.join(_ORDER)}")
        lastmod = url.findtext(f"{NAMESPACE}lastmod")
        if lastmod is not None and moment(lastmod) is None:
            yield _problem(url, f"lastmod is {lastmod!r}", "write it as 2026-11-23T00:00:00+00:00")


def complete(site: Site) -> Iterator[Problem]:
    """It lists the canonical address of every page that may be listed, once, and nothing else."""
    excluded = site.settings.get("SITEMAP", {}).get("exclude", [])
    wanted = {}
    for page in site.indexed:
        path = re.sub(r"(^|/)index\.html$", r"\1", page.path)
        if not any(re.search(pattern, path) for pattern in excluded):
            wanted[page.address] = page
    listed = Counter(_locations(site))
    for address, count in listed.items():
        if count > 1:
            yield Problem("sitemap.xml", 0, 0, f"{address} stands {count} times", "list it once")
        if len(address) >= LONGEST:
            yield Problem("sitemap.xml", 0, 0, f"{address[:60]}… is too long", "shorten the slug")
        if address not in wanted:
            why = "is not the canonical address of a page here"
            if any(page.address == address for page in site.pages.values()):
                why = "is a page that hides from search engines, or that SITEMAP excludes"
            yield Problem("sitemap.xml", 0, 0, f"{address} {why}", "take it out")
    for address in wanted.keys() - listed.keys():
        yield wanted[address].problem("the sitemap lacks this page", "list it in sitemap.xml")


def robots(site: Site) -> Iterator[Problem]:
    """robots.txt names the sitemap by its whole address, and closes nothing."""
    text = site.files["robots.txt"].read_text("utf-8") if "robots.txt" in site.files else ""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    if f"Sitemap: {site.address}sitemap.xml" not in lines:
        what = "robots.txt does not name the sitemap"
        yield Problem("robots.txt", 0, 0, what, f"add: Sitemap: {site.address}sitemap.xml")
    if any(re.fullmatch(r"(?i)disallow:\s*/", line) for line in lines):
        what = "robots.txt closes the whole site"
        yield Problem("robots.txt", 0, 0, what, "write: Disallow:")


def translations(site: Site) -> Iterator[Problem]:
    """A page with translations names each of them, itself and the default, and they name it."""
    listed = {_location(url): alternates(url.iterfind(f"{XHTML}link")) for url in _urls(site)}
    groups = {page.address: dict(page.translations) for page in site.indexed}
    for page in site.indexed:
        group = groups[page.address]
        in_map = listed.get(page.address, {})
        if in_map and in_map != group:
            yield page.problem(
                "the sitemap names other translations than the page", "name the same in both"
            )
        if not group:
            continue
        if group.get(page.lang) != page.address:
            what = f"it names translations, but not itself as {page.lang!r}"
            yield page.problem(what, f"add hreflang={page.lang!r}")
        if "x-default" not in group:
            yield page.problem("its translations lack x-default", "name the default language's")
        for code, address in group.items():
            if address not in groups:
                yield page.problem(
                    f"its translation {code} is {address}, which is not there", "mend the address"
                )
            elif page.address not in groups[address].values():
                yield page.problem(
                    f"{address} does not name this page as its translation", "link both ways"
                )


def lastmods(site: Site) -> dict[str, datetime]:
    """Return when each listed page last changed, as the sitemap says."""
    found = {}
    for url in _urls(site):
        stated = moment(url.findtext(f"{NAMESPACE}lastmod") or "")
        if stated:
            found[_location(url)] = stated
    return found


def _urls(site: Site) -> list:
    root = site.sitemap.root
    return [] if root is None else list(root.iterfind(f"{NAMESPACE}url"))


def _location(url) -> str:
    return (url.findtext(f"{NAMESPACE}loc") or "").strip()


def _locations(site: Site) -> list[str]:
    return [_location(url) for url in _urls(site)]


def _problem(element, what: str, fix: str) -> Problem:
    return Problem("sitemap.xml", element.sourceline or 0, 0, what, fix)
