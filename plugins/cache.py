"""What was worked out once, kept under the digest of all it was made from (plugins/digests.py).

CACHE_PATH holds two files: `private.db` has what was made from drafts and replies, and loses it
with the first build after they changed or went; `public.db` has the rest, and may be carried from
one machine to another. To delete them costs time and changes no byte of a site. A file that is
damaged, locked or not ours counts as empty. `pelican --ignore-cache` reads none of it.
"""

import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import jinja2
from pelican import signals

from plugins.digests import digest, of_code, of_files, of_settings
from plugins.words import FOLDER as WORDS

# What these settings say is told by the files, or is nothing that a page depends on.
_PLACES = {
    "PATH",
    "OUTPUT_PATH",
    "CACHE_PATH",
    "THEME",
    "CACHE",
    "CHECK_ONLY",
    "DELETE_OUTPUT_DIRECTORY",
    "LOAD_CONTENT_CACHE",
}
NOTHING: frozenset[bytes] = frozenset()
# What is new is written when it comes to as much, so that a large site does not fill the memory.
BATCH = 8 * 2**20  # bytes
# A file that is larger than both, in bytes and beside what the last build used, loses the rest.
LARGE, TIMES = 512 * 2**20, 8
_PATIENCE = 2  # seconds, for another build that writes
_VERSION = 1
_TABLES = (
    "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB)",
    "CREATE TABLE IF NOT EXISTS origins (key BLOB, origin BLOB, PRIMARY KEY (key, origin))",
    "CREATE INDEX IF NOT EXISTS by_origin ON origins (origin)",
    f"PRAGMA user_version = {_VERSION}",
)
_IN_THE_WAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


class Cache:
    """Entries of bytes, each under a digest.

    `origins` of an entry are the digests of the drafts and replies that it was made from. `current`
    are those of this build, `files` the origins of each file of the output that has any.
    """

    def __init__(self, settings):
        folder = Path(settings["CACHE_PATH"])
        self._public, self._private = Store(folder / "public.db"), Store(folder / "private.db")
        self._settings, self._is_read = dict(settings), settings.get("LOAD_CONTENT_CACHE", True)
        self._made: set[bytes] = set()
        self.current: set[bytes] = set()
        self.files: dict[str, frozenset[bytes]] = {}

    @cached_property
    def code(self) -> bytes:
        """The digest of all code that a build runs."""
        return of_code()

    @cached_property
    def site(self) -> bytes:
        """The digest of what every page may depend on: the code, the settings, the theme but for
        its templates."""
        theme = Path(self._settings["THEME"])
        files = [path for path in sorted(theme.iterdir()) if path.name != "templates"]
        settings = {
            name: self._settings[name] for name in sorted(self._settings) if name not in _PLACES
        }
        return digest(self.code, of_files([WORDS, *files]), of_settings(settings))

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept under a digest, or None."""
        if not self._is_read and key not in self._made:
            return None
        found = self._public.get(key)
        return self._private.get(key) if found is None else found

    def put(self, key: bytes, value: bytes, origins: Iterable[bytes] = NOTHING):
        """Keep `value` under a digest for as long as all its `origins` are current."""
        origins = tuple(origins)
        if not self._is_read:
            self._made.add(key)
        (self._private if origins else self._public).put(key, value, origins)

    def forget(self):
        """Drop what was made from drafts and replies that are not current any more."""
        self._private.forget(self.current)

    def save(self):
        """Write what is new."""
        self._public.save()
        self._private.save()

    def close(self):
        """Write what is new, keep the files from growing without end, and let go of them."""
        for store in (self._public, self._private):
            store.save()
            store.trim()
            store.close()


class Store:
    """One file of entries. Whatever is wrong with it, it has none, and takes none."""

    def __init__(self, path: Path):
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._new: dict[bytes, tuple[bytes, tuple[bytes, ...]]] = {}
        self._size = 0  # of what is new
        self._used: dict[bytes, int] = {}  # the size of each entry that this build has used
        self._open()
        if self._db is None and not path.exists():  # it was damaged, and is deleted
            self._open()

    def get(self, key: bytes) -> bytes | None:
        """Return an entry, or None."""
        if key in self._new:
            return self._new[key][0]
        rows = self._run("SELECT value FROM entries WHERE key = ?", key)
        value = rows[0][0] if rows else b""
        if zlib.crc32(value[4:]).to_bytes(4) != value[:4]:
            return None
        self._used[key] = len(value)
        return value[4:]

    def put(self, key: bytes, value: bytes, origins: tuple[bytes, ...]):
        """Keep an entry; it is written by and by."""
        self._new[key] = value, origins
        self._used[key] = len(value)
        self._size += len(value)
        if self._size > BATCH:
            self.save()

    def forget(self, current: Iterable[bytes]):
        """Drop the entries that have an origin which is not current."""
        origins = self._run("SELECT DISTINCT origin FROM origins")
        if gone := [origin for origin in origins if origin[0] not in current]:
            held = "SELECT key FROM origins WHERE origin = ?"
            self._run_many(
                (f"DELETE FROM entries WHERE key IN ({held})", gone),
                (f"DELETE FROM origins WHERE key IN ({held})", gone),
            )

    def trim(self):
        """Drop what this build has not used, where the file is large."""
        with suppress(OSError):
            if self._path.stat().st_size > max(LARGE, TIMES * sum(self._used.values())):
                rows = self._run("SELECT key FROM entries")
                unused = [row for row in rows if row[0] not in self._used]
                self._run_many(
                    ("DELETE FROM entries WHERE key = ?", unused),
                    ("DELETE FROM origins WHERE key = ?", unused),
                )

    def close(self):
        """Let go of the file."""
        if self._db:
            self._db.close()
        self._db = None

    def save(self):
        """Write what is new."""
        new, self._new, self._size = self._new, {}, 0
        if not new:
            return
        values = [(key, zlib.crc32(value).to_bytes(4) + value) for key, (value, _) in new.items()]
        origins = [(key, origin) for key, (_, several) in new.items() for origin in several]
        self._run_many(
            ("INSERT OR REPLACE INTO entries VALUES (?, ?)", values),
            ("INSERT OR IGNORE INTO origins VALUES (?, ?)", origins),
        )

    def _open(self):
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._guarded():
            self._db = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            # What the power takes with it is made again.
            self._db.execute("PRAGMA synchronous = OFF")
            # What was private is not left in the file.
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("PRAGMA auto_vacuum = FULL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._db.execute("BEGIN IMMEDIATE")
                for statement in _TABLES:
                    self._db.execute(statement)
                self._db.execute("COMMIT")
            elif version != _VERSION:
                raise sqlite3.DatabaseError("of another version")

    def _run(self, query: str, *values) -> list[tuple]:
        with self._guarded():
            return self._db.execute(query, values).fetchall() if self._db else []
        return []

    def _run_many(self, *statements: tuple[str, list[tuple]]):
        """Run each statement with each of its values, all or none."""
        with self._guarded():
            if self._db:
                self._db.execute("BEGIN IMMEDIATE")
                for statement, values in statements:
                    self._db.executemany(statement, values)
                self._db.execute("COMMIT")

    @contextmanager
    def _guarded(self):
        """Do without the file from the first error on, and delete it unless it is only in use."""
        try:
            yield
        except sqlite3.Error as error:
            self.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _IN_THE_WAY:
                for path in (self._path, Path(f"{self._path}-journal")):
                    with suppress(OSError):
                        path.unlink()


class Bytecode(jinja2.BytecodeCache):
    """Keeps compiled templates. Pelican makes four environments a build, which share none."""

    def __init__(self, cache: Cache):
        self._cache = cache

    def load_bytecode(self, bucket):
        """Take a template's code from the cache."""
        if code := self._cache.get(self._key(bucket)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket):
        """Keep a template's code."""
        self._cache.put(self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket) -> bytes:
        # Filters are applied to constants while a template is compiled.
        return digest("template", self._cache.site, bucket.key, bucket.checksum)


class Warnings(logging.Handler):
    """Counts warnings and errors."""

    count = 0

    def emit(self, record):
        self.count += 1


@contextmanager
def counted_warnings() -> Iterator[Warnings]:
    """Give the number of warnings meanwhile. What warns while it is made is not to be kept: the
    next build would not warn."""
    warnings, logger = Warnings(logging.WARNING), logging.getLogger()
    logger.addHandler(warnings)
    try:
        yield warnings
    finally:
        logger.removeHandler(warnings)


def register():
    """Open the cache before anything is read, and write it when all is written."""
    signals.initialized.connect(_open)
    signals.finalized.connect(_save)


def _open(pelican):
    settings = pelican.settings
    cache = settings["CACHE"] = Cache(settings)
    # Pelican's own would hand out articles that nobody has read in this build.
    settings["CACHE_CONTENT"] = settings["LOAD_CONTENT_CACHE"] = False
    bytecode = {"bytecode_cache": Bytecode(cache)}
    settings["JINJA_ENVIRONMENT"] = {**settings["JINJA_ENVIRONMENT"], **bytecode}


def _save(pelican):
    pelican.settings["CACHE"].save()
