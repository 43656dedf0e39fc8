"""The address of a heading or a question: made of its words, whatever else is on the page."""

import random

import lxml.html
import pytest
from markdown import Markdown

import pelicanconf
from plugins.facts import ParsedText
from plugins.ids import theme_ids
from plugins.rules.source import Source
from plugins.rules.text import Text, headings, ids
from tests import ROOT

THEIRS = theme_ids({"THEME": str(ROOT / "theme"), "THEME_TEMPLATES_OVERRIDES": []})


def page(text: str):
    converter = Markdown(**pelicanconf.MARKDOWN)
    converter.reserved = THEIRS
    return ParsedText(converter.convert(f"Title: X\n\n{text}"))


def ids_of(text: str) -> list[str]:
    return page(text).tree.xpath("//*[self::h2 or self::h3 or self::h4]/@id")


def errors(text: str) -> list[str]:
    """Return line, column, message and fix of each error in the ids and headings of a text."""
    source = Source(ROOT / "x.md", "x.md", f"Title: X\n\n{text}")
    judged = Text(source, page(text), is_public=True, tokens=set(), theme_ids=THEIRS)
    return [str(each) for rule in (headings, ids) for each in source.problems(rule(judged))]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("How long does it take?", "how-long-does-it-take"),
        ("C++ & C#", "c-c"),
        ("A_b - c", "a_b-c"),
        ("2024", "2024"),
        ("Don’t “rest”…", "dont-rest"),
        ("Où aller ?", "ou-aller"),
        ("Große Fragen", "große-fragen"),
        ("Сколько ждать?", "сколько-ждать"),
        ("手順の説明", "手順の説明"),
        ("हिन्दी में", "हिन्दी-में"),
        ("كم مرة؟", "كم-مرة"),
        ("Is *it* `safe` & [sound](/x/)?", "is-it-safe-sound"),
        ("<b>Raw</b> &amp; \\*set aside\\*", "raw-set-aside"),
        ("A claim[^a]", "a-claim"),
        ("1️⃣ Walk", "1-walk"),
        ("❤️", "heavy-black-heart"),
        ("???", "question-mark-question-mark-question-mark"),
    ],
)
def test_an_id_is_made_of_the_words_in_any_script_and_of_symbols_where_there_are_none(words, name):
    assert ids_of(f"## {words}\n\n[^a]: A note.\n") == [name]


def test_equal_headings_are_numbered_and_never_take_the_id_of_another():
    text = "## Walk\n\n## Walk\n\n## Walk 1\n\n## Walk\n\n## Walk_1\n"
    assert ids_of(text) == ["walk", "walk_2", "walk-1", "walk_3", "walk_1"]


def test_a_heading_may_be_called_like_an_id_of_the_theme_or_of_a_care_card():
    assert {"main", "contents", "leave-a-reply", "related"} <= THEIRS
    text = "## Main\n\n## Contents\n\n## Leave a reply\n\n## Urgent\n\n## Urgent 2\n\n"
    alone = ids_of(text)
    assert not THEIRS & set(alone)
    cards = '!!! urgent "Today if:"\n\n    - a\n\n!!! urgent "Or if:"\n\n    - b\n'
    assert ids_of(text + cards) == [*alone, "urgent", "urgent-2"]
    assert errors(text + cards) == []


PARTS = [
    "## Walking",
    "## Сколько идти",
    "## Urgent",
    "## Emergency",
    "## Main",
    "## ❤️",
    "### 1. Steps",
    "### Warum so früh?",
    '!!! urgent "Today if:"\n\n    - numb\n',
    '!!! emergency "Call if:"\n\n    - weak\n',
    '!!! key-points "Key points"\n\n    - one\n',
    "## FAQs\n\n### How far?\n\nFar.\n\n### 多远？\n\n远。",
    "## Given {#walking-now}",
    "Words.[^a]",
]


@pytest.mark.parametrize("seed", range(30))
def test_an_id_stays_when_other_headings_cards_or_questions_are_added(seed):
    chosen = random.Random(seed)
    parts = chosen.sample(PARTS, len(PARTS))

    def by_words(parts):
        tree = page("\n\n".join([*parts, "[^a]: A note."])).tree
        found = tree.xpath("//*[self::h2 or self::h3 or self::h4]")
        return {words_alone(each): each.get("id") for each in found}

    few = by_words(chosen.sample(parts, 5))
    assert few.items() <= by_words(parts).items()


def words_alone(heading) -> str:
    """Return the words of a heading without the number that its place gives it."""
    for number in heading.xpath(".//*[@class='n' or @class='permalink']"):
        number.drop_tree()
    return " ".join(lxml.html.tostring(heading, encoding="unicode", method="text").split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## One {#main}\n", 'x.md:3:8: the theme has an id "main" too'),
        ('Words.\n\n<a id="main"></a>\n', 'x.md:5:4: the theme has an id "main" too'),
        ("## One {#same}\n\n## Two {#same}\n", 'x.md:5:8: duplicate id "same"'),
        ("## One {#my id}\n", 'x.md:3:8: "my id" is an id with a space — write my-id'),
        ('<p id="my id">Words.</p>\n', 'x.md:3:4: "my id" is an id with a space — write my-id'),
    ],
)
def test_an_id_that_the_author_cannot_give_is_named_with_its_place(text, expected):
    (error,) = errors(text)
    assert error.startswith(expected)


def test_an_id_of_the_authors_own_outlives_a_rewording_of_heading_question_and_title():
    text = """## Words {#a}

## FAQs

### Why? {#b}

So.

!!! urgent "If: {#c}"

    - x

!!! term "Disc {#d}"

    Words.
"""
    assert page(text).tree.xpath("//@id") == ["a", "faqs", "b", "c", "d"]
    numbered = "## FAQs\n\n1. Why? {#b}\n   So.\n2. Who? {#e}\n\n    He.\n"
    assert page(numbered).tree.xpath("//h3/@id") == ["b", "e"]
