"""The approved replies that stand in a page, read from the snapshot that `make replies` fetches.

The snapshot, `replies.json` unless REPLIES_SNAPSHOT names another, is {"as_of": time, "threads":
{"/page/": [reply, …]}}; comments/owner/snapshot.py says what a reply is. It is judged and cleaned
here once more, because whatever it holds becomes a part of our pages. Without it there are none.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nh3
from markupsafe import Markup
from pelican import signals

from comments import contract
from plugins import ROOT
from plugins.assets import minify
from plugins.cache.digests import describe, digest
from plugins.comments import thread
from plugins.problems import ContentError, Problem

SNAPSHOT = "replies.json"


class Malformed(ValueError):
    """The snapshot is not what it should be; the text says where."""


@dataclass(frozen=True)
class Reply:
    """One reply; `author` is "" when it was deleted and only its answers are left."""

    id: int
    author: str
    website: str
    created: datetime
    text: Markup
    by_site: bool
    answers: list["Reply"] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """The replies of one page: how many there are, and the first of them, oldest first, as they
    stood at the time `as_of`. `origin` is the digest of the replies, if there are any."""

    count: int = 0
    shown: list[Reply] = field(default_factory=list)
    as_of: datetime | None = None
    origin: bytes = b""

    def nodes(self) -> list[dict]:
        """Return the author, date and number of every reply shown, for structured data."""
        flat = [one for reply in self.shown for one in (reply, *reply.answers) if one.author]
        return [
            {"id": one.id, "author": one.author, "created": one.created.isoformat()} for one in flat
        ]


def read(path: Path) -> dict[str, Thread]:
    """Return the threads in a snapshot's file by their ids, none where there is no file. Raises
    ContentError for a malformed one."""
    fix = "run `make replies` again, or delete the file to publish without replies"
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(Problem(path.name, 1, 1, f"cannot be read: {error}", fix)) from error
    try:
        return _snapshot(json.loads(text))
    except json.JSONDecodeError as error:
        problem = Problem(path.name, error.lineno, error.colno, f"is no JSON: {error.msg}", fix)
    except (Malformed, RecursionError) as error:
        problem = Problem(path.name, 1, 1, f"is malformed: {error}", fix)
    raise ContentError(problem)


def clean(text: str) -> Markup:
    """Return a reply's HTML with nothing left in it that could do more than be read."""
    return Markup(
        nh3.clean(
            text,
            tags=contract.ALLOWED_TAGS,
            clean_content_tags={"script", "style", "title", "textarea", "noscript", "template"},
            attributes={"a": {"href"}},
            url_schemes={"http", "https"},
            link_rel="ugc nofollow noopener",
        )
    )


def _snapshot(data) -> dict[str, Thread]:
    data = _object(data, "the whole")
    as_of = _time(data.get("as_of"), '"as_of"')
    threads = _object(data.get("threads"), '"threads"')
    return {name: _thread(each, as_of, f"thread {name!r}") for name, each in threads.items()}


def _thread(replies, as_of: datetime, where: str) -> Thread:
    if not isinstance(replies, list):
        raise Malformed(f"{where} is no list")
    tops: dict[int, Reply] = {}
    seen = set()
    for number, item in enumerate(replies, 1):
        place = f"{where}, reply {number}"
        item = _object(item, place)
        reply, parent = _reply(item, place), item.get("parent")
        if reply.id in seen:
            raise Malformed(f"{place} has the id of another")
        seen.add(reply.id)
        if parent is None:
            tops[reply.id] = reply
        elif type(parent) is int and parent in tops:
            tops[parent].answers.append(reply)
        else:
            raise Malformed(f"{place} answers a reply that is not there")
    count = sum(bool(one.author) for top in tops.values() for one in (top, *top.answers))
    shown = list(tops.values())[: contract.PAGE_SIZE]
    origin = digest(where, describe([count, shown])) if shown else b""
    return Thread(count, shown, as_of if shown else None, origin)


def _reply(item: dict, place: str) -> Reply:
    number = item.get("id")
    if type(number) is not int or number < 1:
        raise Malformed(f"{place} has no id")
    if {"email", "remote_addr"} & item.keys():
        raise Malformed(f"{place} gives away who wrote it")
    deleted = item.get("deleted") is True
    author, website, text = (item.get(key) or "" for key in ("author", "website", "text"))
    if not all(isinstance(value, str) for value in (author, website, text)):
        raise Malformed(f"{place} has a name, a website or a text that is none")
    if not deleted and not author.strip():
        raise Malformed(f"{place} has no name")
    if len(author) > contract.LIMITS["author"].max:
        raise Malformed(f"{place} has a name that is too long")
    if website and not contract.is_web_address(website):
        raise Malformed(f"{place} has a website that is no web address")
    return Reply(
        number,
        "" if deleted else author.strip(),
        "" if deleted else website,
        _time(item.get("created"), place),
        Markup("") if deleted else clean(text),
        item.get("by_site") is True,
    )


def _object(value, where: str) -> dict:
    if not isinstance(value, dict):
        raise Malformed(f"{where} is no object")
    return value


def _time(value, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Malformed(f"{where} has no time such as 2026-11-23T09:30:00Z")
    return moment


def register():
    """Give each article its `replies`, and templates `replies_sheet`, the looks of replies."""
    signals.generator_init.connect(_offer)
    signals.article_generator_init.connect(_read)
    signals.article_generator_finalized.connect(_link)


def _offer(generator):
    sheet = Path(generator.settings["THEME"]) / "static" / "css" / "replies.css"
    generator.env.globals["replies_sheet"] = minify(sheet).decode()


def _read(generator):
    threads = read(ROOT / generator.settings.get("REPLIES_SNAPSHOT", SNAPSHOT))
    generator.context["threads"] = threads
    generator.context["CACHE"].current |= {each.origin for each in threads.values()} - {b""}


def _link(generator):
    threads = generator.context["threads"]
    for document in generator.context["documents"].values():
        if article := document.content:
            article.replies = threads.get(thread(article), Thread())
