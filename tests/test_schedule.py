"""What is published and when: one moment, judged in one place; what waits is told with its time."""

import ast
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.publish_fixtures import ROOT, write_article, write_content
from tools import build, drafts
from tools.build import load_settings
from tools.check import check
from tools.publish import publish

SITEURL = "https://example.org"
# Both days are over; a build as of the commit finds the later one still to come.
COMMITTED = "2026-02-10T12:00:00+00:00"
LATER = "2026-03-01"


def git(folder: Path, *arguments: str, date: str = COMMITTED):
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    who = ("-c", "user.name=A. Name", "-c", "user.email=a.name@example.org")
    command = ["git", *who, *arguments]
    subprocess.run(command, cwd=folder, env={**os.environ, **own, **dates}, check=True,
                   capture_output=True)  # fmt: skip


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A copy of the project in a repository of its own, with one article dated after the commit."""
    folder = tmp_path_factory.mktemp("project") / "site"
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("comments", "plugins", "theme", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in ("contract.py", "pelicanconf.py", "publishconf.py", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    content = write_content(folder)
    write_article(content, "walking", LATER, "Words.")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The words")
    return folder


@pytest.fixture
def project(committed, tmp_path):
    return Path(shutil.copytree(committed, tmp_path / "outer" / "site"))


def run(project: Path, command: str, *arguments: str, **environment: str):
    """Run a command in a project as somebody does who has set no moment."""
    env = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    return subprocess.run(
        [sys.executable, "-B", "-m", f"tools.{command}", *arguments],
        cwd=project,
        env={**env, "SITEURL": SITEURL, **environment},
        capture_output=True,
        text=True,
    )


def is_published(project: Path) -> bool:
    return (project / "output" / "walking" / "index.html").exists()


# -- The moment ------------------------------------------------------------------------------------


def test_a_clean_checkout_is_built_as_of_its_commit_and_says_what_waits_and_until_when(project):
    done = run(project, "publish")
    assert done.returncode == 0, done.stderr
    assert not is_published(project)
    lines = done.stdout.splitlines()
    waiting = "tomorrow.md (until 2126-01-01 00:00 UTC), walking.md (until 2026-03-01 00:00 UTC)"
    assert f"2 scheduled articles are not published: {waiting}" in lines
    assert "1 draft is not published: unfinished.md" in lines
    (note,) = [line for line in lines if "SOURCE_DATE_EPOCH=$(date +%s)" in line]
    assert "as of the last commit, 2026-02-10 12:00 UTC" in note
    now = run(project, "publish", SOURCE_DATE_EPOCH="1774224000")
    waiting = "1 scheduled article is not published: tomorrow.md (until 2126-01-01 00:00 UTC)"
    assert waiting in now.stdout.splitlines()
    assert "last commit" not in now.stdout
    assert is_published(project)


@pytest.mark.parametrize(
    "name", ["content/articles/walking.md", "content/articles/new.md", "theme/templates/new.html"]
)
def test_words_that_are_not_committed_are_published_as_of_now(project, name):
    with (project / name).open("a", encoding="utf-8") as file:
        text = (project / "content/articles/second.md").read_text("utf-8")
        file.write(text.replace("second", "new") if name.endswith("new.md") else "\nMore.\n")
    done = run(project, "publish")
    assert done.returncode == 0, done.stderr
    assert is_published(project)


def test_a_file_that_is_no_part_of_the_site_leaves_the_commit_what_it_is(project):
    (project / "notes.txt").write_text("not of the site", "utf-8")
    assert run(project, "publish").returncode == 0
    assert not is_published(project)


def test_without_a_repository_the_clock_decides_without_a_word(project):
    shutil.rmtree(project / ".git")
    done = run(project, "publish")
    assert done.returncode == 0, done.stderr
    assert "commit" not in done.stdout + done.stderr
    assert is_published(project)


def test_words_that_lie_elsewhere_are_published_as_of_now(project, tmp_path):
    shutil.copytree(project / "content", tmp_path / "elsewhere")
    done = run(project, "publish", str(tmp_path / "elsewhere"))
    assert done.returncode == 0, done.stderr
    assert is_published(project)


@pytest.mark.parametrize(
    ("waiting", "date", "noted"),
    [
        (["tomorrow", "walking"], COMMITTED, True),
        ([], COMMITTED, False),  # nothing is scheduled
        (["tomorrow"], "", False),  # the commit is no older than today
    ],
)
def test_how_to_go_by_the_clock_is_said_where_articles_wait_as_of_an_earlier_day(
    project, waiting, date, noted
):
    date = date or (datetime.now(UTC) + timedelta(hours=12)).isoformat()
    for name in {"tomorrow", "walking"} - set(waiting):
        (project / "content" / "articles" / f"{name}.md").unlink()
    git(project, "add", "-A")
    git(project, "commit", "-q", "--allow-empty", "-m", "Other words", date=date)
    for command in ("check", "drafts", "publish"):
        done = run(project, command)
        assert done.returncode == 0, done.stderr
        assert ("SOURCE_DATE_EPOCH=$(date +%s)" in done.stdout + done.stderr) is noted, command


def without_git(project: Path) -> dict[str, str]:
    """Leave the repository and take git away."""
    return {"PATH": str(project / "content")}


def foreign(project: Path) -> dict[str, str]:
    """Put the project, unzipped, into somebody else's repository."""
    shutil.rmtree(project / ".git")
    (project.parent / "theirs.txt").write_text("theirs", "utf-8")
    git(project.parent, "init", "-q")
    git(project.parent, "add", "theirs.txt")
    git(project.parent, "commit", "-qm", "Theirs")
    return {}


def refused(_project: Path) -> dict[str, str]:
    """Let git refuse the repository as it does in a container whose user is not its owner."""
    return {
        "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (foreign, "not this project's own"),
        (refused, "dubious ownership"),
        (without_git, "git is not installed"),
    ],
)
def test_a_repository_that_says_nothing_stops_a_publish_and_warns_a_preview(project, prepare, why):
    environment = prepare(project)
    published = run(project, "publish", **environment)
    assert published.returncode == 1
    (line, _) = published.stderr.splitlines()
    assert "it is not known which articles are scheduled: " in line
    assert why in line
    assert line.endswith("put SOURCE_DATE_EPOCH=$(date +%s) in front of the command")
    assert not (project / "output").exists()
    stated = run(project, "publish", SOURCE_DATE_EPOCH="1774224000", **environment)
    assert stated.returncode == 0, stated.stderr
    for command in ("build", "check", "drafts"):
        done = run(project, command, **environment)
        assert done.returncode == 0, done.stderr
        warned = [why in line for line in done.stderr.splitlines() if "warning:" in line]
        assert warned == [True], command
    assert is_published(project)


def test_a_copy_that_was_committed_into_another_repository_is_dated_by_it(project):
    shutil.rmtree(project / ".git")
    git(project.parent, "init", "-q")
    git(project.parent, "add", "-A")
    git(project.parent, "commit", "-qm", "All")
    assert run(project, "publish").returncode == 0
    assert not is_published(project)


def test_a_repository_without_a_commit_has_no_moment_of_its_own(project):
    shutil.rmtree(project / ".git")
    git(project, "init", "-q")
    assert run(project, "publish").returncode == 0
    assert is_published(project)


# -- One judge -------------------------------------------------------------------------------------

CODE = [path for name in ("plugins", "tools") for path in sorted((ROOT / name).rglob("*.py"))]


def judgments(tree: ast.AST) -> list[str]:
    """Return where code compares a status or the moment of a build, or picks one of Pelican's lists
    of hidden articles and pages."""
    found = []
    for node in ast.walk(tree):
        text = ast.unparse(node)
        if isinstance(node, ast.Compare):
            is_status = re.search("'(published|hidden)'", text)
            is_moment = re.search(r"[<>]=? (\w+\.)?now$", text)
            found += [text] if is_status or is_moment else []
        elif isinstance(node, ast.Attribute | ast.JoinedStr):
            found += re.findall(r"\bhidden_.*", text)
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_published_is_judged_in_one_module(path):
    found = judgments(ast.parse(path.read_text("utf-8")))
    assert bool(found) is (path == ROOT / "plugins" / "schedule.py"), found


def test_where_the_project_is_and_where_an_error_is_are_each_known_in_one_module():
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in CODE}
    for words, name in (("parent.parent", "__init__"), ("__traceback__", "problems")):
        assert [path for path, text in texts.items() if words in text] == [f"plugins/{name}.py"]


# -- What is out -----------------------------------------------------------------------------------


@pytest.fixture
def content(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_content(tmp_path)


def judged(content: Path, settings: dict, capsys) -> dict[str, bool]:
    """Return what each of the commands says: is the article walking.md out?"""
    site = content.parent / "output"
    overrides = {"TIMEZONE": settings["TIMEZONE"]}
    published = publish(SITEURL, content, site, ROOT / "publishconf.py", overrides)
    report = check(content, settings)
    own = content.parent / "own.py"
    own.write_text(
        f"import runpy\nglobals().update(runpy.run_path({str(ROOT / 'pelicanconf.py')!r}))\n"
        f"TIMEZONE = {settings['TIMEZONE']!r}\n"
    )
    capsys.readouterr()
    assert drafts.main([str(content), "-s", str(own)]) == 0
    return {
        "the site": (site / "walking" / "index.html").exists(),
        "publish": not any("walking.md" in note for note in published.notes),
        "check": not any("walking.md" in problem.path for problem in report.warnings),
        "drafts": "walking.md" not in capsys.readouterr().out,
    }


@pytest.mark.parametrize("status", ["published", "hidden"])
@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2026-03-01", 1772290800),  # midnight in Tokyo is 15:00 in UTC, the day before
        ("2026-03-01 09:30", 1772325000),
        ("2026-03-01T09:30:00Z", 1772357400),
    ],
)
def test_an_article_is_out_from_its_date_on_for_every_command_alike(
    content, monkeypatch, capsys, status, date, moment
):
    write_article(content, "walking", date, "Words.", Status=status)
    settings = load_settings(ROOT / "pelicanconf.py")
    settings |= {"PATH": str(content), "TIMEZONE": "Asia/Tokyo", "SITEURL": SITEURL}
    for seconds, expected in ((moment - 1, False), (moment, True)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
        assert set(judged(content, settings, capsys).items()) == {
            (who, expected) for who in ("the site", "publish", "check", "drafts")
        }


def test_a_preview_leaves_out_what_is_to_be_skipped_and_nothing_else(content, monkeypatch, capsys):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1774224000")
    write_article(content, "skipped", "2026-01-02", "Words.", Status="skip")
    output = content.parent / "output"
    arguments = [str(content), "-o", str(output), "-s", str(ROOT / "pelicanconf.py")]
    assert build.main(arguments) == 0
    said, built = capsys.readouterr().out.splitlines()
    assert said == "1 file is not built (Status: skip): skipped.md"
    assert built.startswith("Built ")
    assert (output / "tomorrow" / "index.html").exists()
    assert (output / "drafts" / "unfinished" / "index.html").exists()
    assert not (output / "skipped").exists()


def test_a_feed_without_entries_is_as_old_as_the_build(content, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1774224000")  # 2026-03-23
    for path in (content / "articles").glob("*.md"):
        path.unlink()
    write_article(content, "walking", "2126-01-01", "Words.")
    publish(SITEURL, content, content.parent / "output", ROOT / "publishconf.py")
    feed = (content.parent / "output" / "feed.xml").read_text("utf-8")
    assert "<updated>2026-03-23T00:00:00" in feed


@pytest.mark.parametrize("command", ["check", "build", "drafts", "publish"])
def test_a_moment_that_is_no_number_is_named_and_the_last_site_stays(content, command):
    output = content.parent / "output"
    output.mkdir()
    (output / "index.html").write_text("the last good site", "utf-8")
    settings = "publishconf.py" if command == "publish" else "pelicanconf.py"
    arguments = ["-s", str(ROOT / settings), str(content)]
    where = ["-o", str(output)] if command in ("build", "publish") else []
    done = run(ROOT, command, *arguments, *where, SOURCE_DATE_EPOCH="yesterday")
    assert done.returncode in (1, 2)
    assert "SOURCE_DATE_EPOCH is 'yesterday', which is not a number of seconds" in done.stderr
    assert "Traceback" not in done.stderr
    assert (output / "index.html").read_text("utf-8") == "the last good site"
