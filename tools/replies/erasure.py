"""Removing a person by e-mail address, and proving that nothing is left.

Beside the database, FILE.erased lists whom to forget: keyed hashes, not addresses. A backup that
is older than an erasure still holds the person; restoring it erases again by this list.
"""

import hashlib
import hmac
import re
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from comments.rows import database, remove

from . import store
from .store import Stored

_OWN = "WHERE lower(c.email) IN (?, ?) ORDER BY c.created"
_MENTION = (
    "WHERE (instr(lower(c.text), ?1) OR instr(lower(c.author), ?1) OR instr(lower(c.website), ?1))"
    " AND lower(coalesce(c.email, '')) NOT IN (?1, ?2) ORDER BY c.created"
)


def written_by(path: Path, email: str) -> list[Stored]:
    """Every reply sent with this address, deleted ones too."""
    return store.find(path, _OWN, _forms(email))


def mentioning(path: Path, email: str) -> list[Stored]:
    """Replies by others that contain the address."""
    whole = _whole(email)
    return [
        reply
        for reply in store.find(path, _MENTION, _forms(email))
        if any(whole.search(part or "") for part in (reply.text, reply.author, reply.website))
    ]


def _whole(email: str) -> re.Pattern:
    """Find the address, but not inside a longer one such as joann@example.org."""
    forms = "|".join(map(re.escape, _forms(email)))
    return re.compile(rf"(?<![\w.+-])(?:{forms})(?![\w-]|\.\w)", re.IGNORECASE)


def erase(path: Path, email: str) -> int:
    """Erase a person everywhere in the database; returns how many places still hold the address.

    Replies of theirs that others answered stay as empty places. The address is cut out of other
    people's replies. Free pages are vacuumed away.
    """
    own, mentions = written_by(path, email), mentioning(path, email)
    address = _whole(email)
    _remember(path, email)
    with database(path) as db:
        for reply in own:
            remove(db, reply.number)
        for reply in mentions:
            for column in ("text", "author", "website"):
                value = db.execute(
                    f"SELECT {column} FROM comments WHERE id = ?", (reply.number,)
                ).fetchone()[0]
                if value:
                    cut = address.sub("[removed]", value)
                    cut = None if column == "website" and cut != value else cut
                    db.execute(
                        f"UPDATE comments SET {column} = ? WHERE id = ?", (cut, reply.number)
                    )
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.execute("VACUUM")
    return traces(path, email)


def traces(path: Path, email: str) -> int:
    """How often the address stands in the bytes of the database and its side files."""
    return sum(
        file.read_bytes().lower().count(form.encode())
        for file in path.parent.glob(path.name + "*")
        if file.suffix in (path.suffix, path.suffix + "-journal", path.suffix + "-wal")
        for form in set(_forms(email))
    )


def erase_again(path: Path) -> int:
    """Erase from a restored database whoever was erased before; returns how many people."""
    listed = _listed(path)
    if not listed:
        return 0
    key, marks = listed[0], set(listed[1:])
    with database(path) as db:
        emails = [row[0] for row in db.execute("SELECT DISTINCT email FROM comments") if row[0]]
    known = [email for email in emails if _mark(key, email) in marks]
    for email in known:
        erase(path, email)
    return len(known)


def was_erased(path: Path, email: str) -> bool:
    """Tell whether a person was erased from this database at any time."""
    listed = _listed(path)
    return bool(listed) and _mark(listed[0], email) in listed[1:]


def _forms(email: str) -> tuple[str, str]:
    """An address as it was typed and as Isso stores it, in small letters."""
    small = email.strip().lower()
    return small, small.replace("&", "&amp;")


def _list_file(path: Path) -> Path:
    return path.with_name(path.name + ".erased")


def _listed(path: Path) -> list[str]:
    file = _list_file(path)
    return file.read_text(encoding="ascii").split() if file.exists() else []


def _remember(path: Path, email: str) -> None:
    listed = _listed(path) or [secrets.token_hex(32)]
    mark = _mark(listed[0], email)
    if mark not in listed:
        file = _list_file(path)
        file.touch(mode=0o600)
        file.write_text("\n".join([*listed, mark]) + "\n", encoding="ascii")


def _mark(key: str, email: str) -> str:
    address = email.strip().lower().replace("&amp;", "&")
    return hmac.new(key.encode(), address.encode(), hashlib.sha256).hexdigest()
