"""The built site as the rules across pages see it: files, and facts of each page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from lxml import etree

from tools.verify.facts import Facts
from tools.verify.page import Context, Text

# Files whose text people or machines read; the rest are images and the like.
TEXTS = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".xml"}


@dataclass
class Site:
    """A built site. `settings` are Pelican's, with the SITEURL that it was built for."""

    root: Path
    settings: dict
    now: datetime
    pages: dict[str, Facts]

    def __post_init__(self):
        self.context = Context.of(self.settings)
        files = sorted(file for file in self.root.rglob("*") if file.is_file())
        self.files = {file.relative_to(self.root).as_posix(): file for file in files}
        self._missing: dict[str, str] = {}

    @property
    def address(self) -> str:
        """The address of the home page, with a slash at its end."""
        return self.context.address

    @cached_property
    def indexed(self) -> list[Facts]:
        """The pages that search engines may list."""
        return [page for page in self.pages.values() if page.indexed]

    def texts(self) -> Iterator[Text]:
        """Yield every file that is read as text, but for the pages."""
        for path, file in self.files.items():
            if Path(path).suffix in TEXTS and path not in self.pages:
                # An owner's own file may be in any encoding; it is only searched.
                yield Text(path, file.read_text("utf-8", errors="replace"), self.context)

    @cached_property
    def feed(self) -> "Xml":
        """The feed."""
        return Xml(self.root / "feed.xml")

    @cached_property
    def sitemap(self) -> "Xml":
        """The sitemap."""
        return Xml(self.root / "sitemap.xml")

    def missing(self, target: str) -> str:
        """Return what is wrong with a path from Context.resolve, or "" when it is there."""
        if target not in self._missing:
            self._missing[target] = self._find_missing(target)
        return self._missing[target]

    def _find_missing(self, target: str) -> str:
        path, _, fragment = target.partition("#")
        if path not in self.files and f"{path}/index.html" in self.files:
            path = f"{path}/index.html"
        if path not in self.files:
            return "leads nowhere"
        page = self.pages.get(path)
        if fragment and page and fragment != "top" and fragment not in page.ids:
            return f"leads to a page without the id {fragment!r}"
        return ""


class Xml:
    """An XML file. `root` is None when it is missing or broken, and `error` says how."""

    def __init__(self, file: Path):
        self.root, self.error = None, None
        try:
            self.root = etree.parse(file).getroot()
        except etree.XMLSyntaxError as error:
            self.error = error
        except OSError:
            pass
