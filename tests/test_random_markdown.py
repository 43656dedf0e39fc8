"""Each word of a text is on its page where CommonMark has it, or check names a line beside it.

DOCUMENTS and SEED in the environment change the number of texts and their choice; `make soak` makes
two thousand.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from plugins.cache.store import Cache
from plugins.reader import Reader
from tests import ROOT
from tests.commonmark_oracle import WORD, is_same, parts_of, places, places_in_commonmark
from tests.random_markdown import HEAD, Document
from tools.build import load_settings

DOCUMENTS = int(os.environ.get("DOCUMENTS", "150"))
SEED = int(os.environ.get("SEED", "1"))
# A message is near if it is in the same part of the text, or so many lines from it: a list that is
# not read is part of the paragraph above it, and a line above may be what is wrong.
NEAR = 3
STYLE = re.compile("a sentence of|the text is at|the title has")  # and not how it is marked up
DEFINITION = re.compile(r" ?\[(ref|\^n\d+)\]:|\S+$", re.IGNORECASE)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Reader:
    folder = tmp_path_factory.mktemp("content")
    own = {"PATH": str(folder), "CACHE_PATH": str(folder / "cache"), "LOAD_CONTENT_CACHE": False}
    settings = load_settings(ROOT / "pelicanconf.py", own)
    return Reader({**settings, "CACHE": Cache(settings)})


def judged(reader: Reader, text: str) -> tuple[str, dict[int, str]]:
    """Return the page of a text, and what check says of its lines, but for its style."""
    file = Path(reader.settings["PATH"], "text.md")
    file.write_text(HEAD + text, "utf-8")
    document = reader.read_document(str(file))
    said = [one for one in (*document.problems, *document.warnings) if not STYLE.match(one.what)]
    return document.html, {max(one.line - HEAD.count("\n"), 1): one.what for one in said}


def unnamed(reader: Reader, text: str) -> dict[str, tuple]:
    """Return the words that are elsewhere than CommonMark has them, and far from any message."""
    page, said = judged(reader, text)
    if re.search("has no end|a comment is not closed|is not read", "".join(said.values())):
        return {}  # all that follows may be elsewhere
    ours, theirs, parts = places(page), places_in_commonmark(text), list(parts_of(text))
    found, is_named = {}, False
    for word in WORD.finditer(text):
        place, meant = ours.get(word[0]), theirs.get(word[0])
        if is_same(place, meant):
            is_named = False
            continue
        line = text.count("\n", 0, word.start())
        part = next((part for part in parts if line in part), range(line, line))
        near = range(part.start + 1 - NEAR, part.stop + 1 + NEAR)
        is_defined = DEFINITION.match(text.split("\n")[line])
        # What is wrong with a word may be wrong with those that follow, and what is wrong with a
        # definition where it is used.
        is_named = is_named or any(at in near for at in said) or bool(is_defined and said)
        if not is_named:
            found[word[0]] = (line + 1, place, meant)
    return found


def shrunk(text: str, is_wrong: Callable[[str], bool]) -> str:
    """Return as few lines of a text as are still wrong."""
    lines = text.split("\n")
    size = len(lines) // 2
    while size:
        for at in range(len(lines) - size, -1, -size):
            fewer = lines[:at] + lines[at + size :]
            lines = fewer if is_wrong("\n".join(fewer)) else lines
        size //= 2
    return "\n".join(lines)


def test_each_word_is_where_commonmark_has_it_or_check_says_that_it_is_not(reader):
    for seed in range(SEED, SEED + DOCUMENTS):
        text = Document(seed).text
        if found := unnamed(reader, text):
            least = shrunk(text, lambda fewer, found=found: unnamed(reader, fewer).keys() & found)
            pytest.fail(f"seed {seed}: {unnamed(reader, least)}\n{least}")


def test_check_says_nothing_of_a_text_that_is_written_as_the_docs_have_it(reader):
    for seed in range(SEED, SEED + DOCUMENTS):
        text = Document(seed, is_honest=True).text
        if judged(reader, text)[1]:
            least = shrunk(text, lambda fewer: judged(reader, fewer)[1])
            pytest.fail(f"seed {seed}: {judged(reader, least)[1]}\n{least}")
