"""The built site as the rules across pages see it: its files, and facts of pages for the cache."""

import copy
import functools
import gzip
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import lxml.html
from lxml import etree

from contract import ANCHOR
from plugins import static_files
from plugins.schedule import is_published
from plugins.security import csp_hash
from tools.verify.page import DATA, Context, Markup, Page, TextFile, directives, line_of

_REPLIES = f'//*[starts-with(@id, "{ANCHOR}")]'

# What is known of a page, and how it is found. Many pages have an equal value of most.
FACTS = {
    "path": lambda page: page.path,
    "address": lambda page: page.address,
    "is_indexed": lambda page: page.is_indexed,
    "leads_to": lambda page: "".join(page.canonical[:1]) if page.is_moved else "",
    "lang": lambda page: page.tree.get("lang", "").lower(),
    # As they are compared; "" where the page is not to be listed.
    "title": lambda page: _compared(page, page.titles),
    "description": lambda page: _compared(page, page.meta("description")),
    "ids": lambda page: tuple(dict.fromkeys(page.ids)),
    # (target as Context.resolve returns it, address, whether a reader follows it), and their lines.
    "links": lambda page: tuple(link for link, _ in page.links),
    "lines": lambda page: tuple(line for _, line in page.links),
    "translations": lambda page: tuple(alternates(page.all("//link[@hreflang]")).items()),
    "published": lambda page: page.dates[0].isoformat() if page.dates else "",
    "modified": lambda page: page.dates[1].isoformat() if page.dates else "",
    "policies": lambda page: tuple(_policies(page)),  # (directive, what a header must not block)
    "sheets": lambda page: tuple(map(csp_hash, page.sheets)),  # as policies name them
    # Files of the theme that it loads automatically, and when a reader acts.
    "scripts": lambda page: _theme_files(page, "//script/@src"),
    "acting": lambda page: _theme_files(page, "//@*[starts-with(name(), 'data-')]"),
    "sheet_bytes": lambda page: max(map(compressed_size, page.sheets), default=0),
    "page_bytes": lambda page: compressed_size(_without_replies(page)),
}
# `errors` and `warnings` are (what, fix, line) of what the page alone shows.
PageFacts = namedtuple("PageFacts", [*FACTS, "errors", "warnings"])


def gather(page: Page, errors: list[tuple], warnings: list[tuple]) -> PageFacts:
    """Return the facts of a page, what is wrong with it among them."""
    lists = [tuple((*one[:2], line_of(*one[2:])) for one in found) for found in (errors, warnings)]
    return PageFacts(*(find(page) for find in FACTS.values()), *lists)


def single_spaced(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


def alternates(links) -> dict[str, str]:
    """Return the addresses that elements give, by their language."""
    return {link.get("hreflang", "").lower(): link.get("href", "") for link in links}


def compressed_size(content: bytes | str) -> int:
    """Return how many bytes are sent: compressed as hosts do it."""
    content = content.encode() if isinstance(content, str) else content
    return len(gzip.compress(content, 6, mtime=0)) if content else 0


def _compared(page: Page, values: list[str]) -> str:
    return single_spaced(values[0]).casefold() if page.is_indexed and len(values) == 1 else ""


def _policies(page: Page) -> Iterator[tuple[str, tuple[str, ...]]]:
    for stated in page.meta("Content-Security-Policy"):
        for name, sources in directives(stated).items():
            # A block of data is never run, so a header may do without its hash.
            is_data = name == "script-src" and page.all(DATA)
            needed = {one for one in sources if not (is_data and one.startswith("'sha256-"))}
            yield name, tuple(sorted(needed - {"'none'"}))


def _theme_files(page: Page, path: str) -> tuple[str, ...]:
    targets = {page.context.resolve(each, page.path) or "" for each in page.all(path)}
    return tuple(sorted(target for target in targets if target.startswith("theme/")))


def _without_replies(page: Page) -> bytes | str:
    if not page.all(_REPLIES):
        return page.text
    tree = copy.deepcopy(page.tree)
    for part in tree.xpath(f"{_REPLIES} | //style[position() > 1]"):
        part.drop_tree()
    return lxml.html.tostring(tree, encoding="utf-8")


class XmlFile(Markup):
    """An XML file. `tree` is None when it is missing or broken, and `error` is what breaks it."""

    def __init__(self, root: Path, path: str):
        self.path, self.tree, self.error = path, None, None
        try:
            self.tree = etree.parse(root / path).getroot()
        except (etree.XMLSyntaxError, OSError) as error:
            self.error = error


@dataclass
class BuiltSite:
    """A built site. `built` has the documents and static files that it was built from, if known."""

    root: Path
    settings: dict  # Pelican's, with the SITEURL that it was built for
    now: datetime
    pages: dict[str, PageFacts]
    built: Any = None  # a Built of tools/build.py

    def __post_init__(self):
        self.context = Context.of(self.settings, self.built)
        files = sorted(file for file in self.root.rglob("*") if file.is_file())
        self.files = {file.relative_to(self.root).as_posix(): file for file in files}
        self.indexed = [page for page in self.pages.values() if page.is_indexed]
        self.feed = XmlFile(self.root, "feed.xml")
        self.sitemap = XmlFile(self.root, "sitemap.xml")
        self.broken = functools.cache(self._broken)
        documents, files = (self.built.documents, self.built.files) if self.built else ({}, {})
        is_out = {name: is_published(each.content, self.now) for name, each in documents.items()}
        self.published = [each for name, each in documents.items() if is_out[name]]
        self.unpublished = [each for name, each in documents.items() if not is_out[name]]
        # The names of the static files that are published.
        self.used = files.keys() - static_files.unused(documents.values(), files, self.settings)

    def texts(self) -> Iterator[TextFile]:
        """Yield every file that is read as text, but for the pages."""
        for path in self.files:
            if Path(path).suffix in static_files.TEXTS and path not in self.pages:
                yield TextFile(path, self.read(path), self.context)

    def read(self, path: str) -> str:
        """Return the text of a file, "" if it is missing. An owner's may be in any encoding."""
        file = self.files.get(path)
        return file.read_text("utf-8", errors="replace") if file else ""

    def _broken(self, address: str, target: str | None) -> str:
        """Return what is wrong with a link to an address that leads to a target, or ""."""
        path, _, fragment = (target or "").partition("#")
        path = path.replace("%23", "#")
        path = path if path in self.files else f"{path}/index.html"
        page, missing = self.pages.get(path), ""
        if target and path not in self.files:
            missing = "there is no such page or file"
        elif fragment and page and fragment not in ("top", *page.ids):
            missing = f"the page has no id {fragment!r}"
        return missing and f"broken link to {address or 'nothing'}: {missing}"
