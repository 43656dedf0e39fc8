"""Every link, anchor and image of the site leads somewhere, and every page can be reached."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import lxml.html

from plugins.problems import Problem
from tools.verify.site import Page, Site, css_addresses

_JS_FILE = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.{0,2}/[^"']+)["']""")
# A link that is broken on more pages than this stands in a template.
SAME_LINK = 3
_GRAPH_NAMES = {"@id", "@context"}


def broken_links(site: Site) -> Iterator[Problem]:
    """Links of pages, and what pages fetch. One of the theme's is named once, not on each page."""
    broken = defaultdict(list)
    for page in site.pages.values():
        links = [(link, link.get("href")) for link in page.all("//*[@href]")]
        links += [(None, refresh.partition("url=")[2]) for refresh in page.meta("refresh")]
        for element, address in dict.fromkeys([*links, *page.fetched()]):
            for problem in _judge(site, page, address, element):
                broken[site.resolve(address, page)].append(problem)
    for problems in broken.values():
        pages = {problem.path for problem in problems}
        if len(pages) > SAME_LINK:
            what = f"{problems[0].what} (and so on {len(pages)} pages)"
            yield replace(problems[0], what=what)
        else:
            yield from problems


def broken_in_graph(site: Site) -> Iterator[Problem]:
    """Addresses of the site that structured data names."""
    for page in site.pages.values():
        for address in _addresses(page.graph):
            if address.startswith(site.address):
                yield from _judge(site, page, address)


def broken_in_cards(site: Site) -> Iterator[Problem]:
    """Addresses that are shown where a link is shared."""
    for page in site.pages.values():
        for name in ("og:url", "og:image", "twitter:image"):
            for address in page.meta(name):
                if "://" not in address:
                    yield page.problem(
                        f"{name} is {address!r}, which works on this site only",
                        "write the whole address",
                    )
                elif site.is_own(address):
                    yield from _judge(site, page, address)


def broken_in_feed(site: Site) -> Iterator[Problem]:
    """Links inside the feed's articles, which are read elsewhere."""
    feed = site.xml("feed.xml")
    for content in [] if feed is None else feed.iterfind(".//{*}content"):
        if not (content.text or "").strip():
            continue
        body = lxml.html.fragment_fromstring(content.text, create_parent="div")
        for _, attribute, address, _ in body.iterlinks():
            if not re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE):
                what = f"{attribute}={address!r} works on this site only"
                yield Problem("feed.xml", content.sourceline or 0, 0, what, "write it whole")
                continue
            target = site.resolve(address)
            wrong = site.missing(target) if target else ""
            if wrong:
                what = f"{address} {wrong}"
                yield Problem("feed.xml", content.sourceline or 0, 0, what, "mend the link")


def broken_in_files(site: Site) -> Iterator[Problem]:
    """Files that scripts and style sheets name."""
    for path, text in site.texts():
        found = _JS_FILE.findall(text) if path.endswith(".js") else []
        found += css_addresses(text) if path.endswith(".css") else []
        for address in found:
            target = site.resolve(address, Page(path, site.address_of(path), ""))
            wrong = site.missing(target) if target else ""
            if wrong:
                what = f"the file {address} {wrong}"
                fix = "hand its address to the script in the page, as asset() gives it"
                yield Problem(path, 0, 0, what, fix)


def orphans(site: Site) -> Iterator[Problem]:
    """Pages that no chain of links leads to from the home page."""
    reached, waiting = {"index.html"}, ["index.html"]
    while waiting:
        page = site.pages.get(waiting.pop())
        for address in page.all("//a/@href") if page else ():
            path = (site.resolve(address, page) or "").partition("#")[0]
            if path in site.pages and path not in reached:
                reached.add(path)
                waiting.append(path)
    for page in site.indexed:
        if page.path not in reached:
            yield page.problem(
                "no link leads here from the home page",
                "link to it from another page, or hide it from search engines with Status: hidden",
            )


def detours(site: Site) -> Iterator[Problem]:
    """Advice: links that reach their page only by a redirect."""
    for page in site.pages.values():
        for link in page.all("//a[@href]"):
            target = (site.resolve(link.get("href"), page) or "").partition("#")[0]
            if target and target not in site.files and f"{target}/index.html" in site.files:
                what = f"the link {link.get('href')} lacks the slash at its end"
                yield page.problem(what, "add it: without, hosts redirect", link)
            elif target in site.pages and site.pages[target].moved:
                what = f"the link {link.get('href')} goes to an earlier address"
                yield page.problem(what, "link to the article's own address", link)


def _judge(site: Site, page: Page, address: str, element=None) -> Iterator[Problem]:
    target = site.resolve(address, page)
    wrong = site.missing(target) if target else ""
    if wrong:
        yield page.problem(f"{address or 'an empty link'} {wrong}", "mend the link", element)


def _addresses(value) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _GRAPH_NAMES:
                yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)
    elif isinstance(value, str):
        yield value
