"""The approved replies that are rendered into a page from the snapshot, read without a script."""

import json

import pytest

from plugins import replies
from plugins.problems import ContentError
from tests import hostile
from tests.reply_host import hosting, write_content
from tests.site_fixtures import CONTENT, ROOT, build_site
from tools.build import BuildError

ANNA = {
    **{"id": 1, "parent": None, "author": "Anna O'Brien", "website": "https://a.example/"},
    **{"created": "2026-11-18T10:00:00Z", "text": "<p>It <em>helped</em>.</p>", "by_site": False},
}
ANSWER = {**ANNA, "id": 2, "parent": 1, "author": "The editors", "website": None, "by_site": True}
GONE = {**ANNA, "id": 3, "author": None, "website": None, "text": "", "deleted": True}
LEFT = {**ANNA, "id": 4, "parent": 3, "author": "Bo", "website": None}
HOSTILE = [
    {**ANNA, "id": 10 + number, "author": hostile.NAMES[number % len(hostile.NAMES)], "text": text}
    for number, text in enumerate(hostile.TEXTS)
]
# All in one thread, for it shows only so many: hostile answers to one reply.
ANSWERS = [{**reply, "parent": 1} for reply in HOSTILE]


def snapshot(**threads):
    named = {f"/{name}/": thread for name, thread in threads.items()}
    return {"as_of": "2026-11-20T09:00:00Z", "threads": named}


def write(path, data):
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return path


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Give a function that builds a small site with a snapshot."""
    folder = tmp_path_factory.mktemp("rendered")
    articles = {
        **{"quiet": "", "none": "", "long": "", "hostile": "", "off": "Comments: off"},
        **{"closed": "Comments: closed", "moved": "Comment_id: /old-name/"},
    }
    content = write_content(folder / "content", articles, CONTENT)

    def run(name, data, **settings):
        path = write(folder / f"{name}.json", data)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            return build_site(content, folder / name, REPLIES_SNAPSHOT=str(path), **settings)

    return run


@pytest.fixture(scope="module")
def rendered(build):
    thread = [ANNA, ANSWER, GONE, LEFT]
    long = [{**ANNA, "id": 100 + number} for number in range(23)]
    return build(
        "output",
        snapshot(
            quiet=thread,
            long=long,
            closed=[ANNA],
            off=[ANNA],
            hostile=[ANNA, *ANSWERS],
            **{"old-name": [ANNA]},
        ),
    )


def test_replies_are_read_without_a_script(rendered):
    page = rendered.page("quiet/")
    assert page.texts("#replies-list h3") == ["3 replies"]
    assert page.texts("#replies-list > p.meta") == ["Replies as of November 20, 2026."]
    anna = page.one("#isso-1")
    assert anna.get("aria-label") == "Reply by Anna O'Brien"
    link = anna.cssselect("a.isso-author")[0]
    assert (link.get("href"), link.get("rel")) == ("https://a.example/", "ugc nofollow noopener")
    assert page.texts("#isso-1 > .isso-text em") == ["helped"]
    assert page.texts("#isso-1 time")[0] == "November 18, 2026"
    assert page.texts("#isso-1 .isso-follow-up #isso-2 .isso-page-author-suffix") == ["Editor"]


def test_a_deleted_reply_leaves_its_answers_and_nothing_of_itself(rendered):
    page = rendered.page("quiet/")
    assert page.texts("#isso-3 > .isso-text") == ["This reply was deleted."]
    assert page.all("#isso-3 > .isso-comment-header .isso-author") == []
    assert page.texts("#isso-3 .isso-follow-up .isso-author") == ["Bo"]


def test_at_most_twenty_threads_are_shown_and_all_are_counted(rendered):
    page = rendered.page("long/")
    assert len(page.all(".isso-comment")) == 20
    assert page.texts("#replies-list h3") == ["23 replies"]


def test_replies_of_another_article_stay_out(rendered):
    assert rendered.page("none/").all(".isso-comment") == []
    assert "isso-comment" not in rendered.page("none/").source


def test_a_frozen_thread_brings_its_replies_to_a_new_address(rendered):
    assert len(rendered.page("moved/").all(".isso-comment")) == 1


def test_closed_articles_keep_their_replies_and_articles_without_replies_have_none(rendered):
    assert len(rendered.page("closed/").all(".isso-comment")) == 1
    assert rendered.page("closed/").all("#reply") == []
    assert "isso-1" not in rendered.page("off/").source


def test_structured_data_names_author_date_and_address_only(rendered):
    comments = rendered.page("quiet/").graph["BlogPosting"]["comment"]
    assert [set(comment) for comment in comments] == 3 * [{"@type", "author", "dateCreated", "url"}]
    assert comments[0]["author"] == {"@type": "Person", "name": "Anna O'Brien"}
    assert comments[0]["url"].endswith("/quiet/#isso-1")


def test_the_same_snapshot_gives_the_same_bytes(build):
    data = snapshot(quiet=[ANNA, ANSWER])
    pages = [build(name, data).page("quiet/").source for name in ("one", "two")]
    assert pages[0] == pages[1]


def test_without_a_snapshot_there_are_no_replies(tmp_path):
    assert replies.read(tmp_path / "none.json") == {}


MALFORMED = {
    "no JSON": '{"as_of": ',
    "a list": [],
    "no time": {"threads": {}},
    "no threads": {"as_of": "2026-11-20T09:00:00Z"},
    "a thread that is no list": snapshot(quiet={}),
    "a reply that is no object": snapshot(quiet=["x"]),
    "no id": snapshot(quiet=[{**ANNA, "id": "1"}]),
    "the same id twice": snapshot(quiet=[ANNA, ANNA]),
    "no name": snapshot(quiet=[{**ANNA, "author": " "}]),
    "a text that is none": snapshot(quiet=[{**ANNA, "text": ["x"]}]),
    "no date": snapshot(quiet=[{**ANNA, "created": "yesterday"}]),
    "a date without a zone": snapshot(quiet=[{**ANNA, "created": "2026-11-20T09:00:00"}]),
    "an answer to nobody": snapshot(quiet=[{**ANNA, "parent": 9}]),
    "an e-mail address": snapshot(quiet=[{**ANNA, "email": "a@example.com"}]),
    "a network": snapshot(quiet=[{**ANNA, "remote_addr": "192.0.2.0"}]),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_snapshot_is_an_error_that_names_the_file(case, tmp_path):
    path = write(tmp_path / "replies.json", MALFORMED[case])
    with pytest.raises(ContentError, match="replies.json:1:[0-9]+: .* — type .*replies, or delete"):
        replies.read(path)


@pytest.mark.parametrize("website", hostile.WEBSITES)
def test_a_website_that_is_no_web_address_never_reaches_a_page(website, tmp_path):
    path = write(tmp_path / "replies.json", snapshot(quiet=[{**ANNA, "website": website}]))
    with pytest.raises(ContentError, match="no web address"):
        replies.read(path)


def test_a_malformed_snapshot_stops_the_build(build):
    with pytest.raises(BuildError, match="malformed"):
        build("stopped", [])


def test_nothing_hostile_in_a_snapshot_runs(rendered, new_page, serve):
    page = new_page()
    page.goto(serve(rendered.folder) + "/hostile/")
    assert len(page.query_selector_all(".isso-comment")) == len(hostile.TEXTS) + 1 >= 150
    assert page.eval_on_selector("#replies-list", hostile.DANGERS) == []
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.ran") is None
    assert page.complaints == []


def test_the_live_list_takes_the_place_of_the_rendered_one(rendered, new_page, tmp_path):
    with hosting(rendered.folder, tmp_path) as host:
        host.add("/quiet/", "It helped.", author="Anna O'Brien")
        page = new_page()
        page.goto(f"{host.site}/quiet/")
        page.route("**/isso/config", lambda route: route.abort())
        page.click("#reply button")
        page.wait_for_selector("text=Try again")
        assert len(page.query_selector_all(".isso-comment")) == 4
        page.unroute("**/isso/config")
        page.click("#reply button")
        page.wait_for_selector("#reply form")
        page.wait_for_selector("#isso-2", state="detached")
        assert [one.get_attribute("id") for one in page.query_selector_all(".isso-comment")] == [
            "isso-1"
        ]
        assert page.inner_text("#replies-list h3") == "1 reply"
