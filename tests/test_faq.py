"""What a question is: both ways of writing it, its link, and what is wrong in an FAQ section."""

from pathlib import Path

import lxml.html
import pytest
from markdown import Markdown

from plugins import faq
from plugins.facts import ParsedText
from plugins.rules.source import Source
from plugins.rules.text import Text
from plugins.rules.text import faq as rule

EXTENSIONS = [
    "attr_list",
    "footnotes",
    "toc",
    "plugins.faq:FaqExtension",
    "plugins.markup:MarkupExtension",
]

SUB_HEADINGS = """
## FAQs

### How many visits?

The number depends on you.

### Can it cure pain?

The first paragraph.

- a [link](#faqs)
- in a list

### Is it covered?

Sometimes.

## Sources
"""

NUMBERED = """
## FAQs

1. How many visits?
The number depends on you.

2. Can it cure pain?

    The first paragraph.

    - a [link](#faqs)
    - in a list

3. Is it covered?

Sometimes.

## Sources
"""


def html(text: str) -> str:
    return Markdown(extensions=EXTENSIONS).convert(text)


def questions(page: str) -> list[faq.Question]:
    return faq.questions(lxml.html.fragment_fromstring(page, create_parent="div"))


def errors(text: str) -> list[tuple[int, str]]:
    """Return the line and the message of each error that the rule finds in a text."""
    source = Source(Path("x.md"), "x.md", f"Title: X\n\n{text}")
    found = rule(Text(source, ParsedText(html(text)), is_public=True, tokens=set()))
    return [(problem.line - 2, problem.what) for problem in source.problems(found)]


@pytest.mark.parametrize("text", [SUB_HEADINGS, NUMBERED], ids=["sub-headings", "numbered items"])
def test_both_ways_of_writing_give_the_same_questions(text):
    found = questions(html(text))
    assert [question.text for question in found] == [
        "How many visits?",
        "Can it cure pain?",
        "Is it covered?",
    ]
    assert [question.id for question in found] == [
        "how-many-visits",
        "can-it-cure-pain",
        "is-it-covered",
    ]
    assert found[0].answer_text == "The number depends on you."
    assert found[1].answer_text == "The first paragraph.\na link in a list"
    assert found[2].answer_text == "Sometimes."


def test_both_ways_of_writing_give_the_same_page():
    assert "".join(html(SUB_HEADINGS).split()) == "".join(html(NUMBERED).split())


def test_each_question_is_numbered_and_links_to_itself():
    page = html(SUB_HEADINGS)
    assert '<span class="n">2.</span> Can it cure pain?' in page
    assert 'aria-label="Link to question 2" class="permalink" href="#can-it-cure-pain"' in page


def test_a_number_that_the_author_wrote_is_not_shown_twice():
    page = html("## FAQ\n\n### 1. How many visits?\n\nSome.\n")
    assert page.count("1.") == 1
    assert questions(page)[0].text == "How many visits?"
    assert questions(page)[0].id == "how-many-visits"


@pytest.mark.parametrize(
    "heading", ["FAQ", "faqs", "Frequently asked questions", "Your questions {.faq}", "FAQs {#ask}"]
)
def test_the_section_is_known_by_its_name_or_its_mark(heading):
    assert len(questions(html(f"## {heading}\n\n### Why?\n\nBecause.\n"))) == 1


def test_an_id_of_the_authors_own_stays():
    page = html("## FAQs {#ask}\n\n### Why? {#why-so}\n\nBecause.\n")
    assert '<section aria-labelledby="ask" class="faq">' in page
    assert questions(page)[0].id == "why-so"


def test_a_page_without_the_section_has_no_faq_markup():
    page = html("## Steps\n\n1. One?\nTwo.\n\n### Why?\n\nBecause.\n")
    assert "faq" not in page
    assert "permalink" not in page
    assert questions(page) == []


def test_the_section_ends_at_the_next_heading_of_its_level():
    page = html("## FAQs\n\n### Why?\n\nBecause.\n\n## Later\n\n### Not a question\n\nText.\n")
    assert [question.text for question in questions(page)] == ["Why?"]


def test_source_numbers_are_no_part_of_an_answer():
    page = html("## FAQs\n\n### Why?\n\nBecause.[^a]\n\n## Sources\n\n[^a]: A source.\n")
    assert questions(page)[0].answer_text == "Because."


def test_emphasis_and_marks_in_a_question_read_as_plain_words():
    page = html('## FAQs\n\n### Is *it* "safe" & sound?\n\nYes.\n')
    assert questions(page)[0].text == 'Is it "safe" & sound?'


def test_a_numbered_list_inside_an_answer_is_no_question():
    page = html("## FAQs\n\n### What to do?\n\n1. Walk.\n2. Rest.\n")
    assert len(questions(page)) == 1


def test_a_sound_section_has_no_errors():
    assert errors(SUB_HEADINGS) == []
    assert errors(NUMBERED) == []


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("## FAQs\n\nOnly words.\n", 1, 'the FAQ section "FAQs" has no questions'),
        ("## FAQs\n\n### Why?\n\n### How?\n\nSo.\n", 3, 'the question "Why?" has no answer'),
        ("## FAQs\n\n1. Why?\n2. How?\nSo.\n", 3, 'the question "Why?" has no answer'),
        (
            "## FAQs\n\n### Why?\n\nSo.\n\n### why?\n\nSo.\n",
            7,
            'the question "why?" is asked twice',
        ),
        (
            "## FAQs\n\n### Why?\n\nSo.\n\n## FAQ\n\n### How?\n\nSo.\n",
            7,
            '"FAQ" is a second FAQ section',
        ),
    ],
)
def test_errors_are_reported_at_the_heading_that_has_them(text, line, what):
    assert errors(text) == [(line, what)]
