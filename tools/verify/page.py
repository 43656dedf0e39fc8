"""A file of the output as the rules for one file see it: parsed once, addresses resolved alike."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, partial
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
from lxml import etree

from plugins import ROOT
from plugins.addresses import absolute_url, is_same_origin, split_srcset
from plugins.comments import settle

NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "re": "http://exslt.org/regular-expressions",
}
DATA = '//script[@type="application/ld+json"]'
# What the `rel` of a <link> may be without the browser fetching its address.
MERE_LINKS = {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search"}
_CARDS = ("og:url", "og:image", "twitter:image")  # what cards for sharing name
# The attributes whose addresses a browser fetches.
_FETCHED = "//@src | //@srcset | //object/@data | //video/@poster | //image/@href | //use/@href"
_CSS_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")
_compiled = cache(partial(etree.XPath, namespaces=NAMESPACES, smart_strings=False))
_ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")


@dataclass(frozen=True)
class Context:
    """All that a page is judged by besides its own path and text."""

    address: str  # of the home page, with a slash at its end
    opens: dict[str, list[str]]  # what the comment server needs of a policy
    folders: tuple[Path, ...]  # those of this machine that no page may name

    @classmethod
    def of(cls, settings: dict, built=None) -> "Context":
        """Return the context of a site. What it was built from may well name a folder."""
        address, documents = absolute_url(settings["SITEURL"], ""), built.documents if built else {}
        texts = [f"{one.html} {one.metadata}" for one in documents.values() if one.is_published]
        folders = [each for each in (ROOT, Path.home()) if not any(str(each) in t for t in texts)]
        return cls(address, settle(settings)["opens"], tuple(folders))

    def resolve(self, address: str, path: str = "index.html") -> str | None:
        """Return where an address in the file `path` leads: a path of the output that need not
        exist, with "#id" behind it if it has one; None where it leads out of the site."""
        base = absolute_url(self.address, path)
        if path == "404.html" and not address.startswith("#"):  # served in place of any address
            base = f"{self.address}any/where/"
        whole = urljoin(base, address.strip())
        parts, folder = urlsplit(whole), urlsplit(self.address).path
        if parts.scheme not in ("http", "https") or not is_same_origin(whole, self.address):
            return None
        target = unquote(parts.path.replace("%23", "%2523")) or "/"
        if not target.startswith(folder):
            # An absolute address may name a neighbor on the same host; a path alone went astray.
            return None if urlsplit(address).netloc else target
        target = target.removeprefix(folder)
        if not target or target.endswith("/"):
            target += "index.html"
        fragment = unquote(parts.fragment).split(":~:")[0]
        return f"{target}#{fragment}" if fragment else target


def line_of(at=0) -> int:
    """Return the line of an element, or a line as it is; 0 where none is known."""
    return getattr(at, "sourceline", at) or 0


class Markup:
    """A file with a `path` and a `tree` of elements, which is None when there is none."""

    def all(self, path: str) -> list:
        """Return what an XPath finds."""
        return [] if self.tree is None else _compiled(path)(self.tree)

    def violations(self, rules: Iterable[tuple[str, str, str]]) -> Iterator[tuple]:
        """Yield what breaks rules: (XPath of what is wrong, what to say, which may name the
        element's {tag}, {text} and attributes, and how to fix it)."""
        for path, what, fix in rules:
            for element in self.all(path):
                names = {**element.attrib, "tag": etree.QName(element).localname}
                names = defaultdict(str, names, text=element.text)
                yield what.format_map(names), fix, element


@dataclass
class TextFile(Markup):
    """A file that is read as text. `path` is its place in the output."""

    path: str
    text: str
    context: Context


class Page(TextFile):
    """One HTML file."""

    titles = cached_property(lambda page: page.all("//head/title/text()"))
    canonical = cached_property(lambda page: page.all('//link[@rel="canonical"]/@href'))
    sheets = cached_property(lambda page: page.all("//style/text()"))
    ids = cached_property(lambda page: page.all("//@id"))  # with those that occur twice
    # Whether search engines may list it, and whether it only forwards to another address.
    is_indexed = cached_property(lambda page: "noindex" not in "".join(page.meta("robots")))
    is_moved = cached_property(lambda page: bool(page.meta("refresh")))
    address = cached_property(lambda page: absolute_url(page.context.address, page.path))

    @cached_property
    def tree(self):
        """The page, parsed."""
        return lxml.html.document_fromstring(self.text.strip() or "<html>")

    def meta(self, name: str) -> list[str]:
        """Return the contents of the <meta> elements of a name or property."""
        return self._metas.get(name, [])

    @cached_property
    def _metas(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for element in self.all("//meta[@content]"):
            for name in {element.get(kind) for kind in ("name", "property", "http-equiv")}:
                found[name].append(element.get("content"))
        return found

    @cached_property
    def data(self) -> tuple[list[dict], list[ValueError]]:
        """The nodes of its JSON-LD, and why some of it cannot be read."""
        nodes, errors = [], []
        for script in self.all(f"{DATA}/text()"):
            try:
                data = json.loads(script)
                nodes += data.get("@graph", [data]) if isinstance(data, dict) else data
            except ValueError as error:
                errors.append(error)
        return nodes, errors

    @cached_property
    def posting(self) -> dict:
        """The article in its JSON-LD; an empty one if there is none."""
        return next((node for node in self.data[0] if node.get("@type") == "BlogPosting"), {})

    @cached_property
    def dates(self) -> tuple[datetime, datetime] | None:
        """When the article in its JSON-LD was published and modified."""
        dates = [parse_date(self.posting.get(f"date{name}")) for name in ("Published", "Modified")]
        return tuple(dates) if all(dates) else None

    @cached_property
    def fetched(self) -> list[tuple]:
        """(element, address) of all that a browser fetches automatically to show the page."""
        found = []
        for value in self.tree.xpath(_FETCHED):
            several = split_srcset(value) if value.attrname == "srcset" else [value.split()]
            found += [(value.getparent(), each[0]) for each in several if each]
        for element in self.tree.iter("link"):
            if not set(element.get("rel", "").lower().split()) <= MERE_LINKS:
                found.append((element, element.get("href", "")))
        for element in self.tree.iter("style"):
            found += [(element, address) for address in css_addresses(element.text or "")]
        return found

    @cached_property
    def links(self) -> list[tuple[tuple[str, str, bool], int]]:
        """((target, address, whether a reader follows it), line) of each link that leaves the page
        or is broken."""
        # What structured data and cards for sharing name is of the site where it is absolute.
        own = self.context.address
        named = [text for text in _texts(self.data[0]) if text.startswith(own)]
        named += [address for name in _CARDS for address in self.meta(name) if "://" in address]
        found = [(link, link.get("href")) for link in self.all("//*[@href]")] + self.fetched
        found += [(None, refresh.partition("url=")[2]) for refresh in self.meta("refresh")]
        links = {}
        for element, address in found + [(None, address) for address in named]:
            target = self.context.resolve(address, self.path)
            path, _, fragment = (target or "").partition("#")
            is_there = fragment in ("", "top") or fragment in self.ids
            if target and not (path == self.path and is_there and not self.is_moved):
                is_followed = element is not None and element.tag == "a"
                links[(target, address, is_followed), line_of(element)] = None
        return list(links)


def _texts(value, name: str = "") -> Iterator[str]:
    """Yield the texts in JSON. The id of a node is without its end, which no element need have."""
    several = [(name, one) for one in value] if isinstance(value, list) else []
    for key, inner in value.items() if isinstance(value, dict) else several:
        yield from _texts(inner, key)
    if isinstance(value, str) and name != "@context":
        yield value.partition("#")[0] if name == "@id" else value


def css_addresses(text: str) -> list[str]:
    """Return the addresses that a style sheet makes the browser fetch."""
    return [found for found in _CSS_ADDRESS.findall(text) if not found.startswith(("#", "data:"))]


def directives(policy: str) -> dict[str, set[str]]:
    """Return the sources of each directive of a content security policy."""
    parts = (part.split() for part in policy.split(";") if part.strip())
    return {name: set(sources) for name, *sources in parts}


def parse_date(text: str | None) -> datetime | None:
    """Return the time that a W3C date-time with a zone, or a date, means; else None."""
    text = re.sub(r"^\d{4}-\d\d-\d\d\Z", r"\g<0>T00:00:00Z", text or "")
    with suppress(ValueError):
        return datetime.fromisoformat(text) if _ZONE.search(text) else None


def date_differences(page, stated: dict[str, tuple]) -> Iterator[tuple]:
    """Yield where other dates are `stated` for a page, or its facts, than wanted."""
    for where, (found, wanted) in stated.items():
        if found != wanted and (found or page.is_indexed):
            found = found.isoformat() if found else "missing"
            what = f"{where} is {found}, the structured data has {wanted.isoformat()}"
            yield what, "give the same date everywhere"
