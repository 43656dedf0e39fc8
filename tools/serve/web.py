"""Answers the browser: the last good build, news of the next one, and the local comment server."""

import errno
import html
import json
import mimetypes
import re
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from comments.contract import LOCAL_ENDPOINT, is_loopback
from tools.serve.builder import Built

# No page of a site has an address like these.
EVENTS, SCRIPT = "/_serve/events", "/_serve/reload.js"
ANYWHERE = ("0.0.0.0", "::")
# Where a browser looks that is sent to localhost.
LOCALHOST = ("localhost", "127.0.0.1", "::1")

# Windows takes types from its registry, where programs leave strange ones.
TYPES = mimetypes.MimeTypes()
for ending, kind in {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}.items():
    TYPES.add_type(kind, ending)

NOT_YET = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{0}</h1><p>This page shows the site as soon as there is one.</p></main></body>
</html>
"""


class State:
    """What there is to show. `at` changes with every build that shows something new."""

    def __init__(self, name: str):
        self._name, self._count = name, 0
        self._news = threading.Condition()
        self.at = ""
        self.site: Built | None = None
        self.problems: list[dict] = []
        self.ended = False

    def good(self, site: Built):
        """Show this site from now on."""
        with self._news:
            self._count += 1
            self.at, self.site, self.problems = f"{self._name}-{self._count}", site, []
            self._news.notify_all()

    def bad(self, problems: list[dict]):
        """Keep what is shown, and say what is wrong."""
        with self._news:
            self.problems = problems
            self._news.notify_all()

    def end(self):
        """Send everybody home."""
        with self._news:
            self.ended = True
            self._news.notify_all()

    def news(self) -> Iterator[bytes]:
        """Yield events: how it stands now, then every change; a comment when there is none, to
        notice that nobody listens any more."""
        last = ""
        while not self.ended:
            now = self._as_json()
            yield b": still here\n\n" if now == last else f"data: {now}\n\n".encode()
            last = now
            with self._news:
                if last == self._as_json() and not self.ended:
                    self._news.wait(timeout=15)

    def _as_json(self) -> str:
        return json.dumps({"at": self.at, "problems": self.problems})


class Application:
    """The WSGI application. `comments` answers below LOCAL_ENDPOINT. With `is_private`, a
    request has to be for a name of this machine itself, so that no foreign page reaches drafts by
    a name of its own that leads here."""

    def __init__(self, state: State, comments: Callable | None, is_private: bool):
        self._state, self._comments, self._is_private = state, comments, is_private

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if self._is_private and not is_loopback(_host(environ)):
            answer = _text(HTTPStatus.MISDIRECTED_REQUEST, "This server is for this machine only.")
        elif path.startswith(f"{LOCAL_ENDPOINT}/"):
            return self._reply(environ, start_response)
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            answer = _text(HTTPStatus.METHOD_NOT_ALLOWED, "Pages can only be read.")
            answer[1].append(("Allow", "GET, HEAD"))
        elif path == EVENTS:
            headers = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]
            start_response("200 OK", headers)
            return self._state.news() if environ["REQUEST_METHOD"] == "GET" else []
        elif path == SCRIPT:
            script = Path(__file__).with_name("reload.js").read_bytes()
            answer = HTTPStatus.OK, [("Content-Type", "text/javascript; charset=utf-8")], script
        else:
            answer = self._page(path)
        status, headers, body = answer
        headers += [("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _reply(self, environ, start_response):
        if self._comments is None:
            status, headers, body = _text(
                HTTPStatus.SERVICE_UNAVAILABLE, "Isso is not installed here."
            )
            start_response(f"{status.value} {status.phrase}", headers)
            return [body]
        environ["SCRIPT_NAME"] = LOCAL_ENDPOINT
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(LOCAL_ENDPOINT)
        return self._comments(environ, start_response)

    def _page(self, path: str):
        at, site = self._state.at, self._state.site
        if site is None:
            title = "There are mistakes to mend" if self._state.problems else "Building the site …"
            page = _insert(NOT_YET.format(title).encode(), at, "")
            return HTTPStatus.SERVICE_UNAVAILABLE, [_HTML], page
        try:
            file = _find(site.folder, path)
            if file and file.is_dir():
                address = quote(f"/{file.relative_to(site.folder).as_posix()}/")
                return HTTPStatus.FOUND, [("Location", address)], b""
            found = file or _find(site.folder, "/404.html")
            body = found.read_bytes() if found else b"<!DOCTYPE html><title>Not found</title>"
        except OSError:
            if self._state.at != at:  # Meanwhile there is a newer site.
                return self._page(path)
            raise
        status = HTTPStatus.OK if file else HTTPStatus.NOT_FOUND
        if found and found.suffix != ".html":
            kind = TYPES.guess_type(found.name)[0] or "application/octet-stream"
            if kind.startswith("text/") or kind.endswith(("/xml", "/json", "+xml")):
                kind += "; charset=utf-8"
            return status, [("Content-Type", kind)], body
        name = found.relative_to(site.folder).as_posix() if found else ""
        return status, [_HTML], _insert(body, at, _marks(name, site.unlisted))


_HTML = ("Content-Type", "text/html; charset=utf-8")


def _host(environ) -> str:
    name = environ.get("HTTP_HOST", "").lower()
    return re.sub(r":\d*$", "", name).strip("[]")


def _text(status: HTTPStatus, words: str):
    return status, [("Content-Type", "text/plain; charset=utf-8")], f"{words}\n".encode()


def _find(folder: Path, path: str) -> Path | None:
    """Return the file at a path, or its folder where the path lacks the last slash, or None."""
    try:
        file = Path(folder, path.lstrip("/"))
        if not file.resolve().is_relative_to(folder.resolve()):
            return None
        if path.endswith("/"):
            file /= "index.html"
        if file.is_file():
            return file
        return file if (file / "index.html").is_file() else None
    except (OSError, ValueError):  # no file can have such a name
        return None


def _marks(name: str, unlisted: list[dict]) -> str:
    """Return what a page says in a preview only: that it is not published; on the home page, which
    others are not. `<mark>` is seen without any style of ours."""
    for page in unlisted:
        if page["file"] == name:
            words = f"{page['kind']}. Only this preview shows it."
            return f'<p role="note"><mark>{html.escape(words)}</mark></p>'
    if name != "index.html" or not unlisted:
        return ""
    links = "; ".join(
        f'{html.escape(page["kind"])}: <a href="{html.escape(page["address"])}">'
        f"{html.escape(page['title'])}</a>"
        for page in unlisted
    )
    return f'<p role="note"><mark>Only in this preview.</mark> {links}</p>'


def _insert(page: bytes, at: str, marks: str) -> bytes:
    """Return a page with its marks and the script that keeps it up to date."""
    script = f'<script src="{SCRIPT}" data-at="{at}" defer></script>'.encode()
    page = re.sub(rb"<main[^>]*>", lambda main: main[0] + marks.encode(), page, count=1)
    before, end, after = page.rpartition(b"</body>")
    return before + script + end + after if end else page + script


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """Listens at `host` and `port`, 0 for a free one. Raises Taken when somebody else does."""

    daemon_threads = True
    # On Windows this would share the port with whoever has it.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, host: str, port: int):
        if port and is_answered(host, port):
            raise Taken
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Taken from error
            raise
        shown = "localhost" if host in (*LOCALHOST, *ANYWHERE) else host
        self.address = f"http://{f'[{shown}]' if ':' in shown else shown}:{self.server_port}"

    def server_bind(self):
        # HTTPServer's own looks the host's name up, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()

    def handle_error(self, request, client_address):
        """Say nothing of browsers that go away."""


class Handler(WSGIRequestHandler):
    """Answers without a word: what counts is said when a site is built."""

    def log_message(self, *_):
        """Keep the terminal for what is built."""


class Taken(Exception):
    """Another program has the port."""


def is_answered(host: str, port: int) -> bool:
    """Tell whether a program answers where a browser would look for us. On some systems we could
    listen beside it, and whose pages are seen would be chance."""
    hosts = {host, "localhost"} if host in LOCALHOST else {host}
    for name in hosts:
        try:
            socket.create_connection((name, port), timeout=1).close()
            return True
        except OSError:
            continue
    return False


def free_port(host: str, after: int) -> int:
    """Return the first port above `after` that nobody has, or 0 for none."""
    for port in range(after + 1, min(after + 50, 65536)):
        try:
            Server(host, port).server_close()
            return port
        except (Taken, OSError):
            continue
    return 0
