"""The cache: whatever becomes of it, a build gives the bytes of a clean one, and nothing private
stays in it."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jinja2 import Template
from jinja2.defaults import DEFAULT_FILTERS
from pelican.contents import Content
from pelican.plugins import signals
from pelican.settings import read_settings

from plugins.cache import store, templates
from plugins.cache.store import Cache
from tests.publish_fixtures import EPOCH, ROOT, write_article, write_content
from tests.site_fixtures import build_site
from tools import build as build_command

KEY, OTHER = b"k" * 32, b"o" * 32
REPLY = {"id": 1, "author": "Zebedee", "created": "2026-02-01T09:00:00Z", "text": "<p>REPLIED</p>"}


@pytest.fixture
def open_cache(tmp_path):
    """Give a function that opens the same cache anew."""
    return lambda **settings: Cache({"CACHE_PATH": tmp_path / "cache", **settings})


@pytest.fixture
def content(tmp_path) -> Path:
    return write_content(tmp_path)


@pytest.fixture
def build(content, tmp_path, monkeypatch):
    """Give a function that builds the content, from the cache in `cache`, and returns its files."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(ROOT)

    def run(cache="cache", settings="pelicanconf.py", **overrides) -> dict[str, bytes]:
        overrides = {"CACHE_PATH": str(tmp_path / cache), **overrides}
        return tree(build_site(content, tmp_path / "output", settings, **overrides).folder)

    return run


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def command(name: str, content: Path, output: Path, cache: Path) -> subprocess.Popen:
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tools.{name}", str(content), "-o", str(output)]
        + ["-e", f'CACHE_PATH="{cache}"'],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "SITEURL": "https://example.org"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


# -- The store -------------------------------------------------------------------------------------


def test_what_was_kept_is_there_for_the_next_build(open_cache):
    first = open_cache()
    first.put(KEY, b"a page")
    assert first.get(KEY) == b"a page"
    first.close()
    second = open_cache()
    assert (second.get(KEY), second.get(OTHER)) == (b"a page", None)


def test_an_ignored_cache_is_not_read_but_written(open_cache):
    first = open_cache()
    first.put(KEY, b"old")
    first.close()
    second = open_cache(LOAD_CONTENT_CACHE=False)
    assert second.get(KEY) is None
    second.put(KEY, b"new")
    assert second.get(KEY) == b"new"
    second.close()
    assert open_cache().get(KEY) == b"new"


def test_what_has_an_origin_leaves_with_it(open_cache, tmp_path):
    first = open_cache()
    first.put(KEY, b"of a draft " * 400, [b"draft", b"reply"])
    first.put(OTHER, b"of nobody")
    first.close()
    second = open_cache()
    second.current = {b"draft", b"reply"}
    second.forget()
    assert second.get(KEY)
    second.current = {b"draft"}
    second.forget()
    second.close()
    third = open_cache()
    assert (third.get(KEY), third.get(OTHER)) == (None, b"of nobody")
    assert all(b"of a draft" not in data for data in tree(tmp_path / "cache").values())


def test_it_does_not_grow_without_end(open_cache, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "LARGE", 100_000)
    for number in range(20):
        cache = open_cache()
        cache.put(bytes([number]) * 32, os.urandom(20_000))
        cache.put(OTHER, b"used by each" * 100)
        cache.close()
    assert open_cache().get(OTHER) == b"used by each" * 100
    assert (tmp_path / "cache" / "public.db").stat().st_size < 250_000


def garble(file: Path, seed: int):
    """Overwrite a piece of a file at random."""
    chance = random.Random(seed)
    data = bytearray(file.read_bytes())
    at = chance.randrange(len(data))
    piece = chance.randbytes(chance.choice([1, 16, 4096, 100_000]))
    data[at : at + len(piece)] = piece[: len(data) - at]
    file.write_bytes(data)


def test_an_entry_that_is_damaged_counts_as_none(open_cache, tmp_path):
    entries = {bytes([number]) * 32: os.urandom(3000) for number in range(200)}
    file = tmp_path / "cache" / "public.db"
    for seed in range(60):
        cache = open_cache()
        for key, value in entries.items():
            cache.put(key, value)
        cache.close()
        garble(file, seed)
        cache = open_cache()
        found = {key: cache.get(key) for key in entries}
        assert all(value in (None, entries[key]) for key, value in found.items()), seed
        cache.close()


# -- Builds ----------------------------------------------------------------------------------------


def replace_by_words(file: Path):
    file.write_text("This file is somebody else's.")


def replace_by_folder(file: Path):
    file.unlink()
    file.mkdir()


def replace_by_database(file: Path):
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE entries (name TEXT)")
        other.execute("PRAGMA user_version = 7")


def cut(file: Path):
    os.truncate(file, file.stat().st_size // 2)


SPOILED = {
    "words": replace_by_words,
    "a folder": replace_by_folder,
    "another database": replace_by_database,
    "half of it": cut,
    "noise": lambda file: garble(file, 1),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_spoiled_file_counts_as_empty_and_is_replaced(build, tmp_path, spoil):
    clean = build()
    for name in ("public.db", "private.db"):
        spoil(tmp_path / "cache" / name)
    assert build() == clean
    assert build() == clean


def test_a_locked_file_counts_as_empty(build, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    clean = build()
    with contextlib.closing(sqlite3.connect(tmp_path / "cache" / "public.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert build() == clean


def test_a_folder_that_cannot_be_made_is_done_without(build, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert build("file/cache") == build()


def test_an_edited_page_of_the_output_is_mended(build, tmp_path):
    clean = build()
    page = tmp_path / "output" / "second" / "index.html"
    page.write_text(page.read_text().replace("The second", "The worst"))
    os.utime(page, (1, 1))
    (tmp_path / "output" / "stray.html").write_text("<html>")
    assert build() == clean


def test_files_that_did_not_change_keep_their_time(build, content, tmp_path):
    build()
    for file in (tmp_path / "output").rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    write_article(content, "second", "2026-01-04", "The second has other words.", tags="other")
    build()
    changed = {
        file.relative_to(tmp_path / "output").as_posix()
        for file in (tmp_path / "output").rglob("*")
        if file.is_file() and file.stat().st_mtime != 1_000_000_000
    }
    # Its page and the feed; lists show only its summary.
    assert changed == {"second/index.html", "feed.xml"}


def test_two_builds_at_once_both_make_the_right_site(build, content, tmp_path):
    clean = build("clean")
    output, cache = tmp_path / "output", tmp_path / "shared"
    for _ in range(3):
        both = [command("build", content, output, cache) for _ in range(2)]
        assert [one.wait() for one in both] == [0, 0]
        assert tree(output) == clean


def test_a_build_killed_at_any_moment_leaves_the_old_site_or_the_new_one(build, content, tmp_path):
    output, cache, chance = tmp_path / "output", tmp_path / "cache", random.Random(1)
    before = build()
    started = time.monotonic()
    assert command("build", content, output, cache).wait() == 0
    takes = time.monotonic() - started
    for number in range(4):
        write_article(content, "second", "2026-01-04", f"Words number {number}.", tags="other")
        killed = command("build", content, output, cache)
        time.sleep(takes * chance.uniform(0.5, 1.05))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        found, after = tree(output), None
        if found != before:
            after = build("clean")
            assert found == after
        before = build()
        assert before == (after or before)
        assert not list(tmp_path.glob(".output*"))
    assert before == build("clean")


# -- Privacy ---------------------------------------------------------------------------------------


def kept(tmp_path: Path, name: str) -> bytes:
    return (tmp_path / "cache" / name).read_bytes()


@pytest.fixture
def snapshot(tmp_path):
    """Give a function that writes the snapshot of replies, and its settings."""
    file = tmp_path / "replies.json"

    def write(*replies) -> dict:
        data = {"as_of": "2026-02-02T09:00:00Z", "threads": {"/second/": replies}}
        file.write_text(json.dumps(data))
        return {"REPLIES_SNAPSHOT": str(file)}

    return write


@pytest.mark.parametrize("settings", ["pelicanconf.py", "publishconf.py"])
def test_what_may_be_carried_elsewhere_knows_no_draft_and_no_reply(
    build, snapshot, tmp_path, settings
):
    pages = build(settings=settings, **snapshot(REPLY))
    assert b"REPLIED" in pages["second/index.html"]
    for words in (b"DRAFTED", b"FORETOLD", b"REPLIED", b"Zebedee", b"The unfinished one"):
        assert words not in kept(tmp_path, "public.db"), words
    assert b"REPLIED" in kept(tmp_path, "private.db")
    assert b"DRAFTED" in kept(tmp_path, "private.db")


CHANGES = {
    "edited": lambda content: write_article(
        content, "unfinished", "2026-01-01", "OTHERS", Status="draft"
    ),
    "deleted": lambda content: (content / "articles" / "unfinished.md").unlink(),
    "published": lambda content: write_article(content, "unfinished", "2026-01-01", "OTHERS"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("settings", ["pelicanconf.py", "publishconf.py"])
def test_a_draft_leaves_with_the_first_build_after_it_changed(
    build, content, tmp_path, change, settings
):
    build()
    assert b"DRAFTED" in kept(tmp_path, "private.db")
    change(content)
    build(settings=settings)
    assert all(b"DRAFTED" not in data for data in tree(tmp_path / "cache").values())


def test_a_draft_leaves_even_if_that_build_fails(build, content, tmp_path):
    build()
    CHANGES["edited"](content)
    write_article(content, "second", "soon", "The second has words too.", tags="other")
    with pytest.raises(ValueError, match="soon"):
        build()
    assert all(b"DRAFTED" not in data for data in tree(tmp_path / "cache").values())


def test_an_erased_reply_leaves_with_the_first_build_after_it(build, snapshot, tmp_path):
    build(**snapshot(REPLY))
    other = {**REPLY, "id": 2, "text": "<p>Stays.</p>"}
    pages = build(**snapshot(other))
    assert b"Stays." in pages["second/index.html"]
    assert all(b"REPLIED" not in data for data in tree(tmp_path / "cache").values())


# -- Ingredients -----------------------------------------------------------------------------------

# What an article's template may show of others.
SHOWN = {
    "the article before": "{{ (article.older or article).title }}",
    "an attribute by a made name": '{% set name = "ol" ~ "der" %}{{ article[name].title }}',
    "an attribute by a filter": '{{ (article | attr("older")).title }}',
    "attributes of a list": '{{ article.related | map(attribute="title") | join }}',
    "a function": "{{ all_titles() }}",
    "a filter": "{{ article | titles_beside }}",
    "a filter by its name": '{{ [article] | map("titles_beside") | join }}',
    "a test": '{{ "the same" if article is beside_the_same }}',
    "an object": "{{ shelf.titles }}",
    "an object on the article": "{{ article.shelf.titles }}",
    "all articles": "{% for each in articles %}{{ each.title }}{% endfor %}",
    "all that was read": "{% for each in generated_content.values() %}{{ each.title }}{% endfor %}",
    "all dates": '{{ dates | map(attribute="title") | join }}',
    "tags": "{% for _, each in tags %}{{ each[0].title }}{% endfor %}",
    "documents": "{% for each in documents.values() %}{{ each.content.title }}{% endfor %}",
    "an article on the article": "{{ article.shelf_mate.related[0].title }}",
    "a private attribute": "{% for each in article._context.dates %}{{ each.title }}{% endfor %}",
    "a template of its own": '{% include "titles.html" %}',
    "a template by a made name": '{% set name = "titles" %}{% include name ~ ".html" %}',
    "a macro": '{% import "macros.html" as macros with context %}{{ macros.titles() }}',
}
SHOWN_IN_LISTS = {
    "the list": "{% for each in articles_paginator.object_list %}{{ each.title }}{% endfor %}",
    "the list of the page": (
        "{% for each in articles_page.paginator.object_list %}{{ each.title }}{% endfor %}"
    ),
    "the page under another name": (
        "{% set p = articles_page %}{% for each in p.paginator.object_list %}{{ each.title }}"
        "{% endfor %}"
    ),
    "the next page": (
        "{% if articles_next_page %}{% for each in articles_next_page.object_list %}"
        "{{ each.title }}{% endfor %}{% endif %}"
    ),
}


class Shelf:
    """Something that an owner's plugin hands to templates."""

    def __init__(self, articles):
        self._articles = articles

    @property
    def titles(self) -> str:
        return " ".join(article.title for article in self._articles)


@pytest.fixture
def owner():
    """An owner's plugin that offers functions, filters, tests and objects."""

    def offer(generator):
        shelf, environment = Shelf(generator.articles), generator.env
        environment.globals |= {"shelf": shelf, "all_titles": lambda: shelf.titles}
        environment.filters["titles_beside"] = lambda article: shelf.titles
        environment.tests["beside_the_same"] = lambda article: "Other" not in shelf.titles
        for article in generator.articles:
            article.shelf, article.shelf_mate = shelf, generator.articles[3]

    with signals.article_generator_finalized.connected_to(offer):
        yield


def write_template(folder: Path, name: str, above: str, shown: str):
    """Write a template that shows something more than the theme's own of the name `above`."""
    folder.mkdir(exist_ok=True)
    more = f"{{% block scripts %}}{{{{ super() }}}}{shown}{{% endblock %}}"
    (folder / f"{name}.html").write_text(f'{{% extends "!theme/{above}.html" %}}{more}')


def test_whatever_a_template_shows_of_other_articles_is_an_ingredient(
    build, content, tmp_path, owner
):
    folder = tmp_path / "templates"
    for number, shown in enumerate(SHOWN.values(), 1):
        name = f"shows-{number}"
        write_template(folder, name, "article", shown)
        more = {"tags": f"beside {number}", "Template": name}
        write_article(content, name, f"2025-01-{number:02}", "Words.", **more)
    titles = "{% for each in articles %}{{ each.title }}{% endfor %}"
    (folder / "titles.html").write_text(titles)
    (folder / "macros.html").write_text(f"{{% macro titles() %}}{titles}{{% endmacro %}}")

    def write_others(word: str):
        for number in range(1, len(SHOWN) + 1):
            date = f"2025-{number // 28 + 1:02}-{number % 28 + 1:02} "
            write_article(
                content, f"beside-{number}", date + "09:00", "Words.", tags=f"beside {number}"
            )
            file = content / "articles" / f"beside-{number}.md"
            file.write_text(file.read_text().replace("Title: The", f"Title: {word}"))

    settings = {"THEME_TEMPLATES_OVERRIDES": [str(folder)]}
    write_others("This")
    before = build(**settings)
    write_others("Other")
    after, clean = build(**settings), build("clean", **settings)
    for number, what in enumerate(SHOWN, 1):
        page = f"shows-{number}/index.html"
        assert clean[page] != before[page], what
        assert after[page] == clean[page], what
    assert after == clean


@pytest.mark.parametrize("shown", SHOWN_IN_LISTS.values(), ids=SHOWN_IN_LISTS)
def test_whatever_a_list_shows_of_other_pages_is_an_ingredient(build, content, tmp_path, shown):
    write_template(tmp_path / "templates", "index", "index", shown)
    settings = {"THEME_TEMPLATES_OVERRIDES": [str(tmp_path / "templates")], "DEFAULT_PAGINATION": 2}
    before = build(**settings)
    article = content / "articles" / "number-5.md"  # on the second page
    article.write_text(article.read_text().replace("Title: The", "Title: Other"))
    after = build(**settings)
    assert after["index.html"] != before["index.html"]
    assert after == build("clean", **settings)


def test_an_edit_renders_only_the_pages_that_show_it(build, content, monkeypatch):
    build()
    rendered, render = [], Template.render

    def note(self, *contexts, **names):
        if contexts and "output_file" in contexts[0]:
            rendered.append(contexts[0]["output_file"])
        return render(self, *contexts, **names)

    monkeypatch.setattr(Template, "render", note)
    build()
    assert rendered == []
    write_article(content, "number-5", "2025-12-05", "Quite other words.")
    build()
    lists = {"archive", "category/tests", "tag/kept", "topics"}
    assert {page.removesuffix("/index.html") for page in rendered} <= {
        "number-5",
        "index.html",
        *lists,
    }
    assert "number-5/index.html" in rendered


# -- Names of libraries ----------------------------------------------------------------------------


def test_each_setting_that_no_page_sees_is_a_setting_of_a_build(content, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    overrides = {"CACHE_PATH": str(tmp_path / "cache")}
    settings = build_command.build(
        content, tmp_path / "output", ROOT / "pelicanconf.py", overrides
    ).settings
    assert settings.keys() >= store.UNSEEN_SETTINGS


def test_each_filter_that_names_attributes_is_one_of_jinjas():
    assert DEFAULT_FILTERS.keys() >= templates.NAMING_FILTERS


def test_pelican_does_not_remember_the_texts_of_a_build(build, content):
    write_article(content, "links", "2026-01-05", "To the [second]({filename}second.md).")
    build()
    for remembering in (Content.get_content, Content.get_summary):
        assert remembering.cache == {}


def test_the_digest_of_a_site_is_the_same_for_the_next_build(build, tmp_path):
    """A setting whose ingredients are not known would make it another each time."""
    settings = read_settings(str(ROOT / "publishconf.py"), {"CACHE_PATH": str(tmp_path)})
    assert Cache(settings).site == Cache(settings).site
