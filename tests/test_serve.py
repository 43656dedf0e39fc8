"""The preview that keeps itself up to date: a real server, in a copy of the project with content
of its own, seen with a real browser."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import pytest

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = (
    "What this article is about in one plain sentence that is as long as a summary has to be, so "
    "that nobody complains of it here."
)
LONG = "\n\n".join(f"Line {number} of a text that takes some scrolling." for number in range(120))
ARTICLE = f"Title: Long\nDate: 2026-01-02\nCategory: Backs\nSummary: {SUMMARY}\n\n{LONG}\n"
ARTICLE += "\nFrom {{ PUBLISHER }}.\n"
OTHER = f"Title: Other\nDate: 2026-01-03\nCategory: Backs\nSummary: {SUMMARY}\n\nOther words.\n"
DRAFT = OTHER.replace("Title: Other", "Title: Unfinished\nStatus: draft")
FUTURE = OTHER.replace("Title: Other\nDate: 2026", "Title: Coming\nDate: 2126")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
PATIENCE = 60


def until(look, what="what was waited for"):
    """Return what `look` returns as soon as that is something."""
    stop = time.monotonic() + PATIENCE
    while time.monotonic() < stop:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come")


class Project:
    """A copy of the project in `folder`, with content of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        leave = shutil.ignore_patterns("__pycache__")
        for name in ("comments", "plugins", "theme", "tools"):
            shutil.copytree(ROOT / name, folder / name, ignore=leave)
        for name in ("contract.py", "pelicanconf.py"):
            shutil.copy(ROOT / name, folder)
        for name, text in {
            "articles/long.md": ARTICLE,
            "articles/other.md": OTHER,
            "articles/unfinished.md": DRAFT,
            "articles/coming.md": FUTURE,
            "images/dot.svg": SVG,
        }.items():
            self.write(f"content/{name}", text)
        (folder / "content" / "pages").mkdir()
        self._before = self._files()

    def write(self, name: str, text: str):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def change(self, name: str, old: str, new: str):
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def restore(self) -> str:
        """Undo what a test has done. Return words that the article "Other" shows when all of it
        is undone, or "" where there was nothing to undo."""
        now = self._files()
        if now == self._before:
            return ""
        for path in now.keys() - self._before.keys():
            path.unlink()
        for path, content in self._before.items():
            if now.get(path) != content:
                path.write_bytes(content)
        mark = f"Restored at {time.monotonic_ns()}."
        self.write("content/articles/other.md", f"{OTHER}\n{mark}\n")
        self._before = self._files()
        return mark

    def _files(self) -> dict[Path, bytes]:
        folders = [self.folder / name for name in ("content", "plugins", "theme")]
        files = [path for folder in folders for path in folder.rglob("*.*")]
        files += self.folder.glob("*.*")
        return {
            path: path.read_bytes() for path in files if path.is_file() and path.suffix != ".pyc"
        }


class Served:
    """`python -m tools.serve` in a project's folder."""

    def __init__(self, project: Project, *arguments: str, **environment: str):
        self.project = project
        self._said = project.folder.parent / f"said-{time.monotonic_ns()}"
        with open(self._said, "w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.serve", *(arguments or ("--port", "0"))],
                cwd=project.folder,
                stdout=said,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TMPDIR": str(project.folder.parent), **environment},
            )

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8")

    def started(self) -> "Served":
        """Wait for the first page."""
        words = r"Open (http://\S+)/ and write|Fix and save: (http://\S+)/"
        found = until(lambda: re.search(words, self.said) or self.process.poll(), "the server")
        assert isinstance(found, re.Match), self.said
        self.address = found[1] or found[2]
        return self

    def ask(self, path: str, method: str = "GET", body=None, **headers):
        """Return status, headers and body of an answer."""
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Host": parts.netloc, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode(errors="surrogateescape")
        finally:
            connection.close()

    def text(self, path: str) -> str:
        return self.ask(path)[2]

    def errors(self) -> list[dict]:
        """Return what is said to be wrong at present."""
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/_serve/events")
            line = connection.getresponse().readline().decode()
            return json.loads(line.removeprefix("data: "))["errors"]
        finally:
            connection.close()

    def worker(self) -> int:
        """Return the id of the process that builds, 0 for none."""
        shown = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "serve.builder"],
            capture_output=True,
            text=True,
        )
        return int(shown.stdout or 0)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
        status = Path(f"/proc/{process}/stat")
        return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One server for the tests of this file."""
    served = Served(Project(tmp_path_factory.mktemp("serve") / "a project"))
    try:
        yield served.started()
    finally:
        served.stop()


@pytest.fixture
def served(shared):
    """The server, showing the project as it was before any test."""
    yield shared
    if mark := shared.project.restore():
        until(lambda: mark in shared.text("/other/") and not shared.errors(), "order")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def serve(project):
    """Start servers for `project`; they are stopped in the end."""
    running = []

    def start(*arguments, **environment):
        running.append(Served(project, *arguments, **environment))
        return running[-1]

    yield start
    for served in running:
        served.stop()


def test_an_open_page_shows_what_was_saved_and_stays_where_it_was_read(served, new_page):
    page = new_page()
    page.goto(f"{served.address}/long/")
    page.evaluate("scrollTo(0, 1500)")
    served.project.change("content/articles/long.md", "Line 50 of a text", "Line 50 of the tale")
    page.get_by_text("Line 50 of the tale").wait_for(timeout=PATIENCE * 1000)
    until(lambda: page.evaluate("scrollY") == 1500, "the place")
    assert page.complaints == []


def test_a_page_that_is_not_there_yet_appears_when_it_is_saved(served, new_page):
    page = new_page()
    assert page.goto(f"{served.address}/new/").status == 404
    served.project.write("content/articles/new.md", OTHER.replace("Other", "New"))
    page.get_by_text("New words.").wait_for(timeout=PATIENCE * 1000)


REPLIES = {
    "as_of": "2026-01-05T00:00:00Z",
    "threads": {
        "/other/": [
            {
                "id": 1,
                "parent": None,
                "author": "Anna Kept",
                "website": None,
                "created": "2026-01-04T00:00:00Z",
                "text": "<p>It helped.</p>",
                "by_site": False,
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("name", "old", "new", "path", "seen"),
    [
        (
            "theme/templates/partials/footer.html",
            "not a diagnosis",
            "no diagnose",
            "/",
            "no diagnose",
        ),
        ("theme/css/site.css", "body", "hr{margin:77px}body", "/other/", "77px"),
        ("pelicanconf.py", 'SITENAME = "', 'SITENAME = "Anew ', "/other/", "Anew "),
        ("pelicanconf.py", "Example Health", "Example Wealth", "/long/", "From Example Wealth"),
        ("plugins/dates.py", '"long"', '"short"', "/other/", "1/3/26"),
        ("content/images/dot.svg", 'width="9"', 'width="77"', "/images/dot.svg", 'width="77"'),
    ],
    ids=["template", "css", "settings", "token", "plugin", "image"],
)
def test_whatever_is_saved_is_seen(served, name, old, new, path, seen):
    assert seen not in served.text(path)
    served.project.change(name, old, new)
    until(lambda: seen in served.text(path), seen)


def test_a_fetched_snapshot_of_replies_is_seen(served):
    served.project.write("replies.json", json.dumps(REPLIES))
    until(lambda: "Anna Kept" in served.text("/other/"), "the reply")


def test_what_is_deleted_is_gone(served):
    assert served.ask("/other/")[0] == 200
    (served.project.folder / "content/articles/other.md").unlink()
    until(lambda: served.ask("/other/")[0] == 404, "its end")


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "line", "cure"),
    [
        ("content/articles/other.md", "Date: 2026-01-03", "Date: 2026-13-03",
         "content/articles/other.md:2", "Date: 2026-13-03", "To do: write year-month-day"),
        ("theme/templates/partials/footer.html", "<footer", "{% if %}<footer",
         "theme/templates/partials/footer.html:1", "{% if %}<footer", "To do: fix the template"),
        ("content/articles/other.md", "Title: Other", "Title: Other\nSlug: long",
         "content/articles/other.md:2", "Slug: long", "To do: "),
        ("pelicanconf.py", "RELATIVE_URLS = True", "RELATIVE_URLS = (True",
         "pelicanconf.py:", "RELATIVE_URLS = (True", "To do: fix the Python code"),
        ("plugins/dates.py", "def day(", "def day((",
         "plugins/dates.py:", "def day((", "To do: fix the Python code"),
    ],
    ids=["date", "template", "slug", "settings", "plugin"],
)  # fmt: skip
def test_an_error_is_shown_over_the_page_until_it_is_fixed(
    served, new_page, name, old, new, place, line, cure
):
    page = new_page()
    page.goto(f"{served.address}/other/")
    served.project.change(name, old, new)
    panel = page.get_by_role("alert")
    panel.wait_for(timeout=PATIENCE * 1000)
    words = panel.inner_text()
    for part in (place, line, cure):
        assert part in words
    until(lambda: place in served.said and line in served.said, "the line in the terminal")
    assert served.ask("/other/")[0] == 200
    assert "Other words." in page.locator("main").inner_text()
    served.project.change(name, new, old)
    panel.wait_for(state="detached", timeout=PATIENCE * 1000)
    assert "Other words." in page.locator("main").inner_text()
    assert page.complaints == []


def test_a_missing_template_ends_its_error_when_it_is_there(served):
    named = OTHER.replace("Title: Other", "Title: Other\nTemplate: special")
    served.project.write("content/articles/other.md", named)
    (error,) = until(served.errors)
    assert error["what"] == '"special" is not a template of the theme for articles'
    template = served.project.folder / "theme" / "templates" / "article.html"
    served.project.write("theme/templates/special.html", template.read_text("utf-8"))
    until(lambda: not served.errors(), "a site without errors")


def test_an_error_can_be_hidden(served, new_page):
    page = new_page()
    served.project.change("content/articles/other.md", "Date: 2026", "Date: soon")
    until(served.errors)
    page.goto(f"{served.address}/other/")
    page.get_by_role("button", name="Hide").click()
    assert page.get_by_role("alert").count() == 0


def test_a_site_with_errors_from_the_start_appears_when_they_are_fixed(serve, project, new_page):
    project.change("content/articles/other.md", "Date: 2026", "Date: soon")
    served = serve().started()
    page = new_page()
    assert page.goto(f"{served.address}/other/").status == 503
    page.get_by_text("content/articles/other.md:2").wait_for(timeout=PATIENCE * 1000)
    project.change("content/articles/other.md", "Date: soon", "Date: 2026")
    page.get_by_text("Other words.").wait_for(timeout=PATIENCE * 1000)


def test_drafts_and_articles_to_come_are_shown_marked_and_listed(served):
    def marks(path):
        page = lxml.html.document_fromstring(served.text(path))
        return [note.text_content() for note in page.cssselect("main p[role=note]")]

    assert marks("/drafts/unfinished/") == ["Draft. Only this preview shows it."]
    assert marks("/coming/") == ["Scheduled for 2126-01-03 00:00. Only this preview shows it."]
    assert marks("/other/") == []
    home = lxml.html.document_fromstring(served.text("/"))
    assert home.xpath("//main/p[@role='note']/a/@href") == ["/coming/", "/drafts/unfinished/"]
    assert f"Draft: {served.address}/drafts/unfinished/" in served.said


def test_what_is_to_be_skipped_is_said_once(served):
    skipped = OTHER.replace("Title: Other", "Title: Later\nStatus: skip")
    for words in ("", "More words."):
        served.project.write("content/articles/later.md", f"{skipped}\n{words}\n")
        served.project.change("content/articles/other.md", "Other words.", f"Other words. {words}.")
        until(lambda words=words: f"Other words. {words}." in served.text("/other/"))
    assert served.said.count("1 file is not built (Status: skip): later.md") == 1


def test_only_served_pages_are_changed_and_output_is_left_alone(served):
    page = lxml.html.document_fromstring(served.text("/drafts/unfinished/"))
    assert page.xpath("//script/@src")[-1] == "/_serve/reload.js"
    built = sorted(served.project.folder.parent.glob("site-*/*/drafts/unfinished/index.html"))
    assert "_serve" not in built[-1].read_text("utf-8")
    assert "Only this preview" not in built[-1].read_text("utf-8")
    assert not (served.project.folder / "output").exists()


def test_what_is_not_there_is_answered_with_the_sites_own_page(served):
    status, headers, body = served.ask("/nowhere/")
    assert status == 404
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert lxml.html.document_fromstring(body).findtext(".//h1") == "This page is not here"


@pytest.mark.parametrize(
    "path",
    ["/../pelicanconf.py", "/%2e%2e/%2e%2e/pelicanconf.py", "/%00", "/..%5cx", "//etc/passwd"],
)
def test_nothing_outside_the_site_is_answered(served, path):
    assert served.ask(path)[0] == 404


def test_head_is_answered_as_get_without_the_body(served):
    place = urlsplit(served.address)
    for path in ("/", "/other/", "/nowhere/", "/feed.xml"):
        with socket.create_connection((place.hostname, place.port), PATIENCE) as connection:
            connection.sendall(f"HEAD {path} HTTP/1.0\r\nHost: {place.netloc}\r\n\r\n".encode())
            head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
        status, headers, _ = served.ask(path)
        assert f" {status} " in head.decode().splitlines()[0]
        assert f"Content-Length: {headers['Content-Length']}" in head.decode()
        assert body == b""


def test_an_address_without_its_last_slash_leads_on(served):
    status, headers, _ = served.ask("/other")
    assert (status, headers["Location"]) == (302, "/other/")


def test_a_foreign_name_that_leads_to_this_machine_is_not_answered(served):
    assert served.ask("/drafts/unfinished/", Host="evil.example")[0] == 421
    assert served.ask("/", Host="127.0.0.1")[0] == 200


def test_a_reply_can_be_tried_and_approved_with_nothing_configured(served):
    reply = {"author": "Anna", "email": "anna@example.org", "text": "It helped.", "title": "Other"}
    origin = {"Content-Type": "application/json", "Origin": served.address}
    status, _, body = served.ask("/isso/new?uri=/other/", "POST", json.dumps(reply), **origin)
    assert status == 202, body
    until(lambda: "A reply waits for you:" in served.said)
    assert json.loads(served.text("/isso/?uri=/other/"))["replies"] == []
    command = re.search(r"A reply waits for you:\s+(\S+) (.*) pending", served.said)
    subprocess.run(
        [sys.executable, *command[2].split(), "approve", str(json.loads(body)["id"])],
        cwd=served.project.folder,
        check=True,
        capture_output=True,
    )
    (shown,) = json.loads(served.text("/isso/?uri=/other/"))["replies"]
    assert shown["author"] == "Anna"


def test_a_preview_never_asks_the_owners_comment_server(served):
    served.project.change("pelicanconf.py", '"endpoint": ""', '"endpoint": "https://real.example"')
    served.project.change("content/articles/other.md", "Other words.", "Other words. More.")
    until(lambda: "More." in served.text("/other/"))
    assert "real.example" not in served.text("/other/")


def test_without_isso_all_else_works(serve, project):
    project.write("isso.py", 'raise ModuleNotFoundError("No module named isso", name="isso")')
    served = serve().started()
    assert "Replies cannot be tried: isso is not installed." in served.said
    assert served.ask("/other/")[0] == 200
    assert served.ask("/isso/")[0] == 503


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_no_process_port_or_folder_behind(serve, project, name):
    served = serve().started()
    worker, port = served.worker(), urlsplit(served.address).port
    for _ in range(20):  # make and a shell pass on what a terminal has sent already
        served.process.send_signal(getattr(signal, name))
    assert served.process.wait(PATIENCE) == 0
    assert "Traceback" not in served.said
    assert not is_running(worker)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
    assert list(project.folder.parent.glob("site-*")) == []


def test_signals_in_the_middle_of_a_build_end_it(serve):
    served = serve()
    worker = until(served.worker, "the process that builds")
    for _ in range(20):
        served.process.send_signal(signal.SIGINT)
    assert served.process.wait(PATIENCE) == 0
    assert not is_running(worker)
    assert "Traceback" not in served.said


def test_the_process_that_builds_does_not_outlive_a_killed_server(serve):
    served = serve().started()
    worker = served.worker()
    served.process.kill()
    served.process.wait(PATIENCE)
    until(lambda: not is_running(worker), "its end")


def test_a_build_ends_quietly_where_the_server_was_killed_meanwhile(serve):
    served = serve()
    worker = until(served.worker, "the process that builds")
    until(lambda: "Building" in served.said)
    served.process.kill()
    until(lambda: not is_running(worker), "its end")
    assert "Traceback" not in served.said


def test_a_build_process_that_breaks_down_is_replaced(served):
    os.kill(served.worker(), signal.SIGKILL)
    served.project.change("content/articles/other.md", "Other words.", "Other words. One.")
    until(lambda: "the process that builds has ended" in str(served.errors()))
    served.project.change("content/articles/other.md", "One.", "Two.")
    until(lambda: "Two." in served.text("/other/"))


def test_code_that_names_every_error_can_break_and_be_fixed(served):
    served.project.change("plugins/problems.py", "class Problem:", "class Problem(:")
    until(lambda: "the process that builds has ended" in str(served.errors()))
    assert "SyntaxError" in served.said
    served.project.change("plugins/problems.py", "class Problem(:", "class Problem:")
    until(lambda: not served.errors(), "a site without errors")


def test_a_library_that_is_missing_is_named_with_what_installs_it(serve, project):
    project.write("werkzeug.py", 'raise ModuleNotFoundError("No module", name="werkzeug")')
    served = serve()
    assert served.process.wait(PATIENCE) == 1
    assert "werkzeug is not installed — type `make serve`" in served.said
    assert "Traceback" not in served.said


def test_a_taken_port_is_said_with_what_to_type_instead(serve):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        served = serve("--port", str(port))
        assert served.process.wait(PATIENCE) == 1
    assert f"Port {port} is taken" in served.said
    assert re.search(r"python\S* -m tools.serve --port 0|make serve PORT=0", served.said)
    assert "Traceback" not in served.said


def test_port_and_host_can_be_set_in_the_environment(serve):
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = str(other.getsockname()[1])
    served = serve("-s", "pelicanconf.py", PORT=port, HOST="127.0.0.2").started()
    assert served.address == f"http://127.0.0.2:{port}"
    assert served.ask("/other/")[0] == 200
    assert "Everybody on your network" not in served.said


def test_nothing_but_words_is_printed_where_there_is_no_terminal(served):
    assert "\x1b" not in served.said


def test_after_some_saves_is_shown_what_an_ordinary_build_makes_from_nothing(serve, project):
    now = {"SOURCE_DATE_EPOCH": "1790000000"}
    served = serve(**now).started()
    for name, old, new, path, seen in (
        ("content/articles/other.md", "Other words.", "[^a]\n\n[^a]: Words.", "/other/", "Words."),
        ("content/articles/other.md", "Words.", "Other words.", "/other/", "Other words."),
        ("theme/templates/partials/byline.html", "<dl", "<dl id=by", "/other/", "<dl id=by"),
        ("pelicanconf.py", 'SITENAME = "', 'SITENAME = "Anew ', "/other/", "Anew "),
    ):
        project.change(name, old, new)
        until(lambda path=path, seen=seen: seen in served.text(path), seen)
    built = project.folder.parent / "built"
    preview = [f'SITEURL="{served.address}"', "RELATIVE_URLS=true", "PUBLISHING=false"]
    subprocess.run(
        [sys.executable, "-m", "tools.build", "-o", built, "--ignore-cache", "-e", *preview],
        cwd=project.folder,
        env={**os.environ, **now},
        check=True,
        capture_output=True,
    )
    own = re.compile(r'<p role="note"><mark>.*?</p>|<script src="/_serve/reload.js"[^>]*></script>')
    files = [path for path in built.rglob("*") if path.is_file()]
    assert len(files) > 20
    for file in files:
        path = "/" + file.relative_to(built).as_posix()
        shown = own.sub("", served.text(path)).encode(errors="surrogateescape")
        assert shown == file.read_bytes(), path


def test_many_saves_take_no_more_memory_and_processes_than_a_few(served):
    def family(process):
        """Return a process and its descendants."""
        shown = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True)
        return [process, *(each for child in shown.stdout.split() for each in family(int(child)))]

    def memory(process):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1])

    def settled():
        """Return the memory of each process, in KB, when the next build has what it needs."""
        before, now = [], [0]
        while now != before:
            time.sleep(0.5)
            before, now = now, [memory(process) for process in family(served.process.pid)]
        return now

    def save(times):
        for number in times:
            text = f"{OTHER}\nSaved for the {number}th time.\n"
            served.project.write("content/articles/other.md", text)
            until(lambda number=number: f"the {number}th time" in served.text("/other/"))

    save(range(1, 4))
    few = settled()
    save(range(4, 14))
    many = settled()
    assert len(many) == len(few) == 2
    assert sum(many) < sum(few) + 8_000, (few, many)


def test_what_a_plugin_prints_is_shown_in_the_terminal(served):
    prints = 'print("Said by a plugin.") or "short"'
    served.project.change("plugins/dates.py", '"long"', prints)
    until(lambda: "1/3/26" in served.text("/other/"), "the date")
    assert "Said by a plugin." in served.said
