"""Every link, anchor and image of the site leads somewhere, and every page can be reached."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import lxml.html

from plugins.problems import Problem
from tools.verify.facts import CARDS
from tools.verify.page import Page, css_addresses
from tools.verify.site import Site

_JS_FILE = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.{0,2}/[^"']+)["']""")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A link that is broken on more pages than this stands in a template.
SAME_LINK = 3


def cards(page: Page) -> Iterator[Problem]:
    """Addresses that are shown where a link is shared are whole."""
    for name in CARDS:
        for address in page.meta(name):
            if "://" not in address:
                what = f"{name} is {address!r}, which works on this site only"
                yield page.problem(what, "write the whole address")


def broken_links(site: Site) -> Iterator[Problem]:
    """Links of pages, and what pages fetch. One of the theme's is named once, not on each page."""
    broken = defaultdict(list)
    for page in site.pages.values():
        for (target, address, _), line in zip(page.links, page.lines, strict=True):
            if wrong := site.missing(target):
                what = f"{address or 'an empty link'} {wrong}"
                broken[target].append(page.problem(what, "mend the link", line))
    for problems in broken.values():
        pages = {problem.path for problem in problems}
        if len(pages) > SAME_LINK:
            what = f"{problems[0].what} (and so on {len(pages)} pages)"
            yield replace(problems[0], what=what)
        else:
            yield from problems


def broken_statements(site: Site) -> Iterator[Problem]:
    """Addresses of the site that structured data and cards for sharing name."""
    for page in site.pages.values():
        for target, address in page.stated:
            if wrong := site.missing(target):
                yield page.problem(f"{address} {wrong}", "mend the link")


def broken_in_feed(site: Site) -> Iterator[Problem]:
    """Links inside the feed's articles, which are read elsewhere."""
    contents = [] if site.feed.root is None else site.feed.root.iterfind(".//{*}content")
    for content in contents:
        if not (content.text or "").strip():
            continue
        line = content.sourceline or 0
        body = lxml.html.fragment_fromstring(content.text, create_parent="div")
        for _, attribute, address, _ in body.iterlinks():
            if not _ABSOLUTE.match(address):
                what = f"{attribute}={address!r} works on this site only"
                yield Problem("feed.xml", line, 0, what, "write it whole")
                continue
            target = site.context.resolve(address)
            if target and (wrong := site.missing(target)):
                yield Problem("feed.xml", line, 0, f"{address} {wrong}", "mend the link")


def broken_in_files(site: Site) -> Iterator[Problem]:
    """Files that scripts and style sheets name."""
    for text in site.texts():
        found = _JS_FILE.findall(text.text) if text.path.endswith(".js") else []
        found += css_addresses(text.text) if text.path.endswith(".css") else []
        for address in found:
            target = site.context.resolve(address, text.path)
            if target and (wrong := site.missing(target)):
                fix = "hand its address to the script in the page, as asset() gives it"
                yield text.problem(f"the file {address} {wrong}", fix)


def orphans(site: Site) -> Iterator[Problem]:
    """Pages that no chain of links leads to from the home page."""
    reached, waiting = {"index.html"}, ["index.html"]
    while waiting:
        page = site.pages.get(waiting.pop())
        for target, _, is_followed in page.links if page else ():
            path = target.partition("#")[0]
            if is_followed and path in site.pages and path not in reached:
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
        for (target, address, is_followed), line in zip(page.links, page.lines, strict=True):
            path = target.partition("#")[0]
            if not is_followed:
                continue
            if path not in site.files and f"{path}/index.html" in site.files:
                what = f"the link {address} lacks the slash at its end"
                yield page.problem(what, "add it: without, hosts redirect", line)
            elif path in site.pages and site.pages[path].moved:
                what = f"the link {address} goes to an earlier address"
                yield page.problem(what, "link to the article's own address", line)
