"""Where each word of a text is: on its page, and as CommonMark has it.

A place is the parts of a page around a word, from outside to inside, the marks of the word, and the
characters that it touches. What our Markdown reads on purpose is brought into CommonMark's terms in
the text, and what has another name on our page, or is only there, in the page.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

import lxml.html
from lxml import etree
from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

WORD = re.compile(r"w\d+")
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
for plugin in (admon_plugin, deflist_plugin, footnote_plugin):
    _PARSER.use(plugin)
_PARSER.disable("footnote_inline")
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?[^`\n]\1(?!`)")
_HTML = re.compile(r"^( *)<(hr|div markdown=.1.|.*/(div|details|section|p|pre|ul))>$", re.MULTILINE)
# Elements that begin and end a block, and those that readers see.
_BLOCKS = re.compile(
    "p|[uod]l|li|blockquote|pre|t(able|r|[dh])|d[td]|h[1-6r]|div|section|caption|main|details"
    "|summary|title"
)
_SHOWN = re.compile("blockquote|li|pre|d[td]|h[1-6]|em|strong|code|su[bp]|kbd|s|title|note|heading")
_MARKS = re.compile("(em|strong|code|su[bp]|kbd|s|link .*|image .*)$")
_BOX = re.compile("(not-)?urgent|emergency|key-points|term")
# What has another name on our page.
_BOXES = "*[contains(@class, 'admonition ') or contains(@class, 'card ') or @class='key-points']"
_SAME = {
    "title": f"//{_BOXES}/*[1]|//*[@class='term']/*[1]|//figcaption",
    "heading": "|".join(f"//blockquote//h{level}" for level in range(1, 7)),
    "note": "//*[@class='footnote' or @class='footnotes']/ol/li",
    "strong": "//b[not(parent::caption or parent::figcaption)]",
}
# What our page adds.
_ADDED = (
    "//*[@class='n' or @class='level' or @class='permalink']|//caption/b|//figcaption/b"
    "|//sup[a[starts-with(@href, '#fn')]]|//a[starts-with(@href, '#fnref')]"
)
# What it takes away.
_TAKEN = re.compile(
    r"[ \t]*\{:?[ \t]*[#.][^{}\n]*\}|(https?://|mailto:)(www\.)?|\bTable:\s|[ \t]*\[\^\w+\](?!:)"
)


def places_in_commonmark(text: str) -> dict[str, tuple]:
    """Return the place that CommonMark gives to each word of a text."""
    return places(_PARSER.render(_in_commonmark(_filled(text))))


def parts_of(text: str) -> Iterator[range]:
    """Yield the lines, from 0, of each part of a text that is in no other."""
    tokens = _PARSER.parse(_filled(text))
    return (range(*token.map) for token in tokens if token.map and not token.level)


def _filled(text: str) -> str:
    """Return a text with spaces on its empty lines, of which two would end an admonition."""
    return re.sub(r"^[ >]*$", lambda line: f"{line[0]:99}", text, flags=re.MULTILINE)


def _in_commonmark(text: str) -> str:
    """Return a text in CommonMark's terms: the questions of an FAQ, addresses with spaces, what is
    straight below raw HTML, and pipes in code."""
    text = re.sub(r"(?<=\]\()(a w\d+\.md)(?=\))", r"<\1>", _with_headings(text))
    lines = _HTML.sub(r"\g<0>\n\1", text).split("\n")
    for at, line in enumerate(lines):
        if "|" in line and "`" in line:
            lines[at] = _CODE.sub(lambda code: re.sub(r"(?<!\\)\|", r"\|", code[0]), line)
    return "\n".join(lines) + "\n"


def _with_headings(text: str) -> str:
    """Return a text with headings for the numbered questions of its FAQ."""
    lines, is_faq = text.split("\n"), False
    for token, inside in pairwise(_PARSER.parse(text) if "FAQs" in text else ()):
        if token.type == "heading_open" and not token.level:
            is_faq = inside.content == "FAQs"
        elif token.type == "ordered_list_open" and not token.level and is_faq:
            for at in range(*token.map):
                asked = re.sub(r"^\d+[.)] (.*)", r"### \1\n", lines[at])
                lines[at] = re.sub(r"^ {3,4}", "", asked)
    return "\n".join(lines)


def places(html: str) -> dict[str, tuple]:
    """Return the place of each word on a page."""
    found, pieces = {}, []
    for event, element in etree.iterwalk(_parsed(html), ("start", "end")):
        is_start = event == "start"
        edge = "¶" if _BLOCKS.fullmatch(element.tag) else "↵" * (element.tag == "br" and is_start)
        inside, text = (element, element.text) if is_start else (element.getparent(), element.tail)
        if inside is not None and inside.tag == "code" and inside.getparent().tag != "pre":
            text = (text or "").strip()  # its spaces are not seen
        pieces += [(edge, None), (text or "", inside)]
        for name in ("href", "src", "alt", "title"):
            for word in WORD.findall(element.get(name, "")):
                found[word] = (name,) if name == "title" else (*_around(element), name)
    whole, at = "".join(text for text, _ in pieces), 0
    for text, inside in pieces:
        for word in WORD.finditer(text):
            before = whole[max(0, at + word.start() - 120) : at + word.start()]
            around, after = _around(inside), whole[at + word.end() :][:60]
            is_caption = inside.tag == "title" and inside.getparent().tag == "figure"
            place = (*around, _beside(before, after, "pre" in around))
            found[word[0]] = ("title",) if is_caption else place
        at += len(text)
    return found


def _parsed(html: str):
    """Return the tree of a page without what only our pages have."""
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
    html = re.sub(r"<p>(?=</?section\b)", "<p></p>", html)  # it ends paragraphs, unknown to lxml
    root = lxml.html.fragment_fromstring(f"<p></p>{html}", create_parent="main", parser=parser)
    for added in root.xpath(_ADDED):
        added.drop_tree()
    for name, path in _SAME.items():
        for element in root.xpath(path):
            element.tag = name
    return root


def _beside(before: str, after: str, is_code: bool) -> str:
    """Return what is beside a word: the beginning of its block or line, and other characters."""
    if is_code:
        before, after = re.split("[¶\n]", before)[-1], after.partition("\n")[0]
        # `in_commonmark` puts < > around addresses with spaces, and \ before pipes, in code too.
        parts = (re.sub(r"(?<=\()<|>(?=\))|\\(?=\|)", "", part).split() for part in (before, after))
        before, after = map(" ".join, parts)
        return f"{before[-40:]}…{after[:40]}"
    before = _TAKEN.sub("", re.sub(r"\s*([¶↵])[¶\s]*", r"\1", before))
    before = re.search(r"[¶↵]*[^\s¶↵]*\Z", re.split(r"w\d+", before)[-1])[0]
    after = re.match(r"(?:(?!w\d)[^\s¶↵])*", _TAKEN.sub("", after))[0]
    return f"{before}…{after}"


def _around(element) -> tuple[str, ...]:
    """Return what an element is in and is, from outside to inside, and then the marks of its
    words, of which code has none."""
    names = [_name(part) for part in (element, *element.iterancestors())][::-1]
    marks = [] if "pre" in names else sorted({name for name in names if _MARKS.match(name)})
    parts = (name for name in names if name and name not in marks)
    return (*parts, *marks)


def _name(part) -> str:
    """Return what a part of a page is; "" for what readers do not see."""
    tag, around, box = part.tag, part.getparent(), _BOX.search(part.get("class", ""))
    if tag == "a":
        return f"link {unquote(part.get('href', ''))}"
    if tag == "img":
        return f"image {part.get('src')}"
    if tag == "li" and around.tag == "ol":
        return f"{int(around.get('start', '1')) + around.index(part)}."
    if tag in ("td", "th"):
        row = list(next(part.iterancestors("table")).iter("tr")).index(around)
        align = re.search("right|center", f"{part.get('class')}{part.get('style')}")
        return f"cell {row}, {around.index(part)} {align[0] if align else ''}"
    if box and tag in ("div", "section"):
        return f"!!! {box[0]}"
    return tag if _SHOWN.fullmatch(tag) else ""


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
