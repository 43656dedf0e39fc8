"""The words of an article or page: links, headings, footnotes, code, admonitions, tokens and FAQ.

A rule is a function in RULES, which yields the offset, what is wrong there and how to fix it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from lxml.html import defs

from plugins.facts import ParsedText
from plugins.faq import QUESTION_MARKS, is_name, sections, words_of
from plugins.ids import HEADINGS, slugify
from plugins.markup import KINDS
from plugins.rules import private
from plugins.rules.commonmark import Reading, read
from plugins.rules.conflicts import conflicts
from plugins.rules.fields import NEW_BODY, NEW_COMMENT
from plugins.rules.nearest import suggest
from plugins.rules.scan import DEFINITION, Scan
from plugins.rules.source import Findings, Source
from plugins.rules.tables import narrow_rows, tables
from plugins.tokens import TOKEN

# What is shown as it is written, and was meant as a link or an attribute; how to write it.
_ADDRESS = r"(?:https?:|mailto:|\.{0,2}/|#\w|\{)"
_UNREAD = [
    (re.compile(rf"\[[^\[\]\n]+\][ \t]+\({_ADDRESS}[^()\s]*\)"), "write ]( without a space"),
    (re.compile(rf"\([^()\n]+\)\[{_ADDRESS}[^\[\]\s]*\]"), "write [words](address)"),
    (re.compile(r"<?\{(?:filename|static|attach)\}[^\s<>]*>?"), "write [words]({0})"),
    (
        re.compile(r"\{:? ?(?:[#.][A-Za-z]|(?:width|height|class|id|target)=)[^{}\n]*\}"),
        "write it directly behind *words*, a link or an image, or delete it",
    ),
]
_BARE = re.compile(
    r"(?<!\]: )(?<![\w/.@\"'=(<\[（])(?:https?://|www\.(?=[\w-]+\.))[^\s<>\"()]*[\w/]"
    r"|\b[\w.+-]+@[\w-]+\.[\w.-]*\w"
)
_ADMONITION = re.compile(r"^[ \t]*(?P<marks>!!!)(?P<rest>.*)$", re.MULTILINE)
_ADMONITION_LINE = re.compile(r" ?(?P<kind>[\w-]+)(?: +[\w-]+)*(?: +\"(?P<title>.*?)\")? *$")
_LIKE_AN_FAQ = re.compile(
    r"\bfaqs?\b|frequently asked|\b(common|frequent|popular|usual|your) questions\b(?! to)"
    r"|\bquestions?( and |\W{1,3})answers?\b|\bq ?(&|and|\+|/) ?as?\b"
)
_WINDOWS = re.compile(
    r"(?<![\w\\])(?:\\\\(?P<unc>\w)(?=[\w.-]*\\)|(?P<drive>[A-Za-z]):\\\S*(?<=\\)[_.#+!({~-])[^\s`]*"
)
_LABEL = re.compile(r"\[([^\[\]]+)\](?!:)")
_ID = r"(?:\{[^{}\n]*#|\b(?:id|name)\s*=\s*[\"']?)"
_SPACED_ID = re.compile(r"(?:\{:? *#|id=[\"'])([\w-]+(?: +[\w-]+)+) *[\"'}]")
# Raw HTML that does not work, as it is written; what is wrong with it, and how to fix it.
_USELESS = [
    (re.compile(f"<{tag}|(?<![\\w-]){attribute}\\s*=", re.IGNORECASE), what, fix)
    for tag, attribute, what, fix in (
        (r"(iframe|embed|object)\b", "(?!)", "is not shown", "link to it: [The video](https://…)"),
        (r"(script)\b", "(on[a-z]{3,})", "does not run", "delete it, or use theme/static/js"),
        (r"(style|link)\b", "(style)", "has no effect", "delete it, or use theme/css/site.css"),
        (r"(base)\b", "(http-equiv|ping)", "has no effect", "delete it"),
        (r"(form)\b[^>]*\saction=\W*([a-z]+:|//)", "(formaction)", "sends nothing", "link to it"),
    )
]
# Where a page has raw HTML that may not work, and that no metadata field may have.
_SPECIAL = (
    ".//@style | .//@ping | .//@http-equiv | .//@formaction | .//@*[starts-with(name(), 'on')] |"
    " .//*[self::script or self::style or self::iframe or self::object or self::embed or self::form"
    " or self::video or self::audio or self::link or self::base or self::textarea or self::svg]"
)
_RAW = re.compile(
    r"(?<!\]\()(?<!\]: )<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)"
    r"(?P<rest>(?:\s(?:\"[^\"<]*\"|'[^'<]*'|[^<>\"'])*)?/?)>"
)
# Elements without an end, or whose end may be left out.
_NEVER_CLOSED = re.compile(
    "area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|tr|td|th|thead|tbody"
    "|tfoot|colgroup|rt|rp|option|optgroup"
)
# Lines of a draft, but its headings and its care card, which an author may well keep.
_DRAFT = [line for line in NEW_BODY.split("\n") if line and line[0] not in "#! "] + [NEW_COMMENT]
_DRAFT = re.compile(rf"^[ \t]*(?:{'|'.join(map(re.escape, _DRAFT))})[ \t]*$", re.MULTILINE)
_REST_IS_BLANK = re.compile(r"[ \t]*$", re.MULTILINE)
_MUTE = re.compile(r"<(video|audio)\b(?![^>]*\scontrols\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """What a rule about words may ask: the source and the page, whether it is public, the tokens
    that are replaced, the ids that the theme has on each page, and the language."""

    source: Source
    page: ParsedText
    is_public: bool
    tokens: Mapping[str, str]
    theme_ids: Set[str] = frozenset()
    lang: str = ""

    @cached_property
    def reading(self) -> Reading:
        """How a CommonMark parser reads it."""
        return read(self.source, self.tokens, self.lang)

    @property
    def scan(self) -> Scan:
        """Finds places in the source."""
        return self.source.scan


def images(text: Text) -> Findings:
    """Yield images that say nothing to people who do not see them."""
    for image in text.page.undescribed:
        what = f"the image {shorten(image.address)} has no alternative text"
        at = text.scan.link_at(image.address, image.nth)
        if definition := DEFINITION.match(text.scan.masked, at):
            at = max(text.scan.masked.find(f"![][{definition[1]}]"), 0) or at
        yield at, what, "describe what it shows between the square brackets: ![…](…)"


def shorten(address: str) -> str:
    """Return an address in quotes, as messages show it."""
    return f'"{address}"' if len(address) <= 60 else f'"{address[:57]}…"'


def unlinked(text: Text) -> Findings:
    """Yield what was meant as a link but stayed text."""
    scan, loose = text.scan, text.page.loose
    for at, label in scan.undefined() if "][" in loose else ():
        yield at, f'the link label "[{label}]" is not defined', f'add a line "[{label}]: https://…"'
    if re.search(r"\]\((?!\s)", loose):
        for match in re.finditer(r"\]\((?!\s)", scan.masked):
            opening, end = scan.brackets.get(match.start()), scan.masked.find("\n\n", match.end())
            closing = scan.masked.find(")", match.end(), end if end >= 0 else None)
            if opening is not None and closing < 0:
                yield opening, "this link is not closed", "write ) after the address"


def lost(text: Text) -> Findings:
    """Yield words that are read as the address of a label, and labels that are defined twice."""
    written = text.source.text  # in which labels have their code
    used = {written[slice(*match.span(1))].lower() for match in text.scan.all(_LABEL)}
    targets: dict[str, str] = {}
    for match in text.scan.all(DEFINITION):
        at, name = match.start(1) - 1, written[slice(*match.span(1))]
        if targets.setdefault(name.lower(), match[2]) != match[2]:
            yield at, f'the label "[{name}]" is defined twice', "delete one of the two"
        elif name.lower() not in used and not (
            re.search(r"[/#@:{]|\.\w", match[2]) or f"[{name}]:" in text.page.loose
        ):
            what = f'"[{name}]: {match[2]}" gives a label its address, and is not shown'
            yield at, what, f"write \\[{name}]: {match[2]}"


def unread(text: Text) -> Findings:
    """Yield links and attributes that are shown as they are written."""
    for pattern, fix in _UNREAD:
        shown = {match[0] for match in pattern.finditer(text.page.loose)}
        for match in text.scan.all(pattern) if shown else ():
            if match[0] in shown:
                what = f'"{match[0]}" is shown as it is written'
                yield match.start(), what, fix.format(match[0].strip("<>"))


def bare(text: Text) -> Findings:
    """Yield addresses in the words that are not links."""
    if any(mark in text.page.loose for mark in ("://", "www.", "@")):
        skipped = "ancestor::a or ancestor::code or ancestor::pre"
        shown = {*_BARE.findall(" ".join(text.page.tree.xpath(f".//text()[not({skipped})]")))}
        for match in text.scan.all(_BARE):
            if match[0] in shown:
                address = f"https://{match[0]}" if match[0].startswith("www.") else match[0]
                yield match.start(), f"{shorten(match[0])} is not a link", f"write <{address}>"


def headings(text: Text) -> Findings:
    """Yield a second h1, skipped levels and headings without words."""
    above, seen = 1, Counter()
    for level, words in text.page.headings:
        at = text.scan.title_at(words, seen[words])
        seen[words] += 1
        if not words:
            yield at, "a heading is empty", "write its words, or delete the #"
        elif level == 1:
            fix = r"write ## for a heading, or \# for the character itself"
            fix = f'write "## {words}"' if text.scan.masked.startswith("# ", at) else fix
            yield at, f'"{words}" is a second level-1 heading: the title is the first', fix
        elif level > above + 1:
            what = f'"{words}" is a level-{level} heading below a level-{above} heading'
            yield at, what, f'write "{"#" * (above + 1)} {words}"'
        above = max(level, 2)


def ids(text: Text) -> Findings:
    """Yield ids that are used twice, or by the theme, or have a space."""
    for name, count in text.page.ids.items():
        is_theirs = name in text.theme_ids
        if is_theirs or (count > 1 and not name.startswith("fn")):
            pattern = rf"{_ID}{re.escape(name)}(?=[\s\"'}}>])"
            places = [match.start() for match in re.finditer(pattern, text.scan.masked)]
            if not places or (len(places) == 1 and not is_theirs):
                places.append(text.scan.title_at(name, count))
            what = f'the theme has an id "{name}" too' if is_theirs else f'duplicate id "{name}"'
            yield max(places), what, "give each heading its own {#id}"
    for match in text.scan.all(_SPACED_ID):
        fix = f"write {'-'.join(match[1].split())}"
        if text.source.text.startswith(match[1], match.start(1)):  # and not an escaped character
            yield match.start(), f'"{match[1]}" is an id with a space', fix


def footnotes(text: Text) -> Findings:
    """Yield footnotes that are undefined, unused or defined twice."""
    definitions, uses = text.scan.notes
    used = {key for _, key in uses}
    known: dict[str, None] = {}
    for at, key in definitions:
        if key in known:
            yield at, f'footnote "[^{key}]" is defined twice', "delete one of the two"
        elif key not in used and f"fn:{key}" in text.page.ids:
            yield at, f'footnote "[^{key}]" is never used', f"cite it as [^{key}], or delete it"
        known[key] = None
    for at, key in uses:
        if key not in known and f"[^{key}]" in text.page.loose:
            fix = suggest(key, known, f'add a line "[^{key}]: …" under Sources', 0.7, "[^{}]")
            yield at, f'footnote "[^{key}]" is not defined', fix


def empty_footnotes(source: Source) -> Findings:
    """Yield footnotes without words. With one of these the text may not even be converted."""
    for at, key in source.scan.notes[0]:
        is_bare = _REST_IS_BLANK.match(source.text, at + len(f"[^{key}]:"))
        if is_bare and not _has_text(source.text, at):
            yield at, f'footnote "[^{key}]" is empty', "write what the source is"


def left_over(text: Text) -> Findings:
    """Yield the sentences of `make new` that would be published as if the author had said them."""
    for match in _DRAFT.finditer(text.source.text) if text.is_public else ():
        yield match.start(), "this is a placeholder of the draft", "write your own, or delete it"


def admonitions(text: Text) -> Findings:
    """Yield admonitions (!!!) of an unknown kind, without a title or without text."""
    for found in text.scan.all(_ADMONITION):
        at, line = found.start("marks"), text.source.text[found.start("rest") : found.end()]
        match = _ADMONITION_LINE.match(line)
        if not match:
            fix = 'write !!! kind "Title", such as !!! term "Disc"'
            yield at, f'"!!!{line}" is not read as an admonition', fix
        elif match["kind"] not in KINDS:
            fix = suggest(match["kind"].lower(), sorted(KINDS))
            yield at, f'"{match["kind"]}" is not a kind of admonition', fix
        elif not match["title"]:
            fix = f'write !!! {match["kind"]} "Title"'
            yield at, f'the admonition "!!!{line}" has no title', fix
        elif not _has_text(text.source.text, at):
            what = f'the admonition "{match["title"]}" has no text'
            yield at, what, "indent its text by four spaces"


def _has_text(text: str, at: int) -> bool:
    """Return whether something below is indented by four spaces more than what is there."""
    indent = len(text[text.rfind("\n", 0, at) + 1 : at].expandtabs(4))
    below = re.compile(r"[^\n]*(?:\n[ \t]*(?=\n))*\n(?P<indent>[ \t]*)\S").match(text, at)
    return bool(below) and len(below["indent"].expandtabs(4)) >= indent + 4


def useless(text: Text) -> Findings:
    """Yield raw HTML that plugins/security.py forbids, and players that cannot be started."""
    if not text.page.tree.xpath(_SPECIAL):
        return
    for pattern, what, fix in _USELESS:
        for match in text.scan.all(pattern):
            name = match[1] or match[match.lastindex]
            if text.page.tree.xpath(f".//{name.lower()} | .//@{name.lower()}"):
                why = "a page of this site loads and runs its own files only"
                yield match.start(), f'"{name}" {what}: {why}', fix
    for match in text.scan.all(_MUTE):
        yield match.start(), f"<{match[1]}> has no controls", f"write <{match[1]} controls …>"


def unclosed(text: Text) -> Findings:
    """Yield raw HTML that swallows what follows, or ends what the page has begun."""
    yield from _unbalanced(text.scan.all(_RAW), text.page)


def _unbalanced(tags: Iterable[re.Match], page: ParsedText) -> Findings:
    begun: dict[str, list[re.Match]] = defaultdict(list)
    for tag in tags:
        name = tag["name"].lower()
        if _NEVER_CLOSED.fullmatch(name) or re.search(r"(?:^|[\s\"'])/$", tag["rest"]):
            continue
        if not tag["end"]:
            begun[name].append(tag)
        elif begun[name]:
            begun[name].pop()
        else:
            yield tag.start(), f'"{tag[0]}" closes nothing', "delete it"
    names = {part.tag for part in page.tree.iter()} if any(begun.values()) else set()
    for tag in [tag for name in begun if name in names for tag in begun[name]]:
        what, fix = "is read as HTML, and not shown", f"write it as code: `{tag[0]}`"
        if tag["name"].lower() in defs.tags or "-" in tag["name"]:  # and no words to be read
            what, fix = "is never closed", f"write </{tag['name']}> where it ends, or {fix}"
        yield tag.start(), f'"{tag[0]}" {what}', fix


def field(source: Source, key: str, page: ParsedText) -> Findings:
    """Yield raw HTML in a metadata field that only a text may have, or that does not end."""
    entry = source.first(key)
    if "<" in entry.value and page.tree.xpath(f".//@id | {_SPECIAL}"):
        yield (
            entry.value_at,
            f"{entry.written} has HTML that works in a text only",
            "write it in Markdown",
        )
    elif "<" in entry.value:
        value = re.sub(r"`[^`]*`|\\.", lambda code: " " * len(code[0]), entry.value)
        for at, what, fix in _unbalanced(_RAW.finditer(value), page):
            yield entry.place(at), what, fix


def tokens(text: Text) -> Findings:
    """Yield {{ TOKENS }} that are not known."""
    for match in text.scan.all(re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")):
        is_meant = match[1].isupper() or match[1].upper() in text.tokens
        if is_meant and (match[1] not in text.tokens or not TOKEN.fullmatch(match[0])):
            other = "" if text.tokens else "delete it"
            fix = suggest(match[1].upper(), sorted(text.tokens), other, form="{{{{ {} }}}}")
            yield match.start(), f'"{match[0]}" is not a known token', fix


def faq(text: Text) -> Findings:
    """Yield a second FAQ section, one without questions, and questions that are doubled or open."""
    for number, (title, questions) in enumerate(sections(text.page.tree), 1):
        if number > 1:
            at = text.scan.title_at(title, number - 1)
            yield at, f'"{title}" is a second FAQ section', "put all questions into one section"
        if not questions:
            fix = "write each question as a ### heading or as a numbered item"
            yield text.scan.title_at(title, 0), f'the FAQ section "{title}" has no questions', fix
        seen: Counter[str] = Counter()
        for question in questions:
            words, same = question.text, question.text.casefold()
            at = text.scan.title_at(words or title, seen[same] if words else 0)
            seen[same] += 1
            if not words:
                yield at, "a question is empty", "write it"
            elif seen[same] > 1:
                yield at, f'the question "{words}" is asked twice', "delete one of the two"
            if not question.answer_text:
                what = f'the question "{words}" has no answer'
                yield at, what, "write the answer below the question"


def lookalikes(text: Text) -> Findings:
    """Yield what looks like an FAQ and is none, where an article has none."""
    parts = text.page.tree.xpath(".//*[self::h2 or self::h3 or self::h4 or self::p]")
    asked = below = 0  # questions and headings in the section, whose end comes first
    for part in reversed(parts if not sections(text.page.tree) else ()):
        words = part.text_content() if part.tag == "p" else words_of(part)
        if part.tag == "h2":
            written = f"{words} {dict(part.attrib)}".lower()  # also {faq} and {.FAQ}
            if asked > max(1, below / 2) or _LIKE_AN_FAQ.search(written):
                fix = f'write "## FAQs", or add {{.faq}}: "## {words} {{.faq}}"'
                yield text.scan.title_at(words, 0), f'"{words}" is not read as an FAQ', fix
            asked = below = 0
        elif len(words) < 100 and is_name(words):
            what = "a paragraph" if part.tag == "p" else f"a level-{part.tag[1]} heading"
            fix = f'write "## {words}", and each question as a ### heading below it'
            yield text.scan.title_at(words, 0), f'"{words}" is {what} and opens no FAQ', fix
        elif part.tag == "h3":
            below, asked = below + 1, asked + words.endswith(QUESTION_MARKS)


def repeated(text: Text) -> Findings:
    """Yield headings whose address depends on the order of others with the same words."""
    seen: Counter[str] = Counter()
    has_numbered = any(re.search(r"_\d+\Z", name) for name in text.page.ids)
    for heading in text.page.tree.iter(*HEADINGS) if has_numbered else ():
        words, name = words_of(heading, "level"), heading.get("id", "")
        at, seen[words] = text.scan.title_at(words, seen[words]), seen[words] + 1
        if seen[words] > 1 and re.fullmatch(rf"{re.escape(slugify(words))}_\d+", name):
            what = f'several headings are called "{words}": the address "#{name}" may change'
            fix = f'give it one of its own: "{"#" * int(heading.tag[1])} {words} {{#another-id}}"'
            yield at, what, fix


def backslashes(text: Text) -> Findings:
    """Yield paths of Windows that lose a backslash, because it is before a symbol."""
    where, start = text.source.text, text.source.body_at
    for match in _WINDOWS.finditer(where, start) if "\\" in where else ():
        if not text.scan.masked[match.start(match.lastgroup)].isspace():  # nor in code
            fix = f"write it as code: `{match[0]}`"
            yield match.start(), f'"{match[0]}" is shown without a backslash', fix


def unfit(text: Text) -> Findings:
    """Yield keys, addresses of the author's own machine and conflict marks, in code too, and code
    and comments that never end."""
    yield from text.scan.broken
    yield from conflicts(text.source)
    yield from private.secrets(text.source.text)
    yield from private.loopback(text.source.text)


# What may have another reason where something else is wrong.
GUESSES = (unlinked, unread, footnotes)
ADVICE = (lookalikes, repeated, backslashes, bare, narrow_rows)
RULES = (
    *(images, unlinked, headings, ids, footnotes, left_over, admonitions, useless, tokens),
    *(unclosed, faq, unfit, unread, tables, lost),
)
