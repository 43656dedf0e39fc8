"""The built site as the rules across pages see it: files, and facts of each page."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from lxml import etree

from tools.verify.facts import PageFacts
from tools.verify.page import Context, Markup, TextFile

# Files whose text people or machines read; the rest are images and the like.
TEXTS = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".xml"}


class XmlFile(Markup):
    """An XML file. `tree` is None when it is missing or broken, and `error` is what breaks it."""

    def __init__(self, root: Path, path: str):
        self.path, self.tree, self.error = path, None, None
        try:
            self.tree = etree.parse(root / path).getroot()
        except etree.XMLSyntaxError as error:
            self.error = error
        except OSError:
            pass


@dataclass
class BuiltSite:
    """A built site. `settings` are Pelican's, with the SITEURL that it was built for."""

    root: Path
    settings: dict
    now: datetime
    pages: dict[str, PageFacts]

    def __post_init__(self):
        self.context = Context.of(self.settings)
        files = sorted(file for file in self.root.rglob("*") if file.is_file())
        self.files = {file.relative_to(self.root).as_posix(): file for file in files}
        self.indexed = [page for page in self.pages.values() if page.is_indexed]
        self._missing = functools.cache(self._find_missing)

    @cached_property
    def feed(self) -> XmlFile:
        """The feed."""
        return XmlFile(self.root, "feed.xml")

    @cached_property
    def sitemap(self) -> XmlFile:
        """The sitemap."""
        return XmlFile(self.root, "sitemap.xml")

    def texts(self) -> Iterator[TextFile]:
        """Yield every file that is read as text, but for the pages."""
        for path in self.files:
            if Path(path).suffix in TEXTS and path not in self.pages:
                yield TextFile(path, self.read(path), self.context)

    def read(self, path: str) -> str:
        """Return the text of a file, "" if it is missing. An owner's may be in any encoding."""
        file = self.files.get(path)
        return file.read_text("utf-8", errors="replace") if file else ""

    def broken(self, address: str, target: str | None) -> str:
        """Return what is wrong with a link to an address, or "". `target` is what Context.resolve
        returns for it."""
        missing = self._missing(target) if target else ""
        return missing and f"broken link to {address or 'nothing'}: {missing}"

    def _find_missing(self, target: str) -> str:
        path, _, fragment = target.partition("#")
        if path not in self.files and f"{path}/index.html" in self.files:
            path = f"{path}/index.html"
        if path not in self.files:
            return "there is no such page or file"
        page = self.pages.get(path)
        if fragment and page and fragment != "top" and fragment not in page.ids:
            return f"the page has no id {fragment!r}"
        return ""
