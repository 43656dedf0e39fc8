"""A page as the rules for one page see it: parsed once, every address resolved one way."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import lxml.html

from plugins import ROOT
from plugins.comments import settle
from plugins.problems import Problem

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
_ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")


@dataclass(frozen=True)
class Context:
    """All that a page is judged by besides its own path and text.

    `address` is that of the home page, with a slash at its end, `opens` what the comment server
    needs of a policy, `folders` are those of this machine that no page may name.
    """

    address: str
    opens: dict[str, list[str]]
    folders: tuple[Path, ...]

    @classmethod
    def of(cls, settings: dict) -> "Context":
        """Return the context of a site with Pelican's settings."""
        address = settings["SITEURL"].rstrip("/") + "/"
        return cls(address, settle(settings)["opens"], (ROOT, Path.home()))

    @cached_property
    def _parts(self):
        return urlsplit(self.address)

    def address_of(self, path: str) -> str:
        """Return the public address of a file of the output."""
        return self.address + quote(re.sub(r"(^|/)index\.html$", r"\1", path))

    def is_own(self, address: str) -> bool:
        """Tell whether an absolute address is of the site's own origin."""
        own, other = self._parts, urlsplit(address)
        return (own.scheme, own.netloc) == (other.scheme, other.netloc)

    def resolve(self, address: str, path: str = "index.html") -> str | None:
        """Return where an address leads: a path of the output, with "#id" behind it if it has one.

        None means that it leads out of the site. The path need not exist; see `Site.missing`.
        `path` is the file where a relative address stands; "not found" is served in place of any
        address.
        """
        base = self.address_of(path)
        if path == "404.html" and not address.startswith("#"):
            base = self.address + "any/where/"
        whole = urljoin(base, address.strip())
        parts = urlsplit(whole)
        folder = self._parts.path
        if parts.scheme not in ("http", "https") or not self.is_own(whole):
            return None
        target = unquote(parts.path) or "/"
        if not target.startswith(folder):
            # A whole address may name a neighbour on the same host; a path alone went astray.
            return None if urlsplit(address).netloc else target
        target = target.removeprefix(folder)
        if not target or target.endswith("/"):
            target += "index.html"
        fragment = unquote(parts.fragment).split(":~:")[0]
        return f"{target}#{fragment}" if fragment else target


@dataclass
class Text:
    """A file that is read as text. `path` is its place in the output."""

    path: str
    text: str
    context: Context

    def problem(self, what: str, fix: str, line: int = 0) -> Problem:
        """Return a problem of this file."""
        return Problem(self.path, line, 0, what, fix)

    def line_of(self, found: re.Match) -> int:
        """Return the line on which something was found."""
        return self.text.count("\n", 0, found.start()) + 1


class Page(Text):
    """One HTML file."""

    @cached_property
    def address(self) -> str:
        """What visitors ask for."""
        return self.context.address_of(self.path)

    @cached_property
    def tree(self):
        """The page, parsed."""
        return lxml.html.document_fromstring(self.text.strip() or "<html>")

    def all(self, path: str) -> list:
        """Return what an XPath finds."""
        return self.tree.xpath(path, smart_strings=False)

    def meta(self, name: str) -> list[str]:
        """Return the contents of the <meta> elements of a name or property."""
        return self._metas.get(name, [])

    @cached_property
    def _metas(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for element in self.all("//meta[@content]"):
            for name in {element.get(kind) for kind in ("name", "property", "http-equiv")}:
                found.setdefault(name, []).append(element.get("content"))
        return found

    @cached_property
    def lang(self) -> str:
        """The language that it names."""
        return self.tree.get("lang", "")

    @cached_property
    def titles(self) -> list[str]:
        """The titles that it has."""
        return self.all("//head/title/text()")

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
        """The nodes of its JSON-LD. Raises json.JSONDecodeError."""
        nodes = []
        for script in self.all('//script[@type="application/ld+json"]/text()'):
            data = json.loads(script)
            nodes += data.get("@graph", [data])
        return nodes

    @cached_property
    def posting(self) -> dict:
        """The article in its JSON-LD; an empty one if there is none."""
        return next((node for node in self.graph if node.get("@type") == "BlogPosting"), {})

    @cached_property
    def dates(self) -> tuple[datetime, datetime] | None:
        """When the article in its JSON-LD was published and modified."""
        published = moment(self.posting.get("datePublished", ""))
        modified = moment(self.posting.get("dateModified", ""))
        return (published, modified) if published and modified else None

    @cached_property
    def fetched(self) -> list[tuple]:
        """(element, address) of all that a browser fetches by itself to show the page."""
        return list(self._fetched())

    def _fetched(self) -> Iterator[tuple]:
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

    def resolve(self, address: str) -> str | None:
        """Return where an address in the page leads, as Context.resolve does."""
        return self.context.resolve(address, self.path)


def css_addresses(text: str) -> list[str]:
    """Return the addresses that a style sheet makes the browser fetch."""
    return [found for found in _CSS_ADDRESS.findall(text) if not found.startswith(("#", "data:"))]


def moment(text: str) -> datetime | None:
    """Return the time that a W3C date-time with a zone, or a date, means; else None."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.fromisoformat(f"{text}T00:00:00+00:00")
        return datetime.fromisoformat(text) if _ZONE.search(text) else None
    except ValueError:
        return None
