"""What authors may do simply works, up to the page; what they may not leaves the last site alone.

Many cases share a build: each is an article of its own. test_check_cases.py has the checker alone.
"""

import os
import shutil
import zlib

import pytest

from plugins import reader
from tests.site_fixtures import CONTENT, EPOCH, ROOT, build_site
from tools.build import load_settings, main
from tools.verify import verify

SUMMARY = (
    "What this article says in one or two plain sentences, long enough to be of use to those who "
    "find it in a list, and short enough to fit ({})."
)
REST = f"Date: 2026-01-02\nCategory: Back pain\nSummary: {SUMMARY}\n"
PAGE = f"Summary: {SUMMARY}\n"


def article(head: str, rest: str = REST) -> str:
    """An article with the fields that every article needs, below those of the case."""
    rest = rest.format(zlib.crc32(head.encode()))
    return f"{head}\n{rest}\nThe words of it.\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def shelf(folder):
    """Make a folder of content with one good article and the pages that every page links to."""
    shutil.copytree(CONTENT / "pages", folder / "pages")
    (folder / "images").mkdir()
    write(folder / "articles" / "good.md", article("Title: Good"))
    return folder


FILES = {
    "caps.md": article("Title: Draft in capitals\nStatus: Draft"),
    "bom.md": article("Title: Café with a mark").encode("utf-8-sig"),
    "crlf.md": article("Title: Lines of Windows").replace("\n", "\r\n"),
    "colon.md": article("Title: Part 1: the colon"),
    "tab.md": article("Title:\tTabbed\there"),
    "html.md": article("Title: a < b & c <script>alert(1)</script>\nSlug: html"),
    "quotes.md": article('Title: He said "hi"'),
    "draft.md": article("Title: A draft\nStatus: draft"),
    "hidden.md": article("Title: A hidden one\nStatus: hidden"),
    "skip.md": article("Title: A skipped one\nStatus: skip"),
    "en.md": article("Title: In English\nSlug: both\nLang: en-us"),
    "fr.md": article("Title: En français\nSlug: both\nLang: fr"),
    "my new post éè.md": article("Title: Spaces in its file"),
    "cjk.md": article("Title: 日本語"),
    "wrapped.md": article(
        "Title: A title\n    that goes on\nTags: low back pain,\n    sitting\nAuthors: Ann,\n\tBob",
        REST.replace(" says", "\n    says").replace("\nCategory: ", "\nCategory:\n    "),
    ),
    "hour.md": article("Title: Late\nModified: 2026-01-02", REST.replace("-02", "-02 15:00", 1)),
    "number.md": article("Title: A number", REST.replace("What", "#1 What")),
    "walk.md": article("Title: Yoga\nSlug: yoga\nTags: walking"),
    "caminar.md": article(
        "Title: Yoga\nSlug: yoga\nLang: ES\nTags: caminar, walking",
        REST.replace("Back pain", "Espalda"),
    ),
    "sentarse.md": article("Title: Sentarse\nSlug: sit\nLang: es")
    + "[Who we are]({filename}../pages/team.md)",
    "../pages/team.md": article("Title: Team\nSlug: team", PAGE),
    "../pages/equipo.md": article("Title: Equipo\nLang: es\nSlug: team", PAGE),
    "assis.md": article("Title: Assis\nSlug: sit\nLang: fr"),
    "alone.md": article(
        "Title: Alone\nStatus: hidden\nTags: alone", REST.replace("Back pain", "Of its own")
    ),
    "future.md": article("Title: Still to come", REST.replace("2026", "2126")),
}
# What each published case is called, and its address.
OUT = {
    "good/": "Good",
    "cafe-with-a-mark/": "Café with a mark",
    "lines-of-windows/": "Lines of Windows",
    "part-1-the-colon/": "Part 1: the colon",
    "tabbed-here/": "Tabbed here",
    "html/": "a < b & c <script>alert(1)</script>",
    "he-said-hi/": 'He said "hi"',
    "a-hidden-one/": "A hidden one",
    "both/": "In English",
    "fr/both/": "En français",
    "a-title-that-goes-on/": "A title that goes on",
    "late/": "Late",
    "a-number/": "A number",
    "yoga/": "Yoga",
    "es/yoga/": "Yoga",
    "es/sit/": "Sentarse",
    "fr/sit/": "Assis",
    "alone/": "Alone",
    "spaces-in-its-file/": "Spaces in its file",
    "ri-ben-yu/": "日本語",
    "linked/": "Linked",
    "linked-folder/": "Linked folder",
}
UNPUBLISHED = ["Draft in capitals", "A draft", "A skipped one", "Still to come"]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """All cases that simply work, published together."""
    room = tmp_path_factory.mktemp("cases")
    content = shelf(room / "content")
    for name, text in FILES.items():
        write(content / "articles" / name, text)
    write(room / "outside.md", article("Title: Linked"))
    write(room / "outside" / "inside.md", article("Title: Linked folder"))
    os.symlink(room / "outside.md", content / "articles" / "linked.md")
    os.symlink(room / "outside", content / "articles" / "linked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        return build_site(content, room / "output", "publishconf.py", SITEURL="https://example.org")


@pytest.mark.parametrize(("path", "title"), OUT.items())
def test_what_an_author_may_write_is_on_its_page_as_it_was_meant(published, path, title):
    page = published.page(path)
    assert page.texts("h1") == [title]
    assert page.texts("title")[0].startswith(title)
    assert " ".join(page.graph["BlogPosting"]["headline"].split()) == title
    assert "The words of it." in page.texts(".text")[0]


def test_nothing_else_is_published(published):
    articles = {path for path in published.paths() if published.page(path).all(".byline time")}
    assert articles == set(OUT)
    for file in published.folder.rglob("*.*"):
        if file.suffix in {".html", ".xml", ".txt"}:
            assert not [title for title in UNPUBLISHED if title in file.read_text("utf-8")], file


def test_a_hidden_article_is_in_no_list_feed_or_sitemap(published):
    naming = {
        file.relative_to(published.folder).as_posix()
        for file in published.folder.rglob("*.*")
        if file.suffix in {".html", ".xml", ".txt"} and "a-hidden-one" in file.read_text("utf-8")
    }
    assert naming == {"a-hidden-one/index.html"}


def test_translations_lead_to_each_other(published):
    address = published.address
    for path, other in (("both/", "fr/both/"), ("fr/both/", "both/")):
        links = published.page(path).all("main a")
        assert f"{address}{other}" in [link.get("href") for link in links]


def test_what_passes_the_checks_is_fit_to_be_published(published):
    settings = load_settings(ROOT / "publishconf.py", {"SITEURL": published.address.rstrip("/")})
    assert [str(problem) for problem in verify(published.folder, settings).errors] == []


def test_a_field_on_several_lines_is_joined_wherever_it_is_shown(published):
    page, summary = published.page("a-title-that-goes-on/"), "What this article says in one or two"
    assert page.texts(".standfirst")[0].startswith(summary)
    for name in ("description", "og:description"):
        (meta,) = page.all(f'meta[name="{name}"], meta[property="{name}"]')
        assert meta.get("content").startswith(summary)
    assert page.texts(".tags li") == ["low back pain", "sitting"]
    assert page.graph["BlogPosting"]["articleSection"] == "Back pain"
    assert "A title that goes on" in (published.folder / "feed.xml").read_text("utf-8")


def test_a_summary_is_a_line_of_words_with_whatever_it_begins(published):
    assert published.page("a-number/").texts(".standfirst")[0].startswith("#1 What this article")


def test_a_translation_is_listed_under_its_own_category_and_tags(published):
    def listed(path):
        links = published.page(path).all(".rows h2 a")
        return [link.get("href").removeprefix(published.address) for link in links]

    assert listed("category/espalda/") == listed("tag/caminar/") == ["es/yoga/"]
    assert listed("tag/walking/") == ["yoga/"]  # which has the same tag, and leads on
    assert "es/yoga/" not in listed("category/back-pain/")
    assert {"Espalda", "caminar"} < {*published.page("topics/").texts(".tags a")}
    crumbs = published.page("es/yoga/").graph["BreadcrumbList"]["itemListElement"]
    assert crumbs[1]["item"] == {"@id": f"{published.address}category/espalda/"}


def test_translations_without_one_in_the_sites_language_name_each_other(published):
    for path in ("es/sit/", "fr/sit/"):
        links = published.page(path).all("link[hreflang]")
        named = {link.get("hreflang"): link.get("href") for link in links}
        spanish, french = (f"{published.address}{lang}/sit/" for lang in ("es", "fr"))
        assert named == {"es": spanish, "fr": french, "x-default": spanish}


def test_a_page_leads_to_its_translation(published):
    page, address = published.page("team/"), f"{published.address}es/team/"
    assert page.one(".byline a").get("href") == address
    assert page.one('link[hreflang="es"]').get("href") == address


def test_a_category_or_tag_without_a_page_is_shown_in_words(published):
    page = published.page("alone/")
    assert page.texts(".breadcrumb li") == ["Home", "Of its own"]
    assert page.texts(".tags li") == ["alone"]
    assert not page.all(".breadcrumb li:last-child a, .tags a")
    crumb = page.graph["BreadcrumbList"]["itemListElement"][1]
    assert (crumb["name"], "item" in crumb) == ("Of its own", False)


def more(head: str):
    """Return a preparation that writes one more article with these lines at its head."""
    return lambda articles: write(articles / "x.md", article(head))


def same_language(articles):
    write(articles / "x.md", article("Title: X\nSlug: s\nLang: en-us"))
    write(articles / "y.md", article("Title: Y\nSlug: s"))


def loop(articles):
    (articles / "loop").mkdir()
    os.symlink("..", articles / "loop" / "up")


def nothing(articles):
    (articles / "good.md").unlink()


ERRORS = {
    "dup_slug": (more("Title: Good"), 'articles/x.md:1:8: the address "/good" is that of '),
    "dup_save_as": (
        more("Title: X\nSave_as: good/index.html\nURL: good/"),
        'articles/x.md:2:10: the address "/good" is that of ',
    ),
    "translation_same_lang": (same_language, 'articles/y.md:2:7: the address "/s" is that of '),
    "template_missing": (
        more("Title: X\nTemplate: nosuch"),
        'articles/x.md:2:11: "nosuch" is not a template of the theme',
    ),
    "symlink_loop": (loop, "articles/loop/up:1:1: a symbolic link to a folder that contains it"),
    "slug_path_traversal": (
        more("Title: X\nSave_as: ../../escaped.html\nURL: escaped.html"),
        'articles/x.md:2:10: "../../escaped.html" is outside the site',
    ),
    "empty_content": (nothing, ":1:1: there is no article here"),
}


@pytest.mark.parametrize(("prepare", "expected"), ERRORS.values(), ids=ERRORS)
def test_an_error_ends_the_build_with_one_located_line_and_the_last_site_stays(
    tmp_path, monkeypatch, capsys, prepare, expected
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    content = shelf(tmp_path / "content")
    prepare(content / "articles")
    write(tmp_path / "output" / "index.html", "the last good site")
    settings = str(ROOT / "pelicanconf.py")
    assert main([str(content), "-o", str(tmp_path / "output"), "-s", settings]) == 1
    printed = capsys.readouterr()
    line, count = printed.err.splitlines()
    assert expected in line.removeprefix(str(content))
    assert " — " in line
    assert count == "Not built: 1 error. The last good site is untouched."
    assert printed.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content", "output"]
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["index.html"]
    assert (tmp_path / "output" / "index.html").read_text() == "the last good site"


def test_before_a_long_article_is_converted_a_line_says_that_it_takes_a_while(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(reader, "LONG_TEXT", 100)
    printed = []

    def convert(*_):
        printed.append(capsys.readouterr().err)
        raise ValueError

    monkeypatch.setattr("markdown.Markdown.convert", convert)
    content = shelf(tmp_path / "content")
    settings = str(ROOT / "pelicanconf.py")
    assert main([str(content), "-o", str(tmp_path / "output"), "-s", settings]) == 1
    assert "good.md is long" in printed[0]
