"""`make replies`: the approved replies as a snapshot for the build."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from comments.owner import snapshot
from plugins import ROOT
from tests.comments_fixtures import PAGE
from tests.reply_host import write_content
from tests.site_fixtures import CONTENT
from tools import replies


class Fake:
    """A comment server that answers what a test wants."""

    def __init__(self):
        self.status, self.body, self.asked = 200, b"", []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def fake():
    server = Fake()
    yield server
    server.stop()


@pytest.fixture
def site(tmp_path):
    """Write the settings of a site with one article of each kind; returns their file."""
    articles = {
        **{"back-pain": "", "draft": "Status: draft", "hidden": "Status: hidden"},
        **{"moved": "Comment_id: /old/", "off": "Comments: off", "closed": "Comments: closed"},
        "broken": "Image: nowhere.jpg",
        "rückenschmerzen": "Lang: de\nTranslation_key: back-pain",
    }
    settings = {
        "PATH": str(write_content(tmp_path / "content", articles, CONTENT)),
        "CACHE_PATH": str(tmp_path / "cache"),
        "REPLIES_SNAPSHOT": str(tmp_path / "replies.json"),
    }
    path = tmp_path / "settings.py"
    published = f"import runpy\nsettings = runpy.run_path({str(ROOT / 'publishconf.py')!r})\n"
    path.write_text(f"{published}globals().update(settings | {settings!r})", encoding="utf-8")
    return path


@pytest.fixture
def take(tmp_path, capsys, monkeypatch):
    """Fetch a snapshot of one page; returns the exit code, the errors, and the file's data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(replies, "read_site", lambda _settings, endpoint: (endpoint, [PAGE]))
    kept = tmp_path / "replies.json"
    kept.write_text('{"as_of": "before", "threads": {}}')

    def command(endpoint, *more):
        code = replies.main(["--endpoint", endpoint, *more])
        return code, capsys.readouterr().err, json.loads(kept.read_text())

    return command


THREADS = [PAGE, "/broken/", "/closed/", "/de/rückenschmerzen/", "/hidden/", "/old/"]
SNAPSHOTS = [None, '{"as_of": "2026-01-01T00:00:00Z", "threads": {}}', "{"]


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_replies_are_fetched_for_the_articles_that_may_have_some(site, snapshot):
    if snapshot:
        site.with_name("replies.json").write_text(snapshot)
    endpoint, threads = replies.read_site(str(site), "/isso")
    assert endpoint == "https://example.org/isso"
    assert sorted(threads) == THREADS


def test_a_site_without_a_comment_server_fetches_nothing(site, capsys):
    assert replies.main(["--settings", str(site)]) == 0
    assert "no comment server yet" in capsys.readouterr().out


def test_settings_that_are_not_there_are_named(capsys):
    assert replies.main(["--settings", "nowhere.py"]) == 1
    assert "nowhere.py" in capsys.readouterr().err


def test_the_snapshot_holds_the_approved_replies_and_no_address(server, add, take):
    first = add(
        author="Tom & O'Brien", website="https://tom.example", text="See https://x.example & *me*"
    )
    nested = [add(parent=first, text=f"answer {number}") for number in range(25)]
    top = [add(text=f"reply {number}") for number in range(24)]
    add(text="Not approved")
    for number in (first, *nested, *top):
        server.approve(number)
    code, _, data = take(server.url)
    found = data["threads"][PAGE]
    assert code == 0
    assert sorted(reply["id"] for reply in found) == sorted((first, *nested, *top))
    assert found[0]["author"] == "Tom & O'Brien"
    assert found[0]["website"] == "https://tom.example"
    assert found[0]["text"] == "<p>See https://x.example &amp; <em>me</em></p>"
    assert {reply["parent"] for reply in found} == {None, first}
    assert set(found[0]) == {"id", "parent", "created", "by_site", "author", "website", "text"}
    assert "example.org" not in json.dumps(data)


def test_a_server_that_is_down_leaves_the_old_snapshot_with_a_warning(take, fake):
    fake.status = 503
    for endpoint in (fake.url, "http://127.0.0.1:1"):
        code, said, data = take(endpoint)
        assert (code, data["as_of"]) == (0, "before")
        assert said.startswith(f"warning: the comment server at {endpoint} cannot be reached")
    assert take(fake.url, "--strict")[0] == 1


GOOD = {
    "id": 1,
    "parent": None,
    "mode": 1,
    "created": 1.5e9,
    "author": "A",
    "website": None,
    "text": "<p>t</p>",
    "total_replies": 0,
    "replies": [],
}
BAD = {
    "no JSON": b"<html>",
    "deep JSON": b"[" * 100_000,
    "no object": b"[]",
    "no list": b'{"replies": {}}',
    "an e-mail address": GOOD | {"email": "a@example.org"},
    "a network": GOOD | {"remote_addr": "1.2.3.0"},
    "an unapproved reply": GOOD | {"mode": 2},
    "a number that is text": GOOD | {"id": "1"},
    "a number that is a truth": GOOD | {"id": True},
    "a parent from elsewhere": GOOD | {"parent": 7},
    "no date": GOOD | {"created": None},
    "a date of the far future": GOOD | {"created": 1e300},
    "a name that is a list": GOOD | {"author": ["A"]},
    "a name without end": GOOD | {"author": "A" * 101},
    "a text that is a number": GOOD | {"text": 5},
    "a text without end": GOOD | {"text": "t" * 1_000_000},
    "a website that is an object": GOOD | {"website": {}},
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_a_malformed_answer_never_becomes_a_snapshot(take, fake, answer):
    fake.body = answer if isinstance(answer, bytes) else json.dumps({"replies": [answer]}).encode()
    code, said, data = take(fake.url)
    assert (code, data["as_of"]) == (1, "before")
    assert "cannot be used" in said


def test_a_redirect_is_not_followed(take, fake):
    fake.status = 302
    assert take(fake.url)[0] == 1
    assert len(fake.asked) == 1


def test_markup_that_could_run_is_taken_out_of_a_snapshot(take, fake):
    hostile = GOOD | {
        "text": '<p onclick=x>a<script>b</script><a href="javascript:c">d</a>'
        '<a href="https://e.example">f</a><img src=x onerror=g></p>',
        "website": "javascript:x",
        "author": "&lt;b&gt;",
    }
    fake.body = json.dumps({"replies": [hostile]}).encode()
    (reply,) = take(fake.url)[2]["threads"][PAGE]
    assert reply["text"] == (
        '<p>a<a rel="ugc nofollow noopener">d</a>'
        '<a href="https://e.example" rel="ugc nofollow noopener">f</a></p>'
    )
    assert (reply["website"], reply["author"]) == (None, "<b>")


def test_an_endpoint_without_encryption_is_refused(take):
    code, said, _ = take("http://comments.example.org")
    assert (code, "not an https address" in said) == (1, True)


def test_a_write_that_fails_leaves_the_old_snapshot(tmp_path):
    path = tmp_path / "replies.json"
    path.write_text("old")
    with pytest.raises(TypeError):
        snapshot.write({"threads": object()}, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
