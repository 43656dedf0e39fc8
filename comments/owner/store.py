"""The replies in the comment server's database, for people to read and change."""

import html
import sqlite3
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from comments import locks
from comments.rows import DELETED, PENDING, PUBLISHED, SITE, database, remove

from . import CommandError

STATES = {PUBLISHED: "published", PENDING: "waiting", DELETED: "deleted"}


@dataclass(frozen=True)
class StoredReply:
    """A reply of the database, or for it, its name and addresses as the visitor wrote them."""

    number: int
    page: str
    title: str
    parent: int | None
    created: float
    state: str
    author: str
    email: str
    website: str
    network: str
    text: str

    def time(self, form: str) -> str:
        """Return when it was sent, in UTC."""
        return datetime.fromtimestamp(self.created, UTC).strftime(form)


def find(path: Path, number: int | None = None) -> list[StoredReply]:
    """Return all replies, or the one of a number, the oldest first."""
    with database(path) as db:
        rows = db.execute(
            "SELECT c.id AS number, t.uri AS page, t.title, c.parent, c.created, c.mode AS state,"
            " c.author, c.email, c.website, c.remote_addr AS network, c.text"
            " FROM comments c JOIN threads t ON t.id = c.tid"
            " WHERE c.id = coalesce(?, c.id) ORDER BY c.created",
            (number,),
        )
        found = [dict(row) for row in rows]
    for row in found:
        row["state"] = STATES.get(row["state"], f"state {row['state']}")
        for key in ("title", "author", "email", "website", "network"):
            row[key] = html.unescape(row[key] or "")
    return [StoredReply(**row) for row in found]


def get(path: Path, number: int) -> StoredReply:
    """Return one reply. Raises CommandError if there is none of this number."""
    for reply in find(path, number):
        return reply
    raise CommandError(f"there is no reply {number} — `pending` and `list` show the numbers")


def approve(path: Path, number: int) -> None:
    """Publish a reply if it waits for approval."""
    with database(path) as db:
        query = "UPDATE comments SET mode = ? WHERE id = ? AND mode = ?"
        db.execute(query, (PUBLISHED, number, PENDING))


def delete(path: Path, numbers: list[int]) -> None:
    """Delete replies for good."""
    with database(path) as db:
        for number in numbers:
            remove(db, number)


def answer(path: Path, number: int, name: str, text: str) -> int:
    """Publish an answer by the site to reply `number`; return the answer's own number."""
    asked = get(path, number)
    own = {"author": name, "email": "", "website": "", "network": SITE, "state": "published"}
    reply = replace(asked, parent=asked.parent or number, created=time.time(), text=text, **own)
    with locks.write_lock(path), database(path) as db:
        return insert(db, reply)


def insert(db: sqlite3.Connection, reply: StoredReply) -> int:
    """Add a reply as Isso would, names and addresses escaped as it does; return its own number. The
    caller holds `locks.write_lock`."""
    is_waiting = reply.state == "waiting"
    row = vars(reply) | {
        "mode": PENDING if is_waiting else PUBLISHED,
        "modified": time.time() if is_waiting else None,
        "author": html.escape(reply.author, quote=False),
        "email": html.escape(reply.email, quote=False) or None,
        "website": html.escape(reply.website, quote=True) or None,
    }
    db.execute("INSERT OR IGNORE INTO threads (uri, title) VALUES (:page, :title)", row)
    return db.execute(
        "INSERT INTO comments (tid, parent, created, modified, mode, remote_addr, text, author,"
        " email, website, voters, notification) SELECT id, :parent, :created, :modified, :mode,"
        " :network, :text, :author, :email, :website, zeroblob(256), 0"
        " FROM threads WHERE uri = :page",
        row,
    ).lastrowid
