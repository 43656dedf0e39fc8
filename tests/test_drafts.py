"""What is not out yet is listed with its date."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools import drafts

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _moment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))


def write(name: str, head: str):
    path = Path("content") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{head}\n\nText.\n", encoding="utf-8")


def test_drafts_and_articles_to_come_are_listed_by_date(capsys):
    write("articles/out.md", "Title: Out\nDate: 2026-01-01")
    write("articles/today.md", "Title: Today\nDate: 2026-11-23")
    write("articles/later.md", "Title: Later\nDate: 2030-01-02 10:00")
    write("articles/draft.md", "Title: A draft\nDate: 2026-05-01\nStatus: Draft")
    write("articles/undated.md", "Title: Undated\nStatus: draft")
    write("articles/hidden.md", "Title: Hidden\nDate: 2031-01-02\nStatus: hidden")
    write("articles/typo.md", "Title: Typo\nDate: 2026-06-01\nStatus: drafft")
    write("pages/page.md", "Title: A page\nStatus: draft")
    write("articles/broken.md", "")
    assert drafts.main(["content", "-s", str(ROOT / "pelicanconf.py")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "no date               draft      content/articles/undated.md  Undated",
        "no date               draft      content/pages/page.md  A page",
        "2026-05-01            draft      content/articles/draft.md  A draft",
        "2026-06-01            draft      content/articles/typo.md  Typo",
        "2030-01-02 10:00 UTC  scheduled  content/articles/later.md  Later",
        "2031-01-02 00:00 UTC  scheduled  content/articles/hidden.md  Hidden",
    ]


def test_a_folder_that_is_not_there_is_named(capsys):
    assert drafts.main(["nowhere", "-s", str(ROOT / "pelicanconf.py")]) == 2
    assert "nowhere: this folder does not exist" in capsys.readouterr().err


def test_nothing_is_said_when_all_is_out(capsys):
    write("articles/out.md", "Title: Out\nDate: 2026-01-01")
    assert drafts.main(["content", "-s", str(ROOT / "pelicanconf.py")]) == 0
    assert capsys.readouterr() == ("", "")


def test_missing_settings_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert drafts.main([]) == 2
    assert "pelicanconf.py" in capsys.readouterr().err
