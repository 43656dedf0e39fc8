"""What the rules across pages know of one page, in plain types that a cache can keep."""

import copy
import gzip
from collections.abc import Iterator
from typing import NamedTuple

import lxml.html

from comments.contract import ANCHOR
from plugins.security import csp_hash
from tools.verify.page import DATA, Page, directives, line_of

CARDS = ("og:url", "og:image", "twitter:image")
_REPLIES = f'//*[starts-with(@id, "{ANCHOR}")]'


class PageFacts(NamedTuple):
    """One page. Where a link leads, its target, is what Page.resolve returns."""

    path: str
    address: str
    is_indexed: bool
    leads_to: str  # the new address of a page that has moved
    lang: str
    title: str  # as titles are compared; "" where it is not to be listed
    description: str
    ids: tuple[str, ...]
    links: tuple[tuple[str, str, bool], ...]  # (target, address, whether a reader follows it)
    lines: tuple[int, ...]  # of the links
    translations: tuple[tuple[str, str], ...]  # (language, address)
    published: str
    modified: str
    policies: tuple[tuple[str, tuple[str, ...]], ...]  # (directive, what a header must not block)
    sheets: tuple[str, ...]  # their hashes, as policies name them
    scripts: tuple[str, ...]  # files of the theme that it loads automatically
    acting: tuple[str, ...]  # and when a reader acts
    sheet_bytes: int  # the largest
    page_bytes: int  # without replies
    errors: tuple[tuple[str, str, int], ...]  # (what, fix, line) of what the page alone shows
    warnings: tuple[tuple[str, str, int], ...]


def gather(page: Page, errors: list[tuple], warnings: list[tuple]) -> PageFacts:
    """Return the facts of a page, what is wrong with it among them."""
    links = dict.fromkeys(_links(page))
    sheets = page.all("//style/text()")
    return PageFacts(
        page.path,
        page.address,
        page.is_indexed,
        page.canonical[0] if page.is_moved and page.canonical else "",
        page.tree.get("lang", "").lower(),
        _compared(page, page.titles),
        _compared(page, page.meta("description")),
        tuple(dict.fromkeys(page.ids)),
        tuple(link for link, _ in links),
        tuple(line for _, line in links),
        tuple(alternates(page.all("//link[@hreflang]")).items()),
        *([date.isoformat() for date in page.dates] if page.dates else ("", "")),
        tuple(_policies(page)),
        tuple(map(csp_hash, sheets)),
        _theme_files(page, "//script/@src"),
        _theme_files(page, "//@*[starts-with(name(), 'data-')]"),
        max((compressed_size(text.encode()) for text in sheets), default=0),
        compressed_size(_without_replies(page)),
        *(tuple((*each[:2], line_of(*each[2:])) for each in found) for found in (errors, warnings)),
    )


def single_spaced(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


def alternates(links) -> dict[str, str]:
    """Return the addresses that elements give, by their language."""
    return {link.get("hreflang", "").lower(): link.get("href", "") for link in links}


def compressed_size(content: bytes) -> int:
    """Return how many bytes are sent: compressed as hosts do it."""
    return len(gzip.compress(content, 6, mtime=0)) if content else 0


def _compared(page: Page, values: list[str]) -> str:
    return single_spaced(values[0]).casefold() if page.is_indexed and len(values) == 1 else ""


def _links(page: Page) -> Iterator[tuple[tuple[str, str, bool], int]]:
    found = [(link, link.get("href")) for link in page.all("//*[@href]")]
    found += [(None, refresh.partition("url=")[2]) for refresh in page.meta("refresh")]
    # What structured data and cards for sharing name is of the site where it is absolute.
    named = [text for text in _texts(page.data[0]) if text.startswith(page.context.address)]
    named += [address for name in CARDS for address in page.meta(name) if "://" in address]
    for element, address in [*found, *page.fetched, *((None, each) for each in named)]:
        target = page.resolve(address)
        if target and not _is_in_page(page, target):
            is_followed = element is not None and element.tag == "a"
            yield (target, address, is_followed), line_of(element)


def _texts(value) -> Iterator[str]:
    if isinstance(value, dict):
        value = [inner for name, inner in value.items() if name not in ("@id", "@context")]
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _is_in_page(page: Page, target: str) -> bool:
    """Return whether a target is in this very page, so that no rule needs to see it."""
    path, _, fragment = target.partition("#")
    is_there = fragment in ("", "top") or fragment in page.ids
    return path == page.path and is_there and not page.is_moved


def _policies(page: Page) -> Iterator[tuple[str, tuple[str, ...]]]:
    for stated in page.meta("Content-Security-Policy"):
        for name, sources in directives(stated).items():
            # A block of data is never run, so a header may do without its hash.
            is_data = name == "script-src" and page.all(DATA)
            needed = {one for one in sources if not (is_data and one.startswith("'sha256-"))}
            yield name, tuple(sorted(needed - {"'none'"}))


def _theme_files(page: Page, path: str) -> tuple[str, ...]:
    targets = {page.resolve(address) or "" for address in page.all(path)}
    return tuple(sorted(target for target in targets if target.startswith("theme/")))


def _without_replies(page: Page) -> bytes:
    if not page.all(_REPLIES):
        return page.text.encode()
    tree = copy.deepcopy(page.tree)
    for part in tree.xpath(f"{_REPLIES} | //style[position() > 1]"):
        part.drop_tree()
    return lxml.html.tostring(tree, encoding="utf-8")
