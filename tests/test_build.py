"""Safe builds: every mistake is named with its place, and the last good site stays."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from pelican import signals
from pelican.settings import read_settings

from tests.site_fixtures import CONTENT, EPOCH, ROOT
from tools.build import BuildError, build
from tools.check import check
from tools.publish import publish

SUMMARY = (
    "An article that a test writes for itself about {slug}, with a summary as long as the site "
    "asks for: at least a hundred and twenty characters."
)
GOOD = """Title: {title}
Date: 2026-01-02
Category: Back pain
Slug: {slug}
Summary: {summary}

A paragraph.
""".replace("{summary}", SUMMARY)


@pytest.fixture
def content(tmp_path):
    """A folder of content with one good article and the pages that every page links to."""
    folder = tmp_path / "my content"
    shutil.copytree(CONTENT / "pages", folder / "pages")
    (folder / "articles").mkdir()
    (folder / "images").mkdir()
    write(folder, "good.md", GOOD.format(title="Good", slug="good"))
    return folder


def write(content, name, text):
    path = content / "articles" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def run(content, output, *more, **env):
    """Run the command as `make html` does."""
    return subprocess.run(
        [sys.executable, "-m", "tools.build", str(content), "-o", str(output), *more],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_site_is_built(content, tmp_path):
    done = run(content, tmp_path / "output", "-s", "pelicanconf.py")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output" / "good" / "index.html").is_file()
    assert done.stdout.startswith("Built ")


MISTAKES = {
    "a broken link to another article": (
        GOOD.format(title="Bad", slug="bad") + "\nSee [this]({filename}nope.md).\n",
        r":9:5: .*nope\.md",
    ),
    "a missing title": (GOOD.format(title="Bad", slug="bad").replace("Title: Bad\n", ""), "title"),
    "a missing date": (GOOD.format(title="B", slug="b").replace("Date: 2026-01-02\n", ""), "date"),
    "a date that is none": (
        GOOD.format(title="B", slug="b").replace("2026-01-02", "next tuesday-ish"),
        r":2:7: .*next tuesday-ish",
    ),
    "the address of another article": (GOOD.format(title="Bad", slug="good"), "good"),
    "another encoding than UTF-8": (
        GOOD.format(title="Café", slug="bad").encode("latin-1"),
        r":1:\d+: .*UTF-8",
    ),
    "an FAQ section without questions": (
        GOOD.format(title="B", slug="b") + "\n## FAQs\n\nOnly words.\n",
        r":9:\d+: .*question",
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_on_one_line_and_the_last_good_site_stays(
    content, tmp_path, text, expected
):
    output = tmp_path / "output"
    output.mkdir()
    (output / "index.html").write_text("the last good site")
    write(content, "bad.md", text)
    done = run(content, output, "-s", "pelicanconf.py")
    assert done.returncode == 1
    named = [line for line in done.stderr.splitlines() if "bad.md" in line or "good.md" in line]
    assert len(named) == 1, done.stderr
    assert re.match(r".+\.md:\d+:\d+: .+ — .+", named[0]), named[0]
    assert re.search(expected, named[0], re.IGNORECASE), named[0]
    assert "Traceback" not in done.stderr + done.stdout
    assert (output / "index.html").read_text() == "the last good site"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my content", "output"]


def test_all_mistakes_are_named_in_one_run(content, tmp_path):
    write(content, "one.md", GOOD.format(title="One", slug="one").replace("Date:", "Dates:"))
    write(content, "two.md", GOOD.format(title="Two", slug="two").replace("Category:", "Kategory:"))
    done = run(content, tmp_path / "output", "-s", "pelicanconf.py")
    assert "one.md:" in done.stderr
    assert "two.md:" in done.stderr
    assert not (tmp_path / "output").exists()


def test_an_unknown_comment_provider_stops_the_build_and_lists_the_known_ones(content, tmp_path):
    with pytest.raises(BuildError) as failure:
        overrides = {"COMMENTS": {"provider": "telegraph"}}
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", overrides)
    (problem,) = failure.value.problems
    assert "telegraph" in problem.what
    assert "isso" in problem.fix
    assert "none" in problem.fix


@pytest.mark.parametrize(
    "endpoint",
    ["comments.example.org", "http://comments.example.org", "https://", "ftp://x.org", "//x.org"],
)
def test_an_endpoint_that_is_no_safe_address_stops_the_build(content, tmp_path, endpoint):
    with pytest.raises(BuildError, match="endpoint"):
        overrides = {"COMMENTS": {"provider": "isso", "endpoint": endpoint}}
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", overrides)


@pytest.fixture
def theme(tmp_path):
    return shutil.copytree(ROOT / "theme", tmp_path / "theme")


def test_a_template_that_names_nothing_stops_the_build_with_file_and_line(content, tmp_path, theme):
    template = theme / "templates" / "topics.html"
    text = template.read_text().replace("{% block main %}", "{% block main %}{{ nobody_knows_me }}")
    template.write_text(text)
    with pytest.raises(BuildError, match=r"topics\.html:\d+: .*nobody_knows_me"):
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", {"THEME": str(theme)})


def test_a_template_that_cannot_be_read_stops_the_build_with_file_and_line(
    content, tmp_path, theme
):
    template = theme / "templates" / "topics.html"
    template.write_text("{% if %}")
    with pytest.raises(BuildError, match=r"topics\.html:1"):
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", {"THEME": str(theme)})


def test_a_page_that_the_theme_links_to_and_that_does_not_exist_is_named_once(content):
    (content / "pages" / "privacy.md").unlink()
    settings = read_settings(str(ROOT / "pelicanconf.py"))
    (problem,) = check(content, settings).errors
    assert re.match(r"theme/templates/partials/footer\.html:\d+: ", str(problem))
    assert '"/privacy/"' in problem.what
    assert problem.fix.startswith('write a page with "Slug: privacy", or delete the link')
    assert "isso.html" in problem.fix


def test_a_page_that_no_link_leads_to_is_named_by_check_and_a_preview_shows_it(content, tmp_path):
    pages, settings = content / "pages", read_settings(str(ROOT / "pelicanconf.py"))
    text = f"Title: Lost\nSummary: {SUMMARY.format(slug='a page')}\n\nWords.\n"
    (pages / "lost.md").write_text(text)
    build(content, tmp_path / "o", ROOT / "pelicanconf.py")
    (problem,) = check(content, settings).errors
    assert problem.path.endswith("lost.md")
    assert "Status: hidden" in problem.fix
    other = text.replace("Lost", "Next").replace("a page", "another")
    (pages / "next.md").write_text(other + "\n[lost](lost.md)\n")
    assert len(check(content, settings).errors) == 2  # linked from another that no link leads to
    about = pages / "about.md"
    about.write_text(about.read_text() + "\n[next](/next/)\n")
    assert check(content, settings).errors == []
    about.write_text(about.read_text().replace("[next](/next/)", ""))
    (pages / "lost.md").write_text(text.replace("Title", "Status: hidden\nTitle"))
    (pages / "next.md").unlink()
    assert check(content, settings).errors == []


def test_a_draft_page_that_the_theme_links_to_is_named_as_that(content):
    page = content / "pages" / "privacy.md"
    page.write_text(page.read_text().replace("Slug:", "Status: draft\nSlug:"))
    settings = read_settings(str(ROOT / "pelicanconf.py"))
    (problem,) = check(content, settings).errors
    assert problem.fix.startswith(f'write "Status: published" in "{page}"')


def test_a_link_of_the_theme_that_only_the_finished_pages_show_is_one_line(
    content, tmp_path, theme, monkeypatch
):
    monkeypatch.chdir(ROOT)
    footer = theme / "templates" / "partials" / "footer.html"
    link = '<a href="{{ SITEURL }}/{{ "gone" }}/">Gone</a></footer>'
    footer.write_text(footer.read_text().replace("</footer>", link))
    overrides = {"THEME": str(theme)}
    with pytest.raises(BuildError) as failure:
        publish("https://example.org", content, tmp_path / "o", "publishconf.py", overrides)
    (problem,) = failure.value.problems
    assert re.search(r"broken link to .*/gone/: .*\(on \d+ pages\)", problem.what)


def test_an_error_in_the_page_of_an_article_names_the_template_and_the_article(
    content, tmp_path, theme
):
    template = theme / "templates" / "article.html"
    template.write_text(
        template.read_text().replace("{% block main %}", "{% block main %}{{ x.y }}")
    )
    with pytest.raises(BuildError, match=r"article\.html:\d+: .*\(in the page of .*good\.md\)"):
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", {"THEME": str(theme)})


def test_an_exception_names_the_file_worked_on_and_no_line_of_code(content, tmp_path):
    with pytest.raises(BuildError) as failure:
        build(content, tmp_path / "o", ROOT / "pelicanconf.py", {"ARTICLE_URL": "{slgu}/"})
    (problem,) = failure.value.problems
    assert problem.path.endswith("good.md")
    assert ".py:" not in str(problem)
    assert "-D" in problem.fix


def test_the_details_of_an_exception_are_there_to_be_asked_for(content, tmp_path):
    wrong = ("-s", "pelicanconf.py", "-e", 'ARTICLE_URL="{slgu}/"')
    assert "Traceback" not in run(content, tmp_path / "o", *wrong).stderr
    assert "Traceback" in run(content, tmp_path / "o", *wrong, "-D").stderr


def test_what_pelican_warns_of_is_named_with_the_file(content, tmp_path):
    head = "Author: !!!\n"
    write(content, "bad.md", head + GOOD.format(title="Bad", slug="bad"))
    with pytest.raises(BuildError) as failure:
        build(content, tmp_path / "o", ROOT / "pelicanconf.py")
    (problem,) = failure.value.problems
    assert problem.path.endswith("bad.md")


def test_a_decorative_image_in_raw_html_is_no_error(content, tmp_path):
    shutil.copy(ROOT / "docs" / "article.png", content / "images" / "line.png")
    image = '\n<img src="{static}/images/line.png" alt="" class="decorative">\n'
    write(content, "good.md", GOOD.format(title="Good", slug="good") + image)
    build(content, tmp_path / "o", ROOT / "pelicanconf.py")


def test_a_mistake_in_the_sheet_stops_the_build_with_its_line(content, tmp_path, theme):
    (theme / "css" / "site.css").write_text("a { color: red; }\nb { color: var(--x; }\n")
    with pytest.raises(BuildError, match=r"site\.css:2:"):
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", {"THEME": str(theme)})


def test_a_broken_settings_file_is_named_with_its_line(content, tmp_path):
    settings = tmp_path / "broken.py"
    settings.write_text("SITENAME = 'x'\nTHIS IS NOT PYTHON\n")
    done = run(content, tmp_path / "output", "-s", str(settings))
    assert done.returncode == 1
    assert "broken.py:2:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_while_settings_are_read_is_named_with_its_line(content, tmp_path):
    settings = tmp_path / "broken.py"
    settings.write_text("SITENAME = 'x'\nTHEME = UNKNOWN\n")
    done = run(content, tmp_path / "output", "-s", str(settings))
    assert "broken.py:2: NameError: name 'UNKNOWN' is not defined" in done.stderr
    settings.write_text(f"PATH = {str(content)!r}\nTHEME = 'nowhere'\n")
    done = run(content, tmp_path / "output", "-s", str(settings))
    assert "broken.py: Could not find the theme nowhere — correct" in done.stderr


def test_a_settings_file_that_is_not_there_is_said(content, tmp_path):
    done = run(content, tmp_path / "output", "-s", "nowhere.py")
    assert done.returncode == 1
    assert "nowhere.py" in done.stderr


def test_a_folder_of_content_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BuildError, match="nowhere: this folder does not exist"):
        build(tmp_path / "nowhere", tmp_path / "output", ROOT / "pelicanconf.py")


def test_a_time_zone_that_does_not_exist_is_said(content, tmp_path):
    with pytest.raises(BuildError, match='TIMEZONE "Back/Pain" does not exist'):
        build(content, tmp_path / "o", ROOT / "pelicanconf.py", {"TIMEZONE": "Back/Pain"})


def test_an_epoch_that_is_no_number_is_said(content, tmp_path):
    done = run(content, tmp_path / "output", "-s", "publishconf.py", SOURCE_DATE_EPOCH="yesterday")
    assert done.returncode == 1
    assert "SOURCE_DATE_EPOCH" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_warning_of_pelicans_own_counts_as_a_mistake_each_time(content, tmp_path):
    plugins = read_settings(str(ROOT / "pelicanconf.py"))["PLUGINS"]
    overrides = {"PLUGINS": [*plugins, "nowhere"]}
    for _ in range(2):
        with pytest.raises(BuildError, match="nowhere"):
            build(content, tmp_path / "output", ROOT / "pelicanconf.py", overrides)


def test_pelicans_own_cache_keeps_no_article_from_being_read(content, tmp_path):
    cache = {"CACHE_CONTENT": True, "LOAD_CONTENT_CACHE": True, "CACHE_PATH": str(tmp_path / "c")}
    for _ in range(2):
        build(content, tmp_path / "output", ROOT / "pelicanconf.py", cache)
    assert (tmp_path / "output" / "good" / "index.html").is_file()


def test_markdown_settings_that_cannot_be_used_are_named_with_the_reason(content, tmp_path):
    markdown = read_settings(str(ROOT / "pelicanconf.py"))["MARKDOWN"]
    markdown["extensions"].append("markdown.extensions.smrty")
    with pytest.raises(BuildError, match=r"^pelicanconf\.py: MARKDOWN cannot be used: .*smrty"):
        build(content, tmp_path / "o", ROOT / "pelicanconf.py", {"MARKDOWN": markdown})


def test_a_mistake_stops_the_build_before_a_page_is_written(content, tmp_path):
    written = []
    write(content, "bad.md", GOOD.format(title="Bad", slug="bad") + "\n[x]({filename}nope.md)\n")
    with (
        signals.content_written.connected_to(lambda path, context: written.append(path)),
        pytest.raises(BuildError),
    ):
        build(content, tmp_path / "output", ROOT / "pelicanconf.py")
    assert written == []


def test_what_was_deleted_is_gone_from_the_next_site(content, tmp_path):
    path = write(content, "brief.md", GOOD.format(title="Brief", slug="brief"))
    build(content, tmp_path / "output", ROOT / "pelicanconf.py")
    assert (tmp_path / "output" / "brief").exists()
    path.unlink()
    build(content, tmp_path / "output", ROOT / "pelicanconf.py")
    assert not (tmp_path / "output" / "brief").exists()


@pytest.mark.parametrize("place", ["my content", "my letters", "."])
def test_a_folder_that_is_no_site_is_not_replaced(content, tmp_path, place):
    (tmp_path / "my letters").mkdir()
    (tmp_path / "my letters" / "dear.txt").write_text("Dear")
    ended = run(content, tmp_path / place)
    assert ended.returncode == 1
    assert re.search("-o output|OUTPUTDIR=output", ended.stderr) and "Traceback" not in ended.stderr
    assert (content / "articles" / "good.md").exists()
    assert (tmp_path / "my letters" / "dear.txt").exists()


def test_the_real_content_has_no_mistakes(real):
    assert (real.folder / "index.html").is_file()
