"""Every link, anchor and image leads to what is there, and every page can be reached."""

import re
from collections import defaultdict
from collections.abc import Iterator

from tools.verify.page import css_addresses
from tools.verify.site import BuiltSite

_JS_FILE = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.{0,2}/[^"']+)["']""")


def broken_links(site: BuiltSite) -> Iterator[tuple]:
    """Links of pages, what pages fetch, and what structured data and cards for sharing name, each
    target once: what authors write is judged before, and what is left is on many pages."""
    broken = defaultdict(list)
    for page in site.pages.values():
        for (target, address, _), line in zip(page.links, page.lines, strict=True):
            if what := site.broken(address, target):
                broken[target].append((page, what, "correct the link", line))
    for found in broken.values():
        (page, what, *rest), count = found[0], len({page.path for page, *_ in found})
        yield page, what + f" (on {count} pages)" * (count > 1), *rest


def broken_in_files(site: BuiltSite) -> Iterator[tuple]:
    """Files that scripts and style sheets name."""
    for text in site.texts():
        found = _JS_FILE.findall(text.text) if text.path.endswith(".js") else []
        found += css_addresses(text.text) if text.path.endswith(".css") else []
        for address in found:
            if what := site.broken(address, site.context.resolve(address, text.path)):
                fix = "hand its address to the script in the page, as asset() gives it"
                yield text, what, fix


def orphans(site: BuiltSite) -> Iterator[tuple]:
    """Every page can be reached by links from the home page."""
    reached, found = set(), {"index.html"}
    while found := found & site.pages.keys() - reached:
        reached |= found
        links = {link for path in found for link in site.pages[path].links}
        found = {target.partition("#")[0] for target, _, is_followed in links if is_followed}
    for page in site.indexed:
        if page.path not in reached:
            fix = "link to it from another page, or hide it from search engines with Status: hidden"
            yield page, "no link leads here from the home page", fix


def detours(site: BuiltSite) -> Iterator[tuple]:
    """Warning: links reach their page without a redirect."""
    for page in site.pages.values():
        for (target, address, is_followed), line in zip(page.links, page.lines, strict=True):
            path = target.partition("#")[0]
            if not is_followed:
                continue
            if path not in site.files and f"{path}/index.html" in site.files:
                what = f"the link {address} lacks the slash at its end"
                yield page, what, "add it: without, hosts redirect", line
            elif path in site.pages and site.pages[path].leads_to:
                what = f"the link {address} goes to an earlier address"
                yield page, what, "link to the article's own address", line
