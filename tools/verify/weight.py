"""What readers have to load. A budget is in bytes as sent, gzip level 6; BUDGETS in the settings
changes one. What belongs to every page must keep to it; for an author's article there is a warning.
"""

import functools
from collections.abc import Iterator

from tools.verify.site import BuiltSite, compressed_size

BUDGETS = {
    "style": 3277,  # a sheet in a page: 3.2 KB
    "script": 1024,  # scripts that a page loads automatically
    "acting": 25 * 1024,  # what a page loads when a reader acts
    "page": 14 * 1024,  # a page without replies: fits one TCP window of ten segments
    "image": 200 * 1024,  # one picture, as it is
}


def shared(site: BuiltSite) -> Iterator[tuple]:
    """What the theme puts on a page: the sheet, the scripts, and what they load when a reader acts,
    whose addresses are in the page's `data-` attributes. Only the heaviest page is reported."""

    @functools.cache
    def weigh(paths: tuple[str, ...]) -> int:
        files = [site.files[path] for path in paths if path in site.files]
        return sum(compressed_size(file.read_bytes()) for file in files)

    for kind, subject, size_of in (
        ("style", "its style sheet weighs", lambda page: page.sheet_bytes),
        ("script", "the scripts that it loads weigh", lambda page: weigh(page.scripts)),
        ("acting", "what it loads when a reader acts weighs", lambda page: weigh(page.acting)),
    ):
        page = max(site.pages.values(), key=size_of)
        size, most = size_of(page), _budget(site, kind)
        if size > most:
            what = f"{subject} {size} bytes, the budget is {most}"
            yield page, what, "make it lighter, or set BUDGETS"


def authored(site: BuiltSite) -> Iterator[tuple]:
    """Warning: pages and pictures take long to load on a phone."""
    most, most_of_image = _budget(site, "page"), _budget(site, "image")
    for page in site.pages.values():
        if page.page_bytes > most:
            what = f"the page weighs {page.page_bytes} bytes, and {most} come at once"
            yield page, what, "consider making two articles of it"
    for path, file in site.files.items():
        if path.startswith("images/") and file.stat().st_size > most_of_image:
            what = f"the picture weighs {file.stat().st_size >> 10} KB"
            yield path, what, f"make it smaller than {most_of_image >> 10} KB"


def _budget(site: BuiltSite, kind: str) -> int:
    return {**BUDGETS, **site.settings.get("BUDGETS", {})}[kind]


RULES = (shared,)
WARNINGS = (authored,)
