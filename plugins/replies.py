"""The approved replies that are rendered into a page, read from what `make replies` fetches.

The snapshot, `replies.json` unless REPLIES_SNAPSHOT names another, is {"as_of": time, "threads":
{"/page/": [reply, …]}}; comments/owner/snapshot.py says what a reply is. It is judged and cleaned
here once more, because whatever it holds becomes a part of our pages.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nh3
from markupsafe import Markup
from pelican import signals

import contract
from plugins import ROOT
from plugins.cache.digests import describe, digest
from plugins.comments import thread
from plugins.problems import ContentError, Problem, as_started

SNAPSHOT = "replies.json"


@dataclass(frozen=True)
class ApprovedReply:
    """One reply; `author` is "" when it was deleted and only its answers are left."""

    id: int
    author: str
    website: str
    created: datetime
    text: Markup
    by_site: bool
    answers: list["ApprovedReply"] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """The replies of one page at the time `as_of`: how many there are, and the first of them,
    oldest first. `origin` is the digest of the replies, if there are any."""

    count: int = 0
    shown: list[ApprovedReply] = field(default_factory=list)
    as_of: datetime | None = None
    origin: bytes = b""

    def undeleted(self) -> list[ApprovedReply]:
        """Return every reply shown but those that were deleted."""
        every = (reply for top in self.shown for reply in (top, *top.answers))
        return [reply for reply in every if reply.author]


def read(path: Path) -> dict[str, Thread]:
    """Return the threads in a snapshot's file by their ids, none where there is no file. Raises
    ContentError for a malformed one."""
    line = column = 1
    try:
        data = json.loads(path.read_text("utf-8"))
        _require(isinstance(data, dict), "the whole", "is not an object")
        as_of, threads = _time(data.get("as_of"), '"as_of"'), data.get("threads")
        _require(isinstance(threads, dict), '"threads"', "is not an object")
        return {name: _thread(each, as_of, f"thread {name!r}") for name, each in threads.items()}
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        line, column, what = error.lineno, error.colno, f"is not JSON: {error.msg}"
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {error}"
    except (ValueError, RecursionError) as error:
        what = f"is malformed: {error}"
    again = as_started("make replies", "python -m tools.replies")
    fix = f"type {again}, or delete the file to publish without replies"
    raise ContentError(Problem(path.name, line, column, what, fix))


def clean(text: str) -> Markup:
    """Return a reply's HTML with nothing left in it that could do more than be read."""
    dropped = {"script", "style", "title", "textarea", "noscript", "template"}
    links = {"attributes": {"a": {"href"}}, "url_schemes": {"http", "https"}}
    links["link_rel"] = "ugc nofollow noopener"
    return Markup(nh3.clean(text, tags=contract.ALLOWED_TAGS, clean_content_tags=dropped, **links))


def _thread(items, as_of: datetime, where: str) -> Thread:
    _require(isinstance(items, list), where, "is not a list")
    tops, seen = {}, set()
    for number, item in enumerate(items, 1):
        place = f"{where}, reply {number}"
        _require(isinstance(item, dict), place, "is not an object")
        reply, parent = _reply(item, place), item.get("parent")
        _require(reply.id not in seen, place, "has the id of another")
        seen.add(reply.id)
        if parent is None:
            tops[reply.id] = reply
        else:
            is_known = type(parent) is int and parent in tops
            _require(is_known, place, "answers a reply that is not there")
            tops[parent].answers.append(reply)
    if not tops:
        return Thread()
    replies = list(tops.values())
    count, shown = len(Thread(shown=replies).undeleted()), replies[: contract.PAGE_SIZE]
    return Thread(count, shown, as_of, digest(where, describe([count, shown])))


def _reply(item: dict, place: str) -> ApprovedReply:
    number, by_site = item.get("id"), item.get("by_site") is True
    _require(type(number) is int and number > 0, place, "has no id")
    _require(not {"email", "remote_addr"} & item.keys(), place, "gives away who wrote it")
    texts = [item.get(key) or "" for key in ("author", "website", "text")]
    are_texts = all(isinstance(text, str) for text in texts)
    _require(are_texts, place, "has a name, a website or a text that is not one")
    created = _time(item.get("created"), place)
    if item.get("deleted") is True:
        return ApprovedReply(number, "", "", created, Markup(""), by_site)
    author, website, text = texts[0].strip(), texts[1], clean(texts[2])
    _require(author, place, "has no name")
    _require(len(author) <= contract.LIMITS["author"].max, place, "has a name that is too long")
    is_address = not website or contract.is_web_address(website)
    _require(is_address, place, "has a website that is no web address")
    return ApprovedReply(number, author, website, created, text, by_site)


def _time(value, where: str) -> datetime:
    with suppress(TypeError, ValueError):
        if (moment := datetime.fromisoformat(value)).tzinfo:
            return moment
    raise ValueError(f"{where} has no time such as 2026-11-23T09:30:00Z")


def _require(condition, where: str, what: str):
    if not condition:
        raise ValueError(f"{where} {what}")


def register():
    """Give each article its `replies`."""
    signals.article_generator_init.connect(_read)
    signals.article_generator_finalized.connect(_link)


def _read(generator):
    threads = read(ROOT / generator.settings.get("REPLIES_SNAPSHOT", SNAPSHOT))
    generator.context["threads"] = threads
    generator.context["CACHE"].current |= {each.origin for each in threads.values()} - {b""}


def _link(generator):
    threads = generator.context["threads"]
    for document in generator.context["documents"].values():
        if article := document.content:
            article.replies = threads.get(thread(article), Thread())
