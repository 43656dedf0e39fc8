"""`make check` reports every error with its place, and nothing about good Markdown.

tests/check/good holds every mark of the dialect, used well; tests/check/wrong holds errors, and
tests/check/wrong.txt what is reported of them.
"""

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pelican.settings import read_settings

from plugins.dates import parse_date
from plugins.facts import ParsedText
from plugins.problems import ContentError, Problem
from plugins.progress import announced
from plugins.rules import fields
from plugins.rules.readability import sentences
from plugins.rules.source import Source
from plugins.rules.text import Text, backslashes, unclosed, useless
from tools.check import check
from tools.terminal import make_console, print_problem
from tools.verify import head

ROOT = Path(__file__).parent.parent
SAMPLES = Path(__file__).parent / "check"
SETTINGS = str(ROOT / "pelicanconf.py")
SUMMARY = (
    "What this article says in one or two plain sentences, long enough to be of use to those who "
    "find it in a list, and short enough to fit there."
)


@pytest.fixture(autouse=True)
def _moment(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795392000")  # 2026-11-23


@pytest.fixture
def settings():
    return read_settings(SETTINGS)


def copied(sample: str, folder: Path, change) -> Path:
    """Copy a sample and change the bytes of every article."""
    target = folder / sample
    shutil.copytree(SAMPLES / sample, target)
    for path in target.rglob("*.md"):
        path.write_bytes(change(path.read_bytes()))
    return target


def plain_line_ends(raw: bytes) -> bytes:
    return raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


DRESSES = {
    "as_it_is": lambda raw: raw,
    "crlf": lambda raw: plain_line_ends(raw).replace(b"\n", b"\r\n"),
    "bom": lambda raw: b"\xef\xbb\xbf" + plain_line_ends(raw),
    "bom_and_crlf": lambda raw: b"\xef\xbb\xbf" + plain_line_ends(raw).replace(b"\n", b"\r\n"),
    "old_mac": lambda raw: plain_line_ends(raw).replace(b"\n", b"\r"),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_good_markdown_is_met_with_silence(dress, tmp_path, settings):
    report = check(copied("good", tmp_path, DRESSES[dress]), settings)
    assert [str(problem) for problem in report.errors] == []
    # These have long sentences and names that are used twice on purpose.
    loud = re.compile(r"café au lait|dialect")
    assert [str(one) for one in report.warnings if not loud.search(one.path)] == []


@pytest.mark.parametrize("dress", DRESSES)
def test_every_error_is_reported_at_its_place(dress, tmp_path, settings, monkeypatch):
    monkeypatch.chdir(copied("wrong", tmp_path, DRESSES[dress]))
    found = [str(problem) for problem in check(Path(), settings).errors]
    assert found == (SAMPLES / "wrong.txt").read_text(encoding="utf-8").splitlines()


def one(tmp_path, monkeypatch, text: str | bytes, settings, name="articles/x.md"):
    """Return what is reported of one file."""
    monkeypatch.chdir(tmp_path)
    path = Path("content") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return check(Path("content"), settings)


def article(body: str, fields: str = "") -> str:
    return (
        f"Title: X\nDate: 2026-01-01\nCategory: Back pain\nSummary: {SUMMARY}\n{fields}\n{body}\n"
    )


def another(body: str, fields: str = "", name="Later") -> str:
    """An article whose title and summary are not those of the first."""
    text = article(body, fields).replace("Title: X", f"Title: {name}")
    return text.replace("What this article says", f"What {name} says")


def places(report) -> list[str]:
    return [f"{problem.line}:{problem.col}" for problem in report.errors]


def test_a_byte_that_is_no_text_is_reported_by_line_and_column(tmp_path, monkeypatch, settings):
    raw = article("Line six é").encode() + "caf\xe9".encode("latin-1")
    (problem,) = one(tmp_path, monkeypatch, raw, settings).errors
    assert (problem.line, problem.col) == (7, 4)
    raw = b"\xef\xbb\xbf" + article("One\nTwo").replace("\n", "\r\n").encode() + b"\xffx"
    (problem,) = one(tmp_path, monkeypatch, raw, settings).errors
    assert (problem.line, problem.col) == (8, 1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("03/04/2026", "2026-03-04 or 2026-04-03"),
        ("13/04/2026", "2026-04-13"),
        ("4.13.2026", "2026-04-13"),
        ("2026/01/31", "2026-01-31"),
        ("23 Nov 2026", "2026-11-23"),
        ("November 3, 2026", "2026-11-03"),
        ("01-02-03", "two"),
        ("2026-02-30", "does not exist write year-month-day, such as 2026-01-31"),
        ("2026-01-01 25:00", "does not exist write year-month-day, such as 2026-01-31"),
        ("2026", "year-month-day"),
        ("2026-01", "year-month-day"),
        ("10:30", "year-month-day"),
        ("May", "year-month-day"),
        ("yesterday", "year-month-day"),
        ("99999999999999999999", "year-month-day"),
    ],
)
def test_a_date_that_is_not_plain_is_reported_with_its_fix(written, expected):
    found, what, fix = parse_date(written)
    assert found is None
    assert expected in f"{what} {fix}"


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31",
        "2026-1-5",
        "2026-01-31 09:30",
        "2026-01-31T09:30:15Z",
        "2026-01-31 09:30+01:00",
    ],
)
def test_a_plain_date_is_read(written):
    assert parse_date(written)[0] is not None


@pytest.mark.parametrize("siteurl", ["https://example.org", "https://example.org/health"])
def test_addresses_are_judged_on_a_published_site_too(siteurl, tmp_path, monkeypatch, settings):
    settings["SITEURL"] = siteurl
    body = f"[here]({siteurl}/x/#part) [nowhere]({siteurl}/y/)\n\n## Part"
    report = one(tmp_path, monkeypatch, article(body), settings)
    assert [problem.what for problem in report.errors] == [f'there is no page "{siteurl}/y/"']


def test_an_address_from_the_root_is_of_the_site_also_where_that_is_in_a_folder(
    tmp_path, monkeypatch, settings
):
    text = article("[a](/x/) [b](/health/x/) [neighbor](https://example.org/other/)")
    settings["SITEURL"] = "https://example.org/health"
    report = one(tmp_path, monkeypatch, text, settings)
    assert [problem.what for problem in report.errors] == ['there is no page "/health/x/"']


LATER = '"{}" is not published until 2030-01-01 00:00 UTC'


@pytest.mark.parametrize("publishing", [False, True])
def test_what_is_published_links_to_nothing_that_is_published_only_later(
    publishing, tmp_path, monkeypatch, settings
):
    settings["PUBLISHING"] = publishing

    def write(name, date, body, fields=""):
        text = another(body, f"Slug: {name}\n{fields}", name).replace("2026-01-01", date)
        return one(tmp_path, monkeypatch, text, settings, f"articles/{name}.md")

    write("later", "2030-01-01", "[a]({tag}late) [now](/now/)", "Tags: late, soon\n")
    write("latest", "2031-01-01", "[earlier](later.md) [its tag](/tag/late/)")
    write("draft", "2026-01-01", "[a](later.md) [b]({tag}late)", "Status: draft\n")
    write("soon", "2029-01-01", "[to come](/later/)", "Emergency: See [its tag]({tag}soon).\n")
    body = "[a](later.md) [b](/later/#x) [c]({tag}late) [d](draft.md) [e](/draft/)"
    errors = write("now", "2026-01-01", f"{body} [f](../later)", "Aliases: /before/\n").errors
    assert [(problem.path, problem.line, problem.col, problem.what) for problem in errors] == [
        ("content/articles/now.md", 8, 1, LATER.format("content/articles/later.md")),
        ("content/articles/now.md", 8, 15, LATER.format("content/articles/later.md")),
        ("content/articles/now.md", 8, 30, LATER.format("{tag}late")),
        ("content/articles/now.md", 8, 45, '"content/articles/draft.md" is a draft'),
        ("content/articles/now.md", 8, 59, '"content/articles/draft.md" is a draft'),
        ("content/articles/now.md", 8, 72, LATER.format("content/articles/later.md")),
        ("content/articles/soon.md", 6, 16, LATER.format("{tag}soon")),
        ("content/articles/soon.md", 8, 1, LATER.format("content/articles/later.md")),
    ]
    assert {problem.fix for problem in errors} == {
        "delete the link, or give this article a later Date",
        "publish it first, or delete the link",
    }


def test_a_file_that_cannot_be_shown_is_named_as_one(tmp_path, monkeypatch, settings):
    (tmp_path / "content" / "images").mkdir(parents=True)
    for name in ("a.svg", "a.pdf"):
        (tmp_path / "content" / "images" / name).write_text("<svg viewBox='0 0 1 1'/>")
    fields = "Image: {}\nImage_alt: A\n"
    body = "![a](/images/b.svg) ![a](x.md) ![a](../images/a.pdf) ![a](data:image/gif;base64,xx)\n"
    text = article(f"{body}[a](/theme/js/replies.js)", fields.format("images/a.svg"))
    errors = one(tmp_path, monkeypatch, text, settings).errors
    assert [problem.what for problem in errors] == [
        '"images/a.svg" is not an image that can be shared',
        'there is no file "images/b.svg"',
        '"content/articles/x.md" is a page, and not a file to show',
        '"../images/a.pdf" is not an image',
        '"data:image/gif;base64,xx" will not be shown: a page loads files of this site only',
        '"/theme/js/replies.js" has another name on the published site',
    ]
    text = article("A.", fields.format("https://example.org/a.png"))
    (problem,) = one(tmp_path, monkeypatch, text, settings).errors
    assert problem.what == '"https://example.org/a.png" is not an image of this site'


@pytest.mark.parametrize("address", ["//", "//[x", "{static}//[x", "{static}http://[x", "{tag}//["])
def test_an_address_that_is_none_is_named_by_its_place(address, tmp_path, monkeypatch, settings):
    text = article(f'<a href="{address}">a</a>', "Image: //[x\nImage_alt: A\n")
    report = one(tmp_path, monkeypatch, text, settings)
    assert places(report) == ["5:8", "8:1"]


def test_the_address_that_the_site_will_have_is_known_from_the_environment(
    tmp_path, monkeypatch, settings
):
    text = article("[a](https://example.org/health/nowhere/) [b](https://example.org/other/)")
    assert one(tmp_path, monkeypatch, text, settings).errors == []
    monkeypatch.setenv("SITEURL", "https://example.org/health/")
    report = one(tmp_path, monkeypatch, text, settings)
    assert [problem.what for problem in report.errors] == [
        'there is no page "https://example.org/health/nowhere/"'
    ]


def test_further_pages_of_a_list_exist_as_far_as_there_are_articles(
    tmp_path, monkeypatch, settings
):
    settings["DEFAULT_PAGINATION"] = 1
    later = another("Text.", "Slug: later\n").replace("2026-01-01", "2030-01-01")
    one(tmp_path, monkeypatch, later, settings, "articles/later.md")
    one(tmp_path, monkeypatch, another("Text.", "Slug: y\n", "Y"), settings, "articles/y.md")
    body = "[a](/page/2/) [b](/category/back-pain/page/2/) [c](/page/3/) [d](/page/4/)"
    report = one(tmp_path, monkeypatch, article(body), settings)
    assert [problem.what for problem in report.errors] == [
        LATER.format("/page/3/"),
        'there is no page "/page/4/"',
    ]


def test_an_address_differs_from_another_by_more_than_capital_letters(
    tmp_path, monkeypatch, settings
):
    one(tmp_path, monkeypatch, article("A.", "Slug: walk\n"), settings)
    report = one(tmp_path, monkeypatch, article("B.", "Slug: Walk\n"), settings, "articles/y.md")
    assert [problem.what for problem in report.errors] == [
        'the address "/Walk" is that of "content/articles/x.md" too'
    ]


@pytest.mark.parametrize(
    "slug", ["category", "Tag", "archive", "topics", "theme", "images", "404", "index", "drafts"]
)
def test_an_address_of_the_site_itself_is_refused(slug, tmp_path, monkeypatch, settings):
    report = one(tmp_path, monkeypatch, article("A.", f"Slug: {slug}\n"), settings)
    assert places(report) == ["5:7"]


def test_questions_in_a_numbered_list_are_judged_too(tmp_path, monkeypatch, settings):
    body = (
        "## FAQs\n\n1. **First** question?\n   An answer.\n\n2. Second question?\n\n"
        "3. First question?\n   Another answer."
    )
    report = one(tmp_path, monkeypatch, article(body), settings)
    assert [(p.line, p.col, p.what) for p in report.errors] == [
        (11, 1, 'the question "Second question?" has no answer'),
        (13, 1, 'the question "First question?" is asked twice'),
    ]


@pytest.mark.parametrize(("lang", "words"), [("jp", "Japanese"), ("french", "not a language code")])
def test_a_language_is_given_by_its_code(lang, words, tmp_path, monkeypatch, settings):
    report = one(tmp_path, monkeypatch, article("A.", f"Lang: {lang}\n"), settings)
    assert places(report) == ["5:7"]
    assert words in str(report.errors[0])


def test_an_empty_source_is_reported_though_nothing_can_be_converted(
    tmp_path, monkeypatch, settings
):
    text = article("One.[^b] Two.[^a]\n\n[^a]:\n\n[^b]: B.")
    report = one(tmp_path, monkeypatch, text, settings)
    assert [str(problem) for problem in report.errors] == [
        'content/articles/x.md:8:1: footnote "[^a]" is empty — write what the source is'
    ]


def test_a_text_that_cannot_be_converted_is_reported(tmp_path, monkeypatch, settings):
    def stumble(*_):
        raise RecursionError

    monkeypatch.setattr("markdown.Markdown.convert", stumble)
    (problem,) = one(tmp_path, monkeypatch, article("Text."), settings).errors
    assert (problem.line, problem.col) == (6, 1)
    assert problem.what == "the text cannot be converted"


def test_a_name_without_letters_is_reported_once(tmp_path, monkeypatch, settings):
    report = one(tmp_path, monkeypatch, article("A.", "Tags: !!!\n"), settings)
    assert places(report) == ["5:7"]
    done = run("content", "-s", SETTINGS, cwd=tmp_path)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


def test_a_file_name_may_hold_the_date_but_no_impossible_one(tmp_path, monkeypatch, settings):
    text = article("A.").replace("Date: 2026-01-01\n", "")
    assert one(tmp_path, monkeypatch, text, settings, "articles/2026-01-01-a.md").errors == []
    text = text.replace("Title: X", "Title: Y")
    errors = one(tmp_path, monkeypatch, text, settings, "articles/2026-99-01-b.md").errors
    assert "the file name begins with a date that does not exist" in [
        problem.what for problem in errors
    ]


def test_url_and_save_as_name_one_place(tmp_path, monkeypatch, settings):
    text = article("A.", "Save_as: one/index.html\nURL: two/\n")
    assert places(one(tmp_path, monkeypatch, text, settings)) == ["6:6"]
    text = article("A.", "Save_as: one.html\nURL: one\n")
    assert places(one(tmp_path, monkeypatch, text, settings)) == ["6:6"]  # no such file is found
    text = article("A.", "Save_as: one.html\nURL: one.html\n")
    assert one(tmp_path, monkeypatch, text, settings).errors == []


@pytest.mark.parametrize("name", ["a.md", "z.md"])
def test_two_articles_have_no_thread_of_replies_in_common(name, tmp_path, monkeypatch, settings):
    one(tmp_path, monkeypatch, article("A.", "Slug: walk\n"), settings, "articles/m.md")
    text = another("B.", "Slug: run\nComment_id: /walk/\n")
    (problem,) = one(tmp_path, monkeypatch, text, settings, f"articles/{name}").errors
    expected = f'content/articles/{name}:6:13: Comment_id "/walk/" is that of "content/articles/'
    assert str(problem).startswith(expected)


def test_the_thread_of_an_article_is_named_as_its_page_names_it(tmp_path, monkeypatch, settings):
    text = article("A.", "Save_as: walk.html\nURL: walk.html\n")
    one(tmp_path, monkeypatch, text, settings, "articles/m.md")
    text = another("B.", "Slug: run\nComment_id: /walk.html\n")
    assert places(one(tmp_path, monkeypatch, text, settings, "articles/z.md")) == ["6:13"]
    text = text.replace("Comment_id: /walk.html", "Comment_id: /walk/")
    assert one(tmp_path, monkeypatch, text, settings, "articles/z.md").errors == []


@pytest.mark.parametrize("wrong", ["//example.org/x/", "/a?b", "/a/../b/", f"/{'a' * 300}/"])
@pytest.mark.parametrize("field", ["Comment_id: {}", "Aliases: {}", "Save_as: x.html\nURL: {}"])
def test_one_judgment_says_what_is_an_address_of_the_site(
    field, wrong, tmp_path, monkeypatch, settings
):
    text = article("A.", field.format(wrong.removeprefix("/") if "URL" in field else wrong) + "\n")
    errors = [problem.what for problem in one(tmp_path, monkeypatch, text, settings).errors]
    assert len(errors) == 1
    assert errors[0].endswith(" is not an address of this site")


def test_limits_of_title_and_summary_are_known_in_one_module():
    assert (head.SUMMARY_LENGTH, head.TITLE_LENGTH) == (fields.SUMMARY_LENGTH, fields.TITLE_LENGTH)
    for path in [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]:
        if path != Path(fields.__file__):
            assert not re.search(r"\b120\b.{1,9}\b15[56]\b", path.read_text("utf-8")), path


def test_all_that_a_field_may_hold_is_in_its_explanation():
    limited = [field for field in fields.FIELDS.values() if isinstance(field.holds, tuple)]
    assert {field.name for field in limited} == {"Dir", "Status", "Comments"}
    assert [f for f in limited if not set(f.holds) <= set(re.findall(r"\w+", f.about))] == []
    assert fields.SUMMARY_LIMITS in fields.FIELDS["Summary"].about


def test_metadata_that_cannot_be_read_is_reported_alike_from_the_cache(
    tmp_path, monkeypatch, settings
):
    settings["CACHE_PATH"] = str(tmp_path / "cache")
    text = f"---\nTemplate: nosuch\n{article('A.')}".replace("Category: Back pain", "- odd")
    first = one(tmp_path, monkeypatch, text, settings).errors
    assert check(Path("content"), settings).errors == first
    assert [problem.line for problem in first] == [5]


def test_articles_may_lie_in_the_root_of_the_content_folder(tmp_path, monkeypatch, settings):
    settings |= {"ARTICLE_PATHS": [""], "ARTICLE_EXCLUDES": ["pages"]}
    assert one(tmp_path, monkeypatch, article("A."), settings, "x.md").errors == []


def test_tokens_are_those_that_the_converter_replaces(tmp_path, monkeypatch, settings):
    text = article("{{ PUBLISHER }} and {{ OTHER }}")
    (problem,) = one(tmp_path, monkeypatch, text, settings).errors
    assert problem.what == '"{{ OTHER }}" is not a known token'
    markdown = settings["MARKDOWN"]
    settings["MARKDOWN"] = {
        "extensions": [name for name in markdown["extensions"] if "Tokens" not in name],
        "extension_configs": {},
    }
    assert [problem.fix for problem in check(Path("content"), settings).errors] == ["delete it"] * 2


def test_a_field_that_the_owner_adds_is_known(tmp_path, monkeypatch, settings):
    settings["EXTRA_FIELDS"] = ["Season"]
    assert one(tmp_path, monkeypatch, article("A.", "Season: winter\n"), settings).errors == []


def test_long_sentences_and_reviews_that_are_due_are_warnings(tmp_path, monkeypatch, settings):
    long = "This *sentence* goes on " + "and on " * 14 + "until it ends."
    fields = "Reviewed_by: A. Name\nReviewed: 2024-01-01\nReview_due: 2025-01-01\n"
    one(tmp_path, monkeypatch, article(f"Short.\n\nOne. {long}", fields), settings)
    report = check(Path("content"), settings)
    assert report.errors == []
    assert [str(problem) for problem in report.warnings] == [
        "content/articles/x.md:7:13: the review was due on 2025-01-01 — "
        "check the facts, then set Reviewed and Review_due",
        "content/articles/x.md:11:6: a sentence of 35 words — "
        "split it: more than 28 are hard to follow",
    ]


def test_sentences_are_separated():
    text = "It helps, e.g. at night. See Dr. Who. Is it 3.5 times? Yes! “Good.” And so on"
    assert sentences(text) == [
        "It helps, e.g. at night.",
        "See Dr. Who.",
        "Is it 3.5 times?",
        "Yes!",
        "“Good.",
        "And so on",
    ]


def test_the_checked_content_may_have_no_folder(tmp_path, settings):
    with pytest.raises(ContentError, match="nowhere: this folder does not exist"):
        check(tmp_path / "nowhere", settings)


def run(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "tools.check", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1795392000", "PATH": ""} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_fails_with_one_line_for_each_error(tmp_path):
    folder = tmp_path / "my site"
    shutil.copytree(SAMPLES / "wrong", folder / "my content")
    done = run("my content", "-s", SETTINGS, cwd=folder)
    expected = (SAMPLES / "wrong.txt").read_text(encoding="utf-8")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == len(expected.splitlines())
    assert all(line.startswith("my content/") for line in done.stdout.splitlines())
    assert "Traceback" not in done.stderr


def test_the_command_says_nothing_on_its_output_when_all_is_well(tmp_path):
    target = copied("good", tmp_path, DRESSES["as_it_is"])
    done = run(str(target), "-s", SETTINGS, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    for path in target.rglob("*.md"):
        if path.stem != "hidden" and path.parent.name != "pages":
            path.unlink()
    done = run(str(target), "-s", SETTINGS, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_command_names_settings_that_are_not_there(tmp_path):
    done = run("-s", "nowhere.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("nowhere.py: ")
    assert len(done.stderr.splitlines()) == 1


def test_the_command_names_settings_that_cannot_be_read(tmp_path):
    (tmp_path / "broken.py").write_text("SITENAME = (\n")
    done = run("-s", "broken.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "broken.py:1" in done.stderr


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_color_is_for_terminals_and_can_be_switched_off(monkeypatch):
    problem = Problem("x.md", 1, 2, "wrong", "fix it")
    monkeypatch.setenv("TERM", "xterm")
    for no_color, stream in (("", Terminal()), ("1", Terminal()), ("", io.StringIO())):
        monkeypatch.setenv("NO_COLOR", no_color)
        print_problem(make_console(stream), problem)
        is_colored = isinstance(stream, Terminal) and not no_color
        assert ("\033[31m" in stream.getvalue()) is is_colored
        assert re.sub(r"\033\[[\d;]*m", "", stream.getvalue()) == f"{problem}\n"


def test_a_long_article_is_announced(tmp_path, monkeypatch, settings):
    text = article("Lorem *ipsum* dolor [x](https://example.org/) sit amet.\n\n" * 11_000)
    monkeypatch.chdir(tmp_path)
    path = Path("content/articles/x.md")
    settings["CACHE_PATH"] = str(tmp_path / "cache")  # one that has not read it before
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    lines: list[str] = []
    with announced.connected_to(lines.append):
        assert check(Path("content"), settings).errors == []
    assert lines == ["content/articles/x.md is long (0.6 million characters): this takes a while …"]


OTHERS = "a page of this site loads and runs its own files only"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<iframe src="https://x.org/"></iframe>',
            f'1: "iframe" is not shown: {OTHERS} — link to it',
        ),
        ('<object data="/x.pdf"></object>', f'1: "object" is not shown: {OTHERS} — link to it'),
        ('<p onclick="a()">A</p>', f'4: "onclick" does not run: {OTHERS}'),
        ("<svg><script>a()</script></svg>", f'6: "script" does not run: {OTHERS}'),
        ("<svg><style>a{}</style></svg>", f'6: "style" has no effect: {OTHERS}'),
        ('<p STYLE = "color:red">A</p>', f'4: "STYLE" has no effect: {OTHERS}'),
        ('<link rel="stylesheet" href="/x.css">', f'1: "link" has no effect: {OTHERS}'),
        ('<meta http-equiv="refresh" content="1">', f'7: "http-equiv" has no effect: {OTHERS}'),
        ('<a ping="https://x.org/" href="#">A</a>', f'4: "ping" has no effect: {OTHERS}'),
        ('<form action="https://x.org/"></form>', f'1: "form" sends nothing: {OTHERS}'),
        ("<video muted></video>", "1: <video> has no controls — write <video controls …>"),
        ("<audio></audio>", "1: <audio> has no controls — write <audio controls …>"),
    ],
)
def test_raw_html_that_a_browser_blocks_is_named_with_place_and_fix(html, expected):
    source = Source(Path("x.md"), "x.md", f"Title: X\n\n`{html}`\n\n{html}\n")
    judged = Text(source, ParsedText(html), is_public=True, tokens=set())
    (found,) = source.problems(useless(judged))
    assert str(found).startswith(f"x.md:5:{expected}")


def test_raw_html_that_works_is_not_named():
    html = '<form action="/search/"></form> <video src="x.mp4" controls></video> style = good'
    source = Source(Path("x.md"), "x.md", f"Title: X\n\n{html}\n\n`<iframe>` &lt;script&gt;\n")
    judged = Text(source, ParsedText(html), is_public=True, tokens=set())
    assert list(useless(judged)) == []


def test_a_windows_path_that_loses_a_backslash_gets_a_warning():
    body = r"C:\path\to, C:\Users\.ssh and \\server\share, but not `C:\.x`, `\\server\x` or \\T(n)."
    source = Source(Path("x.md"), "x.md", f"Title: X\n\n{body}\n\n    C:\\_temp\n")
    judged = Text(source, ParsedText(body), is_public=True, tokens=set())
    assert [(each.col, each.what) for each in source.problems(backslashes(judged))] == [
        (13, r'"C:\Users\.ssh" is shown without a backslash'),
        (31, r'"\\server\share," is shown without a backslash'),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Text.\n\n</div></article>", ['5:1: "</div>" closes nothing', '5:7: "</article>" closes']),
        ("<textarea>x", ['3:1: "<textarea>" is never closed — write </textarea> where it ends']),
        ("A List<String> of <b>two</B>", ['3:7: "<String>" is read as HTML']),
        ("<table><tr><td>One\n", ['3:1: "<table>" is never closed']),
        ("<ul><li>A<li>B</ul> <p>C<br> <img src=x alt=y> `<div>` <https://x.org> <!-- <i> -->", []),
        ("<a href=/x/>a</a> <a title='a > b'>c</a> <g/> <g x=1 />", []),
        ("[a](<b c.md>) <svg><path d=''/></svg> 1 < 2 > 0 <3\n\n[x]: <d e.md>\n", []),
    ],
)
def test_raw_html_that_is_never_closed_or_closes_nothing_is_named(body, expected):
    source = Source(Path("x.md"), "x.md", f"Title: X\n\n{body}\n")
    judged = Text(source, ParsedText(body), is_public=True, tokens=set())
    found = sorted(map(str, source.problems(unclosed(judged))))
    assert [str(each)[5 : 5 + len(start)] for each, start in zip(found, expected, strict=True)] == (
        expected
    )


def test_html_of_a_text_is_named_in_a_field(tmp_path, monkeypatch, settings):
    text = article("Words.").replace(
        "Category:", 'Emergency: Call <b id="main">now</b>!\nCategory:'
    )
    (error,) = one(tmp_path, monkeypatch, text, settings).errors
    assert error.what == "Emergency has HTML that works in a text only"
    fine = text.replace(' id="main"', "")
    assert one(tmp_path, monkeypatch, fine, settings).errors == []
