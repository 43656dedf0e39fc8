"""What readers have to load. A budget is in bytes as sent, gzip level 6; BUDGETS in the settings
changes one. What belongs to every page must keep to it; an author's long article only gets advice.
"""

import functools
from collections.abc import Iterator

from plugins.problems import Problem
from tools.verify.facts import Facts, sent
from tools.verify.site import Site

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
    heaviest: dict[str, tuple[int, Facts]] = {}
    weigh = functools.cache(functools.partial(_weigh, site))
    for page in site.pages.values():
        sizes = {
            "style": page.sheet_bytes,
            "script": weigh(page.scripts),
            "acting": weigh(page.acting),
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
        if page.page_bytes > budget["page"]:
            what = f"the page weighs {page.page_bytes} bytes, and {budget['page']} come at once"
            yield page.problem(what, "think of making two articles of it")
    for path, file in site.files.items():
        if path.startswith("images/") and file.stat().st_size > budget["image"]:
            what = f"the picture weighs {file.stat().st_size >> 10} KB"
            yield Problem(path, 0, 0, what, f"make it smaller than {budget['image'] >> 10} KB")


def _weigh(site: Site, paths: tuple[str, ...]) -> int:
    return sum(sent(site.files[path].read_bytes()) for path in paths if path in site.files)
