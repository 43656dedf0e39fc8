"""Answers the browser: the last good build, events when there is another, and local replies."""

import errno
import json
import mimetypes
import os
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from markupsafe import Markup
from werkzeug.exceptions import MethodNotAllowed, MisdirectedRequest, ServiceUnavailable
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.security import safe_join
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from contract import LOCAL_ENDPOINT, is_loopback
from plugins.problems import command
from tools.serve.builder import Preview

FOLDER = Path(".comments")
EVENTS, SCRIPT = "/_serve/events", "/_serve/reload.js"  # no page has an address like these

# Python's own: Windows takes types from its registry too, where programs leave strange ones.
TYPES = mimetypes.MimeTypes()
TYPES.types_map[True].update({".js": "text/javascript", ".xml": "application/xml"})
TYPES.types_map[True].update({".avif": "image/avif", ".webp": "image/webp", ".woff2": "font/woff2"})
NOT_YET = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{0}</h1><p>This page shows the site as soon as there is one.</p></main></body>
</html>
"""


class PreviewState:
    """What there is to show. `at` changes with every build that shows something new."""

    def __init__(self):
        self._changed = threading.Condition()
        self.at = ""
        self.preview: Preview | None = None
        self.errors: list[dict] = []
        self.is_closed = False

    def publish(self, preview: Preview | None, errors: Iterable[dict] = (), is_last=False):
        """Show a preview from now on, or errors over the one before; `is_last` ends all events."""
        with self._changed:
            if preview:
                self.at, self.preview = secrets.token_hex(8), preview
            self.errors, self.is_closed = list(errors), is_last
            self._changed.notify_all()

    def events(self) -> Iterator[bytes]:
        """Yield the state, then every change; else a comment, to notice a browser that has gone."""
        last = ""
        while not self.is_closed:
            now = self._as_json()
            yield b": no change\n\n" if now == last else f"data: {now}\n\n".encode()
            last = now
            with self._changed:
                if last == self._as_json() and not self.is_closed:
                    self._changed.wait(timeout=15)

    def _as_json(self) -> str:
        return json.dumps({"at": self.at, "errors": self.errors})


class PreviewApplication:
    """The WSGI application. `replies` answers below LOCAL_ENDPOINT. Where it `is_local`, no foreign
    page reaches drafts by its own name for this machine."""

    def __init__(self, state: PreviewState, replies: Callable, is_local: bool):
        self._state, self._is_local = state, is_local
        self._routes = DispatcherMiddleware(self._answer, {LOCAL_ENDPOINT: replies})

    @Request.application
    def __call__(self, request: Request) -> Callable:
        if self._is_local and not is_loopback(urlsplit(f"//{request.host}").hostname):
            raise MisdirectedRequest("This server is for this machine only.")
        return self._routes

    @Request.application
    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(("GET", "HEAD"), "Pages can only be read.")
        if request.path == EVENTS:
            answer = Response(self._state.events(), mimetype="text/event-stream")
        elif request.path == SCRIPT:
            script = Path(__file__).with_name("reload.js").read_bytes()
            answer = Response(script, mimetype="text/javascript")
        else:
            answer = self._page(request.path)
        answer.cache_control.no_store = True
        return answer

    def _page(self, path: str) -> Response:
        at, preview = self._state.at, self._state.preview
        if preview is None:
            title = "There are errors to fix" if self._state.errors else "Building the site …"
            page = _insert(NOT_YET.format(title).encode(), at, "")
            return Response(page, 503, mimetype="text/html")
        file = _find(preview.folder, path)
        if not file and _find(preview.folder, f"{path}/"):
            return redirect(quote(f"{path}/"))
        found = file or _find(preview.folder, "/404.html")
        try:
            body = found.read_bytes() if found else b"<!DOCTYPE html><title>Not found</title>"
        except OSError:
            if self._state.at != at:  # Meanwhile there is a newer site.
                return self._page(path)
            raise
        status = 200 if file else 404
        if found and found.suffix != ".html":
            kind = TYPES.guess_type(found.name)[0] or "application/octet-stream"
            return Response(body, status, mimetype=kind)
        name = found.relative_to(preview.folder).as_posix() if found else ""
        page = _insert(body, at, _marks(name, preview.unpublished))
        return Response(page, status, mimetype="text/html")


def _find(folder: Path, path: str) -> Path | None:
    """Return the file at a path of the site, if there is one."""
    name = f"{path}index.html" if path.endswith("/") else path
    file = safe_join(str(folder), name.removeprefix("/"))
    return Path(file) if file and os.path.isfile(file) else None


def _marks(name: str, unpublished: list[dict]) -> str:
    """Return what a page says in a preview only: that it is not published; on the home page, which
    others are not. `<mark>` is seen without any style of ours."""
    for page in unpublished:
        if page["file"] == name:
            mark = Markup('<p role="note"><mark>{}. Only this preview shows it.</mark></p>')
            return mark.format(page["kind"])
    if name != "index.html" or not unpublished:
        return ""
    link = Markup('{kind}: <a href="{address}">{title}</a>')
    links = Markup("; ").join(link.format_map(page) for page in unpublished)
    return Markup('<p role="note"><mark>Only in this preview.</mark> {}</p>').format(links)


def _insert(page: bytes, at: str, marks: str) -> bytes:
    """Return a page with its marks and the script that keeps it up to date."""
    script = f'<script src="{SCRIPT}" data-at="{at}" defer></script>'.encode()
    page = re.sub(rb"<main[^>]*>", lambda main: main[0] + marks.encode(), page, count=1)
    before, end, after = page.rpartition(b"</body>")
    return before + script + end + after if end else page + script


class LocalReplies:
    """The WSGI application of a comment server for `sites`, kept in .comments/. `problem` says why
    there is none. `report` is called with a line when a reply has come in."""

    def __init__(self, sites: Iterable[str], report: Callable[[str], None]):
        self._report, self.problem = report, ""
        try:
            from comments import app, settings

            self._application = app.Application(settings.local(sites, FOLDER))
        except ImportError as error:
            self.problem = f"Replies cannot be tried: {error.name} is not installed. "
            self.problem += "`make serve` installs it, from requirements-comments.txt."
        except Exception as error:  # a preview without replies is better than none
            self.problem = f"Replies cannot be tried: {error}"

    def __call__(self, environ, start_response):
        if self.problem:
            return ServiceUnavailable(self.problem)(environ, start_response)
        is_new = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] in ("/new", "/form")
        answer = Response.from_app(self._application, environ)
        if is_new and answer.status_code in (201, 202, 303):
            self._report(f"A reply waits for you:  {command('comments.owner')} pending")
        return answer(environ, start_response)

    def close(self):
        """Give the database up."""
        if not self.problem:
            self._application.close()


def listen(host: str, port: int) -> socket.socket | None:
    """Listen at `host` and `port`; return None where another program does. Raises OSError."""
    # On some systems we could listen beside a program that answers where a browser would look for
    # us, and whose pages are seen would be chance.
    with suppress(OSError):
        if port:
            socket.create_connection((host, port), timeout=1).close()
            return None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    try:
        return socket.create_server((host, port), family=family, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return None
        raise


def serve(listening: socket.socket, application: Callable) -> BaseWSGIServer:
    """Have an application answer at a socket, in threads, until the server is shut down."""
    with listening:  # the server has a copy
        options = {"threaded": True, "request_handler": QuietHandler, "fd": listening.fileno()}
        server = make_server(*listening.getsockname()[:2], application, **options)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class QuietHandler(WSGIRequestHandler):
    """Answers and prints nothing: the terminal is for what is built."""

    def log(self, *_):
        """Print nothing."""
