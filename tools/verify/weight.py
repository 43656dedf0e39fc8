"""What readers have to load. A budget is in bytes as sent, gzip level 6; BUDGETS in the settings
changes one. What belongs to every page must keep to it; an author's long article only gets advice.
"""

import copy
import gzip
from collections.abc import Iterator

import lxml.html

from plugins.problems import Problem
from tools.verify.site import Page, Site

BUDGETS = {
    "style": 3277,  # a sheet in a page: 3.2 KB
    "script": 1024,  # scripts that a page loads by itself
    "acting": 25 * 1024,  # what a page loads when a reader acts
    "page": 14 * 1024,  # a page without replies: fits one TCP window of ten segments
    "image": 200 * 1024,  # one picture, as it is
}
KINDS = {
    "style": "its style sheet weighs",
    "script": "the scripts that it loads weigh",
    "acting": "what it loads when a reader acts weighs",
}


def shared(site: Site) -> Iterator[Problem]:
    """What the theme puts on a page: the sheet, the scripts, and what they load when a reader acts,
    whose addresses stand in the page's `data-` attributes."""
    budget = {**BUDGETS, **site.settings.get("BUDGETS", {})}
    heaviest: dict[str, tuple[int, Page]] = {}
    for page in site.pages.values():
        sizes = {
            "style": max((sent(text.encode()) for text in page.all("//style/text()")), default=0),
            "script": _weight(site, page, page.all("//script/@src")),
            "acting": _weight(site, page, page.all("//@*[starts-with(name(), 'data-')]")),
        }
        for kind, size in sizes.items():
            if size > max(budget[kind], heaviest.get(kind, (0, page))[0]):
                heaviest[kind] = (size, page)
    for kind, (size, page) in heaviest.items():
        what = f"{KINDS[kind]} {size} bytes, the budget is {budget[kind]}"
        yield page.problem(what, "make it lighter, or set BUDGETS")


def authored(site: Site) -> Iterator[Problem]:
    """Advice: pages and pictures that take long on a phone."""
    budget = {**BUDGETS, **site.settings.get("BUDGETS", {})}
    for page in site.pages.values():
        size = sent(_without_replies(page))
        if size > budget["page"]:
            what = f"the page weighs {size} bytes, and {budget['page']} come at once"
            yield page.problem(what, "think of making two articles of it")
    for path, file in site.files.items():
        if path.startswith("images/") and file.stat().st_size > budget["image"]:
            what = f"the picture weighs {file.stat().st_size >> 10} KB"
            yield Problem(path, 0, 0, what, f"make it smaller than {budget['image'] >> 10} KB")


def _weight(site: Site, page: Page, addresses: list[str]) -> int:
    paths = {site.resolve(address, page) for address in addresses}
    own = [path for path in paths & site.files.keys() if path.startswith("theme/")]
    return sum(sent(site.files[path].read_bytes()) for path in own)


def sent(content: bytes) -> int:
    """Return how many bytes travel: compressed as hosts do it."""
    return len(gzip.compress(content, 6, mtime=0)) if content else 0


def _without_replies(page: Page) -> bytes:
    if not page.all('//*[starts-with(@id, "isso-")]'):
        return page.text.encode()
    tree = copy.deepcopy(page.tree)
    for part in tree.xpath('//*[starts-with(@id, "isso-")] | //style[position() > 1]'):
        part.drop_tree()
    return lxml.html.tostring(tree, encoding="utf-8")
