"""What a page tells machines is what it shows to people, in schema.org's own words."""

import re

import pytest
from schema_org import registry

from plugins.structured_data import to_json

PLAIN = {str: {"Text", "URL", "Date", "DateTime"}, bool: {"Boolean"}, int: {"Integer", "Number"}}


def walk(node, name="@graph"):
    """Yield every typed node below `node`, with the property that it is the value of."""
    if isinstance(node, list):
        for each in node:
            yield from walk(each, name)
    elif isinstance(node, dict):
        if "@type" in node:
            yield name, node
        for key, value in node.items():
            yield from walk(value, key)


def graph_of(page) -> list[dict]:
    return list(page.graph.values())


@pytest.fixture(
    params=["everything/", "numbered/", "hostile/", "", "about/", "topics/", "tag/walking/"]
)
def page(request, site):
    return site.page(request.param)


def test_every_type_property_and_value_is_in_the_vocabulary_of_schema_org(page):
    for _, node in walk(graph_of(page)):
        kind = node["@type"]
        kinds = {kind, *registry.ancestry(kind)}
        assert not registry.CLASS_METADATA[kind].superseded_by
        for name, value in node.items():
            if name.startswith("@"):
                continue
            known = registry.PROPERTY_BY_SCHEMA[name]
            assert not known.superseded_by, f"{name} is superseded"
            assert kinds & set(known.domains), f"{kind} has no {name}"
            for each in value if isinstance(value, list) else [value]:
                assert fits(each, known.ranges), f"{name} of {kind} takes {known.ranges}: {each}"


def fits(value, ranges) -> bool:
    """Return whether a value is of one of the types that a property takes."""
    if not isinstance(value, dict):
        return bool(PLAIN[type(value)] & set(ranges))
    kind = value.get("@type")
    return kind is None or bool({kind, *registry.ancestry(kind)} & set(ranges))


def test_every_reference_leads_to_a_node_of_the_same_page(page):
    nodes = [node for _, node in walk(graph_of(page))]
    known = {node["@id"] for node in nodes if "@id" in node}
    references = {
        value["@id"]
        for node in nodes
        for name, value in node.items()
        if name != "item" and isinstance(value, dict) and set(value) == {"@id"}
    }
    assert references <= known


def test_the_graph_of_an_article_has_these_nodes(site):
    assert set(site.page("everything/").graph) == {
        "Organization",
        "WebSite",
        "MedicalWebPage",
        "BlogPosting",
        "FAQPage",
        "BreadcrumbList",
    }
    assert "FAQPage" not in site.page("hostile/").graph


def test_every_value_of_an_article_is_on_the_page(site):
    page = site.page("everything/")
    posting, medical = page.graph["BlogPosting"], page.graph["MedicalWebPage"]
    address = page.one("link[rel=canonical]").get("href")
    assert posting["headline"] == medical["name"] == page.texts("h1")[0]
    assert posting["description"] == page.texts(".standfirst")[0]
    assert posting["mainEntityOfPage"]["@id"] == medical["url"] == address
    shown = [time.get("datetime") for time in page.all(".byline time")]
    assert [posting["datePublished"], posting["dateModified"]] == shown
    assert [medical["datePublished"], medical["dateModified"]] == shown
    assert posting["keywords"] == page.texts(".tags li")
    assert posting["articleSection"] == page.texts(".breadcrumb li")[-1]
    assert posting["inLanguage"] == page.root.get("lang")
    assert page.graph["Organization"]["name"] in page.texts(".byline dd")
    assert page.graph["WebSite"]["name"] in page.texts(".brand")[0]
    assert posting["commentCount"] == 0
    assert page.all(f"#{posting['discussionUrl'].partition('#')[2]}")
    shown_words = sum(len(words.split()) for words in page.texts(".key-points, .text"))
    assert 0 < posting["wordCount"] <= shown_words


def test_the_breadcrumb_for_machines_is_the_breadcrumb_on_the_page(site):
    page = site.page("everything/")
    items = page.graph["BreadcrumbList"]["itemListElement"]
    assert [item["name"] for item in items] == [*page.texts(".breadcrumb a"), *page.texts("h1")]
    assert [item["position"] for item in items] == [1, 2, 3]
    assert [item.get("item") for item in items] == [
        {"@id": site.address},
        {"@id": f"{site.address}category/back-pain/"},
        None,
    ]


def test_the_questions_for_machines_are_the_questions_on_the_page(site):
    page = site.page("everything/")
    entries = page.graph["FAQPage"]["mainEntity"]
    shown = page.all(".faq h3")
    assert [entry["@id"].partition("#")[2] for entry in entries] == [h3.get("id") for h3 in shown]
    whole = words_only(" ".join(page.texts(".faq")))
    for entry, heading in zip(entries, shown, strict=True):
        assert words_only(entry["name"]) in words_only(heading.text_content())
        for line in entry["acceptedAnswer"]["text"].splitlines():
            assert words_only(line) in whole


def words_only(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d]+", text))


def test_no_reviewer_is_claimed_where_the_page_shows_none(site):
    page = site.page("everything/")
    assert "Not yet reviewed by a clinician" in page.texts(".byline dd")
    assert not {"reviewedBy", "lastReviewed"} & set(page.graph["MedicalWebPage"])


def test_a_title_can_neither_end_the_script_nor_change_its_meaning(site):
    page = site.page("hostile/")
    title = "\"Tom\" & <script>alert(1)</script> 'quotes' a < b"
    assert page.graph["BlogPosting"]["headline"] == title
    assert page.texts("h1") == [title]
    assert [script.get("type") for script in page.all("script")] == ["application/ld+json"]


def test_json_for_a_script_element_has_no_character_that_ends_it():
    text = to_json({"a": "</script><!-- & \u2028 é"})
    assert not set("<>&\u2028") & set(text)
    assert "é" in text
