"""The built site as the rules see it: every page parsed once, every address resolved one way."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import lxml.html
from lxml import etree

from plugins.problems import Problem

# Files whose text people or machines read; the rest are images and the like.
TEXTS = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".xml"}
# What the `rel` of a <link> may be without the browser fetching its address.
MERE_LINKS = {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search"}
_SOURCES = (
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("script", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("track", "src"),
    ("input", "src"),
    ("image", "href"),
    ("use", "href"),
)
_CSS_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")


@dataclass
class Page:
    """One HTML file. `path` is its place in the output, `address` what visitors ask for."""

    path: str
    address: str
    text: str

    @cached_property
    def tree(self):
        """The page, parsed."""
        return lxml.html.document_fromstring(self.text.strip() or "<html>")

    def all(self, path: str) -> list:
        """Return what an XPath finds."""
        return self.tree.xpath(path)

    def meta(self, name: str) -> list[str]:
        """Return the contents of the <meta> elements of a name or property."""
        return self.tree.xpath(
            "//meta[@name=$name or @property=$name or @http-equiv=$name]/@content", name=name
        )

    @cached_property
    def canonical(self) -> list[str]:
        """The canonical addresses that it names."""
        return self.all('//link[@rel="canonical"]/@href')

    @cached_property
    def indexed(self) -> bool:
        """Whether search engines may list it."""
        return not any("noindex" in content for content in self.meta("robots"))

    @cached_property
    def moved(self) -> bool:
        """Whether it only leads on to another address."""
        return bool(self.meta("refresh"))

    @cached_property
    def ids(self) -> list[str]:
        """The ids in it, with those that stand there twice."""
        return self.all("//@id")

    @cached_property
    def graph(self) -> list[dict]:
        """Return the nodes of its JSON-LD. Raises json.JSONDecodeError."""
        nodes = []
        for script in self.all('//script[@type="application/ld+json"]/text()'):
            data = json.loads(script)
            nodes += data.get("@graph", [data])
        return nodes

    def node(self, kind: str) -> dict | None:
        """Return the first node of its JSON-LD with this type."""
        return next((node for node in self.graph if node.get("@type") == kind), None)

    def fetched(self) -> Iterator[tuple]:
        """Yield (element, address) of all that a browser fetches by itself to show the page."""
        for tag, attribute in _SOURCES:
            for element in self.tree.iter(tag):
                value = element.get(attribute, "")
                addresses = value.split(",") if attribute == "srcset" else [value]
                for address in addresses:
                    if address.split():
                        yield element, address.split()[0]
        for element in self.tree.iter("link"):
            if not set(element.get("rel", "").lower().split()) <= MERE_LINKS:
                yield element, element.get("href", "")
        for element in self.tree.iter("style"):
            yield from ((element, address) for address in css_addresses(element.text or ""))

    def problem(self, what: str, fix: str, element=None) -> Problem:
        """Return a problem of this page, at an element if it is given."""
        line = 0 if element is None else element.sourceline or 0
        return Problem(self.path, line, 0, what, fix)


def _read(file: Path) -> str:
    # An owner's own file may be in any encoding; it is only searched.
    return file.read_text("utf-8", errors="replace")


def css_addresses(text: str) -> list[str]:
    """Return the addresses that a style sheet makes the browser fetch."""
    return [found for found in _CSS_ADDRESS.findall(text) if not found.startswith(("#", "data:"))]


@dataclass
class Site:
    """A built site. `settings` are Pelican's, with the SITEURL that it was built for."""

    root: Path
    settings: dict
    now: datetime
    files: dict[str, Path] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    def __post_init__(self):
        for file in sorted(self.root.rglob("*")):
            if file.is_file():
                self.files[file.relative_to(self.root).as_posix()] = file
        for path, file in self.files.items():
            # A file that a host or a search engine asks for as a proof of ownership is no page.
            if path.endswith(".html") and "<html" in (text := _read(file)).lower():
                self.pages[path] = Page(path, self.address_of(path), text)

    @cached_property
    def address(self) -> str:
        """The address of the home page, with a slash at its end."""
        return self.settings["SITEURL"].rstrip("/") + "/"

    def address_of(self, path: str) -> str:
        """Return the public address of a file of the output."""
        return self.address + quote(re.sub(r"(^|/)index\.html$", r"\1", path))

    @property
    def indexed(self) -> list[Page]:
        """The pages that search engines may list."""
        return [page for page in self.pages.values() if page.indexed]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of every file that is read as text."""
        for path, file in self.files.items():
            if Path(path).suffix in TEXTS:
                yield path, self.pages[path].text if path in self.pages else _read(file)

    def xml(self, path: str):
        """Return the root of an XML file, or None when it is missing or broken."""
        try:
            return etree.parse(self.root / path).getroot()
        except (OSError, etree.XMLSyntaxError):
            return None

    def is_own(self, address: str) -> bool:
        """Tell whether an absolute address is of the site's own origin."""
        own, other = urlsplit(self.address), urlsplit(address)
        return (own.scheme, own.netloc) == (other.scheme, other.netloc)

    def resolve(self, address: str, page: Page | None = None) -> str | None:
        """Return where an address leads: a path of the output, with "#id" behind it if it has one.

        None means that it leads out of the site. The path need not exist; see `missing`. `page` is
        where a relative address stands; "not found" is served in place of any address.
        """
        base = page.address if page else self.address
        if page and page.path == "404.html" and not address.startswith("#"):
            base = self.address + "any/where/"
        whole = urljoin(base, address.strip())
        parts = urlsplit(whole)
        folder = urlsplit(self.address).path
        if parts.scheme not in ("http", "https") or not self.is_own(whole):
            return None
        path = unquote(parts.path) or "/"
        if not path.startswith(folder):
            # A whole address may name a neighbour on the same host; a path alone went astray.
            return None if urlsplit(address).netloc else path
        path = path.removeprefix(folder)
        if not path or path.endswith("/"):
            path += "index.html"
        fragment = unquote(parts.fragment).split(":~:")[0]
        return f"{path}#{fragment}" if fragment else path

    def missing(self, target: str) -> str:
        """Return what is wrong with a path from `resolve`, or "" when it is there."""
        path, _, fragment = target.partition("#")
        if path not in self.files and f"{path}/index.html" in self.files:
            path = f"{path}/index.html"
        if path not in self.files:
            return "leads nowhere"
        page = self.pages.get(path)
        if fragment and page and fragment != "top" and fragment not in page.ids:
            return f"leads to a page without the id {fragment!r}"
        return ""
