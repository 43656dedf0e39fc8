"""Bringing replies along from a WordPress export (WXR), through the same judgement as new ones.

Isso's own import stores names and websites as they stand, script and all; this one does not.
"""

import calendar
import html
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import nh3
from lxml import etree
from lxml import html as markup

from comments import fields, locks
from comments.contract import LIMITS
from comments.fields import Refused
from comments.rows import PENDING, PUBLISHED, database

from . import store

_WXR = re.compile(r"http://wordpress\.org/export/1\.\d/")
_TAGS = {"a", "b", "blockquote", "br", "code", "em", "i", "li", "ol", "p", "pre", "strong", "ul"}
_AROUND = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}


class Unreadable(Exception):
    """The file is no WordPress export."""


@dataclass(frozen=True)
class Old:
    """A reply out of the export."""

    number: int
    parent: int
    page: str
    title: str
    author: str
    email: str
    website: str
    created: float
    approved: bool
    text: str


@dataclass(frozen=True)
class Export:
    """What an export holds: replies to import, and why others are left out."""

    replies: list[Old]
    left_out: dict[str, int]


def read(path: Path, keep_paths: bool = False) -> Export:
    """Read a WordPress export.

    A reply goes to the page `/<post name>/`, as this site names its pages; with `keep_paths`, to
    the path of the old address. Raises Unreadable.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False)
    try:
        tree = etree.parse(str(path), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise Unreadable(f"{path} is no XML file ({error}) — export it again") from None
    if tree.docinfo.doctype:
        raise Unreadable(f"{path} holds a document type, which no WordPress export does")
    space = next((uri for uri in tree.getroot().nsmap.values() if _WXR.fullmatch(uri or "")), None)
    if space is None:
        raise Unreadable(f"{path} is no WordPress export — use Tools, Export in WordPress")
    replies, left_out = [], {}
    for item in tree.iterfind("channel/item"):
        for entry in item.iterfind(f"{{{space}}}comment"):
            found = _old(item, entry, f"{{{space}}}", keep_paths)
            if isinstance(found, str):
                left_out[found] = left_out.get(found, 0) + 1
            else:
                replies.append(found)
    return Export(replies, left_out)


def add(path: Path, replies: list[Old]) -> tuple[int, int]:
    """Add replies to the database; returns how many were new and how many were there already."""
    numbers: dict[int, int] = {}
    there = 0
    with locks.turn(path), database(path) as db:
        for old in _parents_first(replies):
            same = db.execute(
                "SELECT c.id FROM comments c JOIN threads t ON t.id = c.tid"
                " WHERE t.uri = ? AND c.created = ? AND c.text = ?",
                (old.page, old.created, old.text),
            ).fetchone()
            there += bool(same)
            numbers[old.number] = (
                same[0]
                if same
                else store.insert(
                    db,
                    old.page,
                    old.title,
                    author=old.author,
                    text=old.text,
                    email=old.email,
                    website=old.website,
                    parent=numbers.get(old.parent),
                    created=old.created,
                    mode=PUBLISHED if old.approved else PENDING,
                )
            )
    return len(numbers) - there, there


def to_markdown(text: str) -> str:
    """A WordPress reply's HTML as the Markdown that Isso renders, everything harmful taken out."""
    clean = nh3.clean(text, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"})
    root = markup.fragment_fromstring(clean, create_parent="div")
    return re.sub(r"\n{3,}", "\n\n", _inside(root)).strip()


def _inside(element) -> str:
    parts = [_plain(element.text)]
    for child in element:
        parts += [_around(child), _plain(child.tail)]
    return "".join(parts)


def _around(element) -> str:
    inner, tag = _inside(element), element.tag
    if tag == "br":
        return "\n"
    if tag in _AROUND:
        return f"{_AROUND[tag]}{inner.strip()}{_AROUND[tag]}" if inner.strip() else ""
    if tag == "a":
        address = element.get("href", "").replace("(", "%28").replace(")", "%29")
        return f"[{inner}]({address})" if address and inner.strip() else inner
    if tag == "li":
        return f"\n- {inner.strip()}"
    if tag == "blockquote":
        return "\n\n" + "\n".join("> " + line for line in inner.strip().splitlines()) + "\n\n"
    return f"\n\n{inner.strip()}\n\n"


def _plain(text: str | None) -> str:
    """Text whose characters Markdown shall not read as marks."""
    text = re.sub(r"([\\`*_\[\]~^])", r"\\\1", text or "")
    return re.sub(r"^([ \t]*\d*)([#>+.)-])(?=\s)", r"\1\\\2", text, flags=re.MULTILINE)


def _old(item, entry, space: str, keep_paths: bool) -> Old | str:
    """The reply in a `comment` element, or the reason to leave it out."""

    def said(key: str, within=entry) -> str:
        return (within.findtext(space + key) or "").strip()

    if said("comment_type") not in ("", "comment"):
        return "is a pingback, not a reply"
    if said("comment_approved") not in ("0", "1"):
        return "is spam or in the bin"
    name = said("post_name", item)
    path = urlsplit((item.findtext("link") or "").strip()).path if keep_paths else f"/{name}/"
    given = {
        "uri": path,
        "title": html.unescape(item.findtext("title") or "")[: LIMITS["title"].max],
        "author": html.unescape(said("comment_author"))[: LIMITS["author"].max],
        "text": to_markdown(said("comment_content")),
        "email": said("comment_author_email"),
        "website": said("comment_author_url"),
    }
    try:
        given["email"] = fields.email(given)
    except Refused:
        given["email"] = ""
    try:
        given["website"] = fields.website(given) or ""
    except Refused:
        given["website"] = ""
    try:
        reply = fields.reply(given | {"email": given["email"] or "nobody@example.org"})
        when = time.strptime(said("comment_date_gmt"), "%Y-%m-%d %H:%M:%S")
        number, parent = int(said("comment_id")), int(said("comment_parent") or 0)
    except Refused as wrong:
        return f"cannot be taken: {wrong.message}"
    except ValueError:
        return "has no date or number"
    return Old(
        number,
        parent,
        reply.uri,
        reply.title,
        reply.author,
        given["email"],
        given["website"],
        float(calendar.timegm(when)),
        said("comment_approved") == "1",
        reply.text,
    )


def _parents_first(replies: list[Old]) -> list[Old]:
    """Replies in the order of their dates, answers of answers flattened to one level as in Isso."""
    by_number = {old.number: old for old in replies}

    def top(old: Old) -> int:
        seen = {old.number}
        while old.parent in by_number and old.parent not in seen:
            old = by_number[old.parent]
            seen.add(old.number)
        return old.number

    flat = [replace(old, parent=0 if top(old) == old.number else top(old)) for old in replies]
    return sorted(flat, key=lambda old: (bool(old.parent), old.created, old.number))
