"""An address has one spelling, whichever module asks for it."""

from pathlib import Path

import pytest

from plugins.addresses import absolute_url, base_path, is_same_origin, normalize_url, save_as_of
from plugins.aliases import alias_files
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
