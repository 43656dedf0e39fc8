"""Every example of README and docs/writing.md passes check and publish as printed."""

import re
import shutil
import textwrap

import pytest

from tests.publish_fixtures import OPEN, SUMMARY
from tests.site_fixtures import CONTENT, ROOT, Site, words
from tools.build import load_settings
from tools.check import check
from tools.publish import publish

MANUAL = (ROOT / "docs" / "writing.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
# In README an article is indented, in the manual there are fences.
EXAMPLES = {
    "README": [textwrap.dedent(re.search(r"^    Title:.*?(?=^\S)", README, re.M | re.S)[0])],
    "docs/writing.md": re.findall(r"^```markdown\n(.*?)^```", MANUAL, re.M | re.S),
}
OWN = {**OPEN, "REPLIES_SNAPSHOT": "no-replies.json"}
# What a part of an article is put below.
HEAD = "Title: Example {0}\nDate: 2026-01-02\nCategory: Examples\nSlug: {0}\nSummary: {1}\n\n"
# What is true of documents that are no articles: files elsewhere, the preview's address, a section
# about FAQs that has no questions, long sentences.
APART = re.compile(r"there is no file|on your own computer|the FAQ section|sentence|reading grade")


@pytest.mark.parametrize("where", EXAMPLES)
def test_every_example_passes_check_and_is_published_as_printed(where, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1797300000")  # after all dates of the examples
    monkeypatch.chdir(ROOT)
    content, output = tmp_path / "content", tmp_path / "output"
    shutil.copytree(CONTENT / "pages", content / "pages")
    (content / "images").mkdir()
    shutil.copy(ROOT / "docs" / "article.png", content / "images" / "path.png")
    (content / "articles").mkdir()
    for number, text in enumerate(EXAMPLES[where]):
        is_whole = text.startswith("Title:")
        head = "" if is_whole else HEAD.format(number, SUMMARY.format(f"number {number}"))
        (content / "articles" / f"{number}.md").write_text(head + text, "utf-8")
    report = check(content, load_settings("pelicanconf.py"))
    assert [str(problem) for problem in report.errors + report.warnings] == []
    built = publish("https://www.example.org", content, output, "publishconf.py", OWN)
    assert built.warnings == []
    site = Site(output, "https://www.example.org/")
    for document in built.documents.values():
        assert words(site.page(document.content.save_as).one("article")), document


def test_the_manual_names_every_field_that_the_checker_knows():
    from plugins.rules.fields import FIELDS

    for name in FIELDS:
        assert f"`{name}`" in MANUAL, name


def test_the_documents_of_the_project_are_met_with_silence(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "articles").mkdir()
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for number, path in enumerate(documents):
        body = path.read_text("utf-8").partition("\n")[2]  # without its title
        head = HEAD.format(path.stem, SUMMARY.format(f"number {number}"))
        (tmp_path / "articles" / path.name).write_text(head + body, "utf-8")
    report = check(tmp_path, load_settings("pelicanconf.py"))
    problems = report.errors + report.warnings
    assert len(problems) > 5  # the documents have been read
    assert [str(one) for one in problems if not APART.search(one.what)] == []
