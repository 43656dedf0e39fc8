"""Isso itself: started in this one process, asked by fresh requests, its answers cut to size.

What Isso answers is rebuilt from the few fields that a page needs. Nothing in it tells an e-mail
address or a network apart: `hash` is a word, not a hash.
"""

import html
import json
import logging
import os
import sqlite3
import threading

import isso
from isso.core import ThreadedMixin
from itsdangerous import BadData
from werkzeug.test import EnvironBuilder, run_wsgi_app

from . import contract, locks
from .fields import Refused, Reply
from .rows import NOWHERE, SITE, database, tidy
from .settings import Settings

_NUMBERS = ("id", "created", "modified", "mode", "likes", "dislikes")
_COUNTS = ("total_replies", "hidden_replies")

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
        """Isso clears its queue at the start and then sleeps for the whole time: see tidy()."""


class Engine:
    """One Isso on one database, for one process."""

    def __init__(self, settings: Settings):
        try:
            self._claim = locks.alone(settings.database)
        except BlockingIOError:
            raise RuntimeError(
                f"another process already serves {settings.database} — stop it first; the server "
                "runs as one process with threads, never as several workers"
            ) from None
        self.settings = settings
        self._process = os.getpid()
        settings.isso.set("general", "dbpath", str(settings.database))
        try:
            self._isso = _Isso(settings.isso)
            with database(settings.database) as db:
                for columns in ("tid, parent", "remote_addr, created"):
                    name = "own_" + columns.replace(", ", "_")
                    db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON comments ({columns})")
        except sqlite3.Error as error:
            self._claim.close()
            raise RuntimeError(
                f"{settings.database} cannot be used ({error}) — check its permissions, or put a "
                "backup in its place (see docs/replies.md)"
            ) from None
        self._site = self._isso.hasher.uhash(SITE)
        self._stopped = threading.Event()
        self._house = threading.Thread(target=self._keep_house, daemon=True)

    def keep_house(self) -> None:
        """Tidy now and every hour, until closed."""
        self._house.start()

    def close(self) -> None:
        """Give the database up."""
        self._stopped.set()
        if self._house.is_alive():
            self._house.join(10)
        self._claim.close()

    # What the front door may ask.

    def healthy(self) -> bool:
        """Whether the database can be read."""
        try:
            with database(self.settings.database) as db:
                return db.execute("SELECT count(*) FROM threads").fetchone() is not None
        except sqlite3.Error:
            return False

    def add(self, reply: Reply, network: str, site: str) -> tuple[int, dict]:
        """Hand a reply to Isso, as sent from `network` on a page of `site`."""
        body = {key: value for key, value in vars(reply).items() if key != "uri"}
        with locks.turn(self.settings.database):
            status, answer = self._ask("POST", "/new", {"uri": reply.uri}, body, network, site)
        if status not in (201, 202):
            raise _refusal(status, answer)
        return status, self._comment(json.loads(answer))

    def thread(self, query: dict) -> dict:
        """One page of a thread's approved replies."""
        status, answer = self._ask("GET", "/", query)
        if status != 200:
            raise Refused(400, "malformed", "The question for replies is malformed.")
        found = json.loads(answer)
        return {
            "id": found["id"],
            **{key: found[key] for key in _COUNTS},
            "replies": [self._comment(item) for item in found["replies"]],
            "config": found["config"],
        }

    def config(self) -> dict:
        """What Isso tells its embed about itself."""
        return json.loads(self._ask("GET", "/config")[1])

    def counts(self, paths: list[str]) -> list[int]:
        """How many approved replies each of these pages has."""
        return json.loads(self._ask("POST", "/count", {}, paths)[1])

    def preview(self, text: str) -> str:
        """A reply's text as the HTML that it would become."""
        return self._isso.render(text)

    def pending(self, number: int, key: str) -> dict | None:
        """The reply that a moderation link is about; None if the link is wrong, old or used up."""
        try:
            signed = self._isso.unsign(key, max_age=self.settings.keep_pending)
        except BadData:
            return None
        item = self._isso.db.comments.get(number) if signed == number else None
        if item is None or item["mode"] == 4:
            return None
        item["uri"] = self._isso.db.threads.get(item["tid"])["uri"]
        item["html"] = self._isso.render(item["text"])
        return item

    def moderate(self, number: int, action: str, key: str) -> None:
        """Carry out a moderation link; `pending` has judged its key."""
        self._ask("POST", f"/id/{number}/{action}/{key}")
        self.tidy()

    def tidy(self) -> None:
        """Forget what need not be kept, and throw out replies that nobody approved in time."""
        with self._isso.lock:
            tidy(self.settings.database, self.settings.keep_pending)

    def _keep_house(self) -> None:
        while not self._stopped.wait(3600 if self._tidied() else 60):
            pass

    def _tidied(self) -> bool:
        try:
            self.tidy()
            return True
        except sqlite3.Error:
            log.exception("tidying failed")
            return False

    def _ask(self, method, path, query=None, body=None, network=NOWHERE, site=None):
        if os.getpid() != self._process:
            raise RuntimeError("forked after the start — run one process, with threads")
        site = site or self.settings.sites[0]
        builder = EnvironBuilder(
            path,
            base_url=self.settings.endpoint or "http://localhost",
            method=method,
            query_string=query or {},
            data=None if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Origin": site},
            environ_base={"REMOTE_ADDR": network},
        )
        try:
            chunks, status, _ = run_wsgi_app(self._isso, builder.get_environ())
            return int(status.split()[0]), b"".join(chunks).decode()
        finally:
            isso.local_manager.cleanup()
            builder.close()

    def _comment(self, item: dict) -> dict:
        cut = {key: item.get(key) for key in _NUMBERS}
        # Isso escapes names and addresses as they come in; rows from elsewhere may hold anything.
        name, site = item.get("author"), item.get("website")
        cut["author"] = html.escape(html.unescape(name), quote=False) if name else None
        cut["website"] = site if site and contract.is_web_address(site) else None
        cut["parent"], cut["text"], cut["notification"] = (item.get("parent"), item["text"], 0)
        cut["hash"] = "site" if item.get("hash") == self._site else "visitor"
        for key in _COUNTS:
            if key in item:
                cut[key] = item[key]
        if "replies" in item:
            cut["replies"] = [self._comment(nested) for nested in item["replies"]]
        return cut


def _refusal(status: int, answer: str) -> Refused:
    if "ratelimit" in answer:
        message = "Several replies have just come from your network. Please try again in a minute."
        return Refused(429, "too-many", message)
    if "direct responses" in answer:
        message = "Your network has sent as many replies to this page as it may for now."
        return Refused(429, "too-many-here", message)
    log.error("Isso refused a reply with status %s", status)
    if status >= 500:
        message = "Your reply could not be stored just now. Please try again later."
        return Refused(503, "failed", message)
    return Refused(400, "refused", "Your reply could not be taken. Please check what you wrote.")
