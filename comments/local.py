"""The comment server for development and tests: nothing to configure, on this machine only."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from . import settings
from .app import Application, make_application
from .rows import database
from .server import Server

DATABASE = "replies.db"


def configure(sites: Iterable[str], folder: Path, endpoint: str = "", **guard: int):
    """Settings for `sites` (loopback addresses may be http), with everything kept in `folder`.

    `endpoint` is the address that visitors use, where it is not the one listened at. `guard`
    raises the limits of a network: ratelimit, direct_reply.
    """
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "salt"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), encoding="ascii")
    limits = {"ratelimit": 60, "direct_reply": 1000} | guard
    return settings.make(
        {
            "general": {"host": "\n".join(sites), "dbpath": str(folder / DATABASE)},
            "server": {"public-endpoint": endpoint},
            "hash": {"salt": secret.read_text(encoding="ascii").strip()},
            "guard": {key.replace("_", "-"): str(value) for key, value in limits.items()},
        }
    )


def application(
    sites: Iterable[str], folder: Path, endpoint: str = "", **guard: int
) -> Application:
    """The WSGI application for development. Mount it anywhere; `close()` gives the database up."""
    return make_application(configure(sites, folder, endpoint, **guard))


class Local:
    """A running server: `url`, `port`, `database`, `application`, `approve()`, `stop()`.

    As a context manager, it stops by itself.
    """

    def __init__(self, application: Application, port: int):
        self.application = application
        self._server = Server(application, f"http://127.0.0.1:{port}")
        self.database = application.settings.database
        self.url = application.settings.endpoint or self._server.url
        self.port = self._server.port
        self._server.start()

    def approve(self, number: int) -> None:
        """Let a waiting reply appear."""
        with database(self.database) as db:
            db.execute("UPDATE comments SET mode = 1 WHERE id = ? AND mode = 2", (number,))

    def stop(self) -> None:
        """End the server and give the database up."""
        self._server.stop()

    def __enter__(self):
        return self

    def __exit__(self, *why) -> None:
        self.stop()


def start(
    sites: Iterable[str], folder: Path, port: int = 0, endpoint: str = "", **guard: int
) -> Local:
    """Serve `sites` on 127.0.0.1 in a thread, from `folder`; port 0 takes a free one.

    Raises OSError when the port is taken, RuntimeError when another process serves the folder.
    """
    return Local(application(sites, folder, endpoint, **guard), port)
