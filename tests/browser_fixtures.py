"""A browser for the tests that need a real page, and a server for the pages."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tools import browser as chromium


class StaticPages(SimpleHTTPRequestHandler):
    """Serves a folder as a static host does: a missing address is answered with 404.html."""

    def send_error(self, code, message=None, explain=None):
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing: what a test sees is in the browser."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder` on a free port of this machine, and give the address, without a last slash."""
    handler = partial(StaticPages, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Give a function that serves a folder until the tests end, and returns its address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(serving(folder))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give one Chromium for all the tests of a worker."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium.executable(),
            args=chromium.arguments(),
            chromium_sandbox=not chromium.is_root(),
        )
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens an empty page of its own; its arguments are those of
    Playwright's `new_context` (viewport, color_scheme, java_script_enabled …).

    What the page complains of stands in its `complaints`, and every address it asks for in its
    `requests`, so that a test can say that there are none.
    """
    with ExitStack() as contexts:

        def open_page(**options) -> Page:
            context = browser.new_context(**options)
            contexts.callback(context.close)
            page = context.new_page()
            page.complaints = []
            page.requests = []
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.on("request", lambda request: page.requests.append(request.url))
            page.on("console", lambda said: note(page, said))
            return page

        yield open_page


def note(page: Page, said):
    """Keep what the console says when it is an error or a warning."""
    if said.type in ("error", "warning"):
        page.complaints.append(said.text)
