"""Compares a page with what a CommonMark parser makes of its text: each difference is named.

Python-Markdown reads lists, tables, code and marks in its own way, and says nothing where authors
mean another.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Set
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

from plugins.ids import HEADINGS
from plugins.rules.outline import BREAK, Block, joined, outline

_MOST = 500  # blocks that are compared from the first that differs
_HTML = re.compile(
    r"^<(?!img|br|hr|input|source|wbr)([a-z][a-z0-9]*)(?=[\s>])[^<>]*>", re.MULTILINE
)
_ATTRIBUTES = re.compile(r"\s?\{(?::|(?=[^{}\n]*[#.=]))[^{}\n]*\}")
# What readers see of a path or a mark.
_KINDS = {
    **dict.fromkeys((*HEADINGS, "heading"), "a heading"),
    **{"li": "a list item", "pre": "code", "td": "part of a table", "blockquote": "a quotation"},
    **{"table": "a caption", "hr": "a horizontal rule", "dt": "a term", "dd": "a definition"},
    **{"title": "a title", "note": "a footnote", "summary": "a summary", "details": "details"},
    **{"em": "emphasis", "strong": "strong text", "code": "code", "del": "deleted text"},
}
_NOTHING = Block((), (), ())


def structure(text, named: Set[int]) -> Iterator[tuple[int, str, str]]:
    """Yield where the page of a Text is not what a CommonMark author expects: once for each part of
    the text, unless something in its lines, counted from 1, is already `named`."""
    source, meant, shown = text.source, text.reading.blocks, outline(text.page.tree)
    is_same = [block.shown for block in meant] == [block.shown for block in shown]
    if is_same or source.scan.broken:  # by which all that follows would differ
        return
    parts = text.reading.parts
    known = {bisect_right(parts, line - 1) for line in named}
    for line, found, what, fix in _named(meant, shown, parts, source.text.split("\n")):
        part = bisect_right(parts, line)
        if part not in known:  # one reason may have several effects
            known.add(part)
            start = source.starts[line]
            yield max(source.text.find(found, start, start + 2000), start), what, fix


def _without_attributes(meant: list[Block], shown: list[Block]) -> Iterator[Block]:
    """Yield the blocks, without the {#id} and {.class} that the page does not show."""
    known = {block.shown for block in shown}
    for block in meant:
        if block.shown not in known and "{" in block.words:
            runs = joined((marks, _ATTRIBUTES.sub("", words)) for marks, words in block.runs)
            if runs and block.path[-1:] and block.path[-1] in HEADINGS:
                runs = (*runs[:-1], (runs[-1][0], re.sub(r"\s+#+\Z", "", runs[-1][1])))
            bare = block._replace(runs=runs)
            if not runs or bare.shown in known:
                block = bare
            if not runs:
                continue
        yield block


def _named(
    meant: list[Block], shown: list[Block], parts: list[int], rows: list[str]
) -> Iterator[tuple]:
    """Yield the line, what to look for in it, what is wrong and how to fix it."""
    meant = list(_without_attributes(meant, shown))
    keys = [[block.shown for block in blocks] for blocks in (meant, shown)]
    pairs = enumerate(zip(*keys, strict=False))
    first = next((n for n, (left, right) in pairs if left != right), min(map(len, keys)))
    keys = [each[first : first + _MOST] for each in keys]
    matcher = SequenceMatcher(None, *keys, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if _MOST in (j, m):  # what they are compared with may come later
            break
        left, right = meant[first + i : first + j], shown[first + k : first + m]
        before = meant[first + i - 1].line if first + i else 0
        for part, there in _by_part(left, right, parts) if kind != "equal" else ():
            yield _difference(part, there, before, rows)


def _by_part(meant: list[Block], shown: list[Block], parts: list[int]) -> Iterator[tuple]:
    """Yield the blocks that are meant in each part of a text, and what is shown in their place."""
    for _, group in groupby(meant, lambda block: bisect_right(parts, block.line)):
        blocks, words = list(group), ""
        words = blocks[0].words[:30]
        at = next((n for n, block in enumerate(shown) if words and words in block.words), 0)
        there, shown = shown[at:], shown[at:]
        while (
            blocks
            and there
            and (blocks[0].shown == there[0].shown or _is_meant(blocks[0], there[0]))
        ):
            blocks, there = blocks[1:], there[1:]
        if blocks:
            yield blocks, there
    if shown and not meant:
        yield meant, shown


def _difference(meant: list[Block], shown: list[Block], line: int, rows: list[str]) -> tuple:
    """Return the first difference of two lists, as `_named` yields it."""
    left, right = meant[0] if meant else _NOTHING, shown[0] if shown else _NOTHING
    if left[:2] == right[:2] and meant and shown:
        if len(meant) > 1 and _is_beginning(left, right):  # it swallows the next
            left = meant[1]
        elif len(shown) > 1 and _is_beginning(right, left):  # its end is another block
            right = shown[1]
        else:
            at, found, what, fix = _difference_in_words(left, right)
            return left.line, found, what, _html_around(rows[: left.line]) or fix
    found = _shorten(left.words or right.words)
    if meant:
        line = left.line
    else:
        start = found[:12].split("\n")[0]
        line += next((n for n, row in enumerate(rows[line:]) if start in row), 0)
    kind, became = _kind(left), _kind(right)
    fix = _html_around(rows[:line]) or _fix(left, right, rows[line], rows[line - 1] if line else "")
    if kind != became:
        return line, found, f'"{found}" is shown as {became}, not as {kind}', fix
    if left.path == right.path and left.items and right.items:
        number = f"is number {right.items[-1]} of its list, not {left.items[-1]}"
        return line, found, f'"{found}" {number}', "write text, or a heading, between the lists"
    return line, found, f'"{found}" is shown as {became} at another level', fix


def _is_meant(left: Block, right: Block) -> bool:
    """Return whether the page has just more emphasis than CommonMark, which reads none in `*(a)*b`,
    and often none beside the punctuation of Chinese or Japanese."""
    marked = [{run for run in block.runs if run[0]} for block in (left, right)]
    bare = [re.sub(r"[*_]+", "", block.words) for block in (left, right)]
    is_tight = all(words == words.strip() for _, words in marked[1])
    if left[:2] != right[:2] or "pre" in left.path:
        return False
    return bare[0] == bare[1] and marked[0] <= marked[1] and is_tight


def _is_beginning(block: Block, of: Block) -> bool:
    return bool(block.words) and of.words.startswith(block.words)


def _kind(block: Block) -> str:
    """Return what readers see of a block."""
    if block is _NOTHING:
        return "nothing"
    kind = next((_KINDS[tag] for tag in reversed(block.path) if tag in _KINDS), "text")
    return "part of the list item above it" if kind == "a list item" and not block.items else kind


def _fix(left: Block, right: Block, row: str, above: str) -> str:
    """Return what to do where one kind of block became another."""
    kind, depths = left.path[-1:], [block.path.count("li") for block in (left, right)]
    if marker := re.match(r"[\s>]*(\d+)\)\s", row):
        return f'write "{marker[1]}."'
    if kind == ("pre",) and (depths[0] or row[:1] in (" ", ">")):
        return "indent the code by four spaces more than the text around it, without ```"
    if depths[0] > depths[1] and (depths[0] > 1 or not left.items):
        return "indent it by four spaces more than the list item that it belongs to"
    if right.path[-1:] == ("pre",):
        return "indent it by less than four spaces"
    if not kind and right.path:
        return "write a backslash before the character that makes it so"
    if kind and kind[0] in HEADINGS:
        return f'write it on one line: "{"#" * int(kind[0][1])} {_shorten(left.words)}"'
    return "put an empty line above it" if above.strip() else "begin it at the start of a line"


def _html_around(rows: list[str]) -> str:
    """Return what to do where a text stands in raw HTML, whose end is not among these lines."""
    above = "\n".join(rows)
    for tag in reversed(list(_HTML.finditer(above))):
        if above.rfind(f"</{tag[1]}>") < tag.start() and "markdown=" not in tag[0]:
            return f'Markdown is read in <{tag[1]} markdown="1"> only: write that'
    return ""


def _difference_in_words(left: Block, right: Block) -> tuple:
    """Return where the marks or the words of a block differ, as `_named` yields it."""
    pairs = [[(marks, c) for marks, words in block.runs for c in words] for block in (left, right)]
    both = enumerate(zip_longest(*pairs, fillvalue=((), "")))
    at, (meant, shown) = next((n, pair) for n, pair in both if pair[0] != pair[1])
    kind, became = (_kind_of_words(marks) for marks, _ in (meant, shown))
    words = [_shorten(block.words[block.words.rfind(" ", 0, at) + 1 :]) for block in (left, right)]
    if kind == became:
        return at, words[0], f'"{words[0]}" is shown as "{words[1]}"', "write it in another way"
    what = f'"{words[1]}" is shown as {became}, not as {kind}'
    if kind == "plain text":
        return at, words[0], what, r"write a backslash before the mark: \*, \_, \`, \["
    return at, words[0], what, "separate it from the words and marks around it"


def _kind_of_words(marks: tuple[str, ...]) -> str:
    return " and ".join(_KINDS.get(mark, f"a {mark}") for mark in marks) or "plain text"


def _shorten(words: str) -> str:
    words = " ".join(words.replace(BREAK, " ").split())
    return words if len(words) <= 40 else f"{words[:40].rpartition(' ')[0] or words[:40]}…"
