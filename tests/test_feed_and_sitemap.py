"""What feed readers and search engines fetch: feed.xml, sitemap.xml, robots.txt."""

from lxml import etree

from plugins.sitemap_repair import SitemapRepair

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def feed(site):
    return etree.parse(site.folder / "feed.xml").getroot()


def sitemap(site):
    return etree.parse(site.folder / "sitemap.xml").getroot()


def test_the_feed_holds_every_article_whole_with_absolute_links(published):
    entries = feed(published).findall("a:entry", ATOM)
    pages = {path: published.page(path) for path in published.paths()}
    articles = [page for page in pages.values() if page.all(".byline") and not page.root.get("dir")]
    assert len(entries) == len(articles)
    (content,) = [
        entry.findtext("a:content", namespaces=ATOM)
        for entry in entries
        if entry.find("a:link", ATOM).get("href") == "https://example.org/site/everything/"
    ]
    assert "Words that somebody said." in content
    assert 'href="#' not in content
    assert 'href="https://example.org/site/everything/#fn:1"' in content


def test_entries_have_stable_ids_and_the_dates_of_the_article(published):
    (first,) = feed(published).xpath(
        "a:entry[a:id = 'tag:example.org,2026-03-02:/site/everything/']", namespaces=ATOM
    )
    assert first.findtext("a:published", namespaces=ATOM) == "2026-03-02T00:00:00+00:00"
    assert first.findtext("a:updated", namespaces=ATOM) == "2026-04-05T00:00:00+00:00"
    assert first.findtext("a:author/a:name", namespaces=ATOM)


def test_a_hostile_title_reads_in_the_feed_as_it_was_written(published):
    titles = [title.text for title in feed(published).findall("a:entry/a:title", ATOM)]
    assert "\"Tom\" & <script>alert(1)</script> 'quotes' a < b" in titles


def test_the_feed_names_itself_and_the_site(published):
    links = {link.get("rel"): link.get("href") for link in feed(published).findall("a:link", ATOM)}
    assert links["self"] == "https://example.org/site/feed.xml"
    assert links["alternate"] == "https://example.org/site/"


def test_the_sitemap_holds_what_may_be_found_and_nothing_else(published):
    found = [loc.text for loc in sitemap(published).iterfind("s:url/s:loc", SITEMAP)]
    paths = {address.removeprefix("https://example.org/site/") for address in found}
    assert len(found) == len(paths)
    wanted = {path for path in published.paths() if "page/" not in path and path != "404.html"}
    assert paths == wanted


def test_a_page_changed_when_its_content_did(published):
    changed = {
        url.findtext("s:loc", namespaces=SITEMAP).removeprefix("https://example.org/site/"): (
            url.findtext("s:lastmod", namespaces=SITEMAP)
        )
        for url in sitemap(published).iterfind("s:url", SITEMAP)
    }
    assert changed["everything/"] == "2026-04-05T00:00:00+00:00"
    assert changed["numbered/"] == "2026-02-01T00:00:00+00:00"
    assert changed[""] == "2026-04-05T00:00:00+00:00"
    assert changed["category/filler/"] == "2025-11-11T00:00:00+00:00"
    assert changed["about/"] is None


def test_an_address_with_special_characters_is_escaped_and_translations_are_named(tmp_path):
    class Article:
        lang, url, is_default, translations, modified = "en", "a&b/", True, [], None

    class French(Article):
        lang, url, is_default = "fr", "fr/a&b/", False

    english, french = Article(), French()
    english.translations, french.translations = [french], [english]
    (tmp_path / "sitemap.xml").write_text("<loc>https://e.org/a&b/</loc><loc>https://e.org/</loc>")
    repair = SitemapRepair()
    repair.note("", {"article": english, "output_file": "a&b/index.html"})

    class Pelican:
        output_path, settings = tmp_path, {"SITEURL": "https://e.org"}

    repair.write(Pelican())
    first, second = etree.parse(tmp_path / "sitemap.xml").getroot()
    assert first.findtext("s:loc", namespaces=SITEMAP) == "https://e.org/a&b/"
    links = [(link.get("hreflang"), link.get("href")) for link in first.findall("x:link", SITEMAP)]
    assert links == [
        ("en", "https://e.org/a&b/"),
        ("fr", "https://e.org/fr/a&b/"),
        ("x-default", "https://e.org/a&b/"),
    ]
    assert not second.findall("x:link", SITEMAP)


def test_robots_are_told_where_the_sitemap_is(published):
    lines = (published.folder / "robots.txt").read_text().splitlines()
    assert "Sitemap: https://example.org/site/sitemap.xml" in lines
