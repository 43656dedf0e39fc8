"""What a question is: both ways of writing it, its link, and what is wrong in an FAQ section."""

from pathlib import Path

import lxml.html
import pytest
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from plugins import faq
from plugins.facts import ParsedText
from plugins.rules.source import Source
from plugins.rules.text import ADVICE, Text
from plugins.rules.text import faq as rule

EXTENSIONS = [
    "attr_list",
    "tables",
    "footnotes",
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


def test_a_comment_in_an_answer_is_no_part_of_it():
    page = html("## FAQs\n\n### How far?\n\nAround the park.\n\n<!-- ask Ann -->")
    assert [found.answer_text for found in questions(page)] == ["Around the park."]


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
    "heading",
    [
        *("FAQ", "faqs", "Frequently asked questions", "Your questions {.faq}", "FAQs {#ask}"),
        *("FAQ’s", "FAQ's", "F.A.Q.", "FAQ:", "4. FAQs", "4) FAQs", "&nbsp;FAQs", "FAQs[^a]"),
        *("Frequently Asked Questions (FAQ)", "FAQs (frequently asked questions)", "*FAQs*"),
        *("**4. FAQs** {#ask}", "Preguntas frecuentes", "¿Preguntas Frecuentes?", "Häufige Fragen"),
        *("FAQ – Häufig gestellte Fragen", "QUESTIONS FRÉQUENTES", "Foire aux questions"),
        *("Veelgestelde vragen", "Często zadawane pytania", "Часто задаваемые вопросы (FAQ)"),
        *("Поширені запитання", "Sık sorulan sorular", "SIKÇA SORULAN SORULAR", "أسئلة شائعة"),
        *("שאלות נפוצות", "پرسش‌های متداول", "अक्सर पूछे जाने वाले प्रश्न", "常见问题", "よくある質問"),
        *("자주 묻는 질문", "Vanliga frågor", "Usein kysytyt kysymykset", "Συχνές ερωτήσεις"),
    ],
)
def test_the_section_is_known_by_its_name_or_its_mark(heading):
    assert len(questions(html(f"## {heading}\n\n### Why?\n\nBecause.\n"))) == 1


def test_the_section_is_known_by_what_a_table_of_words_calls_it(monkeypatch):
    monkeypatch.setattr(faq, "translate", lambda text, lang, **_: {"xx": "Nachgefragt"}[lang])
    converter = Markdown(extensions=[*EXTENSIONS, "meta"])
    monkeypatch.setattr(faq, "_Link", lambda md: Treeprocessor(md))
    page = converter.convert("Lang: xx\n\n## Nachgefragt!\n\n### Why?\n\nBecause.\n")
    assert 'class="faq"' in page


def warnings(text: str) -> list[str]:
    """Return what could be better in the headings of a text, with line and column."""
    source = Source(Path("x.md"), "x.md", f"Title: X\n\n{text}")
    judged = Text(source, ParsedText(html(text)), is_public=True, tokens=set())
    return [str(each) for advise in ADVICE for each in source.problems(advise(judged))]


ASKED = "### Why?\n\nSo.\n\n### How?\n\nSo.\n\n### Where\n\nThere.\n"


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        (
            "## Answers {faq}",
            '3:1: "Answers" is not read as an FAQ — write "## FAQs", or add {.faq}',
        ),
        ("## Answers {.FAQs}", '3:1: "Answers" is not read as an FAQ'),
        ("## Questions and answers", '3:1: "Questions and answers" is not read as an FAQ'),
        ("## Questions & answers", '3:1: "Questions & answers" is not read as an FAQ'),
        ("## Q&A", '3:1: "Q&A" is not read as an FAQ'),
        ("## Common questions", '3:1: "Common questions" is not read as an FAQ'),
        ("## FAQs about walking", '3:1: "FAQs about walking" is not read as an FAQ'),
        ("## What people ask", '3:1: "What people ask" is not read as an FAQ'),
        ("## A\n\n### FAQs", '5:1: "FAQs" is a level-3 heading and opens no FAQ — write "## FAQs"'),
        ("## A\n\n**FAQ’s:**", '5:3: "FAQ’s:" is a paragraph and opens no FAQ'),
    ],
)
def test_what_looks_like_an_faq_and_is_none_gets_a_warning(opening, expected):
    found = warnings(f"{opening}\n\n{ASKED}")
    assert any(each.startswith(f"x.md:{expected}") for each in found), found


@pytest.mark.parametrize(
    "text",
    [
        f"## FAQs\n\n{ASKED}",
        f"## Common questions {{.faq}}\n\n{ASKED}",
        f"## Common questions\n\nMany.\n\n## FAQs\n\n{ASKED}",
        "## A question\n\n### Does it work?\n\nYes.\n\n### The trial\n\nText.\n",
        "## The question of cost\n\nSome ask frequently. **Faqir** is no FAQ.\n",
    ],
)
def test_no_other_section_gets_that_warning(text):
    assert warnings(text) == []


@pytest.mark.parametrize("mark", ["?", "؟", "？"])
def test_a_section_of_questions_is_known_by_the_question_marks_of_any_script(mark):
    text = f"## 旅行\n\n### 一{mark}\n\n二。\n\n### 三{mark}\n\n四。\n"
    assert len(warnings(text)) == 1


def test_equal_headings_get_a_warning_that_their_addresses_depend_on_their_order():
    text = "## Walk\n\nA.\n\n### Rest\n\nB.\n\n## Walk\n\nC.\n\n## Rest {#rest-day}\n\nD.\n"
    (found,) = warnings(text)
    what = 'several headings are called "Walk": the address "#walk_1" may change'
    assert found.startswith(f"x.md:11:1: {what} — ")
    assert "{#another-id}" in found


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Yes", "Yes"),
        ("![A path](x.png)", "A path"),
        ('![A path](x.png "Walk here")', "A path"),
        ("- yes\n- no", "yes no"),
        ("    x = 1", "x = 1"),
        ("| a |\n|---|\n| b |", "a b"),
        ('<video src="x.mp4" aria-label="How to stand up" controls></video>', "How to stand up"),
        ("10<sup>2</sup> steps", "102 steps"),
    ],
)
def test_an_answer_may_be_one_word_a_picture_a_list_code_or_a_table(answer, text):
    article = f"## FAQs\n\n### Why?\n\n{answer}\n\n### How?\n\nSo.\n"
    assert questions(html(article))[0].answer_text == text
    assert errors(article) == []


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


@pytest.mark.parametrize(
    ("item", "question", "answer"),
    [
        ("How far should I walk when my\n   back hurts?\n   As far.", "my back hurts?", "As far."),
        ("How fast?\\\n   Slowly.", "How fast?", "Slowly."),
        ("The price\n   What is it? Little.", "The price", "What is it? Little."),
        ("Is it\n   good.\n   Why?", "Is it", "good. Why?"),
    ],
)
def test_a_question_in_an_item_may_be_broken_within_a_sentence(item, question, answer):
    (found,) = questions(html(f"## FAQs\n\n1. {item}\n"))
    assert found.text.endswith(question)
    assert " ".join(found.answer_text.split()) == answer
