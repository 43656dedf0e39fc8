"""Markdown where none is read: in fields of plain text, in one line of Markdown, in hidden words.

Only what Markdown would surely read counts: a title may well be `2 * 3 * 4` or `C* and D*`.
"""

import re
from collections.abc import Mapping

from plugins.rules.source import Findings, Source
from plugins.rules.text import Text

TEXTS = {"title", "category", "tags", "author", "authors", "reviewed_by", "image_alt"}
# Scripts without spaces between words have marks between letters.
_LETTER = r"[^\W\u3040-\u9fff\uac00-\ud7af]"
_BEGIN = r"(?=[^\W_]|[\"'“‘«(¿¡`\[])"
_NOTE = r"\[\^[^\[\]\s]+\]"
_MARKS = (
    r"!?\[[^\[\]]*\]\([^()\s]+(?:\s+\"[^\"]*\")?\)",
    r"(?<![\w\])])\[[^\[\]^][^\[\]]*\]\[[^\[\]^]*\]",
    rf"(?<!{_LETTER})(?<![*\\/])(?P<star>\*+){_BEGIN}[^*]*(?<![\s\\])(?P=star)(?!{_LETTER}|\*)",
    rf"(?<![\w\\/])(?P<line>_+){_BEGIN}(?:[^_]|(?<=\w)_(?=[^\W_]))*(?<![\s\\])(?P=line)(?!\w)",
    r"<(?:https?://|mailto:)[^<>\s]+>|\{:? ?[.#][A-Za-z][^{}]*\}$",
)
_STANDS = r"\{\{ *[A-Z_]+ *\}\}|&(?:#\w+|[lg]t|[A-Za-z][a-z]{2,7}\d?);|(?<![:¯\\])\\[*_`\[\]#]"
_BLOCK = r"^(?:#{1,6}|[>*+-])(?= )"  # in one line of Markdown
_CODE = r"(?<![\w`\\])(?P<tick>`+)(?=[^\s`])[^`]*(?<!\s)(?P=tick)(?![\w`])"
_FIXES = {
    "note": "delete it, and cite the source in the text",
    "stands": "write what it stands for",
}
_ANY = re.compile(
    rf"(?=[!\[*_`<#>+{{&\\-])(?:(?P<note>{_NOTE})|(?P<stands>{_STANDS})|(?P<marks>{'|'.join(_MARKS)})"
    rf"|(?P<code>{_CODE})|(?P<block>{_BLOCK})"
    r"|(?P<label>(?<!\\)\[[^\[\]]+\]))"  # which may be defined in the text
)
# In what an image shows, in the title of a link or an image, in the meaning of an abbreviation.
_HIDDEN = re.compile(
    r"(?:!\[[^\[\]\n]*|\](?:\(|: )[^()\s]+\s+(?P<quote>[\"'])(?:(?!(?P=quote)\s*(?:\)|$)).){0,300}?"
    rf"|^\*\[[^\[\]\n]+\]:.*?)(?P<note>{_NOTE})",
    re.MULTILINE,
)


def marks(source: Source, shown: Mapping[str, str], is_meant: bool = False) -> Findings:
    """Yield marks that a field shows with their characters, or those that may be meant to be shown.
    `shown` are the words, code left aside, of the fields that are one line of Markdown."""
    for entry in source.entries:
        words = shown.get(entry.key, entry.value if entry.key in TEXTS else "")
        is_what = "one line of Markdown" if entry.key in shown else "plain text"
        for match in _ANY.finditer(entry.value) if words else ():
            mark, kind = match[0].strip(), match.lastgroup
            is_sure = kind not in ("stands", "code") or entry.key in shown
            defined = rf"(?im)^ {{,3}}{re.escape(mark)}:"
            is_mark = (
                mark in words
                and (kind != "block" or entry.key in shown)
                and (kind != "label" or re.search(defined, source.text))
            )
            if is_mark and is_sure != is_meant:
                what = f'{entry.written} is {is_what}: "{mark}" is shown with its characters'
                yield entry.place(match.start()), what, _FIXES.get(kind, "delete the marks")


def hidden(text: Text) -> Findings:
    """Yield footnotes in words that are no part of the page, so that no mark leads to them."""
    if len(text.scan.notes[1]) > sum(name.startswith("fnref") for name in text.page.ids):
        for match in text.scan.all(_HIDDEN):
            what = f'the footnote "{match["note"]}" is in words that cannot have one'
            yield match.start("note"), what, "move it into a sentence of the text"
