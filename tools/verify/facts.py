"""What the rules across pages know of one page, in plain types that a cache can keep."""

import copy
import gzip
from collections.abc import Iterator
from typing import NamedTuple

import lxml.html

from comments.contract import ANCHOR
from plugins.problems import Problem
from plugins.security import digest
from tools.verify.page import Page
from tools.verify.safety import directives

_GRAPH_NAMES = {"@id", "@context"}
CARDS = ("og:url", "og:image", "twitter:image")


class Facts(NamedTuple):
    """One page. Where a link leads, its target, is what Page.resolve returns."""

    path: str
    address: str
    indexed: bool
    moved: bool
    leads_to: str  # the new address of a page that has moved
    lang: str
    title: str  # as titles are compared; "" where it is not to be listed
    description: str
    ids: tuple[str, ...]
    links: tuple[tuple[str, str, bool], ...]  # (target, address, whether a reader follows it)
    lines: tuple[int, ...]  # of the links
    stated: tuple[tuple[str, str], ...]  # (target, address) of what is named to machines
    translations: tuple[tuple[str, str], ...]  # (language, address)
    published: str
    modified: str
    policies: tuple[tuple[str, tuple[str, ...]], ...]  # (directive, what a header must not block)
    sheets: tuple[str, ...]  # their hashes, as policies name them
    scripts: tuple[str, ...]  # files of the theme that it loads by itself
    acting: tuple[str, ...]  # and when a reader acts
    sheet_bytes: int  # the largest
    page_bytes: int  # without replies

    def problem(self, what: str, fix: str, line: int = 0) -> Problem:
        """Return a problem of this page."""
        return Problem(self.path, line, 0, what, fix)


def gather(page: Page) -> Facts:
    """Return the facts of a page."""
    links = dict.fromkeys(_links(page))
    sheets = page.all("//style/text()")
    published, modified = page.dates or (None, None)
    return Facts(
        page.path,
        page.address,
        page.indexed,
        page.moved,
        page.canonical[0] if page.moved and page.canonical else "",
        page.lang.lower(),
        _compared(page, page.titles),
        _compared(page, page.meta("description")),
        tuple(dict.fromkeys(page.ids)),
        tuple(link for link, _ in links),
        tuple(line for _, line in links),
        tuple(dict.fromkeys(_stated(page))),
        tuple(alternates(page.all("//link[@hreflang]")).items()),
        published.isoformat() if published else "",
        modified.isoformat() if modified else "",
        tuple(_policies(page)),
        tuple(map(digest, sheets)),
        _theme_files(page, "//script/@src"),
        _theme_files(page, "//@*[starts-with(name(), 'data-')]"),
        max((sent(text.encode()) for text in sheets), default=0),
        sent(_without_replies(page)),
    )


def normal(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


def alternates(links) -> dict[str, str]:
    """Return the addresses that elements give, by their language."""
    return {link.get("hreflang", "").lower(): link.get("href", "") for link in links}


def sent(content: bytes) -> int:
    """Return how many bytes travel: compressed as hosts do it."""
    return len(gzip.compress(content, 6, mtime=0)) if content else 0


def _compared(page: Page, values: list[str]) -> str:
    return normal(values[0]).casefold() if page.indexed and len(values) == 1 else ""


def _links(page: Page) -> Iterator[tuple[tuple[str, str, bool], int]]:
    found = [(link, link.get("href")) for link in page.all("//*[@href]")]
    found += [(None, refresh.partition("url=")[2]) for refresh in page.meta("refresh")]
    for element, address in [*found, *page.fetched]:
        target = page.resolve(address)
        if target and not _is_in_page(page, target):
            is_followed = element is not None and element.tag == "a"
            yield (target, address, is_followed), 0 if element is None else element.sourceline or 0


def _stated(page: Page) -> Iterator[tuple[str, str]]:
    named = [
        address for address in _addresses(page.graph) if address.startswith(page.context.address)
    ]
    cards = [address for name in CARDS for address in page.meta(name) if "://" in address]
    for address in [*named, *filter(page.context.is_own, cards)]:
        target = page.resolve(address)
        if target and not _is_in_page(page, target):
            yield target, address


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


def _is_in_page(page: Page, target: str) -> bool:
    """Tell whether a target is of this very page, and there, so that no rule needs to see it."""
    path, _, fragment = target.partition("#")
    is_there = fragment in ("", "top") or fragment in page.ids
    return path == page.path and is_there and not page.moved


def _policies(page: Page) -> Iterator[tuple[str, tuple[str, ...]]]:
    data = page.all('//script[@type="application/ld+json"]')
    for stated in page.meta("Content-Security-Policy"):
        for name, sources in directives(stated).items():
            # A block of data is never run, so a header may do without its hash.
            is_data = bool(data) and name == "script-src"
            needed = {one for one in sources if not (is_data and one.startswith("'sha256-"))}
            yield name, tuple(sorted(needed - {"'none'"}))


def _theme_files(page: Page, path: str) -> tuple[str, ...]:
    targets = {page.resolve(address) or "" for address in page.all(path)}
    return tuple(sorted(target for target in targets if target.startswith("theme/")))


def _without_replies(page: Page) -> bytes:
    if not page.all(f'//*[starts-with(@id, "{ANCHOR}")]'):
        return page.text.encode()
    tree = copy.deepcopy(page.tree)
    for part in tree.xpath(f'//*[starts-with(@id, "{ANCHOR}")] | //style[position() > 1]'):
        part.drop_tree()
    return lxml.html.tostring(tree, encoding="utf-8")
