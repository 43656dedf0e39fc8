"""Verification of the built site: each rule lets a good site pass and sees a planted fault."""

# ruff: noqa: E501 (a table is read across)

import gzip
import re
import shutil
from contextlib import closing
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contract import is_loopback
from plugins.cache.store import Cache
from plugins.problems import Report
from plugins.rules import private
from tests.publish_fixtures import EPOCH, OPEN, ROOT, publish_site
from tools import verify
from tools.build import load_settings
from tools.verify import safety
from tools.verify.__main__ import main
from tools.verify.page import Page

SITEURL = "https://example.org/site"
FIRST = "first/index.html"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return publish_site(tmp_path_factory.mktemp("good"), SITEURL)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Settings with a cache that all tests share."""
    own = {"SITEURL": SITEURL, "CACHE_PATH": str(tmp_path_factory.mktemp("cache"))}
    settings = load_settings(ROOT / "publishconf.py", {**OPEN, **own})
    with closing(Cache(settings)) as cache:
        yield {**settings, "CACHE": cache}


@pytest.fixture(autouse=True)
def moment(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


@pytest.fixture
def site(good, tmp_path):
    """A copy of the good site to spoil."""
    return Path(shutil.copytree(good, tmp_path / "site"))


def edit(site: Path, path: str, pattern: str, replacement: str, count=1):
    """Replace what a pattern finds in a file; fail when it finds nothing."""
    file = site / path
    text, found = re.subn(pattern, lambda _: replacement, file.read_text("utf-8"), count=count)
    assert found, f"{pattern} is not in {path}"
    file.write_text(text, "utf-8")


def add(site: Path, path: str, html: str):
    """Write something at the end of the main part of a page."""
    edit(site, path, "</main>", f"{html}</main>")


def report(site, settings) -> Report:
    """Return what is wrong, which is the same whether it is kept or not."""
    fresh = verify.verify(site, {**settings, "CACHE": None})
    for _ in ("kept for the first time, maybe", "kept"):
        assert verify.verify(site, settings) == fresh
    return fresh


def errors(site, settings):
    return [str(problem) for problem in report(site, settings).errors]


def test_a_good_site_has_no_error(good, settings):
    assert errors(good, settings) == []


def test_a_file_that_proves_ownership_to_a_search_engine_is_no_page(site, settings):
    (site / "google0123456789.html").write_text("google-site-verification: google0123456789.html")
    assert errors(site, settings) == []


def test_every_rule_promises_something():
    across = (*verify.RULES, *verify.WARNINGS)
    alone = (*verify.TEXT_RULES, *verify.PAGE_RULES, *verify.PAGE_WARNINGS)
    assert all(rule.__doc__ for rule in (*across, *alone))


# What to write at the end of an article's page, and what is reported.
IN_PAGE = {
    "a link to nowhere": (
        '<a href="/site/gone/">x</a>',
        "broken link to /site/gone/: there is no such page",
    ),
    "a relative link to nowhere": (
        '<a href="../gone/">x</a>',
        "broken link to ../gone/: there is no such page",
    ),
    "a link beside the site's folder": (
        '<a href="/second/">x</a>',
        "broken link to /second/: there is no such page",
    ),
    "a link to a missing anchor": ('<a href="#gone">x</a>', "the page has no id 'gone'"),
    "an anchor missing elsewhere": ('<a href="/site/second/#no">x</a>', "the page has no id 'no'"),
    "a missing image": ('<img src="/site/images/gone.png" alt="">', "gone.png: there is no such"),
    "a missing candidate": (
        '<img srcset="gone-2.webp 2x" alt="">',
        "gone-2.webp: there is no such",
    ),
    "an empty link": (
        '<a href="https://example.org/site/ /">x</a>',
        "broken link to https://example.org/site/ /",
    ),
    "a second title": ("<h1>Again</h1>", "more than one <h1>"),
    "an id twice": ('<p id="main">x</p>', "duplicate id 'main' (2 times)"),
    "an id with a space": ('<p id="a b">x</p>', "the id 'a b'"),
    "an image of others": ('<img src="https://cdn.example.com/x.png" alt="">', "<img> asks"),
    "an image without scheme": ('<img src="//cdn.example.com/x.png" alt="">', "<img> asks"),
    "a font of others": ('<link rel="preload" href="https://x.example/f.woff2">', "<link> asks"),
    "a frame": ('<iframe src="https://video.example/1"></iframe>', "<iframe> asks"),
    "a form that posts elsewhere": ('<form action="https://x.example/"></form>', "<form> asks"),
    "a ping": ('<a href="/site/" ping="https://x.example/">x</a>', "<a> asks"),
    "a script": ("<script>track()</script>", "a script in the page"),
    "an inline handler": ('<p onclick="x()">x</p>', "a style or script of its own"),
    "an inline style": ('<p style="color:red">x</p>', "a style or script of its own"),
    "a second sheet": ("<style>p{color:red}</style>", "a style that the policy blocks"),
    "a sheet that fetches": ("<style>@import 'https://x.example/a';</style>", "<style> asks"),
    "a link that runs": ('<a href="javascript:x()">x</a>', "the link javascript:x()"),
    "analytics": ("<script>gtag('x')</script>", "looks like analytics"),
    "a private key": ("<pre>-----BEGIN RSA PRIVATE KEY-----</pre>", "like a private key"),
    "a token": (f"<p>ghp_{'a1' * 18}</p>", "like a token of GitHub"),
    "an address of the preview": (
        "<p>http://localhost:8000/first/</p>",
        '"http://localhost:8000/first/" works on your own computer only',
    ),
    "the project's path": (f"<p>{ROOT}/x</p>", "that built the site"),
    "a file address": ('<a href="file:///x">x</a>', "the link file:///x"),
    "a node of structured data about no page": (
        '<script type="application/ld+json">{"@id":"https://example.org/site/gone/#x"}</script>',
        "broken link to https://example.org/site/gone/",
    ),
}


@pytest.mark.parametrize("html, reported", IN_PAGE.values(), ids=IN_PAGE.keys())
def test_it_sees_in_a_page(site, settings, html, reported):
    add(site, FIRST, html)
    found = errors(site, settings)
    assert any(reported in problem and problem.startswith(FIRST) for problem in found), found


# What to replace in which file, and what is reported.
REPLACED = {
    "no language": (FIRST, '<html lang="[^"]*"', "<html", "language is ''"),
    "a strange language": (FIRST, '<html lang="[^"]*"', '<html lang="english!"', "language is"),
    "no heading": (FIRST, "<h1>.*?</h1>", "", "no <h1>"),
    "no canonical address": (FIRST, '<link rel="canonical"[^>]*>', "", "canonical address is noth"),
    "another's canonical": (FIRST, '(?<=canonical" href="https://example.org/site/)first', "second", "it has to be"),
    "a relative canonical": (FIRST, '(?<=canonical" href=")https://example.org', "", "it has to be"),
    "a hidden page with canonical": (FIRST, '(?<=robots" content=")', "noindex,", "hides from search"),
    "another og:url": (FIRST, '(?<=og:url" content="https://example.org/site/)first', "second", "og:url is"),
    "a relative og:url": (FIRST, '(?<=og:url" content=")https://example.org', "", "og:url is relative"),
    "no title": (FIRST, "<title>.*?</title>", "", "0 titles"),
    "another's title": (FIRST, "<title>The first", "<title>The second", "the same title as"),
    "no description": (FIRST, '<meta name="description"[^>]*>', "", "0 descriptions"),
    "another's description": (FIRST, "(?<=says about )first", "second", "the same description as"),
    "a policy too many": (FIRST, "<title>", '<meta http-equiv="Content-Security-Policy" content="x"><title>', "2 content security policies"),
    "an open policy": (FIRST, "default-src &#39;none&#39;", "default-src &#39;self&#39;", "allows by default"),
    "inline scripts allowed": (FIRST, "script-src &#39;self&#39;", "script-src &#39;self&#39; &#39;unsafe-inline&#39;", "allows 'unsafe-inline'"),
    "scripts of others allowed": (FIRST, "script-src &#39;self&#39;", "script-src &#39;self&#39; https:", "allows https:"),
    "broken structured data": (FIRST, '"@graph":', '"@graph"', "not JSON"),
    "another headline": (FIRST, '"headline":"The first', '"headline":"The best', "is not the page's <h1>"),
    "an unseen reviewer": (FIRST, '"@type":"MedicalWebPage",', '"@type":"MedicalWebPage","reviewedBy":{"name":"Dr. Who"},', "named to machines only"),
    "a dead address in the data": (FIRST, '"url":"https://example.org/site/first/"', '"url":"https://example.org/site/gone/"', "gone/: there is no such page"),
    "another date in the data": (FIRST, '"datePublished":"2026-01-05', '"datePublished":"2026-01-06', "the same date everywhere"),
    "another date in the card": (FIRST, '(?<=published_time" content=")2026-01-05', "2026-01-04", "article:published_time is"),
    "an unseen date": (FIRST, '(<time[^>]*>)?February 6, 2026(</time>)?', "", "readers do not see"),
    "another date in words": (FIRST, "(?<=>)February 6, 2026", "February 7, 2026", "the date reads"),
    "another date in the feed": ("feed.xml", "</published><updated>2026-02-06", "</published><updated>2026-02-07", "the feed's updated is"),
    "another date in the sitemap": ("sitemap.xml", "(?s)(first/</loc>\\s*<lastmod>)2026-02-06", "first/</loc><lastmod>2026-02-05", "the sitemap's lastmod"),
    "lists newer than articles": ("sitemap.xml", "(?s)topics/</loc>\\s*<lastmod>2026-02-06", "topics/</loc><lastmod>2026-03-01", "newer than any article"),
    "a draft's address": ("sitemap.xml", "second/</loc>", "drafts/unfinished/</loc>", "not the canonical address"),
    "an incomplete sitemap": ("sitemap.xml", "(?s)<url>\\s*<loc>https://example.org/site/second/</loc>.*?</url>", "", "the sitemap lacks this page"),
    "a sitemap that is not XML": ("sitemap.xml", "second/</loc>", "a&b/</loc>", "not XML"),
    "another namespace": ("sitemap.xml", "schemas/sitemap/0.9", "schemas/sitemap/0.8", "the root is"),
    "parts in disorder": ("sitemap.xml", "<url>", "<url><lastmod>2026-01-01</lastmod>", "in this order"),
    "a day that is none": ("sitemap.xml", "<lastmod>[^<]*", "<lastmod>yesterday", "lastmod is 'yesterday'"),
    "robots without sitemap": ("robots.txt", "Sitemap:.*", "", "does not name the sitemap"),
    "robots that close the site": ("robots.txt", "Disallow:", "Disallow: /", "closes the whole site"),
    "a feed that is not XML": ("feed.xml", "</entry>", "</entr>", "not XML"),
    "a feed of another kind": ("feed.xml", '<feed xmlns="http://www.w3.org/2005/Atom"', '<feed xmlns="http://example.org"', "the root is"),
    "no id": ("feed.xml", "(?s)<id>tag.*?</id>", "", "not exactly one <id>"),
    "two summaries": ("feed.xml", "<summary", "<summary>x</summary><summary", "more than one <summary>"),
    "an author without a name": ("feed.xml", "<name>[^<]*</name>", "<name/>", "without a name"),
    "no author": ("feed.xml", "(?s)<author>.*?</author>", "", "has no author"),
    "an id that is no address": ("feed.xml", "<id>tag[^<]*", "<id>first", "is not an absolute address"),
    "a date without a zone": ("feed.xml", "<published>[^<]*", "<published>2026-01-05T00:00:00", "the date '2026"),
    "changed before it was out": ("feed.xml", "<published>[^<]*", "<published>2026-03-01T00:00:00Z", "updated before"),
    "a feed older than its entries": ("feed.xml", "<updated>2026-02-06", "<updated>2020-02-06", "newer than the feed"),
    "a relative link": ("feed.xml", '<link href="https://example.org/site/first/"', '<link href="/first/"', "the link '/first/'"),
    "a dead link": ("feed.xml", '<link href="https://example.org/site/first/"', '<link href="https://example.org/site/gone/"', "gone/: there is no such"),
    "an entry that is no article": ("feed.xml", '<link href="https://example.org/site/first/"', '<link href="https://example.org/site/404.html"', "is not a page to be listed"),
    "no self": ("feed.xml", 'rel="self"', 'rel="via"', "does not name itself"),
    "two alternates": ("feed.xml", "<entry>", '<entry><link href="https://example.org/site/"/>', "more than one alternate link"),
    "an unknown type": ("feed.xml", 'type="html"', 'type="markdown"', "the type 'markdown'"),
    "a category without term": ("feed.xml", '<category term="[^"]*"', "<category", "without a term"),
    "a relative link in an article": ("feed.xml", "href=&quot;https://example.org|href=\"https://example.org(?=/site/second/#)", 'href="', "works on this site only"),
    "a header that blocks the sheet": ("_headers", "style-src 'self' \\S+'", "style-src 'self'", "the header's style-src blocks"),
    "no policy in the headers": ("_headers", "Content-Security-Policy", "X-Policy", "no Content-Security-Policy"),
    "a line too long for the hosts": ("_headers", "nosniff", f"nosniff{'f' * 2000}", "longer than 2000"),
    "a moved page without target": ("before/index.html", '<link rel="canonical"[^>]*>', "", "must name the new address"),
    "a moved page to nowhere": ("before/index.html", "(?<=url=)\\S*first/", "../gone/", "broken link to ../gone/"),
    "a relative link on 404.html": ("404.html", 'href="/site/topics/', 'href="topics/', "topics/: there is no such page"),
}  # fmt: skip


@pytest.mark.parametrize("path, pattern, text, reported", REPLACED.values(), ids=REPLACED.keys())
def test_it_sees(site, settings, path, pattern, text, reported):
    edit(site, path, pattern, text)
    found = errors(site, settings)
    assert any(reported in problem for problem in found), found


def test_it_sees_an_orphan(site, settings):
    for file in site.rglob("*.html"):
        text = re.sub(r'href="[^"]*/second/[^"]*"', 'href="/site/"', file.read_text("utf-8"))
        file.write_text(text, "utf-8")
    assert any("no link leads here" in problem for problem in errors(site, settings))


def test_it_sees_a_draft(site, settings):
    shutil.copytree(site / "second", site / "drafts" / "second")
    assert any("a draft is published" in problem for problem in errors(site, settings))


def test_it_sees_an_article_of_the_future(site, settings, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767000000")  # before the first came out
    found = errors(site, settings)
    assert any("after the build's" in problem and FIRST in problem for problem in found)


def test_it_sees_a_page_listed_twice(site, settings):
    edit(
        site, "sitemap.xml", "</urlset>", "<url><loc>https://example.org/site/</loc></url></urlset>"
    )
    assert any("is listed 2 times" in problem for problem in errors(site, settings))


def test_it_sees_a_page_in_the_sitemap_that_hides(site, settings):
    edit(site, FIRST, '(?<=robots" content=")', "noindex,")
    assert any("hides from search engines, or" in problem for problem in errors(site, settings))


@pytest.mark.parametrize("name", ["index.html", "sitemap.xml", "feed.xml", "robots.txt"])
def test_it_sees_what_is_missing(site, settings, name):
    (site / name).unlink()
    assert errors(site, settings) != []


def translate(site, **groups):
    """Write links to translations into pages: {"first": {"en-us": "first", …}}."""
    for slug, group in groups.items():
        links = "".join(
            f'<link rel="alternate" hreflang="{code.replace("_", "-")}" href="{SITEURL}/{to}/">'
            for code, to in group.items()
        )
        edit(site, f"{slug}/index.html", "</head>", f"{links}</head>")


def test_translations_that_name_each_other_pass(site, settings):
    group = {"en_us": "first", "de": "second", "x_default": "first"}
    translate(site, first=group, second=group)
    edit(site, "second/index.html", '<html lang="[^"]*"', '<html lang="de"')
    assert errors(site, settings) == []


@pytest.mark.parametrize(
    "first, second, reported",
    [
        ({"de": "second", "x_default": "first"}, {}, "not itself"),
        ({"en_us": "first", "de": "second"}, {}, "lack x-default"),
        ({"en_us": "first", "x_default": "first", "de": "gone"}, {}, "does not exist"),
        ({"en_us": "first", "x_default": "first", "de": "second"}, {}, "does not name this page"),
    ],
)
def test_it_sees_translations_that_do_not_fit(site, settings, first, second, reported):
    translate(site, first=first, second=second)
    assert any(reported in problem for problem in errors(site, settings))


def test_it_sees_other_translations_in_the_sitemap(site, settings):
    link = '<xhtml:link rel="alternate" hreflang="de" href="https://example.org/site/second/"/>'
    edit(site, "sitemap.xml", "first/</loc>", f"first/</loc>{link}")
    assert any("names other translations" in problem for problem in errors(site, settings))


def test_it_sees_a_name_that_does_not_fit_the_content(site, settings):
    script = next((site / "theme").rglob("*.js"))
    script.write_text(script.read_text("utf-8") + "\n//", "utf-8")
    assert any("does not change with its content" in problem for problem in errors(site, settings))


def test_it_sees_a_picture_for_ever_without_a_key(site, settings):
    (site / "pictures").mkdir(exist_ok=True)
    (site / "pictures" / "box-480.webp").write_bytes(b"")
    assert any("does not change with its content" in problem for problem in errors(site, settings))


def test_it_sees_files_that_a_script_cannot_find(site, settings):
    (site / "theme" / "js" / "more.js").write_text('import "./gone.js";')
    assert any("./gone.js: there is no such" in problem for problem in errors(site, settings))


def test_it_sees_a_stale_compressed_copy(site, settings):
    (site / "index.html.gz").write_bytes(gzip.compress(b"old"))
    (site / "nothing.css.gz").write_bytes(gzip.compress(b"old"))
    (site / "feed.xml.br").write_bytes(b"damaged")
    found = errors(site, settings)
    assert any("not a copy of index.html" in problem for problem in found)
    assert any("not a copy of feed.xml" in problem for problem in found)
    assert any("copy of nothing" in problem for problem in found)


def test_it_sees_leftovers(site, settings):
    (site / "images" / ".DS_Store").write_bytes(b"")
    assert any("a leftover is published" in problem for problem in errors(site, settings))


def test_a_broken_link_of_the_theme_is_named_once(site, settings):
    for name in ("first", "second", "number-3", "number-4"):
        add(site, f"{name}/index.html", '<a href="/site/gone/">x</a>')
    found = [problem for problem in errors(site, settings) if "gone" in problem]
    assert len(found) == 1
    assert "4 pages" in found[0]


@pytest.mark.parametrize("kind", ["style", "script", "acting"])
def test_what_is_on_every_page_keeps_to_its_budget(good, settings, kind):
    tight = {**settings, "BUDGETS": {kind: 10}}
    assert any("the budget is 10" in problem for problem in errors(good, tight))


@pytest.mark.parametrize("kind", ["page", "image"])
def test_a_long_article_or_a_large_picture_gets_a_warning_only(good, settings, kind):
    found = report(good, {**settings, "BUDGETS": {kind: 10}})
    assert found.errors == []
    assert any("weighs" in problem.what for problem in found.warnings)


def test_links_that_take_a_detour_get_warnings(site, settings):
    add(site, FIRST, '<a href="/site/second">x</a><a href="/site/before/">y</a>')
    found = report(site, settings)
    reported = [problem.what for problem in found.warnings]
    assert found.errors == []
    assert any("lacks the slash" in what for what in reported)
    assert any("earlier address" in what for what in reported)


def test_lengths_that_search_engines_cut_get_warnings(site, settings):
    edit(site, FIRST, "<title>.*?</title>", f"<title>{'Long ' * 20}</title>")
    edit(site, FIRST, '(?<=name="description" content=")[^"]*', "Short.")
    reported = [problem.what for problem in report(site, settings).warnings]
    assert any("about 60 are shown" in what for what in reported)
    assert any("the description has 6 characters" in what for what in reported)


def test_the_command_finds_the_address_and_fails_on_an_error(site, capsys):
    settings_path = ["-s", str(ROOT / "publishconf.py")]
    assert main([str(site), *settings_path]) == 0
    add(site, FIRST, '<a href="/site/gone/">x</a>')
    assert main([str(site), *settings_path]) == 1
    assert f"{FIRST}:" in capsys.readouterr().err
    assert main([str(site / "theme"), *settings_path]) == 1


# -- What is kept ----------------------------------------------------------------------------------


@pytest.fixture
def kept(good, settings, tmp_path):
    """Settings with a cache of their own, in which the verdicts on the good site are kept."""
    with closing(Cache({**settings, "CACHE_PATH": str(tmp_path / "kept")})) as cache:
        settings = {**settings, "CACHE": cache}
        verify.verify(good, settings)
        yield settings


@pytest.fixture
def parsed(kept, monkeypatch):
    """The paths of the pages that are parsed from now on."""
    parse, paths = Page.tree.func, []
    tree = cached_property(lambda page: paths.append(page.path) or parse(page))
    tree.__set_name__(Page, "tree")
    monkeypatch.setattr(Page, "tree", tree)
    return paths


def pages(site: Path) -> list[str]:
    return sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))


def test_without_a_cache_each_page_is_parsed_once(good, settings, parsed):
    verify.verify(good, {**settings, "CACHE": None})
    assert sorted(parsed) == pages(good)


def test_a_site_that_was_verified_is_not_parsed_again(good, kept, parsed):
    verify.verify(good, kept)
    assert parsed == []


def test_of_a_site_with_one_changed_page_that_one_is_parsed(site, kept, parsed):
    add(site, FIRST, '<a href="/site/gone/">x</a>')
    assert any("gone" in problem.what for problem in verify.verify(site, kept).errors)
    assert parsed == [FIRST]


def test_a_kept_verdict_does_not_hide_what_changed_elsewhere(site, kept, parsed):
    shutil.rmtree(site / "second")
    found = [problem.path for problem in verify.verify(site, kept).errors]
    assert FIRST in found
    assert parsed == []


def test_for_another_address_or_comment_server_all_pages_are_judged_anew(good, kept, parsed):
    server = {"provider": "isso", "endpoint": "https://comments.example.org"}
    for other in ({"SITEURL": "https://example.org"}, {"COMMENTS": server}):
        parsed.clear()
        verify.verify(good, {**kept, **other})
        assert sorted(parsed) == pages(good)


def test_by_other_rules_or_for_another_home_all_pages_are_judged_anew(
    good, kept, parsed, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(verify, "of_files", lambda paths: b"of other rules")
        verify.verify(good, kept)
    assert sorted(parsed) == pages(good)
    parsed.clear()
    monkeypatch.setattr(Path, "home", lambda: Path("/home/of/another"))
    verify.verify(good, kept)
    assert sorted(parsed) == pages(good)


def test_a_page_moved_to_another_place_is_judged_there(site, kept, parsed):
    (site / "second").rename(site / "third")
    assert any(problem.path == "third/index.html" for problem in verify.verify(site, kept).errors)
    assert parsed == ["third/index.html"]


def test_the_verdict_on_a_page_with_replies_leaves_with_them(site, kept, parsed, tmp_path):
    edit(site, FIRST, "<title>.*?</title>", "<title>Unheardof</title>")
    cache = kept["CACHE"]
    cache.files[FIRST] = frozenset([b"a reply"])
    verify.verify(site, kept)
    cache.save()
    assert b"unheardof" in (tmp_path / "kept" / "private.db").read_bytes()
    assert b"unheardof" not in (tmp_path / "kept" / "public.db").read_bytes()
    cache.forget()
    parsed.clear()
    verify.verify(site, kept)
    assert parsed == [FIRST]


# -- Patterns --------------------------------------------------------------------------------------

# What each pattern finds, an example for each of its alternatives.
HITS = {
    "a private key": ["-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----"],
    "an access key of AWS": ["AKIA" + "A1" * 8],
    "a token of GitHub": [
        *(f"gh{kind}_" + "a1" * 18 for kind in "pousr"),
        "github_pat_" + "a" * 60,
    ],
    "a key of Google": ["AIza" + "x-" * 17 + "x"],
    "a token of Slack": [f"xox{kind}-0123456789" for kind in "abprs"],
    "a secret key": [
        "sk-" + "a" * 24,
        "sk_" + "a" * 24,
        "sk_live_" + "a" * 24,
        "sk-live-" + "a" * 24,
    ],
    "a signed token": ["eyJ" + "a" * 10 + ".eyJ" + "b" * 10 + "."],
    "an own folder": ["/srv/my site/x", "/srv/my site'"],
}


# The same patterns, each with what has to be before a hit in front of it.
PLAIN = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an access key of AWS": r"\bAKIA[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(gh[pousr]_\w{36}|github_pat_\w{60})",
    "a key of Google": r"\bAIza[\w-]{35}\b",
    "a token of Slack": r"\bxox[abprs]-[\w-]{10}",
    "a secret key": r"\bsk[-_](live[-_])?[A-Za-z0-9]{24}",
    "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.",
    "an own folder": r"(?<![\w./-])/srv/my\ site(?=[/\\\"'<\s]|$)",
}


@pytest.mark.parametrize(("name", "hit"), [(name, hit) for name in HITS for hit in HITS[name]])
def test_a_pattern_finds_what_its_plain_spelling_finds(name, hit):
    own = safety.own_paths(Path("/srv/my site"), Path("/"))
    patterns = {**private.SECRETS, "an own folder": own}
    assert patterns.keys() == HITS.keys() == PLAIN.keys()
    around = ["", " ", "\n", "x", "-", ".", '"', "/", "é", f"{hit} ", hit[:5]]
    for before in around:
        for after in around:
            text = f"Words {before}{hit}{after} words"
            found, expected = patterns[name].search(text), re.search(PLAIN[name], text)
            assert (found and found.span()) == (expected and expected.span()), text
    assert patterns[name].search(f"Words {hit} words")
    assert not any(pattern.search("Words without any of it") for pattern in patterns.values())


@pytest.mark.parametrize(
    "address, is_found",
    [
        ("http://localhost:8000/", True),
        ("https://127.0.0.1/", True),
        ("http://[::1]:80", True),
        ("http://LOCALHOST", True),
        ("http://127.8.0.1:8000/first/", True),
        ("http://site.localhost/", True),
        ("http://localhost.example.org/", False),
        ("https://127.0.0.1.example.org/", False),
        ("https://example.org/http://x", False),
    ],
)
def test_an_address_of_the_own_machine_is_one_for_the_comment_server_too(address, is_found):
    """One list of loopback hosts, contract.py, serves both."""
    found = private.loopback(f'Words <a href="{address}">x</a> http://example.org/')
    assert any(found) == is_found == is_loopback(urlsplit(address).hostname)


def test_pictures_are_not_searched_for_words(site, settings):
    (site / "extra").mkdir(exist_ok=True)
    (site / "extra" / "sound.bin").write_bytes(HITS["a token of GitHub"][0].encode())
    assert errors(site, settings) == []
