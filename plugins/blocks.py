"""Lists, fenced code, and what ends a paragraph, as CommonMark reads them.

Python-Markdown reads a list straight below a line of text as text, a list that is indented by two
or three spaces as part of the list around it, and no fence in a list, a quotation or an admonition.
"""

import functools
import re
from html import escape
from xml.etree import ElementTree

from markdown.blockprocessors import BlockProcessor, BlockQuoteProcessor
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.preprocessors import Preprocessor

from plugins.commonmark import make_parser

_ITEM = re.compile(r" {0,3}(?P<mark>[-+*]|(?P<number>\d{1,9})[.)])(?P<space> +|$)")
_RULE = re.compile(r" {0,3}([-*_]) *(?:\1 *){2,}")
_OTHER = re.compile(r" {0,3}(?:#{1,6}(?: |$)|>|```|~~~)")  # what ends a paragraph besides
# What a block must have for another to begin in it: each is looked at many times.
_MAY_END = re.compile(
    r"\n {0,3}(?:[-+*]|\d+[.)]) +\S|\n[ |:]*-[-| :]*(?:\n|$)|^ {0,3}[>|]|^.*\n[ |:]*-"
)
_DASHES = re.compile(r" {0,3}(?=.*\|)\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *")
_FENCE = re.compile(r"^(?:[ >]|[-+*] |\d+[.)] )*(?:```|~~~)", re.MULTILINE)


class BlocksExtension(Extension):
    """Reads blocks as CommonMark does."""

    def extendMarkdown(self, md):
        parser, md.references = md.parser, _References()
        for name in ("indent", "olist", "ulist"):
            parser.blockprocessors.deregister(name)
        # Before `table` (75) and `quote` (20) take what is below them, `setextheader` (60) a list
        # for a heading, and `paragraph` (10) all that there is.
        parser.blockprocessors.register(_Indented(parser), "indented", 110)
        parser.blockprocessors.register(_Lists(parser), "lists", 65)
        parser.blockprocessors.register(_Interrupted(parser), "interrupted", 76)
        parser.blockprocessors.register(_Quotations(parser), "quote", 20)
        parser.blockprocessors.register(_Admonitions(parser), "admonition", 105)
        # Before `html_block` (20) reads what is in them.
        md.preprocessors.register(_Fences(md), "fences", 25)


class _References(dict):
    """Where labels lead: the first definition of each counts."""

    def __setitem__(self, label, target):
        self.setdefault(label, target)


class _Indented(BlockProcessor):
    """Takes off one to three spaces before a block, which mean nothing but in a list."""

    def test(self, parent, block):
        indent = len(block) - len(block.lstrip(" "))
        return 0 < indent < 4 and not _item(_first_line(block))

    def run(self, parent, blocks):
        indent = len(blocks[0]) - len(blocks[0].lstrip(" "))
        blocks[0] = re.sub(rf"^ {{1,{indent}}}", "", blocks[0], flags=re.MULTILINE)
        return False  # for the others to read it


class _Lists(BlockProcessor):
    def test(self, parent, block):
        return _item(_first_line(block)) is not None

    def run(self, parent, blocks):
        first, items, is_loose, width = None, [], False, 0
        while blocks:
            lines, is_after_blank = blocks.pop(0).split("\n"), bool(items)
            for number, line in enumerate(lines):
                indent, item = len(line) - len(line.lstrip(" ")), _item(line)
                is_inside = items and indent >= width and line.strip()
                if is_inside and not (is_after_blank and items[-1] == [""]):
                    items[-1] += [""] * is_after_blank + [line[width:]]
                elif item and (first is None or _kind(item) == _kind(first)):
                    first, is_loose = first or item, is_loose or is_after_blank
                    width, text = _content(item, line)
                    items.append([text])
                elif line.strip() and (is_after_blank or item or not _goes_on(items[-1][-1], line)):
                    blocks.insert(0, "\n".join(lines[number:]))
                    return self._add(parent, first, items, is_loose)
                else:
                    items[-1].append(line.lstrip(" "))
                is_after_blank = is_after_blank and not line.strip()
        return self._add(parent, first, items, is_loose)

    def _add(self, parent, first, items, is_loose):
        number = first["number"]
        parts = ElementTree.SubElement(parent, "ol" if number else "ul")
        if number and int(number) != 1:
            parts.set("start", str(int(number)))
        for lines in items:
            text = "\n".join(lines).rstrip()
            opening, blank, _ = text.partition("\n\n")
            is_loose |= bool(blank) and not any(map(_item, opening.split("\n")))
            self.parser.state.set("looselist")
            self.parser.parseChunk(ElementTree.SubElement(parts, "li"), text)
            self.parser.state.reset()
        if not is_loose and all(len(item.findall("p")) < 2 for item in parts):
            for item in parts:
                if len(item) and item[0].tag == "p":
                    item.text = item[0].text
                    item.remove(item[0])


def _first_line(block: str) -> str:
    end = block.find("\n")  # a long block must not be copied for it
    return block if end < 0 else block[:end]


def _item(line: str) -> re.Match | None:
    """Return the mark of the list item that a line begins."""
    return None if _RULE.fullmatch(line) else _ITEM.match(line)


def _kind(item: re.Match) -> str:
    """Return what items of one list have in common: their bullet, or what follows the number."""
    return item["mark"][-1]


def _content(item: re.Match, line: str) -> tuple[int, str]:
    """Return by how much the parts of an item are indented, and its first line."""
    is_code = len(item["space"]) > 4 or not line[item.end() :].strip()
    width = item.end("mark") + 1 if is_code else item.end()
    return width, line[width:]


def _goes_on(above: str, line: str) -> bool:
    """Return whether a line belongs to the paragraph that the line above it is of."""
    is_paragraph = above.strip() and not _OTHER.match(above) and not _RULE.fullmatch(above)
    return bool(is_paragraph) and not _ends_paragraph(line)


def _ends_paragraph(line: str) -> bool:
    item = _item(line)
    is_list = item and line[item.end() :].strip() and int(item["number"] or 1) == 1
    return bool(is_list or _RULE.fullmatch(line) or _OTHER.match(line))


class _Interrupted(BlockProcessor):
    """Ends a paragraph, a quotation or a table where another block begins."""

    def test(self, parent, block):
        return (
            block[0] != "#"
            and bool(_MAY_END.search(block))
            and self._end(block.split("\n")) is not None
        )

    def run(self, parent, blocks):
        lines = blocks.pop(0).split("\n")
        end = self._end(lines)
        blocks[:0] = ["\n".join(lines[:end]), "\n".join(lines[end:])]

    def _end(self, lines: list[str]) -> int | None:
        if _item(lines[0]):
            return None
        is_quote = lines[0].startswith(">")
        is_ended = is_quote or _is_table(lines)  # by what ends a paragraph, and not by a list alone
        for number, line in enumerate(lines[1:], 1):
            if is_quote and line.lstrip(" ").startswith(">"):
                continue
            is_end = _ends_paragraph(line) and (is_ended or _item(line))
            if is_end or _is_table(lines[number : number + 2]):
                return number
        return None


def _is_table(lines: list[str]) -> bool:
    columns = [line.strip(" |").count("|") for line in lines]
    return len(lines) > 1 and bool(_DASHES.fullmatch(lines[1])) and columns[0] == columns[1]


class _Quotations(BlockQuoteProcessor):
    """Begins a quotation of its own below an empty line."""

    def lastChild(self, parent):
        return None


class _Admonitions(AdmonitionProcessor):
    """Reads all of an admonition at once, with the lists in it."""

    def run(self, parent, blocks):
        if self.RE.search(blocks[0]):
            count = next((n for n, b in enumerate(blocks) if n and b[:4] != "    "), len(blocks))
            blocks[:count] = ["\n\n".join(blocks[:count])]
        super().run(parent, blocks)
        if blocks:
            blocks[:1] = blocks[0].split("\n\n")


class _Fences(Preprocessor):
    """Keeps code between fences aside, as HTML."""

    def run(self, lines):
        text = "\n".join(lines)
        for token in reversed(_parser().parse(f"{text}\n")) if _FENCE.search(text) else ():
            if token.type != "fence":
                continue
            start, end = token.map
            before = lines[start].partition(token.markup)[0]
            lang = re.sub(r"^[{. ]*|[\s}].*", "", token.info)
            attribute = f' class="language-{escape(lang)}"' if lang else ""
            html = f"<pre><code{attribute}>{escape(token.content, quote=False)}</code></pre>"
            around = re.sub(r"[^ >]", " ", before).rstrip()
            opens_item = around != before.rstrip()
            above = [around] if start and lines[start - 1].strip(" >") and not opens_item else []
            below = [around] if "".join(lines[end : end + 1]).strip(" >") else []
            lines[start:end] = [*above, before + self.md.htmlStash.store(html), *below]
        return lines


@functools.cache
def _parser():
    return make_parser().disable("inline")
