"""What the comment server takes, refuses and answers. Stock Isso stands beside it as the measure:
where a test asks `stock` too, the same request does harm there."""

import hashlib
import json
import os

import isso
import pytest
from isso import config as isso_config
from lxml import html
from werkzeug.test import Client

from comments import locks, settings
from comments.app import Application
from comments.rows import database, prune

SITE = "http://localhost:9"  # the pages' origin; nothing listens there
PAGE = "/back-pain/"
REPLY = {"text": "It helped me.", "author": "Anna", "email": "anna@example.org", "title": "Back"}
JSON = {"Content-Type": "application/json", "Origin": SITE}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": SITE}


class Server:
    """An application, asked in this process."""

    def __init__(self, app, path):
        self.client, self.app, self.database = Client(app), app, path

    def ask(self, path, method="GET", **more):
        more.setdefault("base_url", "http://localhost")
        more.setdefault("environ_base", {"REMOTE_ADDR": "127.0.0.1"})
        return self.client.open(path, method=method, buffered=True, **more)

    def post(self, reply=REPLY, page=PAGE, headers=JSON, path="/new", **more):
        body = reply if isinstance(reply, bytes) else json.dumps(reply)
        query = {"uri": page} if page is not None else {}
        more = {"query_string": query, **more}
        return self.ask(path, "POST", data=body, headers=headers, **more)

    def approve_all(self):
        with database(self.database) as db:
            db.execute("UPDATE comments SET mode = 1 WHERE mode = 2")

    def rows(self):
        with database(self.database) as db:
            return [dict(row) for row in db.execute("SELECT * FROM comments ORDER BY id")]


@pytest.fixture
def ours(tmp_path):
    app = Application(settings.local([SITE], tmp_path))
    yield Server(app, app.settings.database)
    app.close()


@pytest.fixture
def stock(tmp_path):
    """Isso as its documentation runs it, with moderation."""
    path = tmp_path / "stock.db"
    conf = isso_config.load(isso_config.default_file())
    conf.set("general", "host", SITE)
    conf.set("general", "dbpath", str(path))
    conf.set("general", "notify", "")
    conf.set("moderation", "enabled", "true")
    conf.set("guard", "ratelimit", "1000")
    conf.set("guard", "direct-reply", "1000")
    return Server(isso.make_app(conf), path)


def stored(server) -> int:
    return len(server.rows())


def test_a_reply_waits_until_it_is_approved_and_then_appears(ours):
    sent = ours.post()
    assert (sent.status_code, sent.json["mode"]) == (202, 2)
    assert ours.ask("/", query_string={"uri": PAGE}).json["replies"] == []
    ours.approve_all()
    (shown,) = ours.ask("/", query_string={"uri": PAGE}).json["replies"]
    assert (shown["author"], shown["text"]) == ("Anna", "<p>It helped me.</p>")


FORGED = {
    "no content type": {"Origin": SITE},
    "a foreign origin": JSON | {"Origin": "https://evil.example"},
    "no origin": {"Content-Type": "application/json"},
    "a hidden origin": JSON | {"Origin": "null"},
    "an origin that begins like ours": JSON | {"Origin": "http://localhost.evil.example:9"},
    "our host on another port": JSON | {"Origin": "http://localhost:10"},
    "an origin that the browser contradicts": JSON | {"Sec-Fetch-Site": "same-origin"},
    "no page at all, says the browser": JSON | {"Sec-Fetch-Site": "none"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_a_write_is_taken_only_as_json_from_a_page_of_ours(headers, ours, stock):
    assert ours.post(headers=headers).status_code in (403, 415)
    assert stored(ours) == 0
    assert stock.post(headers=headers).status_code == 202


@pytest.mark.parametrize("media", ["text/plain", "multipart/form-data", "application/json5"])
def test_other_media_types_are_refused(ours, media):
    assert ours.post(headers=JSON | {"Content-Type": media}).status_code == 415


WRONG = {
    "a name of spaces": ({"author": "  "}, "author", True),
    "an invisible name": ({"author": "\u3164\u200b"}, "author", True),
    "a name without end": ({"author": "a" * 101}, "author", True),
    "a title without end": ({"title": "t" * 301}, "title", True),
    "no address": ({"email": ""}, "email", False),
    "an address that is none": ({"email": "notanemail"}, "email", True),
    "an address of spaces": ({"email": " "}, "email", True),
    "an address without a dot": ({"email": "anna@localhost"}, "email", True),
    "a script as website": ({"website": "javascript:alert(1)"}, "website", False),
    "a website with a quote": ({"website": "https://example.org/'x"}, "website", True),
    "a website with a password": ({"website": "https://me:pw@example.org"}, "website", False),
    "a text without end": ({"text": "t" * 8001}, "text", True),
    "an empty text": ({"text": " \n"}, "text", False),
    "a parent beyond all numbers": ({"parent": 10**30}, "parent", False),
    "a parent that is a truth": ({"parent": True}, "parent", True),
}


@pytest.mark.parametrize(("change", "field", "harms"), WRONG.values(), ids=WRONG)
def test_a_field_out_of_bounds_is_refused_with_words_and_its_name(
    change, field, harms, ours, stock
):
    answer = ours.post(REPLY | change)
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert len(answer.json["message"]) > 10
    assert stored(ours) == 0
    if harms:
        assert stock.post(REPLY | change).status_code == 202


@pytest.mark.parametrize(
    "page",
    ["https://evil.example/", "//evil.example/", "back-pain/", "/a?b", "/a#b", "/../a", "/a//b"]
    + ["/" + "a" * 300, "/a b", "/\\evil", "/a\u202eb", "", None],
)
def test_a_thread_is_the_path_of_a_page_of_this_site(ours, stock, page):
    assert ours.post(page=page).status_code == 400
    if page:
        assert stock.post(page=page).status_code == 202


def test_characters_that_hide_or_turn_text_are_taken_out_and_honest_ones_stay(ours):
    ours.post(REPLY | {"author": "O'Brien\x00 \u202eevil\u202c", "text": "a\x07b\r\nनमस्ते 👩‍👧"})
    ours.approve_all()
    (shown,) = ours.ask("/", query_string={"uri": PAGE}).json["replies"]
    assert shown["author"] == "O'Brien evil"
    assert shown["text"] == "<p>ab<br>\nनमस्ते 👩‍👧</p>"


def malformed():
    """Fifty requests that no page of ours sends."""
    bodies = [b"", b"null", b"[]", b'"x"', b"5", b"{", b"\xff\xfe", b"NaN", b'{"text":NaN}']
    bodies += [b"[" * 30000, b'{"a":' * 9000, b"9" * 5000, b'{"text":"\\ud800 abc"}', b"\x00"]
    bodies += [
        json.dumps(REPLY | {key: value}).encode()
        for key in ("text", "author", "email", "website", "title")
        for value in ({}, [1], 5, "\ud800abc")
    ]
    bodies += [json.dumps(REPLY | {"parent": value}).encode() for value in ("x", {}, 1.5, -1, 0)]
    bodies += [json.dumps(REPLY | {"notification": {}, "parent": 10**30}).encode()]
    for body in bodies:
        yield "POST", "/new?uri=/a/", body
    for path in ("/count", "/preview"):
        for body in (b"null", b"5", b"[5]", b'[["/a/"]]', b'{"text":5}', b'{"text":{}}'):
            yield "POST", path, body
    for query in ("limit=x", "offset=-1", "nested_limit=1e9", "sort=karma", "parent=%00"):
        yield "GET", f"/?uri=/a/&{query}", None
    yield "GET", "/?uri=%ff%fe", None
    yield "GET", f"/id/{'9' * 400}/activate/x", None
    yield "POST", "/id/1/activate/AAAA.BBBB.CCCC", b""
    yield "BREW", "/new", b""
    yield "PUT", "/id/99999999999999999999999", b"{}"


def test_fifty_malformed_requests_get_no_server_error(ours, stock):
    requests = list(malformed())
    assert len(requests) >= 50
    codes = {"ours": [], "stock": []}
    for name, server in (("ours", ours), ("stock", stock)):
        for method, path, body in requests:
            answer = server.ask(path, method, data=body, headers=JSON)
            codes[name].append(answer.status_code)
    assert {code for code in codes["ours"] if not 400 <= code < 500} == set()
    assert stored(ours) == 0
    assert codes["stock"].count(500) >= 10


def test_a_body_that_is_too_big_is_refused(ours):
    assert ours.post(REPLY | {"text": "t" * 70_000}).status_code == 413


@pytest.mark.parametrize(
    "path", ["/demo/", "/info", "/admin/", "/feed?uri=/a/", "/latest", "/login/"]
)
def test_what_visitors_do_not_need_is_closed(ours, stock, path):
    assert ours.ask(path).status_code == 404
    if path in ("/demo/", "/info"):
        assert stock.ask(path).status_code in (200, 302)


def test_votes_are_closed(ours, stock):
    for server in (ours, stock):
        server.post()
    assert ours.post({}, path="/id/1/like").status_code == 404
    assert stock.post({}, path="/id/1/like").status_code == 200


def test_an_approved_reply_cannot_be_changed_by_its_author(ours, stock):
    for server, harmed in ((stock, True), (ours, False)):
        server.post()
        server.approve_all()
        changed = json.dumps({"text": "Buy my pills."})
        server.ask("/id/1", "PUT", data=changed, headers=JSON)
        assert ("pills" in server.rows()[0]["text"]) is harmed
    assert ours.ask("/id/1", "DELETE", headers=JSON).status_code == 404


def test_no_cookie_is_ever_set(ours, stock):
    for server, harmed in ((stock, True), (ours, False)):
        answer = server.post()
        assert any("cookie" in name.lower() for name, _ in answer.headers.items()) is harmed


def guesses(email, server_salt):
    """What someone who suspects an address would look for in public answers."""
    from isso.utils.hash import PBKDF2

    known = email.encode()
    for salt in (b"Eech7co8Ohloopo9Ol6baimi", server_salt):
        yield PBKDF2(salt).uhash(email)
    for name in ("md5", "sha1", "sha256"):
        yield hashlib.new(name, known).hexdigest()


def test_no_public_answer_holds_an_address_or_anything_that_confirms_one(ours, stock, tmp_path):
    salt = (tmp_path / "salt").read_bytes()
    for server, harmed in ((stock, True), (ours, False)):
        answers = [server.post()]
        server.approve_all()
        for path in (
            "/?uri=/back-pain/",
            "/config",
            "/feed?uri=/back-pain/",
            "/info",
            "/id/1",
            "/healthz",
        ):
            answers.append(server.ask(path, headers={"Origin": SITE}))
        answers.append(server.post([PAGE], path="/count", page=None))
        answers.append(server.post({"text": "more"}, path="/preview", page=None))
        public = "\n".join(a.text + str(a.headers) for a in answers)
        assert "anna@example.org" not in public
        assert any(guess in public for guess in guesses("anna@example.org", salt)) is harmed


def test_two_visitors_look_alike_and_the_site_itself_is_marked(ours):
    ours.post()
    ours.post(REPLY | {"email": "ben@example.org"})
    with database(ours.database) as db:
        db.execute("UPDATE comments SET mode = 1")
        db.execute("UPDATE comments SET email = NULL, remote_addr = 'site' WHERE id = 2")
    shown = ours.ask("/", query_string={"uri": PAGE}).json["replies"]
    assert [reply["hash"] for reply in shown] == ["visitor", "site"]


def test_a_thread_is_fetched_twenty_replies_at_a_time(ours, stock):
    for server in (ours, stock):
        for number in range(25):
            server.post(REPLY | {"text": f"reply {number}"})
        server.approve_all()
    for query in ({}, {"limit": "1000"}):
        found = ours.ask("/", query_string={"uri": PAGE, **query}).json
        assert (len(found["replies"]), found["hidden_replies"], found["total_replies"]) == (
            20,
            5,
            25,
        )
    rest = ours.ask("/", query_string={"uri": PAGE, "offset": "20"}).json
    assert [len(rest["replies"]), rest["hidden_replies"]] == [5, 0]
    assert len(stock.ask("/", query_string={"uri": PAGE}).json["replies"]) == 25


def test_names_and_websites_of_rows_from_elsewhere_cannot_run_script(ours, stock):
    for server, harmed in ((stock, True), (ours, False)):
        server.post()
        with database(server.database) as db:
            db.execute(
                "UPDATE comments SET mode = 1, author = '<img onerror=x>', website = 'javascript:x'"
            )
        (shown,) = server.ask("/", query_string={"uri": PAGE}).json["replies"]
        assert ("<img" in shown["author"]) is harmed
        assert bool(shown["website"]) is harmed


def test_many_replies_from_one_network_wait_a_minute_with_words_that_name_nobody(tmp_path):
    app = Application(settings.local([SITE], tmp_path, ratelimit=3))
    server = Server(app, app.settings.database)
    codes = [server.post(environ_base={"REMOTE_ADDR": "203.0.113.7"}) for _ in range(4)]
    assert [answer.status_code for answer in codes] == [202, 202, 202, 429]
    assert codes[3].headers["Retry-After"] == "60"
    assert "203.0.113" not in codes[3].text
    assert server.post(environ_base={"REMOTE_ADDR": "198.51.100.7"}).status_code == 202
    app.close()


def forwarded(server, peer, path):
    server.post(headers=JSON | {"X-Forwarded-For": path}, environ_base={"REMOTE_ADDR": peer})
    return server.rows()[-1]["remote_addr"]


def test_a_forwarded_address_counts_only_from_the_trusted_proxy(tmp_path, ours, stock):
    assert forwarded(stock, "203.0.113.7", "8.8.8.8") == "8.8.8.0"
    assert forwarded(ours, "203.0.113.7", "8.8.8.8") == "203.0.113.0"
    chosen = settings.local([SITE], tmp_path / "behind")
    behind = Application(trusting(chosen, "10.0.0.1"))
    server = Server(behind, chosen.database)
    assert forwarded(server, "10.0.0.1", "8.8.8.8, 198.51.100.3") == "198.51.100.0"
    assert forwarded(server, "10.0.0.1", "8.8.8.8, 198.51.100.3, 10.0.0.1") == "198.51.100.0"
    assert forwarded(server, "10.0.0.1", "8.8.8.8, nonsense") == "10.0.0.0"
    assert forwarded(server, "10.0.0.2", "8.8.8.8") == "10.0.0.0"
    behind.close()


def trusting(settings, *proxies):
    from dataclasses import replace
    from ipaddress import ip_network

    return replace(settings, proxies=tuple(map(ip_network, proxies)))


def test_other_forwarded_headers_and_cookies_change_nothing(ours):
    odd = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X-Script-Name": "/new",
        "Cookie": "1=x",
    }
    answer = ours.ask("/form", "POST", data=form(), headers=FORM | odd)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://localhost/waiting?")


@pytest.mark.parametrize(
    "path", ["/", "/config", "/healthz", "/nowhere", "/js/embed.min.js", "/form"]
)
def test_every_answer_carries_the_security_headers(ours, path):
    headers = ours.ask(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert headers["Cache-Control"]


def test_only_pages_of_ours_may_read_answers(ours, stock):
    foreign = {"Origin": "https://evil.example"}
    assert (
        ours.ask("/config", headers={"Origin": SITE}).headers["Access-Control-Allow-Origin"] == SITE
    )
    assert "Access-Control-Allow-Origin" not in ours.ask("/config", headers=foreign).headers
    assert "Access-Control-Allow-Origin" in stock.ask("/config", headers=foreign).headers
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    assert ours.ask("/new", "OPTIONS", headers=asked | {"Origin": SITE}).status_code == 204
    assert ours.ask("/new", "OPTIONS", headers=asked | foreign).status_code == 403
    assert stock.ask("/new", "OPTIONS", headers=asked | foreign).status_code == 200


def test_the_embed_is_compressed_and_known_by_its_tag(ours, stock):
    packed = {"Accept-Encoding": "gzip"}
    first = ours.ask("/js/embed.min.js", headers=packed)
    assert first.headers["Content-Encoding"] == "gzip"
    assert len(first.data) < 21_000
    assert "max-age=86400" in first.headers["Cache-Control"]
    again = ours.ask("/js/embed.min.js", headers=packed | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    plain = ours.ask("/js/embed.min.js")
    assert plain.headers["ETag"] != first.headers["ETag"]
    assert "Content-Encoding" not in stock.ask("/js/embed.min.js", headers=packed).headers


def test_health_is_told_and_its_loss_too(ours):
    assert ours.ask("/healthz").json == {"status": "ok"}
    ours.database.write_bytes(b"no database at all" * 100)
    assert ours.ask("/healthz").status_code == 503


@pytest.mark.parametrize(
    ("endpoint", "asked", "base"),
    [
        ("https://comments.example.org", "/", "https://comments.example.org"),
        ("https://www.example.org/isso", "/isso/", "https://www.example.org/isso"),
        ("https://www.example.org/isso", "/", "https://www.example.org/isso"),
    ],
    ids=["own host", "prefix kept by the proxy", "prefix cut by the proxy"],
)
def test_it_works_on_a_host_of_its_own_and_under_a_folder_of_the_site(
    tmp_path, endpoint, asked, base
):
    site = "https://www.example.org"
    app = Application(settings.local([site], tmp_path, endpoint))
    server = Server(app, app.settings.database)
    headers = JSON | {"Origin": site}
    assert server.post(path=asked + "new", headers=headers).status_code == 202
    assert server.ask(asked, query_string={"uri": PAGE}).json["total_replies"] == 0
    answer = server.ask(asked + "form", "POST", data=form(), headers=FORM | {"Origin": site})
    assert answer.headers["Location"] == f"{base}/waiting?uri={PAGE}"
    page = html.fromstring(server.ask(asked + "waiting", query_string={"uri": PAGE}).data)
    assert page.cssselect(".back a")[0].get("href") == site + PAGE
    app.close()


# Visitors without JavaScript.


def form(**change):
    return {"uri": PAGE, "website": "", "parent": "", **REPLY, **change}


def test_a_plain_form_is_taken_and_answered_by_a_page_that_says_it_waits(ours):
    answer = ours.ask("/form", "POST", data=form(), headers=FORM, follow_redirects=True)
    page = html.fromstring(answer.data)
    assert "waits for approval" in page.cssselect("h1")[0].text
    assert page.cssselect(".back a")[0].get("href") == SITE + PAGE
    assert ours.rows()[0]["mode"] == 2
    assert "anna" not in answer.request.url.lower()


def test_a_plain_form_to_mend_keeps_every_word_and_names_the_field(ours):
    sent = form(
        email="notanemail", text='Two lines\n</textarea><script>alert("1")</script>', parent="7"
    )
    answer = ours.ask("/form", "POST", data=sent, headers=FORM)
    page = html.fromstring(answer.data)
    assert answer.status_code == 400
    kept = {
        name: page.forms[0].fields[name] for name in ("uri", "title", "author", "email", "parent")
    }
    assert kept == {key: sent[key] for key in kept}
    assert page.forms[0].fields["text"].strip() == sent["text"]
    assert page.cssselect(".summary a")[0].get("href") == "#email"
    (wrong,) = page.cssselect("[aria-invalid]")
    assert (wrong.get("id"), wrong.get("aria-describedby")) == ("email", "email-error")
    assert not page.cssselect("script")
    assert stored(ours) == 0


def test_a_mended_form_is_taken_from_our_own_page(ours):
    own = FORM | {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert ours.ask("/form", "POST", data=form(), headers=own).status_code == 303


def test_a_text_browser_that_sends_a_referer_instead_of_an_origin_is_taken(ours):
    said = {"Content-Type": FORM["Content-Type"]}
    assert (
        ours.ask("/form", "POST", data=form(), headers=said | {"Referer": SITE + PAGE}).status_code
        == 303
    )
    for referer in ("https://evil.example/", "http://[", ""):
        answer = ours.ask("/form", "POST", data=form(), headers=said | {"Referer": referer})
        assert answer.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_plain_form_from_elsewhere_is_refused(ours, origin):
    answer = ours.ask("/form", "POST", data=form(), headers=FORM | {"Origin": origin})
    assert (answer.status_code, stored(ours)) == (403, 0)


def test_the_plain_form_goes_through_the_same_limits(tmp_path):
    app = Application(settings.local([SITE], tmp_path, ratelimit=1))
    server = Server(app, app.settings.database)
    codes = [server.ask("/form", "POST", data=form(), headers=FORM).status_code for _ in range(2)]
    assert codes == [303, 429]
    app.close()


# The owner's links.


@pytest.fixture
def link(ours):
    ours.post()
    return f"/id/1/activate/{ours.app.engine._isso.sign(1)}"


OWN = {"Content-Type": FORM["Content-Type"], "Origin": "http://localhost"}


def test_a_moderation_link_shows_the_reply_and_changes_it_only_when_its_button_is_pressed(
    ours, link
):
    page = html.fromstring(ours.ask(link).data)
    assert "It helped me." in page.text_content()
    assert [button.get("value") for button in page.cssselect("button")] == ["activate", "delete"]
    assert ours.rows()[0]["mode"] == 2
    assert ours.ask(link, "POST", data={"action": "activate"}, headers=OWN).status_code == 200
    assert ours.rows()[0]["mode"] == 1


def test_a_moderation_link_works_for_its_own_reply_alone_and_not_from_foreign_pages(ours, link):
    ours.post()
    for path in (link.replace("/1/", "/2/"), link[:-2] + "xx", link.replace("activate", "edit")):
        assert ours.ask(path).status_code == 404
        assert ours.ask(path, "POST", data={"action": "delete"}, headers=OWN).status_code == 404
    foreign = OWN | {"Origin": "https://evil.example"}
    assert ours.ask(link, "POST", data={"action": "delete"}, headers=foreign).status_code == 403
    assert stored(ours) == 2


def test_deleting_by_link_forgets_who_wrote_an_answered_reply(ours, link):
    ours.post(REPLY | {"parent": 1, "email": "ben@example.org"})
    ours.ask(link, "POST", data={"action": "delete"}, headers=OWN)
    first = ours.rows()[0]
    assert (first["mode"], first["email"], first["remote_addr"]) == (4, None, "0.0.0.0")


def test_waiting_replies_and_networks_are_forgotten_after_their_time(ours):
    for _ in range(3):
        ours.post()
    with database(ours.database) as db:
        db.execute("UPDATE comments SET created = created - 31 * 86400 WHERE id > 1")
        db.execute("UPDATE comments SET mode = 1 WHERE id = 3")
    prune(ours.database, 30 * 86400)
    assert [(row["id"], row["remote_addr"]) for row in ours.rows()] == [
        (1, "127.0.0.0"),
        (3, "0.0.0.0"),
    ]
    assert ours.rows()[1]["voters"] == bytes(256)


def test_a_second_process_on_the_same_database_is_refused(ours):
    with pytest.raises(RuntimeError, match="one process with threads"):
        Application(ours.app.settings)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("lock", [locks.exclusive_lock, locks.write_lock])
def test_a_command_that_root_runs_does_not_lock_out_the_servers_own_account(lock, tmp_path):
    nobody = 65534
    os.chown(tmp_path, nobody, nobody)
    with lock(tmp_path / "replies.db"):
        (made,) = tmp_path.iterdir()
        assert (made.stat().st_uid, made.stat().st_mode & 0o077) == (nobody, 0)
