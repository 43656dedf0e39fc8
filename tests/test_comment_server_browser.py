"""What a real browser can be made to send to the comment server, by foreign pages and by ours."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import isso
import pytest
from axe_playwright_python.sync_playwright import Axe
from isso import config as isso_config

from comments.rows import database
from tests.reply_host import BackgroundServer, running
from tests.site_fixtures import ROOT

PAGE = b"<!doctype html><html lang=en><title>A page</title><h1>A page</h1>"


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def pages():
    """Addresses of our site and of a foreign one, both serving an empty page."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Pages) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    yield [
        f"http://localhost:{servers[0].server_port}",
        f"http://127.0.0.1:{servers[1].server_port}",
    ]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def ours(pages, tmp_path):
    with running([pages[0]], tmp_path) as server:
        yield server


class Stock:
    """Isso as its documentation runs it, on a free port."""

    def __init__(self, site, folder):
        self.database = folder / "stock.db"
        conf = isso_config.load(isso_config.default_file())
        for section, key, value in (
            ("general", "host", site),
            ("general", "dbpath", str(self.database)),
            ("general", "notify", ""),
            ("guard", "ratelimit", "100"),
            ("guard", "direct-reply", "100"),
        ):
            conf.set(section, key, value)
        app = isso.make_app(conf)
        app.close = lambda: None
        self._server = BackgroundServer(app, "http://127.0.0.1:0")
        self.url = self._server.url
        self._server.start()
        self.stop = self._server.stop


@pytest.fixture
def stock(pages, tmp_path):
    server = Stock(pages[0], tmp_path)
    yield server
    server.stop()


def stored(server) -> int:
    with database(server.database) as db:
        return db.execute("SELECT count(*) FROM comments").fetchone()[0]


SEND = """async ([how, address]) => {
  const body = JSON.stringify({text: "Forged", author: "M", email: "m@example.org", title: "T"});
  const to = address + "/new?uri=/a/";
  const headers = {"Content-Type": "application/json"};
  const post = more => fetch(to, {method: "POST", body, ...more}).catch(() => 0);
  if (how === "beacon") navigator.sendBeacon(to, new Blob([body]));
  if (how === "untyped") await post({mode: "no-cors", body: new Blob([body])});
  if (how === "text") await post({mode: "no-cors"});
  if (how === "json") await post({headers});
  if (how === "cookies") await post({headers, credentials: "include"});
  await fetch(address + "/config", {mode: "no-cors"}).catch(() => 0);
}"""

FORM = """([address, type]) => {
  const form = document.body.appendChild(document.createElement("form"));
  Object.assign(form, {method: "post", action: address, enctype: type});
  const fields = {uri: "/a/", title: "T", text: "Forged", author: "M", email: "m@example.org"};
  for (const [name, value] of Object.entries(fields))
    form.appendChild(Object.assign(document.createElement("input"), {name, value}));
  form.submit();
}"""


def open_page(browser, address):
    page = browser.new_page()
    page.goto(address)
    return page


def test_no_foreign_page_can_write_a_reply(browser, pages, ours, stock):
    page = open_page(browser, pages[1])
    for how in ("beacon", "untyped", "text", "json", "cookies"):
        page.evaluate(SEND, [how, ours.url])
        page.evaluate(SEND, [how, stock.url])
    for path in ("/form", "/new?uri=/a/"):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
            page = open_page(browser, pages[1])
            with page.expect_navigation():
                page.evaluate(FORM, [ours.url + path, kind])
            page.close()
    deadline = time.monotonic() + 30
    while stored(stock) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stored(stock) == 2  # the two that carried no content type
    assert stored(ours) == 0


def test_no_page_without_an_origin_can_write_a_reply(browser, pages, ours):
    page = open_page(browser, pages[0])
    page.set_content(
        "<iframe sandbox='allow-scripts allow-forms' srcdoc='<form method=post action="
        f"{ours.url}/form><input name=uri value=/a/><input name=text value=Forged>"
        "<input name=author value=M><input name=email value=m@example.org></form>"
        "<script>document.forms[0].submit()</script>'></iframe>"
    )
    page.wait_for_function("frames.length === 1")
    page.evaluate(SEND, ["none", ours.url])
    assert stored(ours) == 0


def test_a_page_of_ours_can_send_and_read(browser, pages, ours):
    page = open_page(browser, pages[0])
    page.evaluate(SEND, ["json", ours.url])
    ours.approve(1)
    shown = page.evaluate(
        "async address => (await (await fetch(address + '/?uri=/a/', {credentials: 'include',"
        " headers: {'Content-Type': 'application/json'}})).json()).replies",
        ours.url,
    )
    assert [reply["author"] for reply in shown] == ["M"]


def test_a_visitor_without_javascript_sends_mends_and_is_told_to_wait(browser, pages, ours):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages[0])
    page.set_content(
        f"<form method=post action={ours.url}/form><input name=uri value=/a/>"
        "<input name=text value='It helped'><input name=author value=Anna>"
        "<input name=email value=anna@clinic><button>Send</button></form>"
    )
    page.click("button")
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Name").input_value() == "Anna"
    page.get_by_label("Email").fill("anna@example.org")
    page.get_by_role("button", name="Post comment").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Your reply waits for approval"
    assert (
        page.get_by_role("link", name="Back to the page").get_attribute("href") == pages[0] + "/a/"
    )
    assert stored(ours) == 1
    context.close()


SMALL = """[...document.querySelectorAll("a, button, input:not([type=hidden]), textarea")].filter(
  element => !element.closest("blockquote") && element.getBoundingClientRect().height < 44
).map(element => element.outerHTML)"""
# Contrast is asked at AAA, 7:1.
CONTRAST = {"rules": {"color-contrast-enhanced": {"enabled": True}}}


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 768), ("dark", 1280)])
def test_the_servers_own_pages_are_accessible(browser, pages, ours, scheme, width):
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 700}, bypass_csp=True
    )
    waits, corrects, moderates = (context.new_page() for _ in range(3))
    for page, form in ((waits, FORM), (corrects, FORM.replace('"m@example.org"', '"m"'))):
        page.goto(pages[0])
        page.evaluate(form, [ours.url + "/form", "application/x-www-form-urlencoded"])
    waits.wait_for_url("**/waiting?**")
    corrects.get_by_role("alert").wait_for()
    moderates.goto(f"{ours.url}/id/1/activate/{ours.application.engine._isso.sign(1)}")
    moderates.get_by_role("button", name="Approve").wait_for()
    for page in (waits, corrects, moderates):
        violations = Axe().run(page, options=CONTRAST).response["violations"]
        assert [violation["id"] for violation in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(SMALL) == []
    context.close()


def test_the_servers_own_pages_have_the_visitors_colors_and_none_of_the_themes():
    style = (ROOT / "comments" / "pages" / "style.css").read_text("utf-8")
    assert not re.search(r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)a?\(|--", style, re.IGNORECASE)
    assert "color-scheme:light dark" in style
