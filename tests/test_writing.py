"""Every example of docs/writing.md is an article that can be built."""

import re
import shutil

import pytest

from tests.site_fixtures import CONTENT, ROOT, build_site, words

EXAMPLES = re.findall(
    r"^```markdown\n(.*?)^```",
    (ROOT / "docs" / "writing.md").read_text("utf-8"),
    re.DOTALL | re.MULTILINE,
)
FACTS = """Title: An example of the manual
Date: 2026-01-02
Category: Examples
Slug: example
Summary: {summary}

""".replace(
    "{summary}",
    "An article that a test makes around an example of the manual, with the facts at the top that "
    "every article of the site needs to have.",
)
CARD = '\n!!! emergency "Call 911 now if:"\n\n    - a sign\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    content = tmp_path_factory.mktemp("manual") / "content"
    shutil.copytree(CONTENT / "pages", content / "pages")
    (content / "images").mkdir()
    shutil.copy(ROOT / "docs" / "article.png", content / "images" / "path.png")
    (content / "articles").mkdir()
    return content


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n", 1)[0][:40])
def test_an_example_of_the_manual_builds(folder, tmp_path, example):
    text = example if example.startswith("Title:") else FACTS + example
    if "(#emergency)" in text:
        text += CARD
    text = text.replace("!!! emergency", "## Signs\n\n!!! emergency") + "\nA last paragraph.\n"
    (folder / "articles" / "example.md").write_text(text, "utf-8")
    site = build_site(folder, tmp_path / "output")
    (path,) = [
        path
        for path in site.paths()
        if site.page(path).all("article .text")
        and path not in ("about/", "privacy/", "accessibility/")
    ]
    assert words(site.page(path).one(".text"))


def test_the_manual_names_every_field_that_the_checker_knows():
    from plugins.rules.fields import FIELDS

    manual = (ROOT / "docs" / "writing.md").read_text("utf-8")
    for name in FIELDS:
        assert f"`{name}`" in manual, name
