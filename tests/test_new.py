"""A new draft passes the checks as it is, whatever its title, and replaces nothing."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pelican.settings import read_settings

from plugins.problems import ContentError
from plugins.rules.fields import FIELDS
from plugins.rules.source import decode
from tools import new
from tools.check import check

ROOT = Path(__file__).parent.parent


@pytest.fixture
def settings(tmp_path, monkeypatch):
    folder = tmp_path / "my site"
    (folder / "content" / "articles").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795392000")
    settings = read_settings(str(ROOT / "pelicanconf.py"))
    settings["PATH"] = str(folder / "content")
    return settings


TITLES = {
    "Walking with back pain": "walking-with-back-pain",
    'He said "hi" & left': "he-said-hi-left",
    "What's $5 \\ 6 % of $HOME `worth`?": "whats-5-6-of-home-worth",
    "Café à la crème: déjà vu": "cafe-a-la-creme-deja-vu",
    "日本語": "ri-ben-yu",
    "آلام الظهر": None,
    "a < b <script>alert(1)</script> --> c": None,
    "  Two   spaces  ": "two-spaces",
    "# A sign first": "a-sign-first",
    "{filename}x.md {{ NOTHING }}": None,
}


@pytest.mark.parametrize(("title", "slug"), TITLES.items())
def test_a_new_draft_passes_the_checks_as_it_is(title, slug, settings):
    path = new.create(title, settings, date(2026, 11, 23))
    assert slug is None or path.name == f"{slug}.md"
    assert [str(problem) for problem in check(Path("content"), settings).errors] == []
    source = decode(path, path.read_bytes())
    assert source.value("title") == " ".join(title.split())
    assert source.value("status") == "draft"
    assert source.value("date") == "2026-11-23"


def test_every_field_is_explained_where_readers_do_not_see_it(settings):
    text = new.create("A title", settings, date(2026, 11, 23)).read_text(encoding="utf-8")
    front, _, comment = text.partition("\n\n<!--")
    comment = comment.partition("-->")[0]
    for field in FIELDS.values():
        if field.new:
            assert f"\n{field.name}: " in comment, f"{field.name} is not explained"
            assert field.about in comment
    assert "<!--" not in front


def test_it_has_questions_and_sources(settings):
    text = new.create("A title", settings, date(2026, 11, 23)).read_text(encoding="utf-8")
    assert "\n## FAQs\n\n### " in text
    assert "\n## Sources\n\n[^" in text


def test_it_refuses_to_replace_a_file(settings):
    path = new.create("A title", settings, date(2026, 11, 23))
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ContentError, match="already exists"):
        new.create("A title!", settings, date(2026, 11, 23))
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("with_make", [True, False])
@pytest.mark.parametrize("title", ["!!!", "…'\"?", "$ `!` $(+) \\ # %", "Walking " * 30])
def test_the_command_that_it_prints_works_as_typed(title, with_make, settings, monkeypatch):
    folder = Path.cwd()
    Path("own.py").write_text(f"PATH = {settings['PATH']!r}\nARTICLE_PATHS = ['articles']\n")
    # In place of tools/python.sh, which would install what is installed.
    Path("run.sh").write_text(f'shift\nexec {sys.executable} "$@"\n')
    monkeypatch.delenv("MAKELEVEL", raising=False)
    if with_make:
        monkeypatch.setenv("MAKELEVEL", "1")
    monkeypatch.chdir(ROOT)
    with pytest.raises(ContentError, match=" — type ") as failure:
        new.create(title, settings, date(2026, 11, 23))
    typed = str(failure.value).partition(" — type ")[2]
    assert typed.startswith("make new ") == with_make
    more = f"PY='sh \"{folder}/run.sh\"' CONFFILE=" if with_make else "-s "
    subprocess.run(f"{typed} {more}'{folder}/own.py'", shell=True, check=True)
    (path,) = Path(settings["PATH"], "articles").iterdir()
    assert path.name == "my-article.md"
    assert decode(path, path.read_bytes()).value("title") == title.strip()


@pytest.mark.parametrize("title", ["", "   ", "!!!", "…"])
def test_it_asks_for_a_name_where_the_title_makes_none(title, settings):
    with pytest.raises(ContentError, match=r"tools\.new|make new"):
        new.create(title, settings, date(2026, 11, 23))
    assert not list(Path("content/articles").iterdir())


def test_a_name_of_its_own_makes_up_for_such_a_title(settings):
    assert new.create("!!!", settings, date(2026, 11, 23), "three").name == "three.md"
    assert check(Path("content"), settings).errors == []


@pytest.mark.parametrize("slug", ["../outside", "a/b", "/etc", "a b", "ü", "a.", "a$b"])
def test_a_name_cannot_lead_out_of_the_folder(slug, settings):
    with pytest.raises(ContentError, match=f'"{re.escape(slug)}" is not an address'):
        new.create("A title", settings, date(2026, 11, 23), slug)


def test_none_of_its_words_may_be_published(settings):
    path = new.create("A title", settings, date(2026, 11, 23))
    text = path.read_text(encoding="utf-8").replace("Status: draft", "Status: published")
    path.write_text(text, encoding="utf-8")
    lines = text.split("\n")
    told = check(Path("content"), settings).errors
    assert [lines[problem.line - 1].split()[0] for problem in told] == [
        "Summary:",
        "<!--",
        "Begin",
        "Write",
        "Answer",
        "[^source]:",
    ]
    assert all("placeholder of the draft" in problem.what for problem in told)


def test_a_misspelled_status_does_not_make_its_words_errors(settings):
    path = new.create("A title", settings, date(2026, 11, 23))
    path.write_text(path.read_text("utf-8").replace("Status: draft", "Status: drafft"), "utf-8")
    (error,) = check(Path("content"), settings).errors
    assert "drafft" in error.what


def test_the_date_is_that_of_today_in_the_time_zone_of_the_site(settings):
    dates = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):  # 25 hours apart
        conf = f"PATH = {settings['PATH']!r}\nARTICLE_PATHS = ['articles']\nTIMEZONE = '{zone}'\n"
        Path("own.py").write_text(conf)
        assert new.main([f"In {zone}", "-s", "own.py"]) == 0
    for path in Path(settings["PATH"], "articles").iterdir():
        dates.add(decode(path, path.read_bytes()).value("date"))
    assert len(dates) == 2


def test_a_title_without_quotes_makes_no_draft_of_its_first_word():
    typed = ["make", "new", "TITLE=Walking", "with", "back", "pain"]
    done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 'make new TITLE="Walking with back pain"' in done.stderr
    assert done.returncode
    assert not (ROOT / "content" / "articles" / "walking.md").exists()


def test_the_command_takes_the_title_from_its_arguments_or_from_make(settings, monkeypatch, capsys):
    Path("pelicanconf.py").write_text('PATH = "content"\nARTICLE_PATHS = ["articles"]\n')
    assert new.main(["Three", "words", "here"]) == 0
    monkeypatch.setenv("TITLE", 'From "make" for $5')
    assert new.main([]) == 0
    assert new.main([]) == 1
    monkeypatch.setenv("TITLE", "")
    assert new.main([]) == 1
    monkeypatch.setenv("TITLE", "!")
    monkeypatch.setenv("SLUG", "short")
    assert new.main([]) == 0
    out, err = capsys.readouterr()
    assert "content/articles/three-words-here.md" in out
    assert "content/articles/from-make-for-5.md" in out
    assert "content/articles/short.md" in out
    assert "already exists" in err
    assert "the title is empty" in err
