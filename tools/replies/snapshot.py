"""The approved replies as a file for the build: fetched, every field judged, cleaned.

`replies.json` is {"as_of": time, "threads": {"/page/": [reply, …]}}, a reply being {"id", "parent",
"author", "website", "created", "text", "by_site"}: `parent` a reply's number or null, `website` an
address or null, `created` an ISO time, `text` harmless HTML; a deleted reply that has answers says
"deleted": true and has neither author nor text. No e-mail address, no hash.
"""

import html
import json
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from comments import fields
from comments.contract import LIMITS, PAGE_SIZE, is_encrypted
from plugins.replies import clean

from . import safekeeping

MOST = 1000
TIMEOUT, BIGGEST = 10, 4 * 1024 * 1024
PRIVATE = {"email", "remote_addr", "voters"}


class Down(Exception):
    """The comment server does not answer."""


class Malformed(Exception):
    """The comment server's answer is not what it should be."""


def fetch(ask: Callable[[dict], object], threads: list[str]) -> dict:
    """The snapshot of `threads`. `ask` sends a query and returns the answer's data.

    Raises Down or Malformed.
    """
    found = {thread: _thread(ask, thread) for thread in sorted(set(threads))}
    return {
        "as_of": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "threads": {thread: replies for thread, replies in found.items() if replies},
    }


def write(snapshot: dict, path: Path) -> None:
    """Put the snapshot in the place of the old one, at once or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(snapshot, file, ensure_ascii=False, indent=1)
            file.write("\n")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def over_http(endpoint: str) -> Callable[[dict], object]:
    """How to ask a running server. Raises ValueError for an address that is not safe to ask."""
    if not is_encrypted(endpoint):
        raise ValueError(f"{endpoint!r} is not an https address")
    opener = urllib.request.build_opener(_NoRedirect)

    def ask(query: dict) -> object:
        address = f"{endpoint.rstrip('/')}/?{urlencode(query)}"
        try:
            with opener.open(address, timeout=TIMEOUT) as answer:
                body = answer.read(BIGGEST + 1)
        except urllib.error.HTTPError as error:
            kind = Down if error.code >= 500 or error.code == 429 else Malformed
            raise kind(f"it answers with status {error.code}") from None
        except (OSError, ValueError) as error:
            raise Down(str(getattr(error, "reason", error))) from None
        if len(body) > BIGGEST:
            raise Malformed("the answer is too long")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Malformed("the answer is not JSON") from None

    return ask


@contextmanager
def from_database(database: Path) -> Iterator[Callable[[dict], object]]:
    """How to ask a database file: a copy of it, through the server's own rendering."""
    from comments import local  # needs Isso, which a fetch over HTTP does not
    from comments.engine import Engine

    with tempfile.TemporaryDirectory() as folder:
        safekeeping.copy(database, Path(folder) / local.DATABASE)
        engine = Engine(local.configure(["http://localhost"], Path(folder)))
        try:
            yield lambda query: engine.thread({"sort": "oldest", **query})
        finally:
            engine.close()


def _thread(ask, thread: str) -> list[dict]:
    replies: list[dict] = []
    offset = 0
    while True:
        data = ask({"uri": thread, "limit": PAGE_SIZE, "offset": offset, "nested_limit": PAGE_SIZE})
        top = _list(data)
        for item in top:
            replies.append(_reply(item, None))
            nested = _list(item)
            while nested:
                replies += [_reply(answer, item["id"]) for answer in nested]
                done = sum(reply["parent"] == item["id"] for reply in replies)
                if done >= item.get("total_replies", 0) or len(replies) > MOST:
                    break
                more = {"uri": thread, "parent": item["id"], "limit": PAGE_SIZE, "offset": done}
                nested = _list(ask(more))
        offset += len(top)
        if len(top) < PAGE_SIZE or len(replies) > MOST:
            break
    numbers = [reply["id"] for reply in replies]
    if len(set(numbers)) != len(numbers):
        raise Malformed("a reply stands there twice")
    return replies


def _list(data: object) -> list:
    if not isinstance(data, dict) or not isinstance(data.get("replies"), list):
        raise Malformed("there is no list of replies")
    return data["replies"]


def _reply(item: object, parent: int | None) -> dict:
    """One reply, rebuilt from what is sound in it. Raises Malformed."""
    if not isinstance(item, dict):
        raise Malformed("a reply is no object")
    if PRIVATE & item.keys():
        raise Malformed("it gives e-mail addresses or networks away")
    number, mode, created = item.get("id"), item.get("mode"), item.get("created")
    if type(number) is not int or number < 1 or item.get("parent") != parent:
        raise Malformed("a reply's number is wrong")
    if mode not in (1, 4):
        raise Malformed("a reply is not approved")
    if type(created) not in (int, float) or not 0 < created < 2**32:
        raise Malformed("a reply's date is wrong")
    if mode == 4:
        known = {"author": None, "website": None, "text": "", "deleted": True}
    else:
        known = _words(item)
    return {
        "id": number,
        "parent": parent,
        "created": datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "by_site": item.get("hash") == "site",
        **known,
    }


def _words(item: dict) -> dict:
    author, website, text = item.get("author"), item.get("website"), item.get("text")
    if not isinstance(author, str | None) or not isinstance(website, str | None):
        raise Malformed("a reply's name or website is no text")
    if not isinstance(text, str) or len(text) > 20 * LIMITS["text"].max:
        raise Malformed("a reply has no text")
    try:
        author = fields.name({"author": html.unescape(author or "Anonymous")})
    except fields.Refused as wrong:
        raise Malformed(f"a reply's name cannot be shown: {wrong}") from None
    try:
        website = fields.website({"website": html.unescape(website or "")})
    except fields.Refused:
        website = None
    return {"author": author, "website": website, "text": str(clean(text)).strip()}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
