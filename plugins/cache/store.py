"""Keeps entries of bytes in CACHE_PATH, in two SQLite files, which may be deleted at any time.

`private.db` has what was made from drafts and replies, and loses it with the first build after they
changed or went; `public.db` has the rest, and may be carried from one machine to another. A file
that is damaged, locked or not ours counts as empty. `pelican --ignore-cache` reads none of it.
"""

import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from pelican import signals

from plugins.cache.digests import ROOT, digest, of_code, of_files, of_settings
from plugins.cache.templates import Bytecode

# Settings that no page depends on, or only on the files in the folders that they name.
UNSEEN_SETTINGS = {"PATH", "OUTPUT_PATH", "CACHE_PATH", "THEME", "CACHE"}
UNSEEN_SETTINGS |= {"DELETE_OUTPUT_DIRECTORY", "LOAD_CONTENT_CACHE"}
NOTHING: frozenset[bytes] = frozenset()
# New entries are written when they come to as much, so that a large site does not fill the memory.
BATCH = 8 * 2**20  # bytes
# A file that is larger than both, in bytes and beside what the last build used, loses the rest.
LARGE, TIMES = 512 * 2**20, 8
PATIENCE = 2  # seconds, for another build that writes
# A power cut may damage the file, which is then made again. Nothing private is left in its gaps.
_OPENING = """
    PRAGMA synchronous = OFF;
    PRAGMA secure_delete = ON;
    PRAGMA auto_vacuum = FULL;
    CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, origins BLOB, value BLOB);
    SELECT key, origins, value FROM entries LIMIT 0;
"""


class Cache:
    """Entries of bytes, each under a digest. `origins` of an entry are the digests of the drafts
    and replies that it was made from, `current` those of this build, `files` those of each file of
    the output that has any."""

    def __init__(self, settings):
        folder, is_read = Path(settings["CACHE_PATH"]), settings.get("LOAD_CONTENT_CACHE", True)
        self._public = Store(folder / "public.db", is_read)
        self._private = Store(folder / "private.db", is_read)
        self._settings = dict(settings)
        self.current: set[bytes] = set()
        self.files: dict[str, frozenset[bytes]] = {}

    @cached_property
    def code(self) -> bytes:
        """The digest of all code that a build runs."""
        return of_code()

    @cached_property
    def site(self) -> bytes:
        """The digest of what every page may depend on: the code, the settings, the theme but for
        its templates, and the project's own theme, which has the words and the fonts."""
        themes = dict.fromkeys([ROOT / "theme", Path(self._settings["THEME"]).resolve()])
        files = [path for theme in themes for path in sorted(theme.iterdir())]
        files = [file for file in files if file.name != "templates"]
        seen = sorted(self._settings.keys() - UNSEEN_SETTINGS)
        settings = of_settings({name: self._settings[name] for name in seen})
        return digest(self.code, of_files(files), settings)

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept under a digest, or None."""
        found = self._public.get(key)
        return self._private.get(key) if found is None else found

    def put(self, key: bytes, value: bytes, origins: Iterable[bytes] = NOTHING):
        """Keep `value` under a digest for as long as all its `origins` are current."""
        origins = tuple(origins)
        (self._private if origins else self._public).put(key, value, origins)

    def forget(self):
        """Drop what was made from drafts and replies that are not current any more."""
        self._private.forget(self.current)

    def save(self):
        """Write what is new."""
        for store in self._public, self._private:
            store.save()

    def close(self):
        """Write what is new, keep the files from growing without end, and close them."""
        self.save()
        for store in self._public, self._private:
            store.trim()
            store.close()


class Store:
    """One file of entries. Whatever is wrong with it, it has none, and takes none."""

    def __init__(self, path: Path, is_read: bool):
        self._path, self._is_read = path, is_read
        self._db: sqlite3.Connection | None = None
        self._new: dict[bytes, tuple[bytes, tuple[bytes, ...]]] = {}
        self._size = 0  # of what is new
        self._used: dict[bytes, int] = {}  # the size of each entry that this build has used
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._guarded():
            self._db = sqlite3.connect(path, timeout=PATIENCE)
            self._db.executescript(_OPENING)

    def get(self, key: bytes) -> bytes | None:
        """Return an entry, or None."""
        if key in self._new:
            return self._new[key][0]
        if not self._is_read and key not in self._used:
            return None
        rows = self._select("SELECT CAST(value AS BLOB) FROM entries WHERE key = ?", key)
        value = (rows and rows[0][0]) or b""
        if zlib.crc32(value[4:]).to_bytes(4) != value[:4]:
            return None
        self._used[key] = len(value)
        return value[4:]

    def put(self, key: bytes, value: bytes, origins: tuple[bytes, ...]):
        """Keep an entry; it is written later, together with others."""
        self._new[key] = value, origins
        self._used[key] = len(value)
        self._size += len(value)
        if self._size > BATCH:
            self.save()

    def forget(self, current: set[bytes]):
        """Drop the entries that have an origin which is not current."""
        known = {origin.hex().encode() for origin in current}
        self._keep(lambda _, origins: origins and known.issuperset(origins.split()))

    def trim(self):
        """Drop what this build has not used, where the file is large."""
        with suppress(OSError):
            if self._path.stat().st_size > max(LARGE, TIMES * sum(self._used.values())):
                self._keep(lambda key, _: key in self._used)

    def close(self):
        """Close the file."""
        if self._db:
            self._db.close()
        self._db = None

    def save(self):
        """Write what is new."""
        rows = [
            (key, " ".join(map(bytes.hex, origins)), zlib.crc32(value).to_bytes(4) + value)
            for key, (value, origins) in self._new.items()
        ]
        self._new, self._size = {}, 0
        self._write("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)

    def _keep(self, is_kept: Callable):
        """Drop all entries but those with a key and origins that are kept."""
        entries = self._select("SELECT key, CAST(origins AS BLOB) FROM entries")
        dropped = [(key,) for key, origins in entries if not is_kept(key, origins)]
        self._write("DELETE FROM entries WHERE key = ?", dropped)

    def _select(self, query: str, *values) -> list[tuple]:
        with self._guarded():
            return self._db.execute(query, values).fetchall() if self._db else []
        return []

    def _write(self, statement: str, rows: list[tuple]):
        """Run a statement with each of some rows, all or none."""
        if self._db and rows:
            with self._guarded(), self._db:
                self._db.executemany(statement, rows)

    @contextmanager
    def _guarded(self):
        """Do without the file from the first error on, and delete it unless it is only in use."""
        try:
            yield
        except sqlite3.Error as error:
            self.close()
            # Other operational errors, such as a lock or a full disk, will pass.
            has_wrong_table = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR
            if has_wrong_table or not isinstance(error, sqlite3.OperationalError):
                for path in (self._path, Path(f"{self._path}-journal")):
                    with suppress(OSError):
                        path.unlink()


@contextmanager
def noted_warnings() -> Iterator[list[logging.LogRecord]]:
    """Give the warnings meanwhile. What warns while it is made is not to be kept: the next build
    would not warn."""
    warnings, logger, handler = [], logging.getLogger(), logging.Handler(logging.WARNING)
    handler.emit = warnings.append
    logger.addHandler(handler)
    try:
        yield warnings
    finally:
        logger.removeHandler(handler)


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
