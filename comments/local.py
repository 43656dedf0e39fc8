"""The comment server for development and tests: nothing to configure, on this machine only."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from . import settings
from .app import Application


def configure(
    sites: Iterable[str], folder: Path, endpoint: str = "", **guard: int
) -> settings.Settings:
    """Return settings for `sites` (loopback addresses may be http), with all kept in `folder`.
    `endpoint` is the address that visitors use, where it is not the one listened at; `guard` raises
    the limits of a network: ratelimit, direct_reply."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "salt"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), encoding="ascii")
    limits = {"ratelimit": 60, "direct_reply": 1000} | guard
    return settings.make(
        {
            "general": {"host": "\n".join(sites), "dbpath": str(folder / "replies.db")},
            "server": {"public-endpoint": endpoint},
            "hash": {"salt": secret.read_text(encoding="ascii").strip()},
            "guard": {key.replace("_", "-"): str(value) for key, value in limits.items()},
        }
    )


def application(
    sites: Iterable[str], folder: Path, endpoint: str = "", **guard: int
) -> Application:
    """Return the WSGI application for development. Mount it anywhere; `close()` gives the database
    up. Raises RuntimeError when another process serves the folder."""
    return Application(configure(sites, folder, endpoint, **guard))
