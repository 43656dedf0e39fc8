"""The owner's commands for the replies, on a database that the comment server itself wrote."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import packages_distributions

import pytest
from lxml import html

from comments.owner import store, wordpress
from comments.owner.__main__ import COMMANDS, main
from plugins import ROOT, replies
from tests.comments_fixtures import PAGE
from tools.replies import fetch


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


def test_deleting_an_answered_reply_leaves_an_empty_place(run, add, server):
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


def test_the_commands_run_on_what_the_comment_server_installs(run, add, server, tmp_path):
    """What only the site installs, and the site's own code, cannot be imported here."""
    lock = (ROOT / "requirements-comments.txt").read_text()
    installed = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    missing = ["plugins", "tools", "pelicanconf"]
    for module, packages in packages_distributions().items():
        if not installed & {re.sub(r"[-_.]+", "-", name).lower() for name in packages}:
            missing.append(module)
    assert {"pelican", "markdown", "lxml", "nh3", "babel", "PIL", "lightningcss"} <= {*missing}
    add()
    export(tmp_path, {"text": "<b>Old</b>"})
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules |= dict.fromkeys({missing})\n"
        "from comments.owner.__main__ import main\n"
        f"arguments = ['--database', {str(server.database)!r}]\n"
        "for command in sys.argv[1:]: assert main([*arguments, *command.split()]) == 0, command"
    )
    commands = (
        *("pending", "approve 1", "list", "show 1", "answer 1 Thanks --name Editors"),
        *("export anna@example.org", "backup copy.db", "restore --yes copy.db", "move waline.json"),
        *("import --yes export.xml", "erase --yes anna@example.org", "delete --yes 3"),
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *commands], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_nightly_backup_is_a_command(run, add, tmp_path):
    add()
    unit = (ROOT / "comments/deploy/comments-backup.service").read_text("utf-8")
    command = re.search(r"-m comments\.owner --config /etc/comments\.cfg (.+) /\S+$", unit, re.M)[1]
    assert run(*command.split(), tmp_path / "backup.db")[0] == 0
    assert store.find(tmp_path / "backup.db") != []


def test_the_guide_names_every_command():
    guide = (ROOT / "docs/replies.md").read_text("utf-8")
    daily = re.findall(r"^\| `replies (.+?)` \|", guide, re.MULTILINE)
    named = {part.split()[0].strip("`") for line in daily for part in line.split(", ")}
    others = set(re.findall(r"(?:^    |`)replies ([a-z]+)", guide, re.MULTILINE))
    assert named | others == COMMANDS.keys()


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


def test_spaces_around_an_address_do_not_save_it(run, add):
    add(author="Ben", email="ben@example.org", text="As anna@example.org said")
    run("erase", "--yes", " anna@example.org ")
    assert "As [removed] said" in run("show", 1)[1]


def test_erasing_one_address_leaves_a_longer_one_that_contains_it(run, add, server):
    add()
    add(author="Ben", email="ben@example.org", text="Ask joanna@example.org or anna@example.org.uk")
    run("erase", "--yes", "anna@example.org")
    assert store.get(server.database, 2).text == "Ask joanna@example.org or anna@example.org.uk"


@pytest.fixture
def snapshot(add, server, tmp_path):
    """A snapshot of two replies of Anna's and three of Ben's, as `make replies` writes it."""
    numbers = [add(), add(), add(author="Ben", email="ben@example.org", text="Mine")]
    for parent in numbers[::2]:
        mine = {"author": "Ben", "email": "ben@example.org"}
        numbers.append(add(parent=parent, text="As anna@example.org says", **mine))
    for number in numbers:
        server.approve(number)
    path = tmp_path / "replies.json"
    fetch(server.url, [PAGE], path)
    return path


def test_erasing_refreshes_the_snapshot_that_lies_here(run, snapshot):
    assert snapshot.read_text().count("Anna Berg") == 2
    assert run("erase", "--yes", "anna@example.org")[0] == 0
    left = json.loads(snapshot.read_text())["threads"][PAGE]
    assert [reply["author"] for reply in left] == [None, "Ben", "Ben", "Ben"]
    assert left[0]["deleted"] is True
    assert left[1]["text"] == "<p>As [removed] says</p>"
    assert "anna" not in snapshot.read_text().lower()
    assert replies.read(snapshot)[PAGE].count == 3


def test_erasing_leaves_the_replies_of_another_server_in_a_snapshot(run, snapshot):
    others = re.sub("20..-..-..T", "2001-01-01T", snapshot.read_text())
    snapshot.write_text(others)
    run("erase", "--yes", "anna@example.org")
    assert snapshot.read_text() == others.replace("anna@example.org", "[removed]")


@pytest.mark.parametrize("content", ["", "[]", '{"threads": {"/": [5]}}'])
def test_a_snapshot_that_cannot_be_read_is_named_after_erasing(run, add, tmp_path, content):
    add()
    (tmp_path / "replies.json").write_text(content)
    code, said, error = run("erase", "--yes", "anna@example.org")
    assert (code, "replies.json is not a snapshot" in error) == (1, True)
    assert "0 places with anna@example.org are left" in said


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


def test_a_person_who_was_erased_stays_erased_when_an_older_backup_is_restored(
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
<wp:comment_date_gmt>2019-05-{id:0>2} 10:00:00</wp:comment_date_gmt>
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


def test_a_person_who_was_erased_does_not_come_back_with_an_import(run, server, tmp_path):
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
    found = store.find(server.database)
    assert {reply.page for reply in found} == {"/back-pain/"}
    by_name = {reply.author: reply for reply in found}
    assert by_name["Cleo"].time("%Y-%m-%d %H:%M UTC") == "2019-05-01 10:00 UTC"
    assert by_name["Deep"].parent == by_name["Ben"].parent == by_name["Cleo"].number
    assert by_name["Cleo"].network == "0.0.0.0"
    assert by_name["Cleo"].title == "Back & pain"
    assert by_name["Cleo"].text == "First\n\nSecond *word*"
    server.application.engine.run_maintenance()
    assert state(server, by_name["Waiting"].number) == "waiting"
    assert "Imported 0 replies; 4 were there already" in run("import", "--yes", path)[1]


HOSTILE = [
    {"author": "<img src=x onerror=alert(1)>"},
    {"url": "javascript:alert(1)"},
    {"url": "https://example.org/' onclick='alert(1)"},
    {"text": "<script>alert(1)</script>text"},
    {"text": '<a href="javascript:alert(1)">text</a>'},
    {"text": '<a href="https://example.org/" onclick="alert(1)">text</a>'},
    {"text": "[text](javascript:alert(1))"},
    {"text": """<a href="https://a.example" title='\\") [x](javascript:alert(1)'>text</a>"""},
    {"text": '<img src="x" onerror="alert(1)" alt="](javascript:alert(1))">text'},
    {"text": '<video src="javascript:alert(1)" poster="javascript:alert(1)"></video>text'},
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
        ("<pre>a_b\n\n  c\n</pre>d", "```\na_b\n\n  c\n```\n\nd"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>d", "* a\n  + b\n* c\n\nd"),
        ("https://example.org/", "https://example.org/"),
        ("use <code>a_b</code>", "use `a_b`"),
        ("<h2>Title</h2>text", "**Title**\n\ntext"),
        ("## two\n\n---", "\\## two\n\n\\---"),
        ("a<!-- b --><style>c</style>d", "ad"),
        ("2*3*4 snake_case", r"2\*3\*4 snake\_case"),
        ("1. one\n# two", "1\\. one\n\\# two"),
        ("<b>bold</b> &amp; <x>plain</x>", "**bold** & plain"),
        ("<blockquote>a\nb</blockquote>c", "> a\n> b\n\nc"),
    ],
)
def test_html_of_old_replies_becomes_the_markdown_that_reads_the_same(old, new):
    assert wordpress.to_markdown(old) == new


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
