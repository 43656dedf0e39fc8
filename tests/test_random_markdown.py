"""Each word of a text is on its page where CommonMark has it, or check names a line beside it.

DOCUMENTS and SEED in the environment change the number of texts and their choice; `make soak` makes
two thousand.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import pytest
from lxml import etree
from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from plugins.cache.store import Cache
from plugins.reader import Reader
from tests import ROOT
from tests.random_markdown import HEAD, Document
from tools.build import load_settings

DOCUMENTS = int(os.environ.get("DOCUMENTS", "150"))
SEED = int(os.environ.get("SEED", "1"))
# A message is near if it is in the same part of the text, or so many lines from it: a list that is
# not read is part of the paragraph above it, and a line above may be what is wrong.
NEAR = 3
STYLE = re.compile("a sentence of|the text is at|the title has")  # and not how it is marked up
COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
for plugin in (admon_plugin, deflist_plugin, footnote_plugin):
    COMMONMARK.use(plugin)
COMMONMARK.disable("footnote_inline")
WORD = re.compile(r"w\d+")
BLOCKS = re.compile(
    "p|[uod]l|li|blockquote|pre|t(able|r|[dh])|d[td]|h[1-6r]|div|section|caption|main|details|summary"
)
SHOWN = re.compile("blockquote|li|pre|d[td]|h[1-6]|em|strong|code|su[bp]|kbd|s|title|note|heading")
BOX = re.compile("(not-)?urgent|emergency|key-points|term")
# What has another name on our page.
_BOX = "*[contains(@class, 'admonition ') or contains(@class, 'card ') or @class='key-points']"
SAME = {
    "title": f"//{_BOX}/*[1]|//*[@class='term']/*[1]|//figcaption",
    "heading": "|".join(f"//blockquote//h{level}" for level in range(1, 7)),
    "note": "//*[@class='footnote' or @class='footnotes']/ol/li",
    "strong": "//b[not(parent::caption or parent::figcaption)]",
}
# What our page adds.
ADDED = (
    "//*[@class='n' or @class='level' or @class='permalink']|//caption/b|//figcaption/b"
    "|//sup[a[starts-with(@href, '#fn')]]|//a[starts-with(@href, '#fnref')]"
)
# What it takes away.
TAKEN = re.compile(
    r"[ \t]*\{:?[ \t]*[#.][^{}\n]*\}|(https?://|mailto:)(www\.)?|\bTable:\s|[ \t]*\[\^\w+\](?!:)"
)
CODE = re.compile(r"(?<!`)(`+)(?!`).*?[^`\n]\1(?!`)")


def in_commonmark(text: str) -> str:
    """Return a text in CommonMark's terms: an FAQ, addresses with spaces, pipes in code, and what
    is straight below raw HTML."""
    for faq in re.findall(r"^## FAQs\n+1[.)] .*?(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL):
        asked = re.sub(r"^\d+[.)] (.*)", r"### \1\n", faq, flags=re.MULTILINE)
        text = text.replace(faq, re.sub(r"^ {3,4}", "", asked, flags=re.MULTILINE))
    text = re.sub(r"(?<=\]\()(a w\d+\.md)(?=\))", r"<\1>", text)
    text = re.sub(
        r"^ {0,3}<(hr|div markdown=.1.|.*/(div|details|section|p|pre|ul))>$",
        r"\g<0>\n",
        text,
        flags=re.MULTILINE,
    )
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if "|" in line and "`" in line:
            lines[at] = CODE.sub(lambda code: re.sub(r"(?<!\\)\|", r"\|", code[0]), line)
    return "\n".join(lines) + "\n"


def places(html: str) -> dict[str, tuple]:
    """Return where each word is: in which parts of the page, and between which characters."""
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
    root = lxml.html.fragment_fromstring(f"<p></p>{html}", create_parent="main", parser=parser)
    for added in root.xpath(ADDED):
        added.drop_tree()
    for name, path in SAME.items():
        for element in root.xpath(path):
            element.tag = name
    found, pieces = {}, []
    for event, element in etree.iterwalk(root, ("start", "end")):
        is_start, edge = event == "start", "¶" if BLOCKS.fullmatch(element.tag) else ""
        edge = "↵" if element.tag == "br" and is_start else edge
        inside, text = (element, element.text) if is_start else (element.getparent(), element.tail)
        pieces += [(edge, None), (text or "", inside)]
        for name in ("href", "src", "alt", "title"):
            for word in WORD.findall(element.get(name, "")):
                found[word] = (name,) if name == "title" else (*parts(element), name)
    whole, at = "".join(text for text, _ in pieces), 0
    for text, inside in pieces:
        for word in WORD.finditer(text):
            beside = whole[max(0, at + word.start() - 120) : at + word.start()]
            place, after = parts(inside), whole[at + word.end() :][:60]
            is_caption = inside.tag == "title" and inside.getparent().tag == "figure"
            found[word[0]] = ("title",) if is_caption else (*place, touching(beside, after, place))
        at += len(text)
    return found


def touching(before: str, after: str, place: tuple) -> str:
    """Return what is beside a word: the beginning of its block or line, and other characters."""
    if "pre" in place:
        before, after = re.split("[¶\n]", before)[-1], after.partition("\n")[0]
        return " ".join(f"{before}…{after}".split())
    before = TAKEN.sub("", re.sub(r"\s*([¶↵])[¶\s]*", r"\1", before))
    before = re.search(r"[¶↵]*[^\s¶↵]*\Z", re.split(r"w\d+", before)[-1])[0]
    after = re.match(r"(?:(?!w\d)[^\s¶↵])*", TAKEN.sub("", after))[0]
    return f"{before}…{after}"


def parts(element) -> tuple[str, ...]:
    """Return the parts of a page that an element is in and is, from outside to inside, and the
    marks of its words."""
    found = [label(part) for part in (element, *element.iterancestors())]
    marks = {
        part for part in found if re.match("(em|strong|code|su[bp]|kbd|s|link .*|image .*)$", part)
    }
    if "pre" in found:
        marks = set()
    return (*(part for part in found[::-1] if part and part not in marks), *sorted(marks))


def label(part) -> str:
    """Return what a part of a page is; "" for what readers do not see."""
    tag, around, box = part.tag, part.getparent(), BOX.search(part.get("class", ""))
    if tag in ("a", "img"):
        return f"link {unquote(part.get('href', ''))}" if tag == "a" else f"image {part.get('src')}"
    if tag == "li" and around.tag == "ol":
        return f"{int(around.get('start', '1')) + around.index(part)}."
    if tag in ("td", "th"):
        row = list(next(part.iterancestors("table")).iter("tr")).index(around)
        align = re.search("right|center", f"{part.get('class')}{part.get('style')}")
        return f"cell {row}, {around.index(part)} {align[0] if align else ''}"
    return (
        f"!!! {box[0]}" if box and tag in ("div", "section") else tag * bool(SHOWN.fullmatch(tag))
    )


def is_same(ours: tuple | None, theirs: tuple | None) -> bool:
    """Return whether two places are the same, but for marks that CommonMark does not read beside
    punctuation, as in `*(a)*b`, and for definitions, which several terms may have."""
    if not ours or not theirs:
        return ours == theirs
    if {"dt", "dd"}.intersection(ours) and not {"dt", "dd"}.intersection(theirs):
        return True
    bare = [
        [re.sub(r"[*_\\]", "", part) for part in place if part not in ("em", "strong")]
        for place in (ours, theirs)
    ]
    return bare[0] == bare[1] and set(theirs[:-1]) <= set(ours[:-1])


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
    if re.search("has no end|is not read", "".join(said.values())):
        return {}  # all that follows may be elsewhere
    ours, theirs = places(page), places(COMMONMARK.render(in_commonmark(text)))
    blocks = [token.map for token in COMMONMARK.parse(text) if token.map and not token.level]
    found, is_named = {}, False
    for word in WORD.finditer(text):
        line = text.count("\n", 0, word.start())
        place, meant = ours.get(word[0]), theirs.get(word[0])
        if is_same(place, meant):
            is_named = False
            continue
        first, end = next((block for block in blocks if block[0] <= line < block[1]), (line, line))
        near = range(first + 1 - NEAR, end + 1 + NEAR)
        is_defined = re.match(r" ?\[(ref|\^n\d+)\]:|\S+$", text.split("\n")[line], re.IGNORECASE)
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
