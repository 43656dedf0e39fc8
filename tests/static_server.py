"""A static server on 127.0.0.1: a folder as a host sends it, compressed, and with its 404 page."""

import gzip
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMPRESSED = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg")


class StaticServer(ThreadingHTTPServer):
    """Serves the folder `root`, which may be set after the port is known."""

    daemon_threads = True
    root: Path

    def __init__(self):
        super().__init__(("127.0.0.1", 0), StaticHandler)
        self.address = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *args):
        """Print nothing about a browser that hangs up; any other failure shows in the browser."""


class StaticHandler(BaseHTTPRequestHandler):
    """Answers with a file, a folder's index.html, or 404.html."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send the file at the path of the address."""
        path, status = self._file(), 200
        if path is None:
            path, status = self.server.root / "404.html", 404
        body = path.read_bytes() if path.is_file() else b"Not found"
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.send_response(status)
        charset = "; charset=utf-8" if media_type.startswith("text/") else ""
        self.send_header("Content-Type", f"{media_type}{charset}")
        if media_type.startswith(COMPRESSED) and "gzip" in self.headers.get("Accept-Encoding", ""):
            # Level 6 is what hosts use; budgets are stated for it.
            body = gzip.compress(body, 6, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _file(self) -> Path | None:
        root = self.server.root.resolve()
        path = (root / unquote(urlsplit(self.path).path).lstrip("/")).resolve()
        if path.is_dir():
            path /= "index.html"
        return path if path.is_file() and path.is_relative_to(root) else None

    def log_message(self, *args):
        """Log nothing: what matters is seen in the browser."""


@contextmanager
def serving(root: Path | None = None) -> Iterator[StaticServer]:
    """Serve on a free port for as long as the block runs; yield the server."""
    with StaticServer() as server:
        if root:
            server.root = root
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
