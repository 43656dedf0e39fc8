"""Languages: an article in another language speaks it throughout, from the right side."""

import ast
import json
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from plugins.words import FOLDER, direction, own_name, translate

ROOT = Path(__file__).resolve().parent.parent
ARABIC = re.compile("[\u0600-\u06ff]")
PAGE = "ar/everything/"


TEMPLATES = sorted((ROOT / "theme" / "templates").rglob("*.html"))


def words_of_the_theme() -> set[str]:
    """Return every text that templates ask to be said in the language of the page."""
    found = set()
    for path in TEMPLATES:
        tree = Environment().parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                found.add(call.args[0].as_const())
    return found


def strings_of_plugins() -> set:
    """Return every string constant in the code of plugins."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "plugins").rglob("*.py")]
    constants = [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    ]
    return {node.value for node in constants if isinstance(node.value, str)}


def test_every_word_of_the_theme_is_there_in_arabic():
    table = json.loads((FOLDER / "ar.json").read_text("utf-8"))
    assert len(words_of_the_theme()) > 30
    assert words_of_the_theme() - table.keys() == set()
    assert table.keys() - words_of_the_theme() - strings_of_plugins() == set()  # not used any more
    assert all(ARABIC.search(text) for text in table.values())
    places = re.compile(r"\{\w+\}")
    for english, arabic in table.items():
        assert sorted(places.findall(english)) == sorted(places.findall(arabic)), english


# The reply form and its script speak English.
AROUND_REPLIES = [path for path in TEMPLATES if "comments" not in path.parts]


@pytest.mark.parametrize("template", AROUND_REPLIES, ids=lambda path: path.stem)
def test_a_template_has_no_words_but_those_that_are_translated(template):
    kinds = Environment().lex(template.read_text("utf-8"))
    markup = "".join(value for _, kind, value in kinds if kind == "data")
    assert not re.findall(r"\w+", re.sub(r"<[^>]*>", " ", markup))
    tree = Environment().parse(template.read_text("utf-8"))
    strings = {each.value for each in tree.find_all(nodes.Const) if isinstance(each.value, str)}
    phrases = {text for text in strings if re.search(r"[A-Za-z]", text) and " " in text}
    assert phrases <= words_of_the_theme()


def test_what_has_no_words_of_its_own_stays_english():
    assert translate("Contents", "xx") == translate("Contents", "en-US") == "Contents"
    assert translate("Contents", "../../etc") == "Contents"
    assert translate("Source {n}", "ar", n=3) == "المصدر 3"
    assert translate("Contents", "AR-EG") == translate("Contents", "ar") != "Contents"


@pytest.mark.parametrize("lang", ["ar", "he", "fa", "ur", "ar-EG"])
def test_the_direction_follows_from_the_language(lang):
    assert direction(lang) == "rtl"


@pytest.mark.parametrize("lang", ["en-US", "de", "zh", "unknown", ""])
def test_any_other_language_runs_from_left_to_right(lang):
    assert direction(lang) == "ltr"


def test_a_language_names_itself():
    assert (own_name("ar"), own_name("de"), own_name("??")) == ("العربية", "Deutsch", "??")


def test_the_page_says_its_language_and_direction(site):
    root = site.page(PAGE).root
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert site.page("everything/").root.get("dir") is None


def test_all_that_surrounds_the_article_is_in_its_language(site):
    page = site.page(PAGE)
    for selector in (
        ".skip", ".masthead nav a", ".breadcrumb li:first-child a", ".byline dt", ".contents h2",
        ".level", "caption b", "figcaption b", "footer li a", "footer .wrap div > p",
    ):  # fmt: skip
        texts = page.texts(selector)
        assert texts, selector
        assert all(ARABIC.search(text) for text in texts), (selector, texts)
    labels = [element.get("aria-label") for element in page.all("[aria-label]")]
    assert labels
    assert all(ARABIC.search(label) for label in labels), labels


def test_urgency_and_certainty_are_said_in_its_language(site):
    page = site.page(PAGE)
    assert page.texts(".level") == ["طارئ:", "عاجل:", "غير عاجل:"]
    assert page.one(".certainty").get("class") == "certainty c2"


def test_translations_name_each_other(site):
    alternates = {}
    for path in ("everything/", PAGE):
        links = site.page(path).all('link[rel="alternate"][hreflang]')
        alternates[path] = {link.get("hreflang").lower(): link.get("href") for link in links}
    english, arabic = f"{site.address}everything/", f"{site.address}{PAGE}"
    expected = {"en-us": english, "ar": arabic, "x-default": english}
    assert alternates == {"everything/": expected, PAGE: expected}
    assert not site.page("about/").all("link[hreflang]")


def test_a_reader_finds_the_other_language(site):
    link = site.page("everything/").one(".byline a[hreflang]")
    assert link.text == "العربية"
    assert (link.get("lang"), link.get("dir"), link.get("hreflang")) == ("ar", "rtl", "ar")
    back = site.page(PAGE).one(".byline a[hreflang]")
    assert (back.text, back.get("dir")) == ("English", "ltr")


def test_a_page_from_right_to_left_is_a_mirror_image(site, serve, new_page):
    """Where things stand, measured from the side the language starts at, on phone and desk."""
    measure = """selectors => selectors.map(selector => {
      const box = document.querySelector(selector).getBoundingClientRect();
      const right = getComputedStyle(document.documentElement).direction == 'rtl';
      return Math.round(right ? innerWidth - box.right : box.left);
    })"""
    parts = ["h1", ".byline", ".contents", ".key-points", ".emergency", ".brand", ".footnote"]
    for width in (360, 1280):
        page = new_page(viewport={"width": width, "height": 800})
        address = serve(site.folder)
        places = []
        for path in ("everything/", PAGE):
            page.goto(f"{address}/{path}")
            places.append(page.evaluate(measure, parts))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert not page.complaints
        assert places[0] == pytest.approx(places[1], abs=1)


def test_the_sheet_names_sides_by_reading_direction():
    """Physical sides would not mirror: `left`, `padding-right` and their like."""
    sheets = [*(ROOT / "theme" / "css").glob("*.css"), *(ROOT / "theme/static/css").glob("*.css")]
    assert sheets
    for sheet in sheets:
        css = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
        found = re.findall(
            r"[;{]\s*((?:margin-|padding-|border-)?(?:left|right)(?:-\w+)?\s*:[^;}]*)", css
        )
        found += re.findall(r"((?:text-align|float|clear)\s*:\s*(?:left|right))", css)
        for side, value in re.findall(r"[;{]\s*(margin|padding|inset)\s*:\s*([^;}]+)", css):
            sides = re.sub(r"calc\([^)]*\)|var\([^)]*\)", "x", value).split()
            # Half from one side, moved back by half of itself, is the middle either way.
            if len(sides) == 4 and sides[1] != sides[3] and "50%" not in sides:
                found.append(f"{side}: {value}")
        assert not found, f"{sheet.name}: {found}"
