"""The commands that look after the replies, on a database that the comment server itself wrote."""

import json
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lxml import html

from comments import local
from comments.fields import Reply
from tools.replies import snapshot, store, wordpress
from tools.replies.__main__ import main

SITE = "http://localhost:9"
PAGE = "/back-pain/"


@pytest.fixture
def server(tmp_path):
    with local.start([SITE], tmp_path / "server") as running:
        yield running


@pytest.fixture
def add(server):
    """Leave a reply as a visitor does; returns its number."""

    def leave(text="It helped me.", author="Anna Berg", email="anna@example.org", **more):
        reply = Reply(
            more.pop("page", PAGE), "Back", author, email, more.pop("website", None), text, **more
        )
        return server.application.engine.add(reply, "203.0.113.7", SITE)[1]["id"]

    return leave


@pytest.fixture
def run(server, capsys, monkeypatch, tmp_path):
    """Run a command on the server's database; returns its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        code = main(["--database", str(server.database), *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def shown(server):
    """The replies that the page shows."""
    query = {"uri": PAGE, "limit": 20, "nested_limit": 20, "offset": 0, "sort": "oldest"}
    return server.application.engine.thread(query)["replies"]


def state(server, number):
    return store.get(server.database, number).state


def test_what_waits_is_listed_shown_and_published(run, add, server):
    number = add(text="First line\n" + "word " * 60, author="O'Brien")
    _, said, _ = run("pending")
    assert f"{number}  " in said
    assert "O'Brien: First line word" in said
    _, said, _ = run("show", number)
    assert "anna@example.org" in said
    assert "203.0.113.0" in said
    assert run("approve", number)[0] == 0
    assert state(server, number) == "published"
    assert "No reply waits" in run("pending")[1]
    assert PAGE in run("list", PAGE)[1]


def test_an_unknown_number_is_said_plainly(run, add):
    for command in (["show"], ["approve"], ["delete", "--yes"]):
        code, _, error = run(*command, 99)
        assert code == 1
        assert error.startswith("there is no reply 99")


def test_a_missing_database_is_said_plainly(tmp_path, capsys):
    assert main(["--database", str(tmp_path / "no.db"), "pending"]) == 1
    assert "there is no database" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["delete", "erase", "restore", "import", "backup"])
def test_what_destroys_asks_first_and_changes_nothing_without_an_answer(
    run, add, server, tmp_path, command
):
    number = add()
    export(tmp_path, {})
    run("backup", tmp_path / "copy.db")
    about = {
        "delete": number,
        "erase": "anna@example.org",
        "restore": tmp_path / "copy.db",
        "import": tmp_path / "export.xml",
        "backup": tmp_path / "copy.db",
    }
    before = server.database.read_bytes(), (tmp_path / "copy.db").read_bytes()
    code, _, error = run(command, about[command])
    assert (code, "--yes" in error) == (1, True)
    assert (server.database.read_bytes(), (tmp_path / "copy.db").read_bytes()) == before


def test_deleting_an_answered_reply_leaves_a_place_that_knows_nobody(run, add, server):
    first = add()
    add(author="Ben", email="ben@example.org", parent=first)
    assert run("delete", "--yes", first)[0] == 0
    left = store.get(server.database, first)
    assert (left.state, left.author, left.email, left.text, left.network) == (
        *("deleted", "", "", ""),
        "0.0.0.0",
    )


def test_an_answer_by_the_site_is_published_and_marked(run, add, server):
    number = add()
    run("approve", number)
    code, said, _ = run("answer", number, "Thank *you*.", "--name", "The editors")
    assert code == 0
    answer = shown(server)[0]["replies"][0]
    assert (answer["author"], answer["hash"]) == ("The editors", "site")


# A person's rights.


def everything(server):
    folder = server.database.parent
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name != "salt").lower()


def test_all_that_is_held_about_a_person_is_exported(run, add):
    add(website="https://anna.example")
    add(email="Anna@Example.org", text="Another")
    add(email="ben@example.org", text="Write to anna@example.org!")
    held = json.loads(run("export", "anna@example.org")[1])
    assert len(held["replies"]) == 2
    assert held["replies"][0]["website"] == "https://anna.example"
    assert [one["number"] for one in held["mentioned_in"]] == [3]


def test_an_erased_person_is_gone_from_every_byte_of_the_database(run, add, server):
    first = add(text="My own words about my knee")
    add(author="Ben", email="ben@example.org", text="As anna@example.org said", parent=first)
    add(email="ANNA@example.org", text="More of my own words")
    deleted = add(text="Deleted before")
    add(author="Ben", email="ben@example.org", parent=deleted)
    with closing(sqlite3.connect(server.database)) as db, db:  # as Isso deletes: the address stays
        db.execute(
            "UPDATE comments SET mode = 4, text = '', author = NULL WHERE id = ?", (deleted,)
        )
    with closing(sqlite3.connect(server.database)) as db, db:  # free pages keep what was there
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("DELETE FROM comments WHERE id = ?", (add(text="My own words " * 99),))
    code, said, _ = run("erase", "--yes", "anna@example.org")
    assert code == 0
    assert "0 places with anna@example.org are left" in said
    bytes_left = everything(server)
    for word in (b"anna", b"my own words", b"knee"):
        assert word not in bytes_left
    assert store.get(server.database, 2).text == "As [removed] said"
    assert "Nothing is held" in run("erase", "--yes", "anna@example.org")[1]


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    code, _, said = run("snapshot", "--threads", tmp_path / "nowhere")
    assert code == 1
    assert "nowhere" in said


def test_spaces_around_an_address_do_not_save_it(run, add):
    add(author="Ben", email="ben@example.org", text="As anna@example.org said")
    run("erase", "--yes", " anna@example.org ")
    assert "As [removed] said" in run("show", 1)[1]


def test_erasing_one_address_leaves_a_longer_one_that_contains_it(run, add, server):
    add()
    add(author="Ben", email="ben@example.org", text="Ask joanna@example.org or anna@example.org.uk")
    run("erase", "--yes", "anna@example.org")
    assert store.get(server.database, 2).text == "Ask joanna@example.org or anna@example.org.uk"


def test_erasing_refreshes_the_snapshot_that_lies_here(run, add, tmp_path):
    numbers = [add(), add(author="Ben", email="ben@example.org", text="Mine")]
    run("approve", *numbers)
    (tmp_path / "pages").write_text(PAGE)
    run("snapshot", "--threads", tmp_path / "pages")
    assert "Anna" in (tmp_path / "replies.json").read_text()
    run("erase", "--yes", "anna@example.org")
    left = json.loads((tmp_path / "replies.json").read_text())["threads"][PAGE]
    assert [reply["author"] for reply in left] == ["Ben"]


# Safekeeping.


def test_a_backup_is_restored_whole_and_what_was_there_is_kept(run, add, server, tmp_path):
    add()
    assert "replies: 1 (waiting: 1), pages: 1" in run("backup", tmp_path / "copy.db")[1]
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0
    add(text="Later")
    code, said, _ = run("restore", "--yes", tmp_path / "copy.db")
    assert code == 0
    assert [reply.text for reply in store.find(server.database)] == ["It helped me."]
    (kept,) = server.database.parent.glob("before-restore-*.db")
    assert len(store.find(kept)) == 2
    assert str(kept) in said
    assert add(text="The server goes on") == 2


def test_whoever_was_erased_stays_erased_when_an_older_backup_is_restored(
    run, add, server, tmp_path
):
    add()
    add(author="Ben", email="ben@example.org", text="Mine")
    run("backup", tmp_path / "copy.db")
    run("erase", "--yes", "anna@example.org")
    code, said, _ = run("restore", "--yes", tmp_path / "copy.db")
    assert "Erased again, because they had been erased before: 1." in said
    assert b"anna" not in server.database.read_bytes().lower()
    assert [reply.author for reply in store.find(server.database)] == ["Ben"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, "truncated"])
def test_a_file_that_is_no_sound_backup_is_refused(run, add, server, tmp_path, content):
    for number in range(40):
        add(text=f"{number} " * 200)
    bad = tmp_path / "bad.db"
    if content == "truncated":
        run("backup", bad)
        content = bad.read_bytes()[: bad.stat().st_size // 2]
    bad.write_bytes(content)
    before = store.find(server.database)
    code, _, error = run("restore", "--yes", bad)
    assert (code, " — " in error, "Traceback" in error) == (1, True, False)
    assert store.find(server.database) == before


# Bringing replies along.

WXR = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<item><title>Back &amp;amp; pain</title><link>https://old.example/2019/05/back-pain/</link>
<wp:post_name>back-pain</wp:post_name>
{comments}
</item></channel></rss>"""
COMMENT = """<wp:comment><wp:comment_id>{id}</wp:comment_id>
<wp:comment_author><![CDATA[{author}]]></wp:comment_author>
<wp:comment_author_email>{email}</wp:comment_author_email>
<wp:comment_author_url>{url}</wp:comment_author_url><wp:comment_author_IP>203.0.113.9</wp:comment_author_IP>
<wp:comment_date_gmt>2019-05-0{id} 10:00:00</wp:comment_date_gmt>
<wp:comment_content><![CDATA[{text}]]></wp:comment_content>
<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>{type}</wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"""


PLAIN = {
    "author": "Cleo",
    "email": "cleo@example.org",
    "url": "",
    "text": "Old words",
    "type": "",
    "approved": "1",
    "parent": "0",
}


def export(tmp_path, *comments, head=""):
    made = [
        COMMENT.format(**PLAIN | {"id": number} | comment)
        for number, comment in enumerate(comments, 1)
    ]
    path = tmp_path / "export.xml"
    text = WXR.replace("{comments}", "".join(made))
    path.write_text(text.replace("<rss", head + "<rss", 1), encoding="utf-8")
    return path


def test_whoever_was_erased_does_not_come_back_with_an_import(run, server, tmp_path):
    path = export(tmp_path, {"text": "Of Cleo"}, {"email": "Dan@example.org", "author": "Dan"})
    run("import", "--yes", path)
    run("erase", "--yes", "dan@example.org")
    _, said, _ = run("import", "--yes", path)
    assert "1 left out: by people who have been erased" in said
    assert "Imported 0 replies; 1 were there already" in said
    assert [reply.author for reply in store.find(server.database)] == ["Cleo"]


def test_old_replies_come_along_in_their_threads_and_only_once(run, server, tmp_path):
    path = export(
        tmp_path,
        {"text": "First\n\nSecond <em>word</em>"},
        {"parent": "1", "author": "Ben"},
        {"parent": "2", "author": "Deep"},
        {"approved": "0", "author": "Waiting"},
        {"approved": "spam"},
        {"type": "pingback"},
    )
    code, said, _ = run("import", "--yes", path)
    assert code == 0
    assert "Imported 4 replies; 0 were there already; 1 wait" in said
    found = store.find(server.database, "ORDER BY c.id")
    assert {reply.page for reply in found} == {"/back-pain/"}
    by_name = {reply.author: reply for reply in found}
    assert by_name["Cleo"].when == "2019-05-01 10:00 UTC"
    assert by_name["Deep"].parent == by_name["Ben"].parent == by_name["Cleo"].number
    assert by_name["Cleo"].network == "0.0.0.0"
    assert by_name["Cleo"].text == "First\n\nSecond *word*"
    server.application.engine.tidy()
    assert by_name["Waiting"].number in [reply.number for reply in store.waiting(server.database)]
    assert "Imported 0 replies; 4 were there already" in run("import", "--yes", path)[1]


HOSTILE = [
    {"author": "<img src=x onerror=alert(1)>"},
    {"url": "javascript:alert(1)"},
    {"url": "https://example.org/' onclick='alert(1)"},
    {"text": "<script>alert(1)</script>text"},
    {"text": '<a href="javascript:alert(1)">text</a>'},
    {"text": '<a href="https://example.org/" onclick="alert(1)">text</a>'},
    {"text": "[text](javascript:alert(1))"},
    {"text": "<svg onload=alert(1)>text"},
    {"text": '<a href="https://example.org/)[x](javascript:alert(1)">text</a>'},
]


def test_nothing_in_an_export_can_run_on_the_page(run, server, tmp_path):
    run("import", "--yes", export(tmp_path, *HOSTILE))
    replies = shown(server)
    assert len(replies) == len(HOSTILE)
    for reply in replies:
        page = html.fromstring(f"<div><b>{reply['author']}</b>{reply['text']}</div>")
        assert not page.cssselect("script, svg, img, iframe")
        assert not [name for one in page.iter() for name in one.attrib if name.startswith("on")]
        for link in page.cssselect("a"):
            assert link.get("href").startswith("https://")
        assert reply["website"] is None or reply["website"].startswith("https://")


def test_an_export_cannot_read_files_or_swell(run, tmp_path, server):
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    code, _, error = run(
        "import", "--yes", export(tmp_path, {"text": "]]>&x;<![CDATA["}, head=head)
    )
    assert (code, "document type" in error) == (1, True)
    assert store.find(server.database) == []


@pytest.mark.parametrize("text", ["", "<rss/>", "<rss>", "{}"])
def test_a_file_that_is_no_export_is_refused_plainly(run, tmp_path, text):
    path = tmp_path / "export.xml"
    path.write_text(text)
    code, _, error = run("import", "--yes", path)
    assert (code, str(path) in error) == (1, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2*3*4 snake_case", r"2\*3\*4 snake\_case"),
        ("1. one\n# two", "1\\. one\n\\# two"),
        ("<b>bold</b> &amp; <x>plain</x>", "**bold** & plain"),
        ("<blockquote>a\nb</blockquote>c", "> a\n> b\n\nc"),
    ],
)
def test_html_of_old_replies_becomes_the_markdown_that_reads_the_same(old, new):
    assert wordpress.to_markdown(old) == new


# The snapshot.


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
def take(tmp_path, capsys, monkeypatch):
    """Take a snapshot; returns the exit code, what was said, and the file's data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").write_text(PAGE)
    kept = tmp_path / "replies.json"
    kept.write_text('{"as_of": "before", "threads": {}}')

    def command(endpoint, *more):
        code = main(["snapshot", "--endpoint", endpoint, "--threads", "pages", *more])
        return code, capsys.readouterr().err, json.loads(kept.read_text())

    return command


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
    replies = data["threads"][PAGE]
    assert code == 0
    assert sorted(reply["id"] for reply in replies) == sorted((first, *nested, *top))
    assert replies[0]["author"] == "Tom & O'Brien"
    assert replies[0]["website"] == "https://tom.example"
    assert replies[0]["text"] == "<p>See https://x.example &amp; <em>me</em></p>"
    assert {reply["parent"] for reply in replies} == {None, first}
    assert set(replies[0]) == {"id", "parent", "created", "by_site", "author", "website", "text"}
    assert "example.org" not in json.dumps(data)


def test_a_snapshot_of_the_database_file_is_the_same(server, add, take, run, tmp_path):
    server.approve(add())
    _, _, over_http = take(server.url)
    run("snapshot", "--threads", tmp_path / "pages")
    assert json.loads((tmp_path / "replies.json").read_text())["threads"] == over_http["threads"]


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


def test_all_replies_move_to_waline_in_its_own_form(run, add, tmp_path):
    first = add(author="O'Brien", text="Some *words*", website="https://a.example")
    answer = add(author="Ben", email="ben@example.org", parent=first)
    run("approve", first)
    assert run("move", tmp_path / "waline.json")[0] == 0
    moved = json.loads((tmp_path / "waline.json").read_text())
    assert (moved["type"], moved["version"]) == ("waline", 1)
    one, two = moved["data"]["Comment"]
    assert (one["nick"], one["comment"], one["url"]) == ("O'Brien", "Some *words*", PAGE)
    assert (one["status"], two["status"]) == ("approved", "waiting")
    assert (two["objectId"], two["pid"], two["rid"]) == (str(answer), str(first), str(first))
