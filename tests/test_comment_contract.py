"""What site and comment server agree on is known once, and both follow it."""

import json
import re

import pytest

import contract
from comments import fields, settings
from comments.app import Application
from contract import Limit
from plugins import replies
from plugins.problems import ContentError
from tests.reply_host import write_content
from tests.site_fixtures import CONTENT, ROOT, build_site
from tools.build import load_settings
from tools.check import check

CODE = [
    path
    for folder in ("comments", "plugins", "tools")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != ROOT / "contract.py"
]
ANNA = {
    **{"id": 7, "parent": None, "author": "Anna", "website": None, "by_site": False},
    **{"created": "2026-11-18T10:00:00Z", "text": "<p>It <em>helped</em>.</p>"},
}


def built(tmp_path, name="output", thread=(), more="") -> object:
    """A small site with one article, and its page."""
    tmp_path.joinpath(name).mkdir()
    content = write_content(tmp_path / name / "content", {"quiet": more}, CONTENT)
    snapshot = tmp_path / name / "replies.json"
    data = {"as_of": "2026-11-20T09:00:00Z", "threads": {"/quiet/": list(thread)}}
    snapshot.write_text(json.dumps(data), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        site = build_site(content, tmp_path / name / "html", REPLIES_SNAPSHOT=str(snapshot))
    return site.page("quiet/")


def test_form_server_and_snapshot_follow_the_limits_of_a_reply(tmp_path, monkeypatch):
    page = built(tmp_path)
    for name in ("author", "email", "website"):
        field = page.one(f"noscript [name={name}]")
        assert int(field.get("maxlength")) == contract.LIMITS[name].max
    for name, limit in {
        "text": (5, 9),
        "author": (1, 3),
        "email": (1, 77),
        "title": (0, 1),
    }.items():
        monkeypatch.setitem(contract.LIMITS, name, Limit(*limit))
    page = built(tmp_path, "changed")
    text = page.one("noscript [name=text]")
    assert (text.get("data-min"), text.get("data-max")) == ("5", "9")
    assert page.one("noscript [name=author]").get("maxlength") == "3"
    assert page.one("noscript [name=email]").get("maxlength") == "77"
    for short in ("abcd", "a" * 10):
        with pytest.raises(fields.RejectedError):
            fields.text(short)
    with pytest.raises(fields.RejectedError, match="under 3"):
        fields.name({"author": "Anna"})
    path = tmp_path / "changed" / "replies.json"
    path.write_text(json.dumps({"as_of": "2026-11-20T09:00:00Z", "threads": {"/a/": [ANNA]}}))
    with pytest.raises(ContentError, match="name"):
        replies.read(path)


def test_the_server_and_the_build_let_the_same_tags_through(tmp_path, monkeypatch):
    app = Application(settings.local(["http://localhost:9"], tmp_path))
    markdown = (
        "# Head\n\n*a* **b** ~~c~~ `d`\n\n- e\n\n1. f\n\n> g\n\n---\n\n```\nh\n```\n\n<u>i</u>"
    )
    found = set(re.findall(r"<(\w+)", app.engine.preview(markdown)))
    assert found <= contract.ALLOWED_TAGS
    assert app.engine.preview("# Head") == "<p>Head</p>"
    app.close()
    monkeypatch.setattr(contract, "ALLOWED_TAGS", contract.ALLOWED_TAGS - {"em"})
    app = Application(settings.local(["http://localhost:9"], tmp_path))
    assert app.engine.preview("*a*") == str(replies.clean("<p><em>a</em></p>")) == "<p>a</p>"
    app.close()


@pytest.mark.parametrize("path", ["/a//b/", "/../a/", "/a/\\b", "a/", "//a/", "/" + "a" * 300])
def test_a_comment_id_that_the_server_would_refuse_is_an_error_of_the_article(
    path, tmp_path, monkeypatch
):
    assert not contract.is_thread(path)
    monkeypatch.chdir(ROOT)
    content = write_content(tmp_path / "content", {"quiet": f"Comment_id: {path}"}, CONTENT)
    said = "\n".join(map(str, check(content, load_settings("pelicanconf.py")).errors))
    assert f'Comment_id "{path}" is not an address of this site' in said


@pytest.mark.parametrize("name", ["/old-name/", "/a/b/", "/a.html", "/%C3%A4/", "/ä/"])
def test_a_thread_is_named_alike_by_the_page_and_the_server(name, tmp_path):
    page = built(tmp_path, more=f"Comment_id: {name}")
    assert page.one("#reply").get("data-thread") == name == fields.path(name)


HOSTS = {
    True: ["localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.8.9.10"]
    + ["::1", "[::1]", "::ffff:127.0.0.1"],
    False: [None, "", "0.0.0.0", "10.0.0.1", "localhost.example", "mylocalhost", "1270.0.0.1"]
    + ["127.0.0.1.example", "::2", "example.org"],
}


@pytest.mark.parametrize(("expected", "hosts"), HOSTS.items())
def test_the_machine_itself_is_known_by_all_its_names(expected, hosts):
    assert {host: contract.is_loopback(host) for host in hosts} == dict.fromkeys(hosts, expected)


WEBSITES = {
    True: [
        "https://a.example",
        "HTTP://a.example:80/",
        "https://ä.example/ö?a=b#c",
        "http://a.b.io/x'",
    ],
    False: ["a.example", "//a.example", "ftp://a.example", "https://", "https://localhost/"]
    + ["https://a.example/ b", 'https://a.example/"x', "https://u@a.example", "javascript:alert(1)"]
    + ["https://a.example/<b>", "https://a.example\\b", "https://a.example:port/", ""],
}


@pytest.mark.parametrize(("expected", "addresses"), WEBSITES.items())
def test_the_server_and_the_build_agree_on_what_a_web_address_is(expected, addresses, tmp_path):
    path = tmp_path / "replies.json"
    for address in filter(None, addresses):
        assert contract.is_web_address(address) is (expected and "'" not in address)
        data = {"as_of": "2026-11-20T09:00:00Z", "threads": {"/a/": [{**ANNA, "website": address}]}}
        path.write_text(json.dumps(data), "utf-8")
        try:
            shown = replies.read(path)["/a/"].shown[0].website == address
        except ContentError:
            shown = False
        assert shown is contract.is_web_address(address)
        assert not shown or re.search(contract.PATTERNS["website"], address, re.IGNORECASE)


def test_the_anchor_of_a_reply_and_the_size_of_a_portion_are_one(tmp_path, monkeypatch):
    monkeypatch.setattr(contract, "PAGE_SIZE", 2)
    page = built(tmp_path, thread=[{**ANNA, "id": number} for number in (7, 8, 9)])
    assert [one.get("id") for one in page.all("[role=article]")] == ["isso-7", "isso-8"]
    place = page.one("#reply")
    assert (place.get("data-anchor"), place.get("data-most")) == (contract.ANCHOR, "2")
    assert page.graph["BlogPosting"]["comment"][0]["url"].endswith(f"#{contract.ANCHOR}7")


ONCE = {
    "what is a loopback host": r"\.is_loopback\b(?!\()|(== |\{)[\"']localhost[\"']",
    "where a local comment server answers": r"[\"']/isso[\"'/]",
    "what a web address is": r"https\?://\[\^",
    "the anchor of a reply": r"[\"'#]isso-",
    "the longest address": r"\b254\b",
}


@pytest.mark.parametrize("fact", ONCE)
def test_what_the_contract_says_is_said_nowhere_else(fact):
    again = [path for path in CODE if re.search(ONCE[fact], path.read_text("utf-8"))]
    assert [path.relative_to(ROOT).as_posix() for path in again] == []


def test_the_script_and_the_form_repeat_nothing_of_the_contract():
    scripts = [ROOT / "theme" / "static" / "js" / name for name in ("isso.js", "replies.js")]
    form = ROOT / "theme" / "templates" / "comments" / "providers" / "isso.html"
    text = "".join(path.read_text("utf-8") for path in [*scripts, form])
    known = [*contract.PATTERNS.values(), contract.LOCAL_ENDPOINT, f"#{contract.ANCHOR}"]
    known += [f"{contract.LIMITS['text'].max:,}"]
    assert [fact for fact in known if re.search(rf"(?<!\w){re.escape(fact)}(?![\w-])", text)] == []
    assert not re.search(r"length [<>]=? \d|length=.\d|h1, h2|https\?:|isso-\\d", text)
