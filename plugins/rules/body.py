"""The text of an article: headings, footnotes, fences, boxes, tokens and the FAQ."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator

from plugins import faq as faq_section
from plugins.documents import Document
from plugins.markup import CARE_LEVELS, KINDS
from plugins.problems import Problem
from plugins.rules.fields import NEW_BODY, NEW_COMMENT
from plugins.rules.scan import Location
from plugins.schedule import is_public
from plugins.tokens import TOKEN

_BOX = re.compile(r"(?P<gap> ?)(?P<kind>[\w-]+(?: +[\w-]+)*)(?: +\"(?P<title>.*?)\")? *$")


def headings(document: Document) -> Iterator[Problem]:
    """Yield a second h1, skipped levels, headings without words, and ids used twice."""
    above = 1
    used: set[int] = set()
    for level, words in document.page.headings:
        place = _heading_place(document, level, words, used)
        if not words:
            yield document.problem(place.at, "a heading without words", "write it, or delete the #")
        elif level == 1:
            yield document.problem(
                place.at,
                "a second heading of the first level: the title is the first",
                f"write ## {words}"
                if document.scan.masked[place.at :].startswith("# ")
                else r"write ## for a heading, or \# for the sign itself",
            )
        elif level > above + 1:
            yield document.problem(
                place.at,
                f"a heading of level {level} below one of level {above}",
                f"write {'#' * (above + 1)} {words}",
            )
        above = max(level, 2)
    for name, count in document.page.ids.items():
        if count > 1 and not name.startswith("fn"):
            yield document.problem(
                _second_id(document, name), f"the id {name} stands here twice", "give each its own"
            )


def _second_id(document: Document, name: str) -> int:
    """Return where an id stands that an author wrote, the last time, or its heading."""
    pattern = re.compile(rf"(?:\{{[^{{}}\n]*#|\b(?:id|name)=[\"']?){re.escape(name)}(?=[\s\"'}}>])")
    written = [match.start() for match in pattern.finditer(document.scan.masked)]
    heads = [place.at for place in document.scan.headings if _bare(place.text) == _bare(name)]
    return max([*written, *heads], default=document.scan.start)


def _heading_place(document: Document, level: int, words: str, used: set[int]) -> Location:
    wanted = _bare(words)
    places = [place for place in document.scan.headings if place.at not in used]
    for place in places:
        text = _bare(re.sub(r"\{[^{}]*\}\s*$|\]\([^()]*\)|<[^<>]*>|\[\^[^\]]*\]", "", place.text))
        numberless = re.sub(r"^\d+", "", text)
        if place.level == level and wanted in (text, numberless):
            used.add(place.at)
            return place
    for box in document.scan.boxes:
        if wanted and wanted in _bare(box.text):
            return box
    for place in places:
        if place.level == level and not wanted:
            used.add(place.at)
            return place
    return Location(document.scan.find(words), "")


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def footnotes(document: Document) -> Iterator[Problem]:
    """Yield footnotes that are undefined, unused, empty or defined twice."""
    definitions, uses = document.scan.notes
    known, used = (Counter(place.text for place in definitions), {place.text for place in uses})
    seen: set[str] = set()
    for place in definitions:
        if place.text in seen:
            yield document.problem(
                place.at, f"the source [^{place.text}] is defined twice", "keep one of the two"
            )
        elif place.text not in used and f"fn:{place.text}" in document.page.ids:
            yield document.problem(
                place.at,
                f"the source [^{place.text}] is cited nowhere",
                f"cite it as [^{place.text}], or delete it",
            )
        seen.add(place.text)
    for place in uses:
        if place.text not in known and f"[^{place.text}]" in document.page.loose:
            near = difflib.get_close_matches(place.text, list(known), 1, 0.7)
            fix = (
                f"did you mean [^{near[0]}]?"
                if near
                else f'add a line "[^{place.text}]: …" under Sources'
            )
            yield document.problem(place.at, f"the source [^{place.text}] is defined nowhere", fix)


def empty_notes(document: Document) -> Iterator[Problem]:
    """Yield footnotes without words. With one of these the text cannot even be converted."""
    text = document.source.text
    for place in document.scan.notes[0]:
        after = text[place.at + len(place.text) + 4 :][:2000]
        line, _, below = after.partition("\n")
        following = next((row for row in below.split("\n") if row.strip()), "")
        if not line.strip() and not following.expandtabs(4).startswith("    "):
            yield document.problem(
                place.at, f"the source [^{place.text}] is empty", "say what the source is"
            )


def left_over(document: Document) -> Iterator[Problem]:
    """Yield the sentences of `make new` that would be published as if the author had said them."""
    if not is_public(document.stated_status):
        return
    # Neither its headings nor its care card, which an author may well keep.
    kept = ("#", "!", " ")
    sentences = {line for line in NEW_BODY.split("\n") if line and not line.startswith(kept)}
    at = document.source.body_at
    for line in document.source.text[at:].split("\n"):
        if line.strip() in sentences | {NEW_COMMENT}:
            yield document.problem(
                at, "this is a line that make new wrote", "write your own, or delete it"
            )
        at += len(line) + 1


def fences(document: Document) -> Iterator[Problem]:
    """Yield code and comments that never end."""
    scan = document.scan
    for place in scan.unclosed:
        yield document.problem(
            place.at,
            f"code that begins with {place.text} has no end",
            f"add a line {place.text} below the code",
        )
    for place in scan.unread:
        yield document.problem(
            place.at,
            f"this code block is not read: {place.text} is more than a language",
            "leave one word after the signs, such as ```python",
        )
    for place in scan.unended:
        yield document.problem(place.at, "a comment without an end", "write --> where it ends")


def boxes(document: Document) -> Iterator[Problem]:
    """Yield !!! boxes of an unknown kind, without a title or without text."""
    text = document.source.text
    for box in document.scan.boxes:
        match = _BOX.match(box.text)
        if not match:
            yield document.problem(
                box.at, "this box is not read", 'write !!! kind "Title", such as !!! term "Disc"'
            )
            continue
        kind = match["kind"].split()[0]
        if kind not in KINDS:
            near = difflib.get_close_matches(kind.lower(), KINDS, 1)
            fix = f"did you mean {near[0]}?" if near else f"write one of {', '.join(sorted(KINDS))}"
            yield document.problem(box.at, f"there is no box called {kind}", fix)
        elif not match["title"]:
            name = "care card" if kind in CARE_LEVELS else "box"
            yield document.problem(box.at, f"a {name} without a title", f'write !!! {kind} "Title"')
        elif not _has_text(text, box):
            yield document.problem(
                box.at,
                f"nothing stands in the box {match['title']}",
                "indent its text by four spaces",
            )


def _has_text(text: str, box: Location) -> bool:
    start = text.rfind("\n", 0, box.at) + 1
    indent = len(text[start : box.at].expandtabs(4))
    below = text.find("\n", box.at)
    while 0 <= below < len(text):
        end = text.find("\n", below + 1)
        line = text[below + 1 : end if end >= 0 else len(text)]
        if line.strip():
            line = line.expandtabs(4)
            return len(line) - len(line.lstrip()) >= indent + 4
        below = end
    return False


def blocked(document: Document) -> Iterator[Problem]:
    """Yield raw HTML that a browser will ignore, because the page's policy forbids it."""
    for sign in sorted(document.page.blocked):
        for match in re.finditer(
            rf"(?<![\w-]){re.escape(sign)}", document.scan.masked, re.IGNORECASE
        ):
            yield document.problem(
                match.start(),
                f"{sign.strip('<=')} has no effect: the page's security policy forbids it",
                "take it out; looks belong in theme/css, behaviour in theme/static/js",
            )


def tokens(document: Document, known: set[str]) -> Iterator[Problem]:
    """Yield {{ TOKENS }} that stand for nothing."""
    for match in re.finditer(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}", document.scan.masked):
        if match.start() < document.source.body_at:
            continue
        if match[1] in known and TOKEN.fullmatch(match[0]):
            continue
        near = difflib.get_close_matches(match[1].upper(), known, 1, 0.6)
        fix = (
            f"did you mean {{{{ {near[0]} }}}}?"
            if near
            else f"known are {', '.join(sorted(known))}"
        )
        yield document.problem(match.start(), f"{match[0]} stands for nothing", fix)


def faq(document: Document) -> Iterator[Problem]:
    """Yield what plugins/faq.py finds wrong with the questions and answers."""
    for fault in faq_section.faults(document.page.tree):
        at = _question_place(document, fault.heading, fault.occurrence)
        yield document.problem(at, fault.what, fault.fix)


def _question_place(document: Document, words: str, occurrence: int) -> int:
    wanted, found = _bare(words), []
    at = document.source.body_at
    for line in document.source.text[at:].split("\n"):
        bare = re.sub(r"^\s*(#{1,6}|\d+[.)])?\s*(\d+[.)]\s+)?|\s*#*\s*$", "", line)
        bare = re.sub(r"\{[^{}]*\}\s*$|\]\([^()]*\)|\[\^[^\]]*\]", "", bare)
        if wanted and _bare(bare) == wanted and document.scan.masked[at : at + len(line)].strip():
            found.append(at + len(line) - len(line.lstrip()))
        at += len(line) + 1
    if not found:
        return document.scan.find(words)
    return found[min(occurrence, len(found)) - 1]
