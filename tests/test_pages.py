"""What is true of every page that is written, whatever its kind."""

import re
from pathlib import Path

import pytest

from plugins.security import csp_hash

DESIGNED = {
    "",
    "page/2/",
    "404.html",
    "about/",
    "accessibility/",
    "archive/",
    "category/back-pain/",
    "category/filler/",
    "category/filler/page/2/",
    "category/neck-shoulder/",
    "ar/everything/",
    "everything/",
    "hostile/",
    "numbered/",
    "privacy/",
    "tag/filler/",
    "tag/filler/page/2/",
    "tag/sciatica/",
    "tag/walking/",
    "topics/",
} | {f"filler-{number:02}/" for number in range(1, 12)}


def every_page(site):
    return {path: site.page(path) for path in site.paths()}


def test_a_published_site_has_these_pages_and_no_others(published):
    assert set(published.paths()) == DESIGNED


def test_a_preview_also_shows_drafts_and_what_is_still_to_come(site):
    assert set(site.paths()) - DESIGNED == {"drafts/not-yet-finished/", "from-a-later-year/"}


@pytest.fixture(params=["site", "published"])
def pages(request):
    return every_page(request.getfixturevalue(request.param))


def test_titles_are_unique_and_not_too_long_for_a_list_of_results(pages):
    titles = [page.texts("title")[0] for path, page in pages.items()]
    assert len(titles) == len(set(titles))
    assert all(len(title) <= 70 for title in titles)


def test_every_page_has_a_description(pages):
    for path, page in pages.items():
        description = page.one("meta[name=description]").get("content")
        assert 100 <= len(description) <= 160, f"{path}: {len(description)}"


def test_every_page_has_one_main_heading_and_skips_no_level(pages):
    for path, page in pages.items():
        levels = [int(heading.tag[1]) for heading in page.all("h1, h2, h3, h4, h5, h6")]
        assert levels.count(1) == 1, path
        assert levels[0] == 1, path
        assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False)), path


def test_every_page_has_its_landmarks_and_a_way_past_the_navigation(pages):
    for path, page in pages.items():
        for selector in ("header.masthead", "main#main", "footer", ".masthead nav[aria-label]"):
            assert len(page.all(selector)) == 1, f"{path}: {selector}"
        assert page.one("a.skip").get("href") == "#main"
        assert page.root.get("lang")


def test_ids_are_unique(pages):
    for path, page in pages.items():
        ids = [element.get("id") for element in page.all("[id]")]
        assert len(ids) == len(set(ids)), path


def test_nothing_but_the_page_itself_is_needed_to_read(pages):
    for path, page in pages.items():
        assert not page.all("head link[rel=stylesheet], iframe"), path
        assert not page.all("script[src]:not([type=module])"), path
        assert not page.all("[style], [onclick], [onload]"), path


def test_the_policy_names_the_inline_sheet_and_data_and_nothing_unsafe(pages):
    for path, page in pages.items():
        policy = page.one("meta[http-equiv=Content-Security-Policy]").get("content")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert csp_hash(page.one("style").text) in policy, path
        for script in page.all("script[type='application/ld+json']"):
            assert csp_hash(script.text) in policy, path


def test_canonical_addresses_are_absolute_and_their_own(published):
    for path, page in every_page(published).items():
        if path == "404.html":
            assert not page.all("link[rel=canonical]")
            assert page.one("meta[name=robots]").get("content") == "noindex"
            continue
        address = f"https://example.org/site/{path}"
        assert page.one("link[rel=canonical]").get("href") == address
        assert page.one("meta[property='og:url']").get("content") == address


def test_sharing_cards_say_what_the_page_says(pages):
    for path, page in pages.items():
        heading = page.one("meta[property='og:title']").get("content")
        assert heading in page.texts("title")[0] or page.texts("title")[0] in heading, path
        assert page.one("meta[property='og:description']").get("content") == page.one(
            "meta[name=description]"
        ).get("content")
        assert page.one("meta[name='twitter:card']").get("content")


def test_every_page_leads_to_the_feed(pages):
    for page in pages.values():
        assert page.one("link[type='application/atom+xml']").get("href").endswith("/feed.xml")


def test_links_of_one_name_lead_to_one_place(pages):
    """WCAG 2.4.9."""
    for path, page in pages.items():
        page.root.make_links_absolute(path or "/", resolve_base_href=False)
        places = {}
        for link in page.all("a[href]"):
            name = link.get("aria-label") or " ".join(link.text_content().split())
            assert name, f"{path}: {link.get('href')}"
            places.setdefault(name, set()).add(link.get("href").rstrip("/"))
        assert {name: to for name, to in places.items() if len(to) > 1} == {}, path


def test_every_page_says_where_it_is(pages):
    """WCAG 2.4.8."""
    for path, page in pages.items():
        where = page.all(".breadcrumb a, [aria-current=page]")
        assert where or path in ("404.html", "page/2/"), path


def test_the_accessibility_page_names_tests_that_exist(real):
    cells = " ".join(real.page("accessibility/").texts("td:last-child"))
    named = ["test_" + name.replace(" ", "_") for name in re.findall("“(.+?)”", cells)]
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert len(named) > 20
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_links_inside_the_site_lead_somewhere(pages, request):
    site = request.getfixturevalue(request.node.callspec.params["pages"])
    for path, page in pages.items():
        page.root.make_links_absolute(site.address + path)
        for element, _, link, _ in page.root.iterlinks():
            if not link.startswith(site.address) and not link.startswith(site.address.rstrip("/")):
                continue
            target, _, fragment = link.removeprefix(site.address).partition("#")
            if element.tag == "form":  # the comment server answers there
                continue
            file = site.folder / target
            file = file / "index.html" if file.is_dir() else file
            assert file.is_file(), f"{path} links to {link}"
            if fragment and file.suffix == ".html":
                assert site.page(file.relative_to(site.folder).as_posix()).root.xpath(
                    "//*[@id=$id]", id=fragment
                ), f"{path} links to {link}"


def test_the_page_not_found_works_at_any_depth(published):
    links = [a.get("href") for a in published.page("404.html").all("main a, nav a, footer a")]
    assert all(link.startswith("/site/") for link in links), links


def test_long_lists_go_on_on_a_second_page(site):
    first, second = site.page(""), site.page("page/2/")
    assert len(first.all(".rows > li")) == 10
    assert first.texts(".pagination p") == ["Page 1 of 2"]
    assert second.texts(".pagination a") == ["Newer articles"]
    assert second.texts("h1") == first.texts("h1")


def test_related_articles_share_a_tag_and_neighbours_are_in_order(published):
    page = published.page("everything/")
    assert page.texts("#related") == ["Related articles"]
    assert [a.get("href") for a in page.all(".rows.plain a")] == [
        "https://example.org/site/numbered/"
    ]
    assert page.texts(".pager a") == ["Previous Questions written as a numbered list"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("everything/", "Your email address will not be published. Required fields are marked *"),
        ("numbered/", "Replies to this article are closed."),
    ],
)
def test_leave_a_reply_says_how_things_stand(site, path, words):
    page = site.page(path)
    assert page.texts("#leave-a-reply") == ["Leave a Reply"]
    assert words in " ".join(page.texts(".replies"))


def test_an_article_can_do_without_replies(site):
    page = site.page("hostile/")
    assert not page.all(".replies")
    assert "commentCount" not in page.graph["BlogPosting"]


def test_a_published_site_without_a_comment_server_says_that_replies_are_not_open_yet(published):
    text = " ".join(published.page("everything/").texts(".replies"))
    assert "Replies are not open yet." in text
    assert not published.page("everything/").all(".replies button, .replies form")


def test_tokens_of_the_owner_are_replaced_in_pages(site):
    page = site.page("about/")
    assert "{{" not in page.source.partition("<main")[2]
    assert page.all("main a[href^='mailto:']")


def test_no_page_knows_an_analytics_service(pages):
    for path, page in pages.items():
        assert not page.all("img[width='1'], script[src^=http]"), path


def test_the_contents_list_every_section_of_an_article(site):
    page = site.page("everything/")
    listed = [link.get("href") for link in page.all("nav.contents a")]
    sections = [heading.get("id") for heading in page.all(".text h2[id], .replies h2[id]")]
    assert len(sections) > 3
    assert listed == [f"#{section}" for section in sections]
