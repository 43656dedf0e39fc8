"""Markdown where none is read: it works, as words or as what it means, or one line names it."""

import re
from pathlib import Path

import pytest

from plugins.rules import plain
from plugins.rules.source import Source
from tests.publish_fixtures import EPOCH, write_article, write_content
from tests.site_fixtures import ROOT, build_site, words
from tools.build import load_settings
from tools.check import check

# What Markdown would read, and what is around it.
NAMED = [(mark, "", "") for mark in ("**x**", "*x*", "_x_", "__x__", "*2 to 3*", "[x](/y/)")]
NAMED += [(m, "A ", ".") for m in ("![x](a.png)", "[x][a]", "[a]", "[^1]", "<https://x.org/>")]
NAMED += [("*x*", "“", "”"), ("_x y_z_", "(", ")"), ("*要*", "重", "点")]
NAMED += [("{#own}", "A ", ""), ("***x y***", "A ", " b"), ("*[x](/y/)*", "", "")]
HONEST = r"""2 * 3 * 4|snake_case_name of it|C* and D*|It's [sic]|a < b > c|*p < .05 and **p < .01
Étudiant*e*s|Schüler*innen, Lehrer*innen|f**k and s**t|5* hotels and 4* ones|C:\_old.txt|A \ B
___ and ___|_NT_SYMBOL_PATH|# of steps|# x|#1 of 3|rock 'n' roll|The 5` mark|[R] [B] (c)|x[1][2] (y)
{curly} {{ x }}|(*) and (**)|https://example.com/_a_/|{.5 mg}|* Stars * and _ lines _|M*A*S*H"""
MEANT = {"R&amp;D": "&amp;", "{{ SITENAME }}": "{{ SITENAME }}", r"2 \* 3": r"\*", "A `x`": "`x`"}
BODY = "It.[^1]\n\n{}\n\n[^1]: One.\n\n[a]: https://example.com/\n"
# What is written, and what it says without its marks.
MORE = ("*more*", "_more_", "**more**", "`more`", "[more](/x/)", "[more][a]", "![more](/a.png)")
WORDS = dict.fromkeys(MORE, "more") | {r"\*more\*": "*more*", "R&amp;D": "R&D", "[a]": "a"}
WORDS |= {same: same for same in ("2 * 3", "snake_case", "It's [sic]", "a < b")}


def marks(title: str, is_meant=False) -> list:
    text = f"Title: {title}\nDate: 2026-01-02\n\n[a]: https://example.com/"
    return list(plain.marks(Source(Path("x.md"), "x.md", text), {}, is_meant))


@pytest.mark.parametrize(("mark", "before", "after"), NAMED)
def test_a_mark_in_plain_text_is_one_error_at_its_place(mark, before, after):
    ((at, what, _),) = marks(f"{before}{mark}{after}")
    assert what == f'Title is plain text: "{mark}" is shown with its characters'
    assert at == len(f"Title: {before}")


@pytest.mark.parametrize("title", re.split(r"[|\n]", HONEST))
def test_an_honest_title_is_silent(title):
    assert marks(title) + marks(title, is_meant=True) == []


@pytest.mark.parametrize("title", MEANT)
def test_what_may_be_meant_to_be_shown_is_advice(title):
    assert marks(title) == []
    ((at, what, _),) = marks(title, is_meant=True)
    assert at == 7 + title.index(MEANT[title])


def found(tmp_path, monkeypatch, text="", **more) -> list[str]:
    """Return the errors of an article, from their line on."""
    monkeypatch.chdir(ROOT)
    if not (tmp_path / "content").exists():
        write_content(tmp_path)
    write_article(tmp_path / "content", "it", "2026-01-02", BODY.format(text), **more)
    report = check(tmp_path / "content", load_settings("pelicanconf.py"))
    return [str(error).partition("it.md:")[2] for error in report.errors]


@pytest.mark.parametrize("mark", ["# ", "- ", "> "])
def test_one_line_of_markdown_begins_no_block(mark, tmp_path, monkeypatch):
    (error,) = found(tmp_path, monkeypatch, Emergency=f"{mark}Call now.")
    assert error.startswith(f'7:12: Emergency is one line of Markdown: "{mark.strip()}" is shown')


def test_raw_html_in_one_line_of_markdown_has_to_end(tmp_path, monkeypatch):
    (error,) = found(tmp_path, monkeypatch, Emergency="`<i>` Call <b>now.")
    assert error.startswith('7:23: "<b>" is never closed')


@pytest.mark.parametrize("mark", ["", "[^1]", "[us][a]", "[a]", "{{ SITENAM }}"])
def test_one_line_of_markdown_names_what_only_a_text_has(mark, tmp_path, monkeypatch):
    field = f"Call *now*. It's [sic] `[^1]` [a](/about/) {mark}"
    errors = found(tmp_path, monkeypatch, Emergency=field)
    place = f"7:{len('Emergency: ') + field.rindex(mark) + 1}: Emergency is one line of Markdown"
    assert [error.partition(' "')[0] for error in errors] == [f"{place}:"] * bool(mark)


def test_every_field_of_plain_text_is_judged(tmp_path, monkeypatch):
    more = {"Author": "A *b*", "Reviewed_by": "A[^1]", "Image": "images/box.png"}
    more |= {"Image_alt": "*a*", "Reviewed": "2026-01-02", "tags": "one, **two**"}
    errors = found(tmp_path, monkeypatch, **more)
    places = ["4:12: Tags", "7:11: Author", "8:15: Reviewed_by", "10:12: Image_alt"]
    assert [error.split(" is ")[0] for error in errors] == places


HIDDEN = ["See ![A[^1]](/images/box.png).", '[x](/about/ "A[^1]")', "The HTM.\n\n*[HTM]: A[^1]"]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_footnote_that_no_mark_can_lead_to_is_named(text, tmp_path, monkeypatch):
    (error,) = found(tmp_path, monkeypatch, text)
    assert 'the footnote "[^1]" is in words that cannot have one — move it' in error
    assert not found(tmp_path, monkeypatch, f"    {text}".replace("\n", "\n    "))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder, patch = tmp_path_factory.mktemp("plain"), pytest.MonkeyPatch()
    kinds = '![{0}](/images/box.png)\n\nA [b](/about/ "{0}").\n\n' + "Z{1} is.\n\n*[Z{1}]: {0}\n\n"
    texts = (kinds.format(mark, number) for number, mark in enumerate(WORDS))
    last = '!!! urgent "*Go*[^1]"\n\n    Now.\n\n## FAQs\n\n### Is *it* [a][a] `b`?[^1]\n\nYes.\n'
    write_article(write_content(folder), "it", "2026-01-02", BODY.format("".join(texts) + last))
    with patch.context():
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        return build_site(folder / "content", folder / "output").page("it/")


@pytest.mark.parametrize("where", ["figure img/alt", "p a[title]/title", "abbr/title"])
def test_words_that_can_have_no_marks_are_without_them(where, page):
    selector, _, name = where.partition("/")
    assert [element.get(name) for element in page.all(selector)] == list(WORDS.values())


def test_titles_of_admonitions_and_questions_have_marks_and_plain_names(page):
    assert page.one(".card em").text == "Go"
    assert [words(part) for part in page.all(".faq h3 :is(em, a, code)")][:3] == ["it", "a", "b"]
    assert page.one(".faq h3").get("id") == "is-it-a-b"
    assert page.graph["FAQPage"]["mainEntity"][0]["name"] == "Is it a b?"
