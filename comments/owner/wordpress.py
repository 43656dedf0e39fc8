"""Importing replies from a WordPress export (WXR), checked as new ones are: Isso's own import
stores names and websites as they are, script and all.
"""

import calendar
import html
import re
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from markdownify import MarkdownConverter

from comments import fields, locks
from comments.rows import NOWHERE, database
from contract import LIMITS, is_email, is_web_address

from . import CommandError, store
from .store import StoredReply

_WXR = re.compile(r"\{http://wordpress\.org/export/1\.\d/\}")


class _TreeBuilder(ElementTree.TreeBuilder):
    """Refuses a document type: only that could read other files or swell."""

    def doctype(self, *_):
        raise ElementTree.ParseError("it has a document type, which no WordPress export has")


def read(path: Path, keep_paths: bool = False) -> tuple[list[StoredReply], dict[str, list[str]]]:
    """Return the replies in a WordPress export, and the numbers of those left out by reason. They
    go to `/<post name>/`; with `keep_paths`, to the old address's path. Raises CommandError."""
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


def _read_comment(item, comment, keep_paths: bool) -> StoredReply | str:
    """Return the reply in a `comment` element, or the reason to leave it out."""
    if _text(comment, "comment_type") not in ("", "comment"):
        return "is a pingback, not a reply"
    approved = _text(comment, "comment_approved")
    if approved not in ("0", "1"):
        return "is spam or in the bin"
    link, name = _text(item, "link"), _text(item, "post_name")
    email, website = _text(comment, "comment_author_email"), _text(comment, "comment_author_url")
    given = {
        "uri": urlsplit(link).path if keep_paths else f"/{name}/",
        "title": html.unescape(_text(item, "title"))[: LIMITS["title"].max],
        "author": html.unescape(_text(comment, "comment_author"))[: LIMITS["author"].max],
        "text": to_markdown(_text(comment, "comment_content")),
        # An old reply may do without an e-mail address.
        "email": email if is_email(email) else "nobody@example.org",
        "website": website if is_web_address(website) else None,
    }
    try:
        number = int(_text(comment, "comment_id"))
        given["parent"] = int(_text(comment, "comment_parent") or 0) or None
        when = time.strptime(_text(comment, "comment_date_gmt"), "%Y-%m-%d %H:%M:%S")
        reply = fields.reply(given)
    except fields.RejectedError as error:
        return f"cannot be taken: {error.message}"
    except ValueError:
        return "has no date or number"
    state = "published" if approved == "1" else "waiting"
    return StoredReply(
        *(number, reply.uri, reply.title, reply.parent, float(calendar.timegm(when)), state),
        *(reply.author, email if is_email(email) else "", reply.website or "", NOWHERE, reply.text),
    )


def add(path: Path, replies: list[StoredReply]) -> int:
    """Add those replies to the database that are not there yet; return how many they are."""
    starts: dict[int, int] = {}  # the number that an answer's parent gets: Isso has one level
    with locks.write_lock(path), database(path) as db:
        known = {(old.page, old.created, old.text): old.number for old in store.find(path)}
        count = len(known)
        for reply in sorted(replies, key=lambda reply: (reply.created, reply.number)):
            key = (reply.page, reply.created, reply.text)
            start = starts.get(reply.parent)
            if key not in known:
                known[key] = store.insert(db, replace(reply, parent=start))
            starts[reply.number] = start or known[key]
    return len(known) - count


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
