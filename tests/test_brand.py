"""The colors and the mark: an owner who changes the one file of each sees every page follow."""

import re
import shutil

import pytest
from PIL import Image

from plugins import THEME
from plugins.brand import Brand
from plugins.problems import ContentError, PictureError
from tests.publish_fixtures import EPOCH, ROOT, write_content
from tests.site_fixtures import build_site

MARK = """<?xml version="1.0"?>
<!-- drawn by hand -->
<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">
<circle cx="50" cy="50" r="50" fill="#cc00cc"/></svg>
"""


@pytest.fixture
def theme(tmp_path):
    """A copy of the theme, to be changed."""
    return shutil.copytree(THEME, tmp_path / "theme")


@pytest.fixture
def build(tmp_path, theme, monkeypatch):
    """Give a function that builds the tests' content with the theme."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(ROOT)
    content, cache = write_content(tmp_path), str(tmp_path / "cache")
    return lambda: build_site(content, tmp_path / "output", THEME=str(theme), CACHE_PATH=cache)


def change(file, old: str, new: str):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def card(site) -> Image.Image:
    """Return the card of an article."""
    address = site.page("second/").one('meta[property="og:image"]').get("content")
    return Image.open(site.folder / address.removeprefix(site.address)).convert("RGB")


def test_a_color_of_the_style_sheet_is_that_of_the_browser_and_of_the_cards(build, theme):
    before = build()
    assert card(before).getpixel((600, 5)) == (0x0B, 0x46, 0x53)
    change(theme / "css" / "site.css", "#0b4653", "#123456")
    after = build()
    assert after.page("second/").one('meta[name="theme-color"]').get("content") == "#123456"
    assert card(after).getpixel((600, 5)) == (0x12, 0x34, 0x56)


def test_the_mark_is_the_icon_and_is_on_every_page_and_card(build, theme):
    build()
    (theme / "mark.svg").write_text(MARK, "utf-8")
    site = build()
    assert (site.folder / "favicon.svg").read_text("utf-8") == MARK
    for path in ("", "second/", "about/"):
        mark = site.page(path).one(".brand svg")
        assert [mark.get(name) for name in ("width", "height", "aria-hidden")] == [
            "32",
            "32",
            "true",
        ]
        assert mark.get("viewbox") == "0 0 100 100"
        assert mark[0].get("fill") == "#cc00cc"
    assert card(site).getpixel((80 + 32, 72 + 32)) == (0xCC, 0x00, 0xCC)


def test_other_files_know_no_color_of_the_style_sheet():
    colors = {color for _, color in Brand.read(THEME).colors}
    files = [*(THEME / "templates").rglob("*.html"), *(ROOT / "plugins").rglob("*.py")]
    files += (ROOT / "tools").rglob("*.js")
    found = {
        file.name: colors & {*re.findall(r"#[0-9a-f]{6}\b", file.read_text("utf-8"))}
        for file in files
    }
    assert not {name: known for name, known in found.items() if known}


def test_a_color_that_is_missing_is_named(theme):
    change(theme / "css" / "site.css", "--petrol:", "--teal:")
    with pytest.raises(ContentError, match="has no color --petrol — define --petrol"):
        Brand.read(theme).color("petrol")


@pytest.mark.parametrize("more", ["<style>*{fill:red}</style>", '<g style="fill:red"/>', "<p>"])
def test_a_mark_that_no_page_can_show_is_named(theme, more):
    change(theme / "mark.svg", "</svg>", f"{more}</svg>")
    with pytest.raises(PictureError, match="mark.svg"):
        assert Brand.read(theme).inline_mark
