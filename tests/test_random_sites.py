"""A site that `make check` calls clean publishes, and nothing of what is not published is in it.

SITES and SEED in the environment change the number of sites and their choice; `make soak` makes
two hundred.
"""

import html
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.images import is_picture
from plugins.problems import ContentError, Problem
from tests.random_sites import ALL, GOOD, NOW, ROOT, Site
from tools.build import load_settings
from tools.check import check
from tools.publish import publish

SITES = int(os.environ.get("SITES", "10"))
SEED = int(os.environ.get("SEED", "1"))
# Where it is published, and for what kind of host.
TARGETS = (
    ("https://example.org", "hosted"),
    ("https://example.org/site", "hosted"),
    ("https://example.org", "caddy"),
)
TEXTS = {".html", ".xml", ".txt", ".js", ".css", ".svg", ".json", ""}
# What no message to an author has in it: our files, a library's, the name of an exception.
OURS = re.compile(
    r"plugins/|tools/|theme/templates|site-packages|pelicanconf|publishconf|Traceback|\w(Error|Exception)\b"
)


def judge_site(seed: int, folder: Path, cache: Path) -> bool:
    """Make, check and publish the site of a seed, and assert what is promised. Return whether it
    is clean."""
    site, (address, host) = Site(seed), TARGETS[seed % len(TARGETS)]
    content = site.write(folder)
    odd = sorted(name for name in site.pieces if ALL[name] != GOOD)
    told = f"seed {seed}, {address}, {host}, {odd}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(NOW))
        patch.setenv("SITEURL", address)  # by which check knows links to the site's own host
        patch.chdir(folder)
        own = {"CACHE_PATH": str(cache), "REPLIES_SNAPSHOT": "no-replies.json"}
        settings = load_settings(ROOT / "pelicanconf.py", own)
        errors = check(Path("content"), settings).errors
        refused: list[Problem] = []
        try:
            publish(address, content, "output", ROOT / "publishconf.py", own, host)
        except ContentError as error:
            refused = error.problems
    assert list(map(str, refused)) == list(map(str, errors)), (
        f"{told}\n  check: {'; '.join(map(str, errors))}\n  publish: {'; '.join(map(str, refused))}"
    )
    for problem in errors:
        assert is_placed(problem, content), f"{told}: {problem}"
    assert not (site.is_good and errors), f"{told}: {'; '.join(map(str, errors))}"
    if not errors:
        traces = list(find_traces(folder / "output", site))
        assert not traces, f"{told}: {traces[:5]}"
    return not errors


def is_placed(problem: Problem, content: Path) -> bool:
    """Return whether a message names a file of the content, a place in it and a fix, and nothing
    that only we know."""
    file = content.parent / problem.path
    is_there = file.is_relative_to(content) and file.exists()
    return (
        is_there
        and (problem.line >= 1 <= problem.col or is_picture(file))
        and bool(problem.fix)
        and not OURS.search(without_quotes(f"{problem.what} {problem.fix}"))
    )


def without_quotes(text: str) -> str:
    """Return a message without what it quotes of the author's own."""
    return re.sub(r'"[^"]*"', "", text)


def words_of(text: str) -> list[str]:
    """Return the words of a text."""
    return re.findall(r"\w+", html.unescape(text).casefold())


def runs(words: list[str], count: int = 8) -> set[str]:
    """Return all that a number of words in a row can be."""
    return {" ".join(words[at : at + count]) for at in range(len(words) - count + 1)}


def find_traces(output: Path, site: Site) -> Iterator[tuple]:
    """Yield what is in a published folder of a document that is not published: a title, an address,
    a tag, a picture, words in a row."""
    files = [path for path in output.rglob("*") if path.is_file()]
    texts = [path.read_text("utf-8", errors="replace") for path in files if path.suffix in TEXTS]
    names = [path.relative_to(output).as_posix() for path in files]
    stripped = [re.sub(r"<[^<>]*>", " ", text) for text in texts]
    read = [words_of(text) for text in (*names, *texts, *stripped)]
    published = "\n".join(f" {' '.join(words)} " for words in read)
    in_a_row = set().union(*map(runs, read))
    shown = [one for one in site.documents if one.is_open]
    open_texts = [one.text() for one in shown]
    open_runs = set().union(*(runs(words_of(text)) for text in open_texts))
    open_words = {word for text in open_texts for word in words_of(text)}
    open_files = {name for one in shown for name in one.pictures}
    for document in site.documents:
        if document.is_open:
            continue
        for run in (runs(words_of(document.text())) - open_runs) & in_a_row:
            if site.words.intersection(run.split()):
                yield document.file, run
        marks = [document.fields.get(name, "") for name in ("Title", "Slug", "Category", "Aliases")]
        marks += document.fields.get("Tags", "").split(",")
        # What a skipped text names is not known, and files of extra/ are published as they are.
        names = [name for name in document.pictures if name not in open_files]
        marks += [name for name in names if document.state != "skip" or "extra/" not in name]
        for mark in marks:
            # Words of its own are made for it; others may be anywhere.
            for word in site.words.intersection(words_of(mark)) - open_words:
                if f" {word} " in published:
                    yield document.file, mark


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """One cache for all sites, so that a picture or share card is drawn once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("seed", range(SEED, SEED + SITES))
def test_a_site_that_check_calls_clean_publishes_without_a_trace_of_what_is_not_out(
    seed, tmp_path, cache
):
    judge_site(seed, tmp_path, cache)


def test_half_of_the_random_sites_are_good_and_have_every_good_piece():
    sites = [Site(seed) for seed in range(300)]
    good = [site for site in sites if site.is_good]
    assert len(sites) / 3 < len(good) < len(sites) * 3 / 4
    used = Counter(name for site in good for name in site.pieces)
    assert not [name for name, level in ALL.items() if level == GOOD and not used[name]]


def test_a_random_site_is_the_same_whenever_it_is_made():
    assert Site(5).files == Site(5).files
