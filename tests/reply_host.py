"""A built site and a real comment server on one origin, as `make serve` and a proxy set them up."""

import mimetypes
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

from waitress import wasyncore

from comments import settings
from comments.app import Application
from comments.rows import database, remove
from comments.server import Server

PREFIX = "/isso"


class BackgroundServer(Server):
    """The comment server's web server in a thread of its own, until `stop()`."""

    def start(self):
        self._thread = Thread(target=self.run, daemon=True)
        self._thread.start()

    def stop(self):
        end = partial(wasyncore.close_all, self._sockets, ignore_all=True)
        self._server.trigger.pull_trigger(end)
        self._thread.join(10)
        self._server.task_dispatcher.shutdown()


class Host:
    """A WSGI application; `site` is its address, `database` holds the replies."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.comments = None

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith(f"{PREFIX}/"):
            inside = {**environ, "SCRIPT_NAME": PREFIX, "PATH_INFO": path.removeprefix(PREFIX)}
            return self.comments(inside, start_response)
        file = self.folder / path.lstrip("/")
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not here"]
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        start_response("200 OK", [("Content-Type", kind)])
        return [file.read_bytes()]

    def close(self):
        if self.comments:
            self.comments.close()

    def approve(self, number: int | None = None):
        """Let one waiting reply appear, or all."""
        with database(self.database) as db:
            db.execute(
                "UPDATE comments SET mode = 1 WHERE mode = 2 AND id = coalesce(?, id)", (number,)
            )

    def clear(self):
        """Forget all replies."""
        with database(self.database) as db:
            db.execute("DELETE FROM comments")

    def delete(self, number: int):
        """Delete a reply as the owner does."""
        with database(self.database) as db:
            remove(db, number)

    def add(self, page: str, text: str, **fields):
        """Leave a reply that is published at once; returns its number."""
        with database(self.database) as db:
            db.execute("INSERT OR IGNORE INTO threads (uri, title) VALUES (?, ?)", (page, page))
            row = {"author": "Anna", "website": None, "parent": None, "mode": 1, "created": 1.79e9}
            row |= {"email": "anna@example.org", "network": "0.0.0.0"}
            row |= {"text": text, "uri": page} | fields
            return db.execute(
                "INSERT INTO comments (tid, parent, created, mode, remote_addr, text, author,"
                " email, website, voters, notification) SELECT id, :parent, :created, :mode,"
                " :network, :text, :author, :email, :website, zeroblob(256), 0"
                " FROM threads WHERE uri = :uri",
                row,
            ).lastrowid


@contextmanager
def hosting(folder: Path, keep: Path, **guard: int) -> Iterator[Host]:
    """Serve the site in `folder` on a free port, with a comment server that keeps its data in
    `keep`; `guard` are its limits."""
    host = Host(folder)
    server = BackgroundServer(host, "http://127.0.0.1:0")
    host.site = f"http://127.0.0.1:{server.port}"
    try:
        chosen = settings.local([host.site], keep, f"{host.site}{PREFIX}", **guard)
        host.comments = Application(chosen)
        host.database = host.comments.settings.database
        server.start()
        yield host
    finally:
        server.stop()


class Running:
    """A comment server alone: its `url` and `port`, its `application`, its `database`."""

    def __init__(self, application, port: int):
        self.application, self.database = application, application.settings.database
        self.server = BackgroundServer(application, f"http://127.0.0.1:{port}")
        self.url = application.settings.endpoint or self.server.url
        self.port = self.server.port

    def approve(self, number: int):
        """Let a waiting reply appear."""
        with database(self.database) as db:
            db.execute("UPDATE comments SET mode = 1 WHERE id = ? AND mode = 2", (number,))


@contextmanager
def running(
    sites: list[str], folder: Path, port: int = 0, endpoint: str = "", **guard: int
) -> Iterator[Running]:
    """Serve comments for `sites` on 127.0.0.1, from `folder`; port 0 takes a free one."""
    server = Running(Application(settings.local(sites, folder, endpoint, **guard)), port)
    server.server.start()
    try:
        yield server
    finally:
        server.server.stop()


def write_content(folder: Path, articles: dict[str, str], like: Path) -> Path:
    """Write a small site: `articles` are front matter by slug. The rest is as in `like`."""
    shutil.copytree(like / "pages", folder / "pages")
    (folder / "articles").mkdir()
    for slug, more in articles.items():
        (folder / "articles" / f"{slug}.md").write_text(
            ARTICLE.format(slug=slug, summary=SUMMARY.format(slug=slug), more=more), "utf-8"
        )
    return folder


SUMMARY = (
    "What this article says about {slug} backs, in one plain sentence that is as long as a summary "
    "has to be to pass every check of it."
)
ARTICLE = """Title: About {slug} backs
Slug: {slug}
Date: 2026-01-02
Category: Backs
Summary: {summary}
{more}

Words about backs.

## Rest

More words about backs.
"""
