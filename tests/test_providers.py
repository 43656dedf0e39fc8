"""The contract that every provider of replies keeps, and the settings that choose one."""

import re
import shutil
import socket

import pytest
from axe_playwright_python.sync_playwright import Axe

from plugins import comments
from plugins.problems import ContentError
from tests.reply_host import running, write_content
from tests.site_fixtures import CONTENT, ROOT, build_site
from tools.build import BuildError

OPEN = "#reply > p > button"
# A provider that only the tests have: two files, as docs/replies.md tells.
STUB_TEMPLATE = """
{% set needs = {"endpoint": "address"} %}
{% set opens = {"connect-src": origin(comments.endpoint)} %}
{% macro notice() %}<p>Stub keeps what you write.</p>{% endmacro %}
{% macro attributes() %} data-endpoint="{{ comments.endpoint }}"{% endmacro %}
{% macro plain(id) %}<p>Write to the editors instead.</p>{% endmacro %}
"""
STUB_ADAPTER = """
export async function start({ place, say }) {
  const answer = await fetch(place.dataset.endpoint);
  if (!answer.ok) throw answer.status;
  place.append(document.createElement("form"));
  say("");
}
"""
DISQUS = """
const made = { page: {}, callbacks: {} };
disqus_config.call(made);
document.getElementById("disqus_thread").append(document.createElement("form"));
window.asked = made.page;
made.callbacks.onReady.forEach(call => call());
"""
WALINE = """
export function init(options) {
  window.asked = JSON.parse(JSON.stringify({ ...options, el: 0 }));
  options.el.append(document.createElement("form"));
}
"""
FAR = "https://far.example"
OWN = "https://demo.disqus.com"
SCRIPT = {"content_type": "text/javascript", "headers": {"Access-Control-Allow-Origin": "*"}}
JSON = {"content_type": "application/json", "headers": {"Access-Control-Allow-Origin": "*"}}


class Case:
    """A provider: its settings, the addresses it asks for with their answers, what it opens."""

    def __init__(self, answers, opens, **settings):
        self.settings, self.answers, self.opens = settings, answers, opens


CASES = {
    "stub": Case(
        {f"{FAR}/**": {"json": {}, **JSON}},
        {"connect-src": {FAR}},
        provider="stub",
        endpoint=f"{FAR}/stub",
    ),
    "waline": Case(
        {f"{FAR}/**": {"json": {}, **JSON}, "**/client.js": {"body": WALINE, **SCRIPT}},
        {"connect-src": {FAR}},
        provider="waline",
        endpoint=FAR,
        script="/waline/client.js",
        sheet="/waline/waline.css",
    ),
    "disqus": Case(
        {f"{OWN}/**": {"body": DISQUS, **SCRIPT}},
        {
            "script-src": {OWN, "https://c.disquscdn.com", "https://disqus.com"},
            "style-src": {"https://c.disquscdn.com"},
            "img-src": {"https://c.disquscdn.com", "https://referrer.disqus.com"},
            "connect-src": {OWN, "https://links.services.disqus.com"},
            "frame-src": {"https://disqus.com"},
        },
        provider="disqus",
        shortname="demo",
    ),
}


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("providers") / "content"
    return write_content(folder, {"quiet": "", "off": "Comments: off"}, CONTENT)


@pytest.fixture(scope="module")
def build(content, tmp_path_factory):
    """Give a function that builds the site with a provider, in a theme that knows the stub."""
    folder = tmp_path_factory.mktemp("themes")
    theme = folder / "theme"
    shutil.copytree(ROOT / "theme", theme)
    (theme / "templates/comments/providers/stub.html").write_text(STUB_TEMPLATE, "utf-8")
    (theme / "static/js/stub.js").write_text(STUB_ADAPTER, "utf-8")

    def run(name, settings="pelicanconf.py", **chosen):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            return build_site(
                content,
                folder / name,
                settings,
                COMMENTS=chosen,
                THEME=str(theme),
                REPLIES_SNAPSHOT=str(folder / "none.json"),
            )

    return run


@pytest.fixture(scope="module", params=CASES)
def provider(request, build):
    """A provider and the site built with it."""
    case = CASES[request.param]
    return case, build(request.param, **case.settings)


@pytest.fixture
def visit(provider, serve, new_page):
    """Give a function that opens the article with the provider's servers up, or down."""
    case, site = provider
    address = serve(site.folder)

    def go(up=True):
        page = new_page()
        page.set_default_timeout(5000)
        page.own = address
        page.route("**/waline.css", lambda route: route.fulfill(body="", content_type="text/css"))
        for pattern, answer in case.answers.items():
            page.route(pattern, answering(answer) if up else lambda route: route.abort())
        page.goto(f"{address}/quiet/")
        return page

    return go


def answering(answer):
    return lambda route: route.fulfill(**answer)


def test_nothing_is_asked_of_a_provider_before_the_visitor_acts(visit):
    page = visit()
    page.wait_for_load_state("networkidle")
    asked = {address.removeprefix(page.own) for address in page.requests}
    assert asked <= {"/quiet/", "/theme/js/replies.js", "/favicon.svg"}


def test_a_provider_that_answers_takes_the_place_of_the_button(visit):
    page = visit()
    page.click(OPEN)
    page.wait_for_selector(OPEN, state="detached")
    assert page.query_selector("#reply form")
    assert page.inner_text("#reply [role=status]") == ""
    assert page.complaints == []


def test_a_provider_that_fails_is_said_to_and_can_be_tried_again(visit):
    page = visit(up=False)
    for _ in range(2):
        page.click(OPEN)
        page.wait_for_selector("text=The replies cannot be reached just now.")
        assert page.inner_text(OPEN) == "Try again"
    assert Axe().run(page).response["violations"] == []


def test_a_page_allows_what_its_provider_needs_and_no_more(provider):
    case, site = provider
    plain = policy(site.page("about/"))
    opened = policy(site.page("quiet/"))
    hashes = re.compile("'sha256-.*'")
    further = {
        name: {source for source in sources - plain.get(name, set()) if not hashes.match(source)}
        for name, sources in opened.items()
    }
    assert {name: sources for name, sources in further.items() if sources} == case.opens
    assert policy(site.page("off/")).keys() == plain.keys()


def test_without_javascript_the_visitor_is_told_another_way(provider):
    _, site = provider
    assert re.search("editors", site.page("quiet/").one("noscript").text_content())


def policy(page):
    (meta,) = page.all('meta[http-equiv="Content-Security-Policy"]')
    return {name: set(sources) for name, *sources in map(str.split, meta.get("content").split(";"))}


def test_waline_asks_no_other_company_for_pictures(build, serve, new_page):
    case = CASES["waline"]
    page = new_page()
    for pattern, answer in case.answers.items():
        page.route(pattern, answering(answer))
    page.route("**/waline.css", lambda route: route.fulfill(body="", content_type="text/css"))
    page.goto(serve(build("pictures", **case.settings).folder) + "/quiet/")
    page.click(OPEN)
    page.wait_for_selector(OPEN, state="detached")
    asked = page.evaluate("window.asked")
    assert (asked["serverURL"], asked["path"]) == (f"{FAR}/", "/quiet/")
    assert not any(asked[name] for name in ("emoji", "search", "imageUploader", "texRenderer"))


def test_disqus_names_its_trackers_before_the_button(build):
    section = build("trackers", provider="disqus", shortname="demo").page("quiet/")
    told, _, after = section.one(".replies").text_content().partition("Write a reply")
    assert "advertising partners" in told and "cookies" in told
    assert "Your email address" not in after


def test_no_provider_leaves_no_trace(build):
    page = build("none", provider="none").page("quiet/")
    assert page.all("#leave-a-reply, #reply, script[src]") == []


# -- Settings --------------------------------------------------------------------------------------


def settle(publishing=True, **chosen):
    theme = str(ROOT / "theme")
    return comments.settle({"COMMENTS": chosen, "THEME": theme, "PUBLISHING": publishing})


def test_an_unknown_provider_stops_the_build_and_lists_the_known_ones(build):
    with pytest.raises(BuildError, match='"nope".*disqus, isso, none, stub, waline'):
        build("unknown", provider="nope")


@pytest.mark.parametrize(
    "endpoint",
    [
        *("comments.example.org", "http://comments.example.org", "ftp://a.example", "https://"),
        *("//a.example", "/isso/../x y", "https://a.example/;script-src *", "https://a.example'"),
        *(
            'https://a.example/"',
            "https://a@b.example",
            "https://a.example:port",
            "https://a.example?x",
        ),
        42,
    ],
)
def test_an_endpoint_that_is_no_address_is_refused(endpoint):
    with pytest.raises(ContentError, match="https://comments.example.org"):
        settle(provider="isso", endpoint=endpoint)


@pytest.mark.parametrize(
    "endpoint", ["https://comments.example.org/", "https://a.example:8443/isso", "/isso", "/a/isso"]
)
def test_an_endpoint_is_an_address_or_a_path(endpoint):
    assert settle(provider="isso", endpoint=endpoint)["endpoint"] == endpoint.rstrip("/")


@pytest.mark.parametrize(
    ("chosen", "lacking"),
    [
        ({"provider": "disqus"}, "shortname"),
        ({"provider": "waline", "endpoint": FAR}, "script"),
        ({"provider": "disqus", "shortname": "a b; c"}, "shortname"),
        (
            {"provider": "waline", "endpoint": FAR, "script": "//x/y.js", "sheet": "/y.css"},
            "script",
        ),
    ],
)
def test_a_provider_that_lacks_what_it_needs_is_refused(chosen, lacking):
    with pytest.raises(ContentError, match=lacking):
        settle(**chosen)


def test_isso_without_an_endpoint_is_local_in_a_preview_and_not_open_when_published(build):
    assert settle(publishing=False, provider="isso")["endpoint"] == "/isso"
    assert settle(provider="isso")["open"] is False
    site = build("unready", "publishconf.py", provider="isso", endpoint="")
    page = site.page("quiet/")
    assert "Replies are not open yet" in page.one(".replies").text_content()
    assert page.all("#reply, script[src]") == []


def test_the_owner_is_advised_that_replies_are_not_open():
    settings = {"COMMENTS": {"provider": "isso"}, "THEME": str(ROOT / "theme"), "PUBLISHING": True}
    (line,) = comments.warnings(settings)
    assert "no endpoint" in line
    assert comments.warnings({**settings, "COMMENTS": {"provider": "none"}}) == []
    assert comments.warnings({**settings, "PUBLISHING": False}) == []


def test_isso_on_an_origin_of_its_own_takes_a_reply(build, serve, new_page, tmp_path):
    port = free_port()
    site = build("apart", provider="isso", endpoint=f"http://127.0.0.1:{port}")
    address = serve(site.folder)
    with running([address], tmp_path, port):
        page = new_page()
        page.goto(f"{address}/quiet/")
        page.click(OPEN)
        page.wait_for_selector(OPEN, state="detached")
        for name, value in {"text": "It helped.", "author": "Anna", "email": "a@b.example"}.items():
            page.fill(f"#reply [name={name}]", value)
        page.press("#reply [name=email]", "Enter")
        page.wait_for_selector("text=Your reply waits for approval")
        assert page.complaints == []
    opened = policy(site.page("quiet/"))
    assert opened["connect-src"] == opened["form-action"] == {"'self'", f"http://127.0.0.1:{port}"}
    assert "127.0.0.1" not in site.page("about/").source


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
