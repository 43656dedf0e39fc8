"""What is not published leaves no trace in a published site, nor in the cache that goes with it."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from plugins.cache.store import Cache
from tests.publish_fixtures import EPOCH, OPEN, ROOT, write_article, write_content
from tools import publish, verify
from tools.build import build

SITEURL = "https://example.org/site"
TITLE = "Secret merger with Acme Clinics"
SAID = "the two boards met by night and shook hands on the terms before anybody woke"
COLORS = {"shared": "gray", "icon": "navy", "linked": "gold", "raw": "plum", "nobody": "red"}
HELD = {"handshake": "green", "seal": "black", "future": "pink", "asleep": "brown", "kept": "tan"}


def write_all(folder: Path) -> Path:
    """Write a content with all kinds of documents that are not published, each with files of its
    own, and some that it shares with a published one."""
    content = write_content(folder)
    for name, color in {**COLORS, **HELD}.items():
        Image.new("RGB", (700, 400), color).save(content / "images" / f"{name}.png")
    for name in ("terms", "dormant", "open"):
        (content / "extra" / f"{name}.pdf").write_bytes(b"%PDF")
    manifest = json.dumps({"icons": [{"src": "../images/icon.png"}]})
    (content / "extra" / "site.webmanifest").write_text(manifest)
    shared = "![Gray]({static}/images/shared.png)"
    write_article(
        content,
        "second",
        "2026-01-04",
        f'{shared}\n\n[Gold]({{static}}/images/linked.png)\n\n<img src="{{static}}/images/raw.png" '
        'alt="Plum">',
        tags="other",
    )
    secret = dict.fromkeys(("Status",), "draft") | {"Author": "Zoe Takeover", "Aliases": "/hush/"}
    secret |= {"Image": "images/seal.png", "Image_alt": "A seal"}
    body = f"{SAID}\n\n![Green]({{static}}/images/handshake.png)\n\n{shared}\n\n"
    body += "[Terms]({static}/extra/terms.pdf), [the first]({filename}first.md)"
    write_article(content, "secret-merger", "2026-01-03", body, tags="takeovers", **secret)
    file = content / "articles" / "secret-merger.md"
    text = file.read_text("utf-8").replace("The secret-merger one", TITLE)
    file.write_text(text.replace("Category: Tests", "Category: Mergers"), "utf-8")
    moved = {"Status": "draft", "Save_as": "moved/index.html", "URL": "moved/"}
    write_article(content, "stealthy", "2026-01-02", "Pipeline unseen.", **moved)
    later = "Conferenced.\n\n![Pink]({static}/images/future.png)"
    write_article(content, "tomorrow", "2126-01-01", later, tags="futures", Aliases="/anon/")
    skipped = "Slumbering. ![Brown]({static}/images/asleep.png) [x]({static}/extra/dormant.pdf)"
    write_article(content, "dozing", "2026-01-02", skipped, Status="skip")
    german = {"Status": "draft", "Lang": "de"}
    write_article(content, "second-de", "2026-01-04", "Heimliches.", **german)
    file = content / "articles" / "second-de.md"
    file.write_text(file.read_text("utf-8").replace("Slug: second-de", "Slug: second"), "utf-8")
    page = "Title: Concealed page\nStatus: draft\nSummary: {}\n\n![Tan](../images/kept.png)\n"
    (content / "pages" / "concealed.md").write_text(page.format("Long " * 25), "utf-8")
    return content


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        settings = {**OPEN, "CACHE_PATH": str(folder / "cache")}
        content = write_all(folder)
        built = publish.publish(SITEURL, content, folder / "site", "publishconf.py", settings)
        yield folder, built


@pytest.fixture
def site(shelf, tmp_path, monkeypatch):
    """A copy of the site to spoil."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    return Path(shutil.copytree(shelf[0] / "site", tmp_path / "site"))


def names(site: Path) -> list[str]:
    return sorted(file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file())


WORDS = (
    *("secret", "acme", "boards met", "takeover", "mergers", "hush", "handshake", "seal", "terms"),
    *("stealthy", "unseen", "moved/", "tomorrow", "conferenced", "futures", "anon/", "future.png"),
    *("dozing", "slumber", "asleep", "dormant", "heimlich", "concealed", "kept.png", "2126"),
    *("unfinished", "drafted", "nobody", "drafts"),
)


def test_no_word_name_or_address_of_what_is_not_published_is_in_the_site(shelf):
    site = shelf[0] / "site"
    for name in names(site):
        text = name.casefold() + (site / name).read_text("utf-8", "replace").casefold()
        assert [word for word in WORDS if word in text] == [], name


def test_a_file_is_published_where_a_published_text_or_the_owner_uses_it(shelf):
    site = shelf[0] / "site"
    found = [name for name in names(site) if name.startswith(("images", "extra", "pictures"))]
    found = {re.sub(r"-[0-9a-f]{8}-\d+", "", name) for name in found}
    used = ("box", "shared", "linked", "raw", "icon")
    cards = {f"pictures/share-{s}.png" for s in ("site", "first", "second", "number-3")}
    cards |= {"pictures/share-number-4.png", "pictures/share-number-5.png"}
    assert found == cards.union(
        (f"images/{name}.png" for name in used),
        (f"pictures/{name}.webp" for name in used),
        ("extra/open.pdf", "extra/site.webmanifest"),
    )


def test_one_line_says_which_files_are_not_published(shelf):
    assert [note for note in shelf[1].notes if "no published text" in note] == [
        "8 files are not published, since no published text uses them: extra/dormant.pdf, "
        "extra/terms.pdf, images/asleep.png, images/future.png, images/handshake.png, "
        "images/kept.png, images/nobody.png, images/seal.png"
    ]


def test_a_folder_of_files_as_they_are_and_a_file_that_the_theme_names_are_published(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(ROOT)
    content, theme = write_content(tmp_path), tmp_path / "theme"
    for name in ("logo", "other"):
        (content / "images" / f"{name}.svg").write_text('<svg viewBox="0 0 9 9"/>')
    (content / "files").mkdir()
    (content / "files" / "free.bin").write_bytes(b"free")
    theme.mkdir()
    page = (ROOT / "theme/templates/page.html").read_text("utf-8")
    (theme / "page.html").write_text(page + "{# images/logo.svg #}", "utf-8")
    settings = {**OPEN, "AS_IS_PATHS": ["files"], "STATIC_PATHS": ["images", "extra", "files"]}
    settings["THEME_TEMPLATES_OVERRIDES"] = [str(theme)]
    publish.publish(SITEURL, content, tmp_path / "site", "publishconf.py", settings)
    published = names(tmp_path / "site")
    assert {"images/logo.svg", "files/free.bin"} <= {*published}
    assert "images/other.svg" not in published


def test_a_preview_has_every_file_and_the_cache_that_is_carried_on_none_of_a_draft(shelf, tmp_path):
    output = tmp_path / "preview"
    with closing(sqlite3.connect(shelf[0] / "cache" / "public.db")) as kept:
        public = [value for (value,) in kept.execute("SELECT CAST(value AS BLOB) FROM entries")]
    settings = {**OPEN, "CACHE_PATH": str(tmp_path / "cache")}
    build(shelf[0] / "content", output, "pelicanconf.py", settings)
    with closing(sqlite3.connect(tmp_path / "cache" / "public.db")) as kept:
        public += [value for (value,) in kept.execute("SELECT CAST(value AS BLOB) FROM entries")]
    assert {f"images/{name}.png" for name in HELD} <= {*names(output)}
    for name in names(output):
        if name.startswith("pictures/") and "share-s" not in name:
            content = (output / name).read_bytes()
            stem = name.split("/")[1].split("-")[0]
            is_held = stem in {*HELD, "nobody"} or "tomorrow" in name or "unfinished" in name
            assert any(value.endswith(content) for value in public) is not is_held, name
    said = b" ".join(public).lower()
    assert not any(word in said for word in (b"acme", b"conferenced", b"heimlich", b"slumber"))


# -- What verify sees ------------------------------------------------------------------------------


def errors(site: Path, built) -> list[str]:
    """Return what is wrong with a site, the same with a cache and without."""
    fresh = verify.verify(site, {**built.settings, "CACHE": None}, None, built)
    with closing(Cache({**built.settings, "CACHE_PATH": str(site.parent / "cache")})) as cache:
        for _ in ("kept for the first time", "kept"):
            settings = {**built.settings, "CACHE": cache}
            assert verify.verify(site, settings, None, built) == fresh
    return [str(problem) for problem in fresh.errors]


def test_a_site_without_traces_has_no_error(site, shelf):
    assert errors(site, shelf[1]) == []


NOT_PUBLISHED = "secret-merger.md, which is not published"
NO_SOURCE = "this file traces to no published source"
ACROSS = re.sub(r"(\w+ \w+) ", r"<b>\1</b></p><p>", SAID)
# What to write to the end of a page, and what is reported.
IN_PAGE = {
    "words": (f"<p>{SAID}</p>", NOT_PUBLISHED),
    "words with tags between": (f"<p>{ACROSS}</p>", NOT_PUBLISHED),
    "words in capitals": (f"<p>{SAID.upper()}</p>", NOT_PUBLISHED),
    "words in an attribute": (f'<p title="{SAID}">x</p>', NOT_PUBLISHED),
    "words in a comment": (f"<!-- {SAID} -->", NOT_PUBLISHED),
    "a title": (f"<ul><li>{TITLE}</li></ul>", NOT_PUBLISHED),
    "a title in parts": ("<p>Secret <b>merger</b> with&nbsp;Acme Clinics</p>", NOT_PUBLISHED),
    "an address": ('<a href="/site/#secret-merger">x</a>', NOT_PUBLISHED),
    "a node of data": (
        '<script type="application/ld+json">{"url":"https://example.org/site/secret-merger/"}'
        "</script>",
        NOT_PUBLISHED,
    ),
    "a scheduled title": ("<p>The tomorrow one</p>", "tomorrow.md, which is not published"),
    "a skipped title": ("<p>The dozing one</p>", "dozing.md, which is not published"),
    "a title of a page": ("<p>Concealed page</p>", "concealed.md, which is not published"),
}


@pytest.mark.parametrize("html, reported", IN_PAGE.values(), ids=IN_PAGE.keys())
def test_it_sees_in_a_page(site, shelf, html, reported):
    page = site / "first" / "index.html"
    page.write_text(page.read_text("utf-8").replace("</main>", f"{html}</main>"), "utf-8")
    found = errors(site, shelf[1])
    assert any(reported in one and one.startswith("first/index.html") for one in found), found


@pytest.mark.parametrize("name", ["feed.xml", "sitemap.xml", "robots.txt"])
def test_it_sees_in_a_file(site, shelf, name):
    with (site / name).open("a") as file:
        file.write(f"<!-- &lt;p&gt;{SAID.replace(' ', ' &lt;i&gt;x&lt;/i&gt; ', 0)}&lt;/p&gt; -->")
    assert any(NOT_PUBLISHED in one for one in errors(site, shelf[1]))


@pytest.mark.parametrize(
    "name",
    [
        "pictures/share-secret-merger-0123abcd-1200.png",
        "pictures/handshake-0123abcd-480.webp",
        "images/handshake.png",
        "extra/terms.pdf",
        "secret-merger/index.html",
        "hush/index.html",
        "tag/takeovers/index.html",
        "category/mergers/index.html",
        "archive/2126/index.html",
        "theme/js/other.0123456789.js",
        "notes.json",
    ],
)
def test_it_sees_a_file_of_nothing_that_is_published(site, shelf, name):
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    copied = "second/index.html" if name.endswith(".html") else "feed.xml"
    shutil.copy(site / copied, site / name)
    assert any(NO_SOURCE in one and one.startswith(name) for one in errors(site, shelf[1]))


def test_what_a_published_source_says_too_is_no_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(ROOT)
    content = write_all(tmp_path)
    said = f"{SAID}. {TITLE}. See https://example.com/secret-merger/. `/home/ann/x` `C:\\Users\\x`"
    write_article(content, "first", "2026-01-05", f"{said} {Path.home()}/notes {ROOT}/x")
    (content / "articles" / "copy.md").write_text(
        (content / "articles" / "first.md").read_text("utf-8").replace("The first", "Leave a Reply")
        + "\nhttps://example.org/site/category/tests/ https://example.org/site/first/",
        "utf-8",
    )
    text = (content / "articles" / "copy.md").read_text("utf-8")
    text = text.replace("Slug: first", "Slug: replies\nStatus: draft")
    text = text.replace("says about first, told", "says about this, told")
    (content / "articles" / "copy.md").write_text(text, "utf-8")
    publish.publish(SITEURL, content, tmp_path / "site", "publishconf.py", OPEN)
    assert SAID in (tmp_path / "site" / "first" / "index.html").read_text("utf-8")
