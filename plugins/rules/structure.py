"""Compares a page with what a CommonMark parser makes of its text: each difference is named.

Python-Markdown reads lists, tables, code and marks in its own way, and says nothing where authors
mean another.
"""

import re
import string
from bisect import bisect_right
from collections.abc import Iterator, Set
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

from plugins.ids import HEADINGS
from plugins.rules.conflicts import conflicts
from plugins.rules.outline import BREAK, Block, joined, outline

_MOST = 500  # blocks that are compared from the first that differs
_HTML = re.compile(
    r"<(?P<end>/?)(?P<name>article|aside|blockquote|center|details|div|dl|figure|footer|header|main"
    r"|nav|ol|p|section|table|ul)\b[^<>]*>"
)
_ATTRIBUTES = re.compile(r"\s?\{(?::|(?=[^{}\n]*[#.=]))[^{}\n]*\}")
# What readers see of a path or a mark.
_KINDS = {
    **dict.fromkeys((*HEADINGS, "heading"), "a heading"),
    **{"li": "a list item", "pre": "code", "td": "part of a table", "blockquote": "a quotation"},
    **{"table": "a caption", "hr": "a horizontal rule", "dt": "a term", "dd": "a definition"},
    **{
        "box": "part of a card",
        "title": "a title",
        "note": "a footnote",
        "summary": "a summary",
        "details": "details",
    },
    **{"em": "emphasis", "strong": "strong text", "code": "code", "del": "deleted text"},
}
_NOTHING = Block((), (), ())


def structure(text, named: Set[int]) -> Iterator[tuple[int, str, str]]:
    """Yield where the page of a Text is not what a CommonMark author expects: once for each part of
    the text, unless something in its lines, counted from 1, is already `named`."""
    source, meant, shown = text.source, text.reading.blocks, outline(text.page.tree)
    is_same = [block.shown for block in meant] == [block.shown for block in shown]
    if is_same or source.scan.broken or any(conflicts(source)):  # all that follows would differ
        return
    parts = text.reading.parts
    known = {bisect_right(parts, line - 1) for line in named}
    for line, found, what, fix in _named(meant, shown, parts, source.text.split("\n")):
        part = bisect_right(parts, line)
        if part not in known:  # one reason may have several effects
            known.add(part)
            start = source.starts[line]
            word = re.search(r"\w+|\Z", found)[0]
            places = (source.text.find(part, start, start + 2000) for part in (found, word))
            yield next((at for at in places if at >= 0), start), what, fix


def renumbered(text) -> Iterator[tuple[int, str, str]]:
    """Yield the items of a list that is numbered otherwise than it is written."""
    for line, written, shown in text.reading.renumbered:
        what = f'the list item "{written}." is shown as "{shown}."'
        fix = f"number the items one by one, or write {written}\\. for words"
        yield text.source.starts[line], what, fix


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
    """Yield what is meant in each part of a text, or in each block if the page has as many, and
    what is shown from there on."""
    if len(meant) == len(shown):
        pairs = [([left], [right]) for left, right in zip(meant, shown, strict=True)]
    else:
        groups = groupby(meant, lambda block: bisect_right(parts, block.line))
        pairs = [(list(group), shown) for _, group in groups] or [([], shown)]
    for left, right in pairs:
        at = next((n for n, block in enumerate(right) if left and _is_alike(left[0], block)), 0)
        right = right[at:]
        while left and right and (left[0].shown == right[0].shown or _is_meant(left[0], right[0])):
            left, right = left[1:], right[1:]
        if left or not meant:
            yield left, right


def _is_alike(left: Block, right: Block) -> bool:
    words = left.words[:30] in right.words or right.words in left.words
    return bool(left.words and right.words and words)


def _is_meant(left: Block, right: Block) -> bool:
    """Return whether the page has just more emphasis than CommonMark, which reads none in `*(a)*b`,
    and often none beside the punctuation of Chinese or Japanese."""
    is_tight = all(words == words.strip() for marks, words in right.runs if marks)
    is_more = left[:2] == right[:2] and len(left.words) > len(right.words)
    rest = iter(left.words)  # which has all characters of the page, and marks besides
    is_more = is_more and "pre" not in left.path and all(c in rest for c in right.words)
    return is_more and is_tight and _unemphasized(left) == _unemphasized(right)


def _unemphasized(block: Block) -> tuple:
    runs = ((set(marks) - {"em", "strong"}, re.sub("[*_]", "", w)) for marks, w in block.runs)
    return joined((tuple(sorted(marks)), words) for marks, words in runs)


def _difference(meant: list[Block], shown: list[Block], line: int, rows: list[str]) -> tuple:
    """Return the first difference of two lists, as `_named` yields it."""
    left, right = (meant or [_NOTHING])[0], (shown or [_NOTHING])[0]
    if meant and shown and left[:2] == right[:2]:
        if len(meant) > 1 and _is_beginning(left, right, meant[1]):  # it swallows the next
            left = meant[1]
        elif len(shown) > 1 and _is_beginning(right, left, shown[1]):  # its end is another block
            right = shown[1]
        else:
            return _html_around(rows, left.line) or _difference_in_words(left, right)
    found = _shorten(left.words or right.words)
    if meant:
        line = left.line
    else:
        start = found[:12].partition("\n")[0]
        line += next((n for n, row in enumerate(rows[line:]) if start in row), 0)
    kind, became = _kind(left), _kind(right)
    if kind == became:
        became = f"{became} at another level"
    what = f'"{found}" is shown as {became}, not as {kind}'
    return _html_around(rows, line) or (line, found, what, _fix(left, right, rows[line]))


def _is_beginning(block: Block, of: Block, below: Block) -> bool:
    is_beginning = bool(block.words) and of.words.startswith(block.words)
    return is_beginning and below.words[:10] in of.words[len(block.words) :]


def _kind(block: Block) -> str:
    """Return what readers see of a block."""
    if block is _NOTHING:
        return "nothing"
    kind = next((_KINDS[tag] for tag in reversed(block.path) if tag in _KINDS), "text")
    return "part of the list item above it" if kind == "a list item" and not block.items else kind


def _fix(left: Block, right: Block, row: str) -> str:
    """Return what to do where one kind of block became another."""
    inner, outer = [(block.path or ("",))[-1] for block in (left, right)]
    if "-->" in right.words:
        return "take the empty lines out of the comment"
    if any(part in left.path and part not in right.path for part in ("dd", "box")):
        return "indent it by four spaces"
    if inner in HEADINGS:
        return f'write "{"#" * int(inner[1])} {_shorten(left.words)}" on a line of its own'
    if outer in HEADINGS:
        mark = re.match(r"[\s>]*(#{0,6})", row)[1]
        return f'write "{mark} " for a heading, or "\\{mark}" for the characters'
    if outer == "pre":
        return "indent it by less than four spaces"
    return "put an empty line above it, and begin it at the start of the line"


def _html_around(rows: list[str], line: int) -> tuple:
    """Return what to say of a line in raw HTML, whose end is below it or missing."""
    text, begun = "\n".join(rows), []
    until = len("\n".join(rows[:line])) + len(re.match(r"\s*(<[^<>]*>)?", rows[line])[0]) + 1
    for tag in _HTML.finditer(text, 0, until):
        if not tag["end"]:
            begun.append(tag)
        elif begun:
            begun.pop()
    if not begun or "markdown=" in begun[-1][0]:
        return ()
    tag, name = begun[-1], begun[-1]["name"]
    at, what = text.count("\n", 0, tag.start()), f"Markdown in <{name}> is shown as it is written"
    if name == "p":
        return at, tag[0], "a paragraph in <p> goes on below an empty line", "end each with </p>"
    if name in ("table", "ul", "ol", "dl"):
        return at, tag[0], what, "write all of it in Markdown, or all in HTML without empty lines"
    if f"</{name}>" not in text[until:]:
        return at, tag[0], f'"{tag[0]}" is never closed', f"write </{name}> where it ends"
    return at, tag[0], what, f'write <{name} markdown="1">'


def _difference_in_words(left: Block, right: Block) -> tuple:
    """Return where the marks or the words of a block differ, as `_named` yields it."""
    pairs = [[(marks, c) for marks, words in block.runs for c in words] for block in (left, right)]
    both = enumerate(zip_longest(*pairs, fillvalue=((), "")))
    at, (meant, shown) = next((n, pair) for n, pair in both if pair[0] != pair[1])
    start = left.words.rfind(" ", 0, at + 1) + 1
    words = [_shorten(block.words[start:]) for block in (left, right)]
    kind, became = (_kind_of_words(marks) for marks, _ in (meant, shown))
    if kind == became:
        sign = left.words[start : start + 1] if left.words[at : at + 1] == " " else meant[1]
        is_mark = bool(sign) and sign in string.punctuation
        fix = "write &lt; for <" if "<" in words[0] else "put an empty line above and below it"
        fix = f"write \\{sign}" if is_mark else fix
        what = f'shown as "{words[1]}"' if words[1] else "not shown"
        return left.line, words[0], f'"{words[0]}" is {what}', fix
    if became == "code":
        fix = "end it with as many ` as it begins with, or write \\`"
    elif kind == "plain text":
        fix = "write a backslash before the mark"
    elif "link" in kind:
        fix = "write [words](address), or a label without marks"
    else:
        fix = "begin and end it with the same marks, beside a space"
    return left.line, words[1], f'"{words[1]}" is shown as {became}, not as {kind}', fix


def _kind_of_words(marks: tuple[str, ...]) -> str:
    return " and ".join(_KINDS.get(mark, f"a {mark}") for mark in marks) or "plain text"


def _shorten(words: str) -> str:
    words = " ".join(words.replace(BREAK, " ").split())
    return words if len(words) <= 40 else f"{words[:40].rpartition(' ')[0] or words[:40]}…"
