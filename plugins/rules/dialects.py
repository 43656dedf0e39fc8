"""Marks that other dialects, templates and word processors read, and our Markdown does not."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice

from lxml.html import defs

from plugins.rules.plain import TEXTS
from plugins.rules.source import Findings, Source
from plugins.rules.text import Text, shorten

_PARTS = {
    "LINE": r"\n[ \t>]*+",  # faster than ^
    "REST": r".*(?:\n(?=.*\S).*)*",  # of a paragraph
    "FIXED": "[\xa0\u2002\u2003\u2009\u202f\u3000]",  # a space that begins no list
    "GAP": "[ \t\xa0\u2002\u2003\u2009\u202f\u3000]",
    "BULLET": "[•·‐∗●▪◦‣∙⁃◆➢➤\uf0a7\uf0b7\uf0d8]",
    "LONG": "[–—―−]",
    "UNSEEN": "[\u200b\ufeff\u2060\ufffc\ufffd]",
    "CURLY": "[“”„«‘’‚]",
    "HTML": "|".join(defs.tags),
    "TEX": r"(?:\\[A-Za-z]{2,}|\w\^[\w{(]|_\{)",
}
# What a text has, one of it, that has the mark; what the mark is; how to fix it. Below, how it is
# written: a group has what the page shows of it, where it is shown.
_ERRORS = r"""
[!, ::, ???, === — is an admonition — indent its text below !!! term, or urgent for a warning
    <LINE>(\[![A-Za-z][\w-]*\]|:{3,}[ \t]*[{.#]*[A-Za-z][\w-]*\}?|\?{3}\+? [\w-]+|===\+? (?="))
~ — is strike-through of GitHub — write <del>…</del>
    (~)(?<![\w~{]~)(?=[A-Za-z])[^~\n]{0,80}?[A-Za-z]~(?![\w~}/])
    (~~)(?<![\w~{]~~)(?![\s~])(?:[^~\n]|\n(?=.*\S)){1,400}~~(?![~}])
== — is highlighting of Obsidian — write <mark>…</mark>
    (==)(?<![A-Za-z0-9_=<]==)(?![\s=>])(?:[^=\n]|\n(?=.*\S)){1,400}(?<![\s<])==(?![A-Za-z0-9_=>])
^, @ — is a footnote of another dialect — write "[^1]", and "[^1]: …" under Sources
    (\^\[)(?<!\[\^\[)[^\s\]^][^\n]{0,600}?\](?!\()
    (\[-?@)[\w:.-]*\d{4}[^\]\n]*\]
[[, [toc, toc} — is a table of contents of another dialect — delete it: the page has one
    \n(?:(\[\[?)(?i:toc|_toc_)\]\]?|[ \t]*\{: ?toc\})$
[[ — is a wiki link — write [words](file.md), and ![…](../images/file.png) for a picture
    (\[\[)(?<!\[\[\[)(?!(?i:_?toc_?)\]|[\d, –-]+\])[^\s\[\]][^\[\]\n]*\]\]
{, [/, =", [youtube, [gallery — is a template tag or shortcode — write what it stands for
    (\{%)(?<!\{\{%)(?!-?\s*end)[^%]{1,400}%\}
    (\{\{)[<%#>!]\s?(?![/\s])[^{}]{1,400}\}\}
    (\[(?<![\w\]!\[]\[)[a-z][\w-]*(?:[ ]+[\w-]+=|=)"[^\]\n]*\])(?![(\[:])
    (\[(?<![\w\]!\[]\[)youtube[ =:](?=\S*[A-Z0-9:/])[^\]\s]+\])(?![(\[:])
    \n(\[(?:gallery|youtube)\])$
    (\[(?<![\w\]!\[]\[)([a-z][\w-]*)(?:[ =][^\]\n"]*)?\])(?=[^\0]{0,999}?\[/\2\])
$, \ — is math in TeX — write it in plain characters and HTML: x<sup>2</sup>, ½, ≤
    (\$\$)(?<![\w$]\$\$)(?!\$)(?:(?=\n)|(?=[^$]*?[\\^_={}+*/]))[^$]{1,800}\$\$(?!\$)
    (\$)(?<![\w$\\]\$)(?:[A-Za-z](?:[^$\n]*[=<>≤≥][^$\n]*)?|(?=[^$\n]*<TEX>)\S[^$\n]*)(?<!\s)\$(?![\w$])
    \n[ \t]*\\\[(?:[ \t]*\n|[ \t]+)(\w[^$`]{0,800}?)\\\][ \t]*$
    \\[(\[](?=[^\n]{0,200}<TEX>|\n[^\n]*<TEX>)\s*(\\?[^\\\n*_`]+)[^$`]{0,800}?\\[)\]]
    (\\(?:begin|text(?:bf|it)|emph|cite|ref|footnote|section))\{[^{}\n]*\}
import, export, {/*, </, /> — is MDX — write in Markdown what it would show, or delete it
    \n(import )(?:[\w*{][^\n"']*? from )?["'][^"'\n]+["'];?$
    \n(export )(?:const|let|function|default function) \w+ ?[=({]
    (\{/)\*[^*]*\*/\}
    <(?=[A-Z][a-z])(?!(?i:<HTML>)\b)[\w.]+(?=[\s/>])[^<>]*(?:/>|>(?=[^<>]{0,500}</[A-Z]))
`, ..  — is reStructuredText — write [words](…), ![…](…) or !!! term "…", or just its words
    (:(?<![\w:`]:)[a-z][\w+.-]*(?::[\w+.-]+)?:)`[^`\n]+`
    (\{(?<![\w*_`)]\{)[a-z][\w:-]*\})`[^`\n]+`
    `(?<![`_]`)[^`\n]+<[^<>`\n]+>`(__?)(?!\w)
    \n[ \t]*(\.\. [a-z][\w:-]*::|\.\. _[^:\n]+:(?=\s))
image:, link:, xref:, [NOTE], [TIP], [WARN — is AsciiDoc — write ![…](…), [words](…) or !!! term "…"
    (?:(?<!\w)(image::?|(?:link|xref):)[^\s\[\]]+\[[^\[\]\n]*\]|\n(\[(?:NOTE|TIP|WARNING)\])$)
==, h2., h3. — is a heading of another dialect — write ## before its words
    \n(={2,6} |h[1-6]\. )(?=[^\s"=]).*
[h, |, {code, {panel, {quote, {-, {+, {>, {~ — is markup of another dialect — write it as Markdown
    (\[)https?:\S+ [^\[\]\n]+\](?!\()
    <https?:[^\s|<>]+(\|)[^<>\n]+>
    (\{(?:code|panel|quote|noformat)(?::[^{}\n]*)?\})
    (\{(?:--|\+\+|>>|~~))(?=\S)[^{}\n]{1,400}(?:--|\+\+|<<|~~)\}
【, :content, citet — was left by a chat program — delete it, and cite a source as [^1]
    (【)\d+†[^】\n]*】
    (:contentReference)\[[^\]\n]*\]
    (cite(?:turn\d+[a-z]+\d+)+)
UNSEEN, â€, Ã — has a character that is lost or cannot be seen — type it again
    \n()[\u200b\ufeff\u2060]+(?=[#>|*+`!\[\d-]).*
    ([\ufffc\ufffd])
    (â€[\x80-\x9f™œ˜“”¦]|Ã[©¨¶¼¤±¡³­])
---, +++ — is the metadata of another file — delete it, down to the next of these lines
    \n---\n(?:(?:title|layout|date|draft|tags|slug|categories|author): .*\n)+---$
    \n\+\+\+\n(?:\w+ = .*\n)+\+\+\+$
%%, <!, { — is a comment or an option of another dialect — write <!-- … -->, or delete it
    (%%)(?<![\w%]%%)(?!%)[^%]{1,800}%%(?![\w%])
    (<!)-?<LONG>
    (\{::)/?[a-z]*[^}\n]*\}
BULLET, LONG, ・ — begins no list item — write "- " in its place, below an empty line
    <LINE>(?!.*·.*·)(<BULLET>)<GAP>*(?!<BULLET>|[\s○])<REST>(?:\n\s*\n[ \t>]*<BULLET><REST>)*
    <LINE>(<LONG>(?=<GAP>)|・)\s*\S.*(?<!  )(?<![.?!…»”"])\n[ \t>]*(?:<LONG>(?=<GAP>)|・)<REST>
FIXED — begins no list item: the space is a special one — write a plain space
    <LINE>(1[.)])<FIXED>+\S(?=[^\0]{0,500}?\n\s*2[.)]<FIXED>)<REST>
    \n[ \t>]*(?:([-*])<FIXED>+[^\s\d]|<FIXED><GAP>*([-*+]|\d+[.)])<GAP>+\S)<REST>
+-, |- — begins no table — write | a | b |, and |---|---| below it
    \n[ \t]*(\+[-=]{2,}[-=+]*\+)$
    \n[ \t]*(\|-+\+[-+]*\|)$
LONG — begins no table: its dashes are long ones — write |---|---|
    <LINE>(?=[|: \t–—―−-]+$)(?=.*<LONG>)(\|?[ \t]*:?[-–—―−]+:?[ \t]*\|[ \t|:–—―−-]*)$
＃, （, ［ — has full-width characters — write plain # [ ] ( )
    \n(＃{1,6})[ \u3000]+\S.*
    [\[［][^\[\]［］\n]+(］\(|[\]］]（)(?:https?:|\.*/|\#|\{)[^）)\n]*[）)]
''', ‘‘, ’’, ““, ””, ""\" — fences no code — write ``` above and below it
    <LINE>(['‘’´“”"]{3})[\w+-]*[ \t]*\n(?:.*\n){1,100}?[ \t>]*['‘’´“”"]{3}[ \t]*$
CURLY — has curly quotes — write straight ones: "…"
    \[[^\[\]\n]*\]\([^()\s"']+[ \t]+<CURLY>[^()\n]*\)
    (?:<[A-Za-z]|\{)[^<>{}]*[\w-]=<CURLY>[^<>{}]*[>}]
"""
_ADVICE = r"""
[ ], [x], [X] — is the box of a task list on GitHub — write ☐ or ☑ for a box
    <LINE>(?:[-*+]|\d+[.)])[ \t]+(\[[ xX]\])[ \t]+\S
-, *, ., ), ①, 、, ．, ✓, ✔ — begins no list item — write "- " or "1. " before it
    <LINE>([-*])[A-Za-z].*\n[ \t>]*\1[A-Za-z]<REST>
    <LINE>(\d+\.)[A-Za-z].*\n[ \t>]*\d+\.[A-Za-z]<REST>
    <LINE>(\(?a[.)]) \S.*\n[ \t>]*\(?b[.)] <REST>
    <LINE>(\(1\)) \S.*\n[ \t>]*\(2\) <REST>
    <LINE>(i[.)]) \S.*\n[ \t>]*ii[.)] <REST>
    <LINE>(①|[1１][、．]).*\n[ \t>]*(?:②|[2２][、．])<REST>
    <LINE>([✓✔]) \S.*\n[ \t>]*[✓✔] <REST>
![ — has the width of Obsidian — write {width=300} behind it
    !\[[^\[\]\n|]*\|\d+(?:x\d+)?\]
++ — is an insertion of another dialect — write <ins>…</ins>
    (\+\+)(?<![A-Za-z0-9_+]\+\+)(?![\s+])[^+\n]{1,400}(?<!\s)\+\+(?![A-Za-z0-9_+])
~, ^ — is a subscript or superscript of Pandoc — write H<sub>2</sub>O, x<sup>2</sup>
    (?<=[A-Za-z0-9)])(~)[\w+-]{1,10}~(?![~/])
    (?<=[A-Za-z0-9)])(\^)[\w+-]{1,10}\^(?![\w^/])
{ — is a tag of a template — write what it stands for
    (\{\{)-?\s*[a-z]\w*(?:\.\w|\s*\|)[^{}\n]*\}\}
: — is an emoji by its name — write the emoji itself, such as 🙂
    (:(?<![\w:/]:)(?<!   :)(?:[a-z](?=[a-z0-9_+-]*[a-z])[a-z0-9_+-]*[a-z0-9]|[+-]1):)(?![\w:/`])
LONG — is no line — write --- with empty lines around it
    \n[ \t]*(?=-*<LONG>)([-–—]{2,})[ \t]*$
"""
# What GitHub and Sphinx do with code between fences, by its language.
_DRAWN = re.compile(
    r"^[ >]*(?:`{3,}|~{3,})[ ]*(?P<info>\{?(?P<lang>math|mermaid|plantuml|(?<=\{)[a-z]\w*)\b)",
    re.MULTILINE,
)
_PLAIN = re.compile(r"[^*_`\[\]<>&\\{}!|#\n]{0,30}")  # which a page shows as it is written
_MOST = 500  # in one way, as each is looked for in the page


def _kinds(table: str) -> Iterator[tuple[list[str], list[re.Pattern], str, str]]:
    for head, *ways in (kind.split("\n") for kind in re.split(r"\n(?=\S)", table.strip())):
        has, what, fix = head.split(" — ")
        hints = [hint for name in has.split(", ") for hint in _PARTS.get(name, "")[1:-1] or [name]]
        whole = [re.sub("<([A-Z]+)>", lambda part: _PARTS[part[1]], way[4:]) for way in ways]
        yield hints, [re.compile(way, re.MULTILINE) for way in whole], what, fix


def fields(source: Source, shown: Mapping[str, str], is_meant: bool = False) -> Findings:
    """Yield marks in metadata, or those that might be meant. `shown` are the words, code left
    aside, of the fields that are one line of Markdown; others are plain text."""
    for entry in source.entries:
        words = shown.get(entry.key, entry.value if entry.key in TEXTS else "")
        value = f"\n{entry.value}"  # as many marks begin a line
        found = _find(_KINDS[is_meant], value, value, 0, "".join(words.split()))
        for at, what, fix in found if words else ():
            yield entry.place(max(at - 1, 0)), what, fix


def diagrams(text: Text) -> Findings:
    """Yield code that other sites draw or read, and a page here shows as it is."""
    for match in _DRAWN.finditer(text.source.text, text.source.body_at):
        if text.page.tree.xpath(f".//code[@class='language-{match['lang']}']"):
            what = f'"{match["lang"]}" between fences is shown as code'
            yield match.start("info"), what, "put in a picture of it, or write its words"


def _marks(kinds: list, text: Text) -> Findings:
    source, start = text.source, max(text.source.body_at - 1, 0)
    yield from _find(kinds, source.text, text.scan.masked, start, text.page.dense)


def _find(kinds: list, written: str, masked: str, start: int, page: str) -> Findings:
    for hints, patterns, what, fix in kinds:
        for pattern in patterns if any(hint in written for hint in hints) else ():
            where = written if "`" in pattern.pattern else masked  # which has no code
            for match in islice(pattern.finditer(where, start), _MOST):
                at, group = match.end() - len(match[0].lstrip(" \t>\n")), match.lastindex or 0
                first = match.start(group) if group else at
                if masked[first].isspace() or re.search(r"://\S*\Z", masked[max(0, at - 99) : at]):
                    continue
                shown = written[first : _PLAIN.match(written, match.end(group)).end()]
                if not group or "".join(shown.split()) in page:
                    quoted = shorten(written[at : match.end()].partition("\n")[0].strip())
                    yield at, f"{quoted} {what}{', and is shown as it is' if group else ''}", fix


_KINDS = [*_kinds(_ERRORS)], [*_kinds(_ADVICE)]
RULES = (partial(_marks, _KINDS[0]),)
ADVICE = (partial(_marks, _KINDS[1]), diagrams)
