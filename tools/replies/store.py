"""The replies in the comment server's database, for people to read and change."""

import html
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from comments import locks
from comments.rows import DELETED, NOWHERE, PENDING, PUBLISHED, SITE, database, remove

STATES = {PUBLISHED: "published", PENDING: "waiting", DELETED: "deleted"}


@dataclass(frozen=True)
class Stored:
    """A reply as it is stored, its name and addresses as the visitor wrote them."""

    number: int
    page: str
    parent: int | None
    created: float
    state: str
    author: str
    email: str
    website: str
    network: str
    text: str

    @property
    def when(self) -> str:
        """When it was sent, in words."""
        return datetime.fromtimestamp(self.created, UTC).strftime("%Y-%m-%d %H:%M UTC")


_SELECT = (
    "SELECT c.id, t.uri, c.parent, c.created, c.mode, c.author, c.email, c.website, c.remote_addr,"
    " c.text FROM comments c JOIN threads t ON t.id = c.tid "
)


def find(path: Path, where: str = "", values: tuple = ()) -> list[Stored]:
    """The replies that an SQL condition (and order) picks."""
    with database(path) as db:
        return [_stored(row) for row in db.execute(_SELECT + where, values)]


def waiting(path: Path) -> list[Stored]:
    """The replies that wait for approval, the oldest first."""
    return find(path, "WHERE c.mode = ? ORDER BY c.created", (PENDING,))


def latest(path: Path, page: str | None, most: int) -> list[Stored]:
    """The newest replies, of one page if it is given."""
    if page:
        where, values = "WHERE t.uri = ? ORDER BY c.created DESC LIMIT ?", (page, most)
    else:
        where, values = "ORDER BY c.created DESC LIMIT ?", (most,)
    return find(path, where, values)


def get(path: Path, number: int) -> Stored:
    """One reply. Raises LookupError."""
    found = find(path, "WHERE c.id = ?", (number,))
    if not found:
        raise LookupError(f"there is no reply {number} — `pending` and `list` show the numbers")
    return found[0]


def approve(path: Path, number: int) -> Stored:
    """Publish a waiting reply. Raises LookupError."""
    with database(path) as db:
        db.execute(
            "UPDATE comments SET mode = ? WHERE id = ? AND mode = ?", (PUBLISHED, number, PENDING)
        )
    return get(path, number)


def delete(path: Path, number: int) -> None:
    """Delete a reply for good."""
    with database(path) as db:
        remove(db, number)


def answer(path: Path, number: int, name: str, text: str) -> int:
    """Publish an answer by the site to reply `number`; returns the answer's own number."""
    asked = get(path, number)
    with locks.turn(path), database(path) as db:
        return insert(
            db, asked.page, "", author=name, text=text, parent=asked.parent or number, network=SITE
        )


def insert(
    db: sqlite3.Connection,
    page: str,
    title: str,
    *,
    author: str,
    text: str,
    email: str = "",
    website: str = "",
    parent: int | None = None,
    created: float | None = None,
    mode: int = PUBLISHED,
    network: str = NOWHERE,
) -> int:
    """Add a reply as Isso would, names and addresses escaped as it does; returns its number.

    The caller holds `locks.turn`.
    """
    db.execute("INSERT OR IGNORE INTO threads (uri, title) VALUES (?, ?)", (page, title or page))
    added = db.execute(
        "INSERT INTO comments (tid, parent, created, modified, mode, remote_addr, text, author,"
        " email, website, voters, notification)"
        " SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(256), 0 FROM threads WHERE uri = ?",
        (
            parent,
            created or time.time(),
            time.time() if mode == PENDING else None,
            mode,
            network,
            text,
            html.escape(author, quote=False),
            html.escape(email, quote=False) or None,
            html.escape(website, quote=True) or None,
            page,
        ),
    )
    return added.lastrowid


def _stored(row) -> Stored:
    number, page, parent, created, mode, author, email, website, network, text = row
    return Stored(
        number,
        page,
        parent,
        created,
        STATES.get(mode, f"state {mode}"),
        html.unescape(author or ""),
        html.unescape(email or ""),
        html.unescape(website or ""),
        network or "",
        text,
    )
