"""A browser for the tests that need a real page, and a server for the pages."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests import chromium
from tests.static_server import serving


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Give a function that serves a folder until the tests end, and returns its address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(serving(folder)).address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give one Chromium for all the tests of a worker."""
    with chromium.launched() as running:
        yield running


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens an empty page of its own; its arguments are those of
    Playwright's `new_context` (viewport, color_scheme, java_script_enabled …).

    Its errors and warnings are in its `complaints`, and every address it asks for in its
    `requests`, so that a test can assert that there are none.
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
            page.on("console", lambda message: note(page, message))
            return page

        yield open_page


def note(page: Page, message: ConsoleMessage):
    """Keep a message of the console that is an error or a warning."""
    if message.type in ("error", "warning"):
        page.complaints.append(message.text)
