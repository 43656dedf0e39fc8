"""The shape of an article's HTML, seen on the page that the tests' complete article makes."""

import pytest
from markdown import Markdown

import pelicanconf
from plugins.facts import ParsedText
from plugins.rules.source import Source
from plugins.rules.text import RULES, Text
from tests import ROOT


@pytest.fixture(scope="module")
def page(site):
    return site.page("everything/")


def test_key_points_are_a_named_region_before_the_contents(page):
    assert page.one("section.key-points").get("aria-labelledby") == "key-points"
    assert page.texts("section.key-points h2") == ["Key points"]
    order = [element.get("class") for element in page.one("article")]
    assert order.index("key-points") < order.index("contents")


def test_care_cards_say_their_urgency_in_words(page):
    assert page.texts(".card h3") == [
        "Emergency: Call 911 now if:",
        "Urgent: Ask for an appointment today if:",
        "Not urgent: See a clinician if:",
    ]
    assert [heading.get("id") for heading in page.all(".card h3")] == [
        "emergency",
        "urgent",
        "not-urgent",
    ]


def test_the_emergency_line_comes_before_the_byline_and_leads_to_the_card(page):
    header = [element.get("class") for element in page.one("header.rule")]
    assert header.index("alert") < header.index("byline")
    assert page.one(".alert a").get("href") == "#emergency"


def test_numbered_headings_keep_their_number_as_text_and_leave_it_out_of_the_address(page):
    heading = page.one("#loosening-tight-muscles")
    assert " ".join(heading.text_content().split()) == "1. Loosening tight muscles"
    assert heading[0].get("class") == "n"


def test_a_table_has_a_numbered_caption_and_scoped_headers(page):
    assert page.texts("caption") == ["Table 1. What the trials found."]
    assert [th.get("scope") for th in page.all("thead th")] == ["col"] * 3
    assert [th.get("scope") for th in page.all("tbody th")] == ["row"] * 2
    assert [td.get("data-label") for td in page.all("tbody tr:first-child td")] == [
        "Finding",
        "Certainty",
    ]


def test_certainty_is_a_word_with_pips_and_alignment_is_a_class(page):
    assert [td.get("class") for td in page.all("tbody td")] == [
        "center",
        "certainty c1",
        "center",
        "certainty c3",
    ]
    assert not page.all("[style]")


def test_sources_are_numbered_as_the_reader_meets_them(page):
    marks = [(a.text, a.get("href")) for a in page.all("sup a")]
    assert marks == [("1", "#fn:1"), ("2", "#fn:2"), ("1", "#fn:1"), ("2", "#fn:2"), ("1", "#fn:1")]
    assert [li.get("id") for li in page.all(".footnote li")] == ["fn:1", "fn:2"]


def test_neighbouring_sources_are_told_apart(page):
    assert "1,2" not in page.texts("sup")[1]
    assert page.texts("sup")[2] == ",1"


def test_every_source_link_has_a_name_that_stands_alone(page):
    names = [a.get("aria-label") for a in page.all("sup a")]
    assert names == ["Source 1", "Source 2", "Source 1", "Source 2", "Source 1"]
    back = [a.get("aria-label") for a in page.all("a[href^='#fnref']")]
    assert len(back) == len(set(back)) == 5


def test_every_way_back_leads_to_the_place_of_use(page):
    for link in page.all("a[href^='#fnref']"):
        (mark,) = page.root.xpath("//*[@id=$id]", id=link.get("href")[1:])
        number = mark[0].text
        assert f"source {number}" in link.get("aria-label")


def test_the_whole_address_of_a_source_is_shown(page):
    assert page.texts("a.address") == ["example.org/guideline", "doi.org/10.1000/first"]


def test_contents_list_every_section_and_the_replies(page):
    listed = [a.get("href")[1:] for a in page.all(".contents a")]
    sections = [h2.get("id") for h2 in page.all(".text h2, .replies h2")]
    assert listed == sections
    assert listed[-1] == "leave-a-reply"


def test_a_term_note_names_its_term(page):
    assert page.texts(".term-name") == ["Piriformis"]


ANYWHERE = """An introduction.

!!! emergency "Call 911 now if you *really* "feel" it:"

    - numb

## A section

!!! urgent "Ask today if:"

    - weak

### A part

!!! urgent "Ask today, too, if:"

    - weaker

> # A quoted heading
>
> Its words.

#### A part of it

- an item

    !!! key-points "In short"

        - one

- another

    !!! key-points "In short again {#again}"

        - two

<h2>In HTML</h2>

!!! not-urgent "Some day if:"

    - old

## FAQs

1. Why?

    So.

    !!! emergency "Call now if:"

        - cold
"""


def test_care_cards_and_boxes_may_be_anywhere_and_skip_no_level_of_the_outline():
    page = ParsedText(Markdown(**pelicanconf.MARKDOWN).convert(f"Title: X\n\n{ANYWHERE}"))
    source = Source(ROOT / "x.md", "x.md", f"Title: X\n\n{ANYWHERE}")
    judged = Text(source, page, is_public=True, tokens=set())
    assert [found for rule in RULES for found in rule(judged)] == []
    assert page.headings == [
        (2, 'Call 911 now if you really "feel" it:'),
        (2, "A section"),
        (3, "Ask today if:"),
        (3, "A part"),
        (4, "Ask today, too, if:"),
        (4, "A quoted heading"),
        (4, "A part of it"),
        (5, "In short"),
        (5, "In short again"),
        (2, "In HTML"),
        (3, "Some day if:"),
        (2, "FAQs"),
        (3, "Why?"),
        (4, "Call now if:"),
    ]
    cards = [card[0].get("id") for card in page.tree.xpath("//div[starts-with(@class, 'card ')]")]
    assert cards == ["emergency", "urgent", "urgent-2", "not-urgent", "emergency-2"]
    points = page.tree.xpath("//section[@class='key-points']")
    assert [one.get("aria-labelledby") for one in points] == ["key-points", "again"]
    assert page.facts().sections == [("a-section", "A section"), ("faqs", "FAQs")]


def test_an_item_in_a_box_stays_above_the_list_that_is_in_it():
    text = '!!! term "Disc"\n\n    - first\n        - second\n\n        - third\n\n    - last\n'
    page = ParsedText(Markdown(**pelicanconf.MARKDOWN).convert(f"Title: X\n\n{text}"))
    items = page.tree.xpath("//div/ul/li")
    assert [item.text_content().split() for item in items] == [
        ["first", "second", "third"],
        ["last"],
    ]


def test_a_table_that_ends_an_item_has_its_own_rows_only():
    text = "Title: X\n\n- one\n\n    | a | b |\n    |---|---|\n    | c | d |"
    page = ParsedText(Markdown(**pelicanconf.MARKDOWN).convert(text))
    assert len(page.tree.xpath("//li//tr")) == 2
