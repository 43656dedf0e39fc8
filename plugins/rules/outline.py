"""What HTML shows, block by block, so that two readings of one text can be compared.

What extensions add on purpose is left out: level words, links of questions, generated numbers.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count, repeat
from typing import NamedTuple

from plugins.ids import HEADINGS

BREAK = "\0"  # what <br> is in words

# The elements that begin and end a block; those of the first two lines are part of its path.
_PATH = {"ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "table", "td", "hr", *HEADINGS}
_PATH |= {"title", "note", "heading", "details", "summary", "box"}
_BLOCKS = {"p", "tr", "thead", "tbody", "caption", "div", "section", "figure", "article", "aside"}
_BLOCKS |= {"header", "footer", "main", "nav", "form", "fieldset", "address", "center", *_PATH}
_MARKS = {"em": "em", "i": "em", "strong": "strong", "b": "strong", "code": "code", "del": "del"}
_ADDED = {"level", "permalink", "footnote-backref", "footnotes-sep"}
_NOTES = {"footnote", "footnotes"}
_APART = (" ", BREAK)
_BOX = re.compile("admonition |card |(key-points|term)$")
_LINE = re.compile(r"line (\d+)")

# Words and the marks around them.
Run = tuple[tuple[str, ...], str]


class Block(NamedTuple):
    """A part of a text without other blocks in it. `path` are the elements around it, `items` what
    begins with it: list items, by their number or "•", rows of tables, quotations. `line` is that
    of the source, from 0, which the HTML names as `data-line`, or in a comment before raw HTML."""

    path: tuple[str, ...]
    items: tuple[str, ...]
    runs: tuple[Run, ...]
    line: int = 0

    @property
    def shown(self) -> tuple:
        """All of it but its place."""
        return self[:3]

    @property
    def words(self) -> str:
        """Its words, without marks."""
        return "".join(words for _, words in self.runs)


def outline(tree) -> list[Block]:
    """Return the blocks of a text that lxml has parsed."""
    walk = _Walk()
    walk.visit(tree)
    walk.end()
    return walk.blocks


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs with their spaces as they are shown, and equally marked ones as one."""
    parts: list[list] = []
    for marks, words in runs:
        plain = " ".join(words.split())
        if plain[:1] == BREAK and parts:
            parts[-1][1] = parts[-1][1].rstrip()
        begins_apart = words[:1].isspace() and bool(parts) and not parts[-1][1].endswith(_APART)
        ends_apart = words[-1:].isspace() and plain[-1:] != BREAK
        words = f"{' ' * begins_apart}{plain}{' ' * (ends_apart and bool(plain))}"
        if words and parts and parts[-1][0] == marks:
            parts[-1][1] += words
        elif words:
            parts.append([marks, words])
    if parts:
        parts[-1][1] = parts[-1][1].rstrip()
    return tuple((marks, words) for marks, words in parts if words)


class _Walk:
    def __init__(self):
        self.blocks: list[Block] = []
        self._path: list[str] = []
        self._marks: list[str] = []
        self._runs: list[Run] = []
        self._items: list[str] = []
        self._lists: list[Iterator[str]] = [repeat("•")]
        self._line = 0

    def end(self, is_shown: bool = False):
        """End a block: if it has words, or is shown without."""
        if "pre" in self._path and self._runs:
            lines = "".join(words for _, words in self._runs).strip("\n").split("\n")
            runs: tuple[Run, ...] = (((), "\n".join(" ".join(line.split()) for line in lines)),)
        else:
            runs = joined(self._runs)
        if runs or is_shown:
            self.blocks.append(Block(tuple(self._path), tuple(self._items), runs, self._line))
            self._items = []
        self._runs = []

    def visit(self, element):
        """Add what an element shows."""
        if not isinstance(element.tag, str):
            if found := _LINE.fullmatch(element.text or ""):
                self._line = int(found[1])
            return
        tag = _name(element)
        self._line = int(element.get("data-line") or self._line)
        if tag in _BLOCKS:
            self._visit_block(element, tag)
        elif tag == "br":
            self._say(BREAK)
        elif tag == "img":
            self._say(f"![{element.get('alt', '')}]({element.get('src')})")
        elif tag in ("[^]", "[TOC]"):
            self._say(tag)
        elif tag == "a" and _is_autolink(element):
            self._say(f"<{element.get('href')}>")
        elif tag:
            mark = f"link to {element.get('href')}" if tag == "a" else _MARKS.get(tag)
            self._marks += [mark] if mark else []
            self._visit_parts(element)
            if mark:
                self._marks.pop()

    def _visit_block(self, element, tag: str):
        self.end()
        if tag in HEADINGS and "blockquote" in self._path:
            tag = "heading"  # of the level that fits where the quotation stands
        if tag in ("ul", "ol"):
            start = element.get("start", "")
            numbers = map(str, count(int(start) if start.isdigit() else 1))
            self._lists.append(numbers if tag == "ol" else repeat("•"))
        elif tag == "li":
            self._items.append(next(self._lists[-1]))
        elif tag in ("tr", "blockquote"):
            self._items.append(tag)
        self._path += [tag] if tag in _PATH else []
        self._visit_parts(element)
        self.end(tag in ("td", "hr") or (tag == "li" and bool(self._items)))
        if tag in _PATH:
            self._path.pop()
        if tag in ("ul", "ol"):
            self._lists.pop()

    def _visit_parts(self, element):
        self._say(element.text)
        for child in element:
            self.visit(child)
            self._say(child.tail)

    def _say(self, words: str | None):
        if words and "code" in self._marks:
            words = words.strip()
        if words:
            self._runs.append((tuple(sorted(self._marks)), words))


def _name(element) -> str:
    """Return what an element is in both readings; "" for what an extension has added."""
    tag, name, parent = element.tag, element.get("class", ""), element.getparent()
    around = parent.get("class", "") if parent is not None else ""
    if tag == "sup" and (name == "footnote-ref" or element.get("id", "").startswith("fnref")):
        return "[^]"
    if tag in ("div", "section") and _BOX.match(name):
        return "box"
    if name == "toc":
        return "[TOC]"
    is_number = name == "n" and parent.getparent().get("class") == "faq"
    is_back = tag == "a" and element.get("href", "").startswith("#fnref")
    if name in _ADDED or is_number or is_back or tag == "figcaption":
        return ""
    is_empty = tag == "tr" and not len(
        "".join(element.itertext()).strip() or element.xpath(".//img")
    )
    if is_empty or (tag == "b" and parent.tag == "caption" and parent[0] is element):
        return ""
    if name in ("admonition-title", "term-name"):
        return "title"
    if tag in HEADINGS and parent[0] is element:
        is_title = around == "key-points" or around.startswith("card ")
        return "title" if is_title else tag
    if tag == "ol" and around in _NOTES:
        return "note"
    if tag == "li" and parent.tag == "ol" and parent.getparent().get("class") in _NOTES:
        return "div"
    return "td" if tag == "th" else tag


def _is_autolink(element) -> bool:
    """Return whether a link shows its address, which may be shortened."""
    words, address = (element.text or "").strip(), element.get("href", "")
    return bool(words) and not len(element) and address.endswith(words)
