"""Isso itself: started in this one process, asked by fresh requests, its answers rebuilt from the
few fields that a page needs. None tells an e-mail address or a network apart.
"""

import html
import logging
import os
import sqlite3
import threading
from contextlib import ExitStack

import isso
from isso.core import ThreadedMixin
from itsdangerous import BadData
from werkzeug.test import Client, TestResponse

import contract

from . import locks
from .fields import RejectedError, Reply
from .rows import DELETED, NOWHERE, SITE, database, prune
from .settings import Settings

_COPIED = ("id", "created", "modified", "mode", "likes", "dislikes", "parent", "text")
_COUNTS = ("total_replies", "hidden_replies")
# What Isso says when its guard refuses a reply, and our answer to it.
_LIMITS = {
    "ratelimit": (
        "too-many",
        "Several replies have just come from your network. Please try again in a minute.",
    ),
    "direct responses": (
        "too-many-here",
        "Your network has sent as many replies to this page as it may for now.",
    ),
}

log = logging.getLogger("comments")


class _Isso(isso.Isso, ThreadedMixin):
    """What isso.make_app(threading=True) makes, without its middleware and its outgoing request."""

    def __init__(self, conf):
        super().__init__(conf)
        self.markup.sanitizer.elements = contract.ALLOWED_TAGS
        # A reply's headings would be headings of the page.
        renderer = self.markup.parser.md.renderer
        renderer.heading = lambda text, level, **_: renderer.paragraph(text)

    def purge(self, delta) -> None:
        """Do nothing: Isso would do this at the start and then sleep until the next time."""


class Engine:
    """One Isso on one database. Raises RuntimeError if it is broken or in use elsewhere."""

    def __init__(self, settings: Settings):
        self._open = ExitStack()
        try:
            self._open.enter_context(locks.exclusive_lock(settings.database))
        except BlockingIOError:
            fix = "stop it first; the server runs as one process with threads, not several workers"
            what = f"another process already serves {settings.database}"
            raise RuntimeError(f"{what} — {fix}") from None
        self.settings = settings
        self._process = os.getpid()
        try:
            self._isso = _Isso(settings.isso)
            with database(settings.database) as db:
                for columns in ("tid, parent", "remote_addr, created"):
                    name = "own_" + columns.replace(", ", "_")
                    db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON comments ({columns})")
        except sqlite3.Error as error:
            self._open.close()
            fix = "check its permissions, or put a backup in its place (see docs/replies.md)"
            what = f"{settings.database} cannot be used ({error})"
            raise RuntimeError(f"{what} — {fix}") from None
        self._client = Client(isso.local_manager.make_middleware(self._isso), use_cookies=False)
        self.preview = self._isso.render  # a reply's text as the HTML that it would become
        self._site = self._isso.hasher.uhash(SITE)
        self._stopped = threading.Event()
        self._maintenance = threading.Thread(target=self._maintain, daemon=True)
        self._maintenance.start()

    def close(self) -> None:
        """Give the database up."""
        self._stopped.set()
        self._maintenance.join(10)
        self._open.close()

    def ask(self, method, path, query=None, body=None, network=NOWHERE, site=None) -> TestResponse:
        """Return Isso's answer to a fresh request."""
        if os.getpid() != self._process:
            raise RuntimeError("forked after the start — run one process, with threads")
        asked = {"method": method, "query_string": query, "json": {} if body is None else body}
        asked["base_url"] = self.settings.endpoint or "http://localhost"
        asked["headers"] = {"Origin": site or self.settings.sites[0]}
        asked["environ_base"] = {"REMOTE_ADDR": network}
        return self._client.open(path, buffered=True, **asked)

    def add(self, reply: Reply, network: str, site: str) -> tuple[int, dict]:
        """Hand Isso a reply, sent from `network` on a page of `site`. Raises RejectedError."""
        body = vars(reply).copy()
        query = {"uri": body.pop("uri")}
        with locks.write_lock(self.settings.database):
            answer = self.ask("POST", "/new", query, body, network, site)
        if answer.status_code in (201, 202):
            return answer.status_code, self._comment(answer.json)
        for words, known in _LIMITS.items():
            if words in answer.text:
                raise RejectedError(429, *known)
        log.error("Isso refused a reply with status %s", answer.status_code)
        if answer.status_code >= 500:
            message = "Your reply could not be stored just now. Please try again later."
            raise RejectedError(503, "failed", message)
        message = "Your reply could not be taken. Please check what you wrote."
        raise RejectedError(400, "refused", message)

    def thread(self, query: dict) -> dict:
        """Return one portion of a thread's approved replies. Raises RejectedError."""
        answer = self.ask("GET", "/", query)
        if answer.status_code != 200:
            raise RejectedError(400, "malformed", "The question for replies is malformed.")
        found = answer.json
        replies = [self._comment(item) for item in found["replies"]]
        return {key: found[key] for key in ("id", *_COUNTS, "config")} | {"replies": replies}

    def pending(self, number: str, key: str) -> dict | None:
        """Return the reply that a moderation link is about; None if the link is wrong or old."""
        try:
            signed = self._isso.unsign(key, max_age=self.settings.keep_pending)
        except BadData:
            return None
        item = self._isso.db.comments.get(signed) if str(signed) == number else None
        if item is None or item["mode"] == DELETED:
            return None
        item["uri"] = self._isso.db.threads.get(item["tid"])["uri"]
        item["author"] = html.unescape(item["author"] or "Someone")
        item["html"] = self._isso.render(item["text"])
        return item

    def moderate(self, number: int, action: str, key: str) -> None:
        """Carry out a moderation link; `pending` has judged its key."""
        self.ask("POST", f"/id/{number}/{action}/{key}")
        self.run_maintenance()

    def run_maintenance(self) -> None:
        """Forget what need not be kept, and delete replies that were not approved in time."""
        with self._isso.lock:
            prune(self.settings.database, self.settings.keep_pending)

    def _maintain(self) -> None:
        """Run maintenance now and every hour, until closed."""
        pause = 0
        while not self._stopped.wait(pause):
            try:
                self.run_maintenance()
                pause = 3600
            except sqlite3.Error:
                log.exception("maintenance failed")
                pause = 60

    def _comment(self, item: dict) -> dict:
        cut = {key: item.get(key) for key in _COPIED} | {"notification": 0}
        # Isso escapes names and addresses as they come in; rows from elsewhere may hold anything.
        name, website = html.unescape(item.get("author") or ""), item.get("website") or ""
        cut["author"] = html.escape(name, quote=False) or None
        cut["website"] = website if contract.is_web_address(website) else None
        cut["hash"] = "site" if item.get("hash") == self._site else "visitor"
        cut |= {key: item[key] for key in _COUNTS if key in item}
        if "replies" in item:
            cut["replies"] = [self._comment(nested) for nested in item["replies"]]
        return cut
