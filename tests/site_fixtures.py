"""The site that the tests build from content of their own, and its pages, parsed."""

import json
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import pytest

from tests import ROOT
from tools.build import build

CONTENT = ROOT / "tests" / "site" / "content"
# The tests' articles of 2126 are still to come, all others are out.
EPOCH = "1790000000"


class Page:
    """A written page. Its words are compared with runs of spaces folded."""

    def __init__(self, path: Path):
        self.source = path.read_text("utf-8")
        self.root = lxml.html.document_fromstring(self.source)

    def all(self, selector: str) -> list:
        """Return the elements that a CSS selector names."""
        return self.root.cssselect(selector)

    def one(self, selector: str):
        """Return the only element that a CSS selector names."""
        (element,) = self.all(selector)
        return element

    def texts(self, selector: str) -> list[str]:
        """Return the words of every element that a CSS selector names."""
        return [words(element) for element in self.all(selector)]

    @property
    def graph(self) -> dict:
        """The nodes of the structured data by their type."""
        (script,) = self.all('script[type="application/ld+json"]')
        return {node["@type"]: node for node in json.loads(script.text)["@graph"]}


def words(element) -> str:
    """Return the words of an element, runs of spaces folded."""
    return " ".join(element.text_content().split())


@dataclass(frozen=True)
class Site:
    """A built site: its folder and its own absolute address."""

    folder: Path
    address: str

    def page(self, path: str) -> Page:
        """Return the page at a path such as "everything/"."""
        file = self.folder / path
        return Page(file / "index.html" if not file.suffix else file)

    def paths(self) -> list[str]:
        """Return the paths of all pages."""
        files = sorted(self.folder.rglob("*.html"))
        return [
            file.relative_to(self.folder).as_posix().removesuffix("index.html") for file in files
        ]


def build_site(content, output, settings="pelicanconf.py", **overrides) -> Site:
    """Build a site and return it. The settings file is the project's own."""
    # An owner's own replies are no part of the tests.
    overrides = {"REPLIES_SNAPSHOT": "no-replies.json", **overrides}
    used = build(content, output, ROOT / settings, overrides).settings
    return Site(Path(output), used["SITEURL"].rstrip("/") + "/")


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Site:
    """The tests' site as a preview."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        return build_site(CONTENT, tmp_path_factory.mktemp("preview") / "output")


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Site:
    """The tests' site as it is published below a folder of a host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        return build_site(
            CONTENT,
            tmp_path_factory.mktemp("published") / "output",
            "publishconf.py",
            SITEURL="https://example.org/site",
        )


@pytest.fixture(scope="session")
def real(tmp_path_factory) -> Site:
    """The site's own content as a preview."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return build_site(ROOT / "content", tmp_path_factory.mktemp("real") / "output")
