"""Each file is read once, by one process or by several, with the same result."""

import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from plugins.rules.nearest import COMPARED, Nearest
from plugins.schedule import unpublished
from tests.publish_fixtures import EPOCH, ROOT, write_article, write_content
from tools.build import load_settings
from tools.check import check

# Runs a command. Says which stages of work it reported, how many processes read files, how often
# each article or page was opened and how many texts were converted. AT names a file at which the
# process does something wrong, HOW: it raises, warns, or (where another waits for it) is killed.
# CACHE is the folder of the cache. Ten files are worth a second process.
WATCHED = """
import importlib, json, logging, os, signal, sys, tempfile
from collections import Counter
from markdown import Markdown
from plugins.cache.store import Cache
from plugins import reader
from plugins.progress import advanced
from plugins.reader import Reader
stages, opened, converted, first = {}, Counter(), [], os.getpid()
processes, read, convert = tempfile.TemporaryFile("a+"), Reader.read_document, Markdown.convert
@advanced.connect
def note(stage, done, total):
    stages.setdefault(stage, []).append((done, total))
def noted(self, path):
    print(os.getpid(), file=processes, flush=True)
    how = os.environ.get("HOW") if path.endswith(os.environ.get("AT", "/")) else ""
    if how == "raises":
        raise ValueError("an odd article")
    if how == "warns":
        logging.getLogger("owner").warning("an odd article")
    if how == "is killed" and os.getpid() != first:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(self, path)
def audit(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".md"):
        opened[str(arguments[0])] += 1
Reader.read_document = noted
Markdown.convert = lambda self, text: converted.append(text) or convert(self, text)
sys.addaudithook(audit)
reader.MANY = 10
folder, opening = {"CACHE_PATH": os.environ["CACHE"]}, Cache.__init__
Cache.__init__ = lambda self, settings: opening(self, {**settings, **folder})
code = importlib.import_module(sys.argv[1]).main(sys.argv[2:])
processes.seek(0)
found = {"stages": stages, "processes": len(set(processes)), "opened": opened}
print(json.dumps({**found, "converted": len(converted)}), file=sys.stderr)
sys.exit(code)
"""
LATE = b"Title: A\nDate: soon\n\n## A heading of second\n\nText.\n"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """More articles than one process reads alone, some of them with errors."""
    content = write_content(tmp_path_factory.mktemp("many"))
    for number in range(14):
        body = f"A sentence[^a] of {number}.\n\n[^a]: A source."
        write_article(content, f"more-{number:02}", "2026-01-02", body)
    return content


@pytest.fixture
def broken(content, tmp_path):
    """The same with errors of all kinds: in fields, in a text, across files, in an encoding."""
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    write_article(copy, "more-03", "2026-13-02", "Words.")
    write_article(copy, "more-07", "2026-01-02", "[x]({filename}nope.md)[^none]")
    write_article(copy, "more-09", "2026-01-02", "Words.", Aliases="/more-10/")
    (copy / "articles" / "more-11.md").write_bytes(b"Title: caf\xe9\n\nText.\n")
    (copy / "articles" / "more-12.md").write_text("No metadata.\n", "utf-8")
    return copy


def run(processors: int, command: str, *arguments: str, **environment: str):
    """Run a command that may use so many processors, by default with an empty cache. Return its
    exit code, its two outputs, and what WATCHED says."""
    mine = sorted(os.sched_getaffinity(0))[:processors]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, f"tools.{command}", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "SOURCE_DATE_EPOCH": EPOCH,
                "SITEURL": "https://example.org",
                "CACHE": cache,
                **environment,
            },
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, mine),
        )
    *printed, watched = done.stderr.splitlines()
    return done.returncode, done.stdout, printed, json.loads(watched)


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


needs_two = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="reading in two processes takes Linux and two processors",
)


@needs_two
def test_two_processes_report_what_one_reports(broken):
    settings = ("-s", str(ROOT / "pelicanconf.py"))
    alone, together = (run(count, "check", str(broken), *settings) for count in (1, 2))
    assert alone[:3] == together[:3]
    assert alone[0] == 1
    assert len(alone[1].splitlines()) == 6
    # The first process reads the pages, which are few.
    assert (alone[3]["processes"], together[3]["processes"]) == (1, 3)


@needs_two
@pytest.mark.parametrize(("how", "code"), [("raises", 1), ("warns", 1), ("is killed", 0)])
def test_what_goes_wrong_in_a_process_is_seen_as_in_one(content, how, code):
    odd = {"AT": "more-13.md", "HOW": how}
    alone, together = (run(count, "check", str(content), **odd) for count in (1, 2))
    assert alone[:3] == together[:3]
    assert alone[0] == code
    assert ("an odd article" in alone[1]) is (code == 1)


@needs_two
def test_two_processes_write_the_bytes_that_one_writes(content, tmp_path):
    sites = []
    for count in (1, 2):
        output = tmp_path / str(count)
        code, _, printed, watched = run(count, "publish", str(content), "-o", str(output))
        assert code == 0, printed
        assert watched["processes"] == (1 if count == 1 else 3)
        sites.append(tree(output))
    assert sites[0] == sites[1]


@pytest.mark.parametrize("processors", [1, pytest.param(2, marks=needs_two)])
@pytest.mark.parametrize("command", ["check", "build", "publish"])
def test_each_stage_is_counted_to_its_end(content, tmp_path, command, processors):
    output = () if command == "check" else ("-o", str(tmp_path / "output"))
    code, _, printed, watched = run(processors, command, str(content), *output)
    assert code == 0, printed
    expected = {
        "check": {"Reading", "Pictures"},
        "build": {"Reading", "Pictures", "Share cards", "Writing"},
        "publish": {"Reading", "Pictures", "Share cards", "Writing", "Verifying"},
    }
    assert watched["stages"].keys() == expected[command]
    for stage, steps in watched["stages"].items():
        total = steps[-1][1]
        assert steps == [[done, total] for done in range(1, total + 1)], stage


@pytest.mark.parametrize("command", ["check", "build", "publish"])
def test_a_file_is_opened_and_converted_once(content, tmp_path, command):
    output = () if command == "check" else ("-o", str(tmp_path / "output"))
    _, _, printed, watched = run(1, command, str(content), *output)
    files = sorted(str(path) for path in content.rglob("*.md"))
    # Again only to look up the place of what is said about it once all are known, and to compare
    # what is published with what is not.
    again = [file for file in files if watched["opened"][file] == 2]
    assert watched["opened"] == dict.fromkeys(files, 1) | dict.fromkeys(again, 2)
    assert command == "publish" or all(Path(file).name in "".join(printed) for file in again)
    assert watched["converted"] == 2 * len(files)  # each has a text and a Summary


@pytest.mark.parametrize("command", ["check", "build", "publish"])
def test_what_was_read_before_is_not_converted_again(content, tmp_path, command):
    cache, output = {"CACHE": str(tmp_path / "cache")}, ("-o", str(tmp_path / "output"))
    run(1, "check", str(content), **cache)
    _, _, _, watched = run(
        1, command, str(content), *(() if command == "check" else output), **cache
    )
    assert watched["converted"] == 0


def test_what_draws_and_resizes_is_not_even_imported_to_check_words(tmp_path):
    copy = write_content(tmp_path)
    shutil.rmtree(copy / "images")
    write_article(copy, "first", "2026-01-05", "Words.")
    script = "import sys; from tools.check import main; code = main(sys.argv[1:]); "
    script += "sys.exit(code or bool({'plugins.pixels', 'plugins.drawing'} & {*sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(copy)],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        capture_output=True,
    )
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize(
    ("status", "why"), [("skip", "skip"), ("draft", "draft"), ("Draft", "draft")]
)
def test_a_status_may_come_from_the_settings(content, monkeypatch, tmp_path, status, why):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    write_article(copy, "apart", "2026-01-02", "Words." if why == "draft" else "[x](nope.md)")
    settings = load_settings(ROOT / "pelicanconf.py") | {"PATH": str(copy)}
    settings["EXTRA_PATH_METADATA"] |= {"articles/apart.md": {"status": status}}
    report = check(copy, settings)
    assert report.errors == []
    found = unpublished(report.documents.values(), settings)
    assert [one.state for one in found if one.document.name == "articles/apart.md"] == [why]


def test_a_title_may_come_from_the_file_name(content, tmp_path):
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    text = (copy / "articles" / "more-01.md").read_text("utf-8")
    text = text.replace("Title: The more-01 one\n", "").replace("Slug: more-01\n", "")
    (copy / "articles" / "Hello.md").write_text(text.replace("about more-01", "of it"), "utf-8")
    settings = load_settings(ROOT / "pelicanconf.py", {"FILENAME_METADATA": "(?P<title>H.*)"})
    report = check(copy, settings)
    assert report.errors == []
    assert report.documents["articles/Hello.md"].content.title == "Hello"
    assert report.documents["articles/Hello.md"].address == "hello"


def test_a_status_in_capitals_is_the_same_status(content, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    write_article(copy, "second", "2026-01-04", "Words.", Status="Skip")
    write_article(copy, "first", "2026-01-05", "Words.")
    report = check(copy, load_settings(ROOT / "pelicanconf.py"))
    assert report.errors == []
    assert report.documents["articles/second.md"].status == "skip"


def test_a_broken_file_is_named_once_and_not_where_others_link_to_it(content, tmp_path):
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    for text in (b"\xff\xfe", b"", b"No metadata.", LATE):
        (copy / "articles" / "second.md").write_bytes(text)
        found = check(copy, load_settings(ROOT / "pelicanconf.py")).errors
        assert {Path(problem.path).name for problem in found} == {"second.md"}


def test_the_nearest_of_many_names_is_found_as_if_all_were_compared():
    words = ("walking", "sleeping", "sitting")
    names = [f"{word}-{number}" for word in words for number in range(99)]
    assert len(names) > COMPARED
    nearest = Nearest(names)
    for wanted in ("walkin-42", "sleping-7", "siting-98", "walking-420"):
        (expected,) = difflib.get_close_matches(wanted, names, 1, 0.7)
        assert nearest.find(wanted, 0.7) == expected
    assert nearest.find("unlike", 0.7) == ""
