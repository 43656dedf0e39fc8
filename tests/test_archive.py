"""The archive: one page for a small site, a page a year for a large one."""

import pytest

from plugins import archive
from tests.publish_fixtures import EPOCH, ROOT, write_article, write_content
from tests.site_fixtures import build_site
from tools.publish import publish


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Give a function that builds a site of articles of 2024 to 2026."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(ROOT)
    content = write_content(tmp_path)
    write_article(content, "early", "2024-05-06", "Words.")
    (content / "articles" / "tomorrow.md").unlink()
    return lambda **settings: build_site(content, tmp_path / "output", **settings)


def listed(site, path: str) -> list[str]:
    return site.page(path).texts("main .rows a")


def test_a_small_site_has_one_page_with_all_articles_by_year(build):
    site = build()
    assert site.page("archive/").texts("main h2") == ["2026", "2025", "2024"]
    assert len(listed(site, "archive/")) == 6
    assert [path for path in site.paths() if path.startswith("archive/")] == ["archive/"]


def test_a_large_site_has_a_page_for_each_year(build, monkeypatch):
    monkeypatch.setattr(archive, "MOST", 5)
    site = build()
    assert listed(site, "archive/") == ["2026", "2025", "2024"]
    assert site.page("archive/").texts("main .meta") == ["2 articles", "3 articles", "1 article"]
    for year, titles in {
        "2026": ["The first one", "The second one"],
        "2025": ["The number-5 one", "The number-4 one", "The number-3 one"],
        "2024": ["The early one"],
    }.items():
        page = site.page(f"archive/{year}/")
        assert page.texts("h1") == [f"Archive: {year}"]
        assert listed(site, f"archive/{year}/") == titles
        assert [link.get("href") for link in page.all(".breadcrumb a")] == [
            "../../",
            "../../archive/",
        ]
        (link,) = [a for a in site.page("archive/").all(".rows a") if a.text == year]
        assert link.get("href") == f"../archive/{year}/"


def test_the_pages_of_years_pass_verification(build, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST", 5)
    output = tmp_path / "published"
    publish("https://example.org/site", tmp_path / "content", output, "publishconf.py")
    assert (output / "archive" / "2025" / "index.html").is_file()
    assert "https://example.org/site/archive/2025/" in (output / "sitemap.xml").read_text()


@pytest.mark.parametrize(
    "settings", [{"ARCHIVES_SAVE_AS": ""}, {"ARCHIVES_SAVE_AS": "all.html"}], ids=str
)
def test_years_lie_below_the_archive_wherever_that_is(build, monkeypatch, settings):
    monkeypatch.setattr(archive, "MOST", 5)
    paths = [path for path in build(**settings).paths() if "2025/" in path]
    assert paths == (["all/2025/"] if settings["ARCHIVES_SAVE_AS"] else [])
