"""Removing a person by e-mail address, and proving that nothing is left. Beside the database,
FILE.erased lists keyed hashes of who was erased: restoring an older backup erases them again.
"""

import hashlib
import hmac
import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from comments.rows import database, remove

from . import store
from .store import StoredReply


def pattern(email: str) -> re.Pattern:
    """Return what finds the address, but not in a longer one such as joann@example.org."""
    forms = "|".join(map(re.escape, _forms(email)))
    return re.compile(rf"(?<![\w.+-])(?:{forms})(?![\w-]|\.\w)", re.IGNORECASE)


def find(path: Path, email: str) -> tuple[list[StoredReply], list[StoredReply]]:
    """Return every reply sent with this address, deleted ones too, and those that mention it."""
    address, (written, _) = pattern(email), _forms(email)
    own, mentions = [], []
    for reply in store.find(path):
        if reply.email.lower() == written:
            own.append(reply)
        elif address.search(f"{reply.text}\n{reply.author}\n{reply.website}"):
            mentions.append(reply)
    return own, mentions


def erase(path: Path, email: str) -> int:
    """Erase a person everywhere in the database; return how many places still hold the address.
    Their replies that others answered stay as empty places; others' lose the address."""
    own, mentions = find(path, email)
    address = pattern(email)
    file, key, hashes = _listed(path)
    file.touch(mode=0o600)
    lines = [key, *sorted(hashes | {_hash(key, email)})]
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
    with database(path) as db:
        for reply in own:
            remove(db, reply.number)
        db.create_function("cut", 1, lambda value: value and address.sub("[removed]", value))
        db.executemany(
            "UPDATE comments SET text = cut(text), author = cut(author),"
            " website = CASE WHEN cut(website) = website THEN website END WHERE id = ?",
            [(reply.number,) for reply in mentions],
        )
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.execute("VACUUM")
    return traces(path, email)


def traces(path: Path, email: str) -> int:
    """Return how often the address is in the bytes of the database and its side files."""
    return sum(
        file.read_bytes().lower().count(form.encode())
        for file in (path, *(path.with_name(path.name + end) for end in ("-journal", "-wal")))
        if file.exists()
        for form in set(_forms(email))
    )


def was_erased(path: Path) -> Callable[[str], bool]:
    """Return what decides whether a person was erased from this database at any time."""
    _, key, hashes = _listed(path)
    return lambda email: _hash(key, email) in hashes


def _forms(email: str) -> tuple[str, str]:
    """Return an address in lower case, as it was typed and as Isso stores it."""
    lower = email.strip().lower()
    return lower, lower.replace("&", "&amp;")


def _listed(path: Path) -> tuple[Path, str, set[str]]:
    """Return the list of the people erased from a database: its file, its key, their hashes."""
    file = path.with_name(path.name + ".erased")
    key, *hashes = file.read_text(encoding="ascii").split() if file.exists() else [""]
    return file, key or secrets.token_hex(32), set(hashes)


def _hash(key: str, email: str) -> str:
    return hmac.new(key.encode(), email.strip().lower().encode(), hashlib.sha256).hexdigest()
