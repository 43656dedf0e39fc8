"""Each file is read once, by one process or by several, with the same result."""

import difflib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown import Markdown

from plugins import reader
from plugins.rules.nearest import COMPARED, Nearest
from tests.publish_fixtures import EPOCH, ROOT, write_article, write_content
from tools.build import load_settings
from tools.check import check

# Runs a command, and says which stages of work it reported and how many processes read files.
WATCHED = """
import importlib, json, os, sys, tempfile
from plugins.progress import advanced
from plugins.reader import Reader
stages, processes, read = {}, tempfile.TemporaryFile("a+"), Reader.read_document
@advanced.connect
def note(stage, done, total):
    stages.setdefault(stage, []).append((done, total))
def noted(self, path):
    print(os.getpid(), file=processes, flush=True)
    return read(self, path)
Reader.read_document = noted
code = importlib.import_module(sys.argv[1]).main(sys.argv[2:])
processes.seek(0)
print(json.dumps([stages, len(set(processes))]), file=sys.stderr)
sys.exit(code)
"""


LATE = b"Title: A\nDate: soon\n\n## A heading of second\n\nText.\n"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """More articles than one process reads alone, some of them with mistakes."""
    content = write_content(tmp_path_factory.mktemp("many"))
    for number in range(60):
        body = f"A sentence[^a] of {number}.\n\n[^a]: A source."
        write_article(content, f"more-{number:02}", "2026-01-02", body)
    return content


@pytest.fixture
def broken(content, tmp_path):
    """The same with mistakes of all kinds: in fields, in a text, across files, in an encoding."""
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    write_article(copy, "more-03", "2026-13-02", "Words.")
    write_article(copy, "more-07", "2026-01-02", "[x]({filename}nope.md)[^none]")
    write_article(copy, "more-09", "2026-01-02", "Words.", Aliases="/more-10/")
    (copy / "articles" / "more-20.md").write_bytes(b"Title: caf\xe9\n\nText.\n")
    (copy / "articles" / "more-30.md").write_text("No front matter.\n", "utf-8")
    return copy


def run(processors: int, command: str, *arguments: str):
    """Run a command that may use so many processors. Return its exit code, its two outputs, the
    stages it reported and the number of processes that read files."""
    mine = sorted(os.sched_getaffinity(0))[:processors]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, f"tools.{command}", *arguments],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "SITEURL": "https://example.org"},
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, mine),
    )
    *told, watched = done.stderr.splitlines()
    return done.returncode, done.stdout, told, *json.loads(watched)


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
    assert (alone[4], together[4] > 1) == (1, True)


@needs_two
def test_two_processes_write_the_bytes_that_one_writes(content, tmp_path):
    sites = []
    for count in (1, 2):
        output = tmp_path / str(count)
        code, _, told, *_ = run(count, "publish", str(content), "-o", str(output))
        assert code == 0, told
        sites.append(tree(output))
    assert sites[0] == sites[1]


@pytest.mark.parametrize("command", ["check", "build", "publish"])
def test_each_stage_is_counted_to_its_end(content, tmp_path, command):
    output = () if command == "check" else ("-o", str(tmp_path / "output"))
    code, _, told, stages, _ = run(1, command, str(content), *output)
    assert code == 0, told
    expected = {
        "check": {"Reading", "Pictures"},
        "build": {"Reading", "Pictures", "Share cards", "Writing"},
        "publish": {"Reading", "Pictures", "Share cards", "Writing", "Verifying"},
    }
    assert stages.keys() == expected[command]
    for stage, steps in stages.items():
        total = steps[-1][1]
        assert steps == [[done, total] for done in range(1, total + 1)], stage


def test_a_file_is_read_and_converted_once(content, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.setattr(reader, "MANY", 1000)  # what another process reads is not seen from here
    opened, converted = [], []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path) or read_bytes(path))
    convert = Markdown.convert
    monkeypatch.setattr(
        Markdown, "convert", lambda self, text: converted.append(text) or convert(self, text)
    )
    settings = load_settings(ROOT / "pelicanconf.py")
    assert check(content, settings).mistakes == []
    texts = [path for path in opened if path.suffix == ".md"]
    assert sorted(texts) == sorted(content.rglob("*.md"))
    assert len([text for text in converted if "Title: " in text]) == len(texts)


def test_a_status_in_capitals_is_the_same_status(content, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    write_article(copy, "second", "2026-01-04", "Words.", Status="Skip")
    write_article(copy, "first", "2026-01-05", "Words.")
    report = check(copy, load_settings(ROOT / "pelicanconf.py"))
    assert report.mistakes == []
    assert report.documents["articles/second.md"].status == "skip"


def test_a_broken_file_is_named_once_and_not_where_others_link_to_it(content, tmp_path):
    copy = Path(shutil.copytree(content, tmp_path / "content"))
    for text in (b"\xff\xfe", b"", b"No front matter.", LATE):
        (copy / "articles" / "second.md").write_bytes(text)
        found = check(copy, load_settings(ROOT / "pelicanconf.py")).mistakes
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
