"""An address has one spelling, whichever module asks for it."""

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
import pytest
from lxml import etree
from PIL import Image

from plugins.addresses import (
    absolute_url,
    base_path,
    is_same_origin,
    normalize_url,
    save_as_of,
    split_srcset,
)
from plugins.aliases import alias_files
from tests.publish_fixtures import EPOCH, PAGES, SUMMARY
from tests.site_fixtures import Site, build_site
from tools import publish
from tools.verify.page import Context, Page

ROOT = Path(__file__).resolve().parent.parent
SITE = "https://example.org/site"


@pytest.mark.parametrize(
    "spelling, path, file",
    [
        ("/old/", "old", "old/index.html"),
        ("/old", "old", "old/index.html"),
        ("old/index.html", "old", "old/index.html"),
        ("/a//old/", "a/old", "a/old/index.html"),
        ("/a/./b/../old/", "a/old", "a/old/index.html"),
        ("/../../old/", "old", "old/index.html"),
        ("/na%C3%AFve/", "naïve", "naïve/index.html"),
        ("/naïve/", "naïve", "naïve/index.html"),
        ("/long/ago.html", "long/ago.html", "long/ago.html"),
        ("/", "", "index.html"),
    ],
)
def test_every_spelling_of_an_address_means_one_path_and_one_file(spelling, path, file):
    """The page at an earlier address is written where the rules, hosts and links look for it."""

    class Article:
        aliases = spelling

    assert normalize_url(spelling) == path
    assert save_as_of(spelling) == file
    assert alias_files(Article()) == [file]
    assert normalize_url(file) == path
    assert Context(f"{SITE}/", {}, ()).resolve(absolute_url(SITE, file)) == file


@pytest.mark.parametrize(
    "path", ["a&b/index.html", "a(b)/index.html", "it's/index.html", "ü/x.html"]
)
def test_templates_and_verification_spell_the_address_of_a_file_alike(path):
    assert Page(path, "", Context(f"{SITE}/", {}, ())).address == absolute_url(SITE, path)


def test_a_site_is_at_one_origin_and_below_one_path():
    assert is_same_origin("https://example.org/a", SITE)
    assert not any(
        is_same_origin(other, SITE)
        for other in (
            "http://example.org/",
            "https://example.org:8443/",
            "//example.org/",
            "/site/",
        )
    )
    assert [base_path(site) for site in (SITE, f"{SITE}/", "https://example.org")] == [
        "/site",
        "/site",
        "",
    ]


def test_no_other_module_knows_that_a_folder_is_served_by_its_index():
    """What is served at an address is asked of plugins/addresses.py."""
    spelled = {
        file.relative_to(ROOT).as_posix()
        for folder in ("plugins", "tools/hosts", "tools/verify")
        for file in (ROOT / folder).rglob("*.py")
        if r"index\.html" in file.read_text("utf-8")
    }
    assert spelled == {"plugins/addresses.py"}


# What a link may be written as, and the file of the site that it leads to.
LINKS = {
    "/about/": "about/index.html",
    "/about": "about/index.html",
    "/about/?a=1&b=2#main": "about/index.html",
    "../about/": "about/index.html",
    "../pages/about.md": "about/index.html",
    "/pages/about.md#words": "about/index.html",
    "{filename}../pages/about.md": "about/index.html",
    "{static}/pages/about.md": "about/index.html",
    "other.md#a-part": "other/index.html",
    "/other/index.html": "other/index.html",
    "/before/": "other/index.html",
    "file%20%23%20100%25.md": "odd/index.html",
    "<file # 100%.md>": "odd/index.html",
    "日本語.md": "ri-ben-yu/index.html",
    "/own/place.html#a-part": "own/place.html",
    "own.md": "own/place.html",
    "es.md": "es/links/index.html",
    "/es/links/": "es/links/index.html",
    "/": "index.html",
    "..": "index.html",
    "{index}#main": "index.html",
    "/page/2/": "page/2/index.html",
    "/feed.xml": "feed.xml",
    "/sitemap.xml": "sitemap.xml",
    "/robots.txt": "robots.txt",
    "/favicon.svg": "favicon.svg",
    "/topics": "topics/index.html",
    "/category/tests/": "category/tests/index.html",
    "{category}Tests": "category/tests/index.html",
    "{tag}two%20words": "tag/two-words/index.html",
    "/extra/a b.pdf": "extra/a b.pdf",
    "../extra/a%20b.pdf#page=2": "extra/a b.pdf",
    "{attach}../extra/100%25.pdf": "extra/100%.pdf",
    "extra/100%.pdf": "extra/100%.pdf",
    "beside.png": "articles/beside.png",
    "images\\\\a.png": "images/a.png",
    "https://example.org/site/about": "about/index.html",
    "//example.org/site/feed.xml": "feed.xml",
}
PICTURES = ["a.png", "a#1.png", "50%.png", "a%41.png", "with space.png", "café.png", "what?.png"]
SHOWN = {
    "images/a.png": "images/a.png",
    "/images/a.png": "images/a.png",
    "../images/a.png": "images/a.png",
    "{static}/images/a#1.png": "images/a#1.png",
    "{static}../images/a%231.png": "images/a#1.png",
    "/images/a#1.png": "images/a#1.png",
    "images/50%.png": "images/50%.png",
    "{static}/images/50%25.png": "images/50%.png",
    "images/a%41.png": "images/a%41.png",
    "images/with space.png": "images/with space.png",
    "{static}/images/with%20space.png": "images/with space.png",
    "/images/cafe\u0301.png": "images/café.png",
    "/images/caf%C3%A9.png": "images/café.png",
    "<images/what?.png>": "images/what?.png",
    "{attach}beside.png": "articles/beside.png",
    "beside.png": "articles/beside.png",
    "https://example.org/site/images/a.png": "images/a.png",
}
RAW = """
<p><a href=/about/>a</a> <a href='../about/' title="a > b href=/nowhere">b</a>
<A HREF = "/about">c</A> <img src=/images/a.png alt="Unquoted">
<img alt='single > quotes' src='{static}/images/a#1.png'>
<img src="{static}/images/a.png" alt="Set"
srcset="{static}/images/50%25.png 2x, images/a.png 1x"></p>
<blockquote cite="/about/">Said.</blockquote> <!-- <a href="/nowhere/">not read</a> -->
<p><code>&lt;a href="/about/"></code> <a href=#here id=here>here</a></p>
<figure><video src="../extra/100%.mp4" poster="{static}/images/a.png" controls></video></figure>
"""


# Which of them a translation, a page with a place of its own and a draft use, besides their own.
BY_PAGE = {"..", "../about/"}
OWN = {
    "links": {},
    "es": {"../../about/": "about/index.html", "../..": "index.html"},
    "own": {"../about/": "about/index.html", "./": "own/index.html"},
    "draft": {"../about/": "about/index.html", "/unfinished/": "drafts/unfinished/index.html"},
}
HEADS = {
    "links": "Slug: links\nTags: two words\nEmergency: [d](/about/) [e](other.md#a-part)",
    "es": "Slug: links\nLang: es",
    "own": "Save_as: own/place.html\nURL: own/place.html",
    "draft": "Status: draft\nSlug: unfinished",
    "other": "Slug: other\nAliases: /before/",
    "file # 100%": "Slug: odd",
    "日本語": "Slug: ri-ben-yu",
    "index": "Save_as: own/index.html\nURL: own/",
}


def links_of(name: str) -> dict[str, str]:
    """Return the links of an article, and where each leads to."""
    return {k: v for k, v in LINKS.items() if name == "links" or k not in BY_PAGE} | OWN[name]


def write_links(content: Path):
    """Write articles with every link (one in Spanish, one a draft) and what they link to."""
    for folder in ("articles", "pages", "images", "extra"):
        (content / folder).mkdir(parents=True)
    for name, head in HEADS.items():
        body = "## A part\n\n"
        if name in OWN:
            body += "\n\n".join(f"[A link]({address})" for address in links_of(name))
            body += "\n\n" + "\n\n".join(f"![It]({address})" for address in SHOWN)
        text = f"Title: The {name}\nDate: 2026-01-02\nCategory: Tests\n{head}\n"
        text += f"Summary: {SUMMARY.format(name)}\n\n{body}\n{RAW if name == 'links' else ''}"
        (content / "articles" / f"{name}.md").write_text(text, "utf-8")
    for name, title in PAGES.items():
        text = (
            f"Title: {title}\nSlug: {name}\nSummary: {SUMMARY.format(name)}\n\n## Words\n\nOne.\n"
        )
        (content / "pages" / f"{name}.md").write_text(text, "utf-8")
    for name in PICTURES:
        Image.new("RGB", (600, 400), "teal").save(content / "images" / name)
    Image.new("RGB", (600, 400), "red").save(content / "articles" / "beside.png")
    for name in ("a b.pdf", "100%.pdf", "100%.mp4"):
        (content / "extra" / name).write_bytes(b"%PDF-1.4")


SITEURL = "https://example.org/site"


@pytest.fixture(scope="module", params=["preview", "published"])
def linked(request, tmp_path_factory):
    """The site of all links, as a preview and published below a folder."""
    folder = tmp_path_factory.mktemp("links")
    write_links(folder / "content")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.chdir(ROOT)
        places, own = (folder / "content", folder / "output"), {"DEFAULT_PAGINATION": 3}
        if request.param == "preview":
            return build_site(*places, SITEURL=SITEURL, **own)
        publish.publish(SITEURL, *places, "publishconf.py", own)
    return Site(places[1], f"{SITEURL}/")


def file_at(address: str, page: str) -> str:
    """Return the file of the site that an address in a page of it leads to."""
    path = unquote(urlsplit(urljoin(f"{SITEURL}/{page}", address)).path).removeprefix("/site/")
    return f"{path}index.html" if not path or path.endswith("/") else path


def test_every_spelling_of_a_link_leads_to_the_file_that_it_means(linked):
    places = {"links": "links/", "es": "es/links/", "own": "own/place.html"}
    if (linked.folder / "drafts").exists():
        places["draft"] = "drafts/unfinished/"
    for name, place in places.items():
        page = linked.page(place)
        found = [a.get("href") for a in page.all(".text a") if a.text == "A link"]
        led = {k: file_at(one, place) for k, one in zip(links_of(name), found, strict=True)}
        wanted = {
            k: v.replace("own/place.html", "own/place.html") for k, v in links_of(name).items()
        }
        assert led == wanted
        shown = [file_at(img.get("src"), place) for img in page.all("figure img[alt='It']")]
        assert shown == [*SHOWN.values()]
        assert len(page.all("figure picture source[type='image/webp']")) >= len(SHOWN)
        for element, _, address, _ in page.root.iterlinks():
            whole = urljoin(f"{SITEURL}/{place}", address)
            if whole.startswith(SITEURL) and element.tag != "link":
                assert (linked.folder / file_at(address, place)).is_file(), address


def test_links_of_raw_html_and_of_metadata_work_too(linked):
    page = linked.page("links/")
    assert {file_at(a.get("href"), "links/") for a in page.all(".alert a")} == {
        "about/index.html",
        "other/index.html",
    }
    raw = [file_at(a.get("href"), "links/") for a in page.all("a") if a.text in ("a", "b", "c")]
    assert raw == ["about/index.html"] * 3
    (video,), (quote,) = page.all("video"), page.all("blockquote")
    assert file_at(video.get("src"), "links/") == "extra/100%.mp4"
    assert file_at(video.get("poster"), "links/") == "images/a.png"
    assert file_at(quote.get("cite"), "links/") == "about/index.html"
    assert page.one("a[title]").get("title") == "a > b href=/nowhere"
    assert page.texts("p > code") == ['<a href="/about/">']
    several = page.one("img[alt=Set]").get("srcset")
    assert [file_at(one, "links/") for one, _ in split_srcset(several)] == [
        "images/50%.png",
        "images/a.png",
    ]


def test_all_of_them_work_in_the_feed(linked):
    feed = etree.parse(linked.folder / "feed.xml")
    contents = feed.xpath("//*[local-name() = 'content']/text()")
    assert len(contents) == 6
    for content in contents:
        addresses = [
            found[2] for found in lxml.html.fragment_fromstring(content, "div").iterlinks()
        ]
        assert [one for one in addresses if not one.startswith(f"{SITEURL}/")] == []
        missing = [one for one in addresses if not (linked.folder / file_at(one, "")).is_file()]
        assert missing == []
