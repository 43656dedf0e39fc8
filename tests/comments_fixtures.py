"""A comment server with replies, for the tests of the owner's commands and of `make replies`."""

import pytest

from comments.fields import Reply
from tests.reply_host import running

SITE = "http://localhost:9"
PAGE = "/back-pain/"


@pytest.fixture
def server(tmp_path):
    with running([SITE], tmp_path / "server") as server:
        yield server


@pytest.fixture
def add(server):
    """Leave a reply as a visitor does; returns its number."""

    def leave(text="It helped me.", author="Anna Berg", email="anna@example.org", **more):
        reply = Reply(
            more.pop("page", PAGE), "Back", author, email, more.pop("website", None), text, **more
        )
        return server.application.engine.add(reply, "203.0.113.7", SITE)[1]["id"]

    return leave
