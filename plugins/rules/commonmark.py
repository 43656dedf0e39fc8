"""A text as a CommonMark parser reads it, with tables as on GitHub, and with our extensions.

What only an extension of Python-Markdown reads is brought into terms of CommonMark first: tokens,
abbreviations, `markdown="1"`, captions of tables and the questions of an FAQ.
"""

import functools
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

import lxml.html
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from plugins import faq
from plugins.commonmark import make_parser
from plugins.markup import CAPTION
from plugins.rules.outline import Block, outline
from plugins.rules.source import Source
from plugins.tokens import TOKEN

_ABBREVIATION = re.compile(r"[ >]*\*\[[^\]\n]+\]:")
_MARKDOWN_INSIDE = re.compile(r" {0,3}<([a-z][a-z0-9]*)\b[^<>\n]*\smarkdown\b[^<>\n]*>")
_TAG = re.compile(
    r"<(/?)(?:address|article|aside|audio|blockquote|center|details|div|dl|fieldset|figure|footer"
    r"|form|h[1-6]|header|iframe|main|nav|ol|p|pre|section|table|ul|video)\b[^<>]*>",
    re.IGNORECASE,
)
_SPACED_ADDRESS = re.compile(r"(?<=\]\()([^()<>\s\"']+(?: [^()<>\s\"']+)+)(?=\))")
_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\[\]]+\]: *\S")
_DESCRIBES = re.compile(r" {0,3}: +\S")
_TERMS = "\x1f"
_DIGITS = re.compile(r"^([ >]*)(\d+)(?=[.)] )")
_KEY = re.compile(r"\[\^[^\[\]\n]+\]")


class Row(NamedTuple):
    """A row of a table: the line it is on, from 0, and how many columns the table has; none where
    it is the header."""

    line: int
    columns: int


class Reading(NamedTuple):
    """What the parser reads, with lines that count from 0: the blocks; the lines of `parts` that
    are in no other; the rows of tables; the first item of each list that has another number than
    is written: its line, the number that is written, and the one that is shown."""

    blocks: list[Block]
    parts: list[int]
    rows: list[Row]
    renumbered: list[tuple[int, int, int]]


def read(source: Source, tokens: Mapping[str, str], lang: str) -> Reading:
    """Return how a text is read. `tokens` are those of its {{ TOKENS }} that are replaced."""
    lines, parser = _prepared(source, tokens), _parser()
    found = parser.parse("".join(f"{line}\n" for line, _ in lines), {"lang": lang})
    parts, rows, columns = [], [], 0
    for token in found:
        columns = 0 if token.type == "table_open" else columns + (token.type == "th_open")
        if token.map and token.nesting >= 0 and token.type != "inline":
            line = lines[token.map[0]][1]
            token.attrSet("data-line", str(line))
            if token.type == "html_block":
                is_open = token.content.rfind("<!--") > token.content.rfind("-->")
                token.content = f"<!--line {line}-->{token.content}{'-->' * is_open}"
            parts += [line] if token.level == 0 else []
            rows += [Row(line, columns)] if token.type == "tr_open" else []
    html = parser.renderer.render(found, parser.options, {})
    tree = lxml.html.fragment_fromstring(html or " ", create_parent="div")
    return Reading(outline(tree), sorted(parts), rows, list(_renumbered(found)))


def _renumbered(tokens: list[Token]) -> Iterator[tuple[int, int, int]]:
    lists: list[list[tuple[int, int]]] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            lists.append([])
        elif token.type == "list_item_open" and token.info:
            lists[-1].append((int(token.attrGet("data-line")), int(token.info)))
        elif token.type == "ordered_list_close":
            items = lists.pop()
            for shown, (line, written) in enumerate(items, items[0][1]):
                if written not in (shown, items[0][1]):
                    yield line, written, shown
                    break


@functools.cache
def _parser() -> MarkdownIt:
    parser = make_parser()
    parser.core.ruler.after("block", "extensions", _extensions)
    # Addresses are judged as they are written, by other rules.
    parser.normalizeLink = parser.normalizeLinkText = str
    parser.validateLink = bool
    return parser


def _prepared(source: Source, tokens: Mapping[str, str]) -> list[tuple[str, int]]:
    """Return the lines of a text in terms of CommonMark, each with its number in the file."""
    first, ends, lines = bisect_right(source.starts, source.body_at) - 1, [], []
    depth = 0  # of raw HTML
    masks = source.scan.masked.split("\n")
    rows = zip(source.text.split("\n")[first:], masks[first:], strict=True)
    for number, (line, mask) in enumerate(rows, first):
        if not line.isascii():  # numbers of another script
            line = _DIGITS.sub(lambda mark: f"{mark[1]}{int(mark[2])}", line)
        if "](" in mask or "|" in mask or "*[" in mask or "[^" in mask:
            line = _rewritten(line, mask)
        if "{{" in line:
            line = TOKEN.sub(lambda token: tokens.get(token[1], token[0]), line)
        if ":" in mask[:4] and _DESCRIBES.match(mask):
            terms = takewhile(lambda above: above[0].strip(), reversed(lines))
            terms = [term for term in terms if not _DESCRIBES.match(term[0].lstrip())][::-1]
            # Each of several lines is a term, but for those of raw HTML.
            if len(terms) > 1 and not re.fullmatch(" *<[^<>:@]+> *", terms[0][0]):
                joined = _TERMS.join(term for term, _ in terms)
                lines[-len(terms) :] = [*(("", at) for _, at in terms[1:]), (joined, terms[0][1])]
        if _DEFINITION.match(mask):
            lines.append(("", number))  # it may stand straight below a paragraph
        opened = _MARKDOWN_INSIDE.match(line) if "markdown=" in mask else None
        if opened:
            ends.append(f"</{opened[1]}>")
            lines += [(opened[0], number), ("", number)]
            line = line[opened.end() :]
        if ends and (at := line.find(ends[-1])) >= 0:
            ends.pop()
            lines += [(line[:at], number), ("", number), (line[at:], number), ("", number)]
        else:
            lines.append((line, number))
        tags = _TAG.findall(mask) if "<" in mask else ()
        depth = max(0, depth + sum(-1 if end else 1 for end in tags))
        if tags and not depth and mask.lstrip().startswith("<"):
            lines.append(("", number))  # below it, our Markdown goes on
    return lines


def _rewritten(line: str, mask: str) -> str:
    """Return a line with < > around addresses that have spaces, pipes in code escaped, and without
    the definition of an abbreviation. `mask` is the line without code and escaped characters."""
    if _ABBREVIATION.match(mask):
        return f"{re.match('[ >]*', mask)[0]}<!-- -->"
    for found in reversed(list(_SPACED_ADDRESS.finditer(mask))):
        start, end = found.span(1)
        line = f"{line[:start]}<{line[start:end]}>{line[end:]}"
        mask = f"{mask[:start]}<{mask[start:end]}>{mask[end:]}"
    if "[^" in mask:
        line = _KEY.sub(lambda key: key[0].replace(" ", "_"), line)
    if "|" in mask and line.count("|") > mask.count("|"):  # a row of a table, with code
        line = re.sub(r"(?<!\\)\|", lambda m: "|" if mask[m.start()] == "|" else r"\|", line)
    return line


def _extensions(state: StateCore):
    """Read as our extensions do: captions of tables, and the questions of an FAQ."""
    made: list[Token] = []
    is_faq = has_items = in_item = is_question = False
    for number, token in enumerate(state.tokens):
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2"):
            words = state.tokens[number + 1].content
            is_faq = token.tag == "h2" and faq.opens(words, state.env["lang"])
            has_items = is_faq and not _has_questions(state.tokens[number + 1 :])
        is_below = token.type == "table_open" and made and made[-1].type == "paragraph_close"
        if is_below and CAPTION.match(made[-2].content):
            made[-2].content = CAPTION.sub("", made[-2].content, count=1)
            made[-3].tag = made[-1].tag = "caption"
            made.insert(-3, token)
            continue
        if has_items and token.level == 0 and token.type.startswith("ordered_list"):
            in_item = token.nesting > 0
            continue
        if in_item and token.level == 1 and token.type.startswith("list_item"):
            is_question = True
            continue
        made.append(token)
        if token.type == "inline" and made[-2].type == "dt_open":
            first, *others = token.content.split(_TERMS)
            token.content = first
            for term in others:
                close = Token("dt_close", "dt", -1)
                made += [close, made[-2], Token("inline", "", 0, content=term, children=[])]
        if token.type == "inline" and made[-2].tag == "h3" and is_faq:
            token.content = faq.NUMBER.sub("", token.content, count=1)
        if token.type == "paragraph_close" and in_item and is_question:
            is_question = False
            opened, words = made[-3:-1]
            opened.hidden = token.hidden = False
            opened.tag = token.tag = "h3"
            words.content, rest = faq.split_question(words.content)
            if rest:
                start = opened.map[0] + 1
                made += [
                    Token("paragraph_open", "p", 1, map=[start, opened.map[1]]),
                    Token("inline", "", 0, content=rest, children=[]),
                    Token("paragraph_close", "p", -1),
                ]
    state.tokens = made


def _has_questions(tokens: list[Token]) -> bool:
    """Return whether a section, which these tokens begin with, has questions as headings."""
    for token in tokens:
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2", "h3"):
            return token.tag == "h3"
    return False
