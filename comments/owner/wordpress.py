"""Importing replies from a WordPress export (WXR), checked as new ones are.

Isso's own import stores names and websites as they are, script and all; this one does not.
"""

import calendar
import html
import re
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from markdownify import MarkdownConverter

from comments import fields, locks
from comments.contract import LIMITS
from comments.rows import PENDING, PUBLISHED, database

from . import CommandError, store

_WXR = re.compile(r"\{http://wordpress\.org/export/1\.\d/\}")


@dataclass(frozen=True)
class ImportedReply:
    """A reply out of an export; `reply.parent` is a number of the export."""

    number: int
    reply: fields.Reply
    created: float
    approved: bool


class _TreeBuilder(ElementTree.TreeBuilder):
    """Refuses a document type: only that could read other files or swell."""

    def doctype(self, *_):
        raise ElementTree.ParseError("it has a document type, which no WordPress export has")


def read(path: Path, keep_paths: bool = False) -> tuple[list[ImportedReply], dict[str, list[str]]]:
    """Return the replies in a WordPress export, and the numbers of those left out by reason.

    A reply goes to the page `/<post name>/`, as this site names its pages; with `keep_paths`, to
    the path of the old address. Raises CommandError.
    """
    try:
        root = ElementTree.parse(path, ElementTree.XMLParser(target=_TreeBuilder())).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise CommandError(f"{path} is not an XML file ({error}) — export it again") from None
    if not any(_WXR.match(element.tag) for element in root.iter()):
        raise CommandError(f"{path} is not a WordPress export — use Tools, Export in WordPress")
    replies, left_out = [], defaultdict(list)
    for item in root.iterfind("channel/item"):
        for comment in item.iterfind("{*}comment"):
            found = _read_comment(item, comment, keep_paths)
            if isinstance(found, str):
                left_out[found].append(_text(comment, "comment_id"))
            else:
                replies.append(found)
    return replies, left_out


def _text(element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _read_comment(item, comment, keep_paths: bool) -> ImportedReply | str:
    """Return the reply in a `comment` element, or the reason to leave it out."""
    if _text(comment, "comment_type") not in ("", "comment"):
        return "is a pingback, not a reply"
    approved = _text(comment, "comment_approved")
    if approved not in ("0", "1"):
        return "is spam or in the bin"
    link, name = _text(item, "link"), _text(item, "post_name")
    given = {
        "uri": urlsplit(link).path if keep_paths else f"/{name}/",
        "title": html.unescape(_text(item, "title"))[: LIMITS["title"].max],
        "author": html.unescape(_text(comment, "comment_author"))[: LIMITS["author"].max],
        "text": to_markdown(_text(comment, "comment_content")),
        "email": _text(comment, "comment_author_email"),
        "website": _text(comment, "comment_author_url"),
    }
    for key, check in (("email", fields.email), ("website", fields.website)):
        try:
            check(given)
        except fields.Refused:
            given[key] = ""
    try:
        given["parent"] = int(_text(comment, "comment_parent") or 0) or None
        # An old reply may do without an e-mail address.
        reply = fields.reply(given | {"email": given["email"] or "nobody@example.org"})
        when = time.strptime(_text(comment, "comment_date_gmt"), "%Y-%m-%d %H:%M:%S")
        number = int(_text(comment, "comment_id"))
    except fields.Refused as error:
        return f"cannot be taken: {error.message}"
    except ValueError:
        return "has no date or number"
    reply = replace(reply, email=given["email"])
    return ImportedReply(number, reply, float(calendar.timegm(when)), approved == "1")


def add(path: Path, imported: list[ImportedReply]) -> int:
    """Add replies to the database but for those that are there already; return how many it took."""
    numbers: dict[int, int] = {}
    by_number = {one.number: one for one in imported}
    in_order = sorted(
        ((_thread_start(one, by_number), one) for one in imported),
        key=lambda pair: (bool(pair[0]), pair[1].created, pair[1].number),
    )
    with locks.turn(path), database(path) as db:
        known = {(old.page, old.created, old.text): old.number for old in store.find(path)}
        count = len(known)
        for start, one in in_order:
            key = (one.reply.uri, one.created, one.reply.text)
            if key not in known:
                reply = replace(one.reply, parent=numbers.get(start))
                mode = PUBLISHED if one.approved else PENDING
                known[key] = store.insert(db, reply, one.created, mode)
            numbers[one.number] = known[key]
    return len(known) - count


def _thread_start(one: ImportedReply, by_number: dict[int, ImportedReply]) -> int | None:
    """Return the number of the reply that an answer belongs below: Isso has one level of them."""
    seen, start = {one.number}, None
    while one.reply.parent in by_number and one.reply.parent not in seen:
        start = one.reply.parent
        seen.add(start)
        one = by_number[start]
    return start


def to_markdown(text: str) -> str:
    """Return a WordPress reply's HTML as harmless Markdown, as Isso renders it."""
    # WordPress ends a paragraph at an empty line.
    text = re.sub(r"(?is)(<pre\b.*?</pre>)|\n\s*\n", lambda found: found[1] or "<p>", text)
    converter = _Converter(bs4_options="html5lib", strip=["img", "video"])
    return converter.convert(f"<p>{text}").strip()


class _Converter(MarkdownConverter):
    def escape(self, text, parent_tags):
        text = re.sub(r"([\\`*_\[\]~^<])", r"\\\1", text)
        start = r"^([ \t]*\d*)(#+|-+|=+|[>+.)])(?=\s|$)"
        return re.sub(start, r"\1\\\2", text, flags=re.MULTILINE)

    def convert_a(self, el, text, parent_tags):
        href = el.get("href", "").replace("(", "%28").replace(")", "%29")
        is_link = text.strip() and re.fullmatch(r"https?://\S+", href, re.IGNORECASE)
        return f"[{text}]({href})" if is_link else text

    def convert_hN(self, n, el, text, parent_tags):
        return f"\n\n{self.convert_b(el, text, parent_tags)}\n\n"
