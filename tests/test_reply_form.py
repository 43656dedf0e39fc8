"""Leave a Reply, as a visitor meets it: the form, its states, and what stays in the browser."""

import gzip
import hashlib
import json
import re
from contextlib import suppress
from importlib.resources import files

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

import contract
from tests import hostile
from tests.reply_host import hosting, write_content
from tests.site_fixtures import CONTENT, ROOT, build_site

PAGE = "/quiet/"
OPEN = "#reply > p > button"
TEXT = "It helped me *a little*."
EMAIL = "anna.obrien@example.com"
ANSWER = {
    **{"id": 900, "parent": None, "created": 1.79e9, "modified": None, "mode": 1, "likes": 0},
    **{"text": "<p>It helped.</p>", "author": "Anna", "website": None, "dislikes": 0},
    **{"notification": 0, "hash": "visitor"},
}
AXE = Axe()


@pytest.fixture(scope="module")
def preview(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quiet")
    articles = {"quiet": "", "closed": "Comments: closed", "frozen": "Comment_id: /old-name/"}
    content = write_content(folder / "content", articles, CONTENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return build_site(content, folder / "output", REPLIES_SNAPSHOT=str(folder / "none.json"))


@pytest.fixture(scope="module")
def host(preview, tmp_path_factory):
    keep = tmp_path_factory.mktemp("replies")
    with hosting(preview.folder, keep, ratelimit=10_000, direct_reply=10_000) as running:
        yield running


@pytest.fixture
def visit(host, new_page):
    """Give a function that opens the article; no reply is left from before."""
    host.clear()

    def go(path=PAGE, **options):
        page = new_page(**options)
        page.set_default_timeout(5000)
        page.goto(host.site + path)
        return page

    return go


def open_form(page):
    page.click(OPEN)
    page.wait_for_selector(OPEN, state="detached")
    return page


def fill(page, within="#isso-thread", **changed):
    values = {"text": TEXT, "author": "Anna O'Brien", "email": EMAIL, "website": ""} | changed
    for name, value in values.items():
        page.fill(f"{within} [name={name}]", value)


def send(page):
    page.click("#isso-thread form > p > button")


def words(page, selector="section.replies"):
    return " ".join(page.inner_text(selector).split())


def focused(page):
    return page.evaluate("document.activeElement.className || document.activeElement.name")


# -- The states, each with its words; all of them are looked at by axe below -----------------------


def idle(visit, host):
    return visit(), "Write a reply"


def loading(visit, host):
    page = visit()
    page.route("**/isso/config", lambda route: None)
    page.click(OPEN)
    return page, "Loading the replies…"


def slow(visit, host):
    page = visit()
    page.clock.install()
    page.route("**/isso/config", lambda route: None)
    page.click(OPEN)
    page.wait_for_selector("text=Loading")
    page.clock.fast_forward(8001)
    return page, "Loading takes longer than usual. You can wait, or try again."


def down(visit, host):
    page = visit()
    page.route("**/isso/config", lambda route: route.abort())
    page.click(OPEN)
    page.wait_for_selector("text=Try again")
    return page, "The replies cannot be reached just now."


def failing(visit, host):
    page = visit()
    page.route("**/isso/?*", lambda route: route.fulfill(status=503, body="no"))
    page.click(OPEN)
    page.wait_for_selector("text=Try again")
    return page, "The replies cannot be reached just now."


def without_embed(visit, host):
    page = visit()
    page.route("**/isso-*.js", lambda route: route.abort())
    page.click(OPEN)
    page.wait_for_selector("text=Try again")
    return page, "The replies cannot be reached just now."


def empty(visit, host):
    return open_form(visit()), "No replies yet."


def faulty(visit, host):
    page = open_form(visit())
    fill(page, text="a", author=" ", email="notanemail", website="nowhere")
    send(page)
    return page, "Error: Enter an email address like name@example.com"


def too_long(visit, host):
    page = open_form(visit())
    fill(page, text="a" * (contract.LIMITS["text"].max + 1))
    send(page)
    return page, "Shorten your comment to 8,000 characters"


def sending(visit, host):
    page = open_form(visit())
    page.route("**/isso/new*", lambda route: None)
    fill(page)
    send(page)
    return page, "Sending your reply…"


def sending_slowly(visit, host):
    page = visit()
    page.clock.install()
    open_form(page)
    page.route("**/isso/new*", lambda route: None)
    fill(page)
    send(page)
    page.clock.fast_forward(8001)
    return page, "Sending takes longer than usual."


def answered(status, body):
    def state(visit, host):
        page = open_form(visit())
        page.route("**/isso/new*", lambda route: route.fulfill(status=status, body=body))
        fill(page)
        send(page)
        page.wait_for_selector(".summary, .told")
        return page

    return state


def refused(visit, host):
    message = {"error": "x", "message": "Replies are taken from this site only.", "field": None}
    return answered(403, json.dumps(message))(visit, host), message["message"]


def refused_by_stock_isso(visit, host):
    page = "<!doctype html><h1>Forbidden</h1><p>ratelimit exceeded (1, 2)</p>"
    return answered(403, page)(visit, host), "ratelimit exceeded (1, 2)"


def limited(visit, host):
    message = {"error": "x", "message": "Please try again in a minute.", "field": None}
    return answered(429, json.dumps(message))(visit, host), message["message"]


def bad_field(visit, host):
    message = {"error": "x", "message": "This name is not taken.", "field": "author"}
    return answered(400, json.dumps(message))(visit, host), "Error: This name is not taken."


def broken(visit, host):
    return answered(500, "")(visit, host), "The comment server cannot be reached."


def gone_while_sending(visit, host):
    page = open_form(visit())
    page.route("**/isso/new*", lambda route: route.abort())
    fill(page)
    send(page)
    page.wait_for_selector(".summary")
    return page, "The comment server cannot be reached. What you wrote is still here."


def waiting(visit, host):
    page = open_form(visit())
    fill(page)
    send(page)
    page.wait_for_selector(".told")
    return page, "Your reply waits for approval"


def published(visit, host):
    return answered(201, json.dumps(ANSWER))(visit, host), "Thank you. Your reply is published."


def many(visit, host):
    first = host.add(
        PAGE, "# Loud\n\nSee [this](https://example.org).", website="https://a.example"
    )
    host.add(PAGE, "An answer.", parent=first, network="site", email=None, author="The editors")
    deleted = host.add(PAGE, "Gone.")
    host.add(PAGE, "- left\n- over", parent=deleted, author="Bo")
    host.delete(deleted)
    for number in range(21):
        host.add(PAGE, f"Number {number}.", created=1.791e9 + number)
    return open_form(visit()), "This reply was deleted."


def answering(visit, host):
    page, _ = many(visit, host)
    page.click(".isso-comment button")
    page.wait_for_selector(".isso-comment form")
    return page, "Cancel reply"


def linked(visit, host):
    number = host.add(PAGE, "Find me.")
    page = visit(f"{PAGE}#isso-{number}")
    page.wait_for_selector(".isso-target")
    return page, "Find me."


def not_there(visit, host):
    page = visit(f"{PAGE}#isso-77")
    page.wait_for_selector("text=This reply is not here")
    return page, "It may wait for approval, or it was taken down."


def closed(visit, host):
    return visit("/closed/"), "Replies to this article are closed."


STATES = [
    *(idle, loading, slow, down, failing, without_embed, empty, faulty, too_long, sending),
    *(sending_slowly, refused, refused_by_stock_isso, limited, bad_field, broken),
    *(gone_while_sending, waiting, published, many, answering, linked, not_there, closed),
]
# In these the text that the visitor has typed must still stand in the form.
KEEPING = {sending, sending_slowly, refused, refused_by_stock_isso, limited, bad_field, broken}
KEEPING |= {gone_while_sending}
# What a browser itself says of a request that failed, and what the embed then prints.
EXPECTED = re.compile(r"^Failed to load resource|^$|^\{\"error\"|^<!doctype|^no$")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_has_words_and_nothing_that_axe_or_the_policy_objects_to(state, visit, host):
    page, said = state(visit, host)
    assert said in words(page)
    if state in KEEPING:
        assert page.input_value("#isso-thread [name=text]") == TEXT
    twice = "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
    assert page.evaluate(twice + "return ids.filter((id, i) => ids.indexOf(id) !== i) }") == []
    page.evaluate(AXE.axe_script)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL) == []
        for scheme, rules in RULES.items():
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(VIOLATIONS, {"resultTypes": ["violations"], **rules}) == []
    assert [text for text in page.complaints if not EXPECTED.search(text)] == []


# Contrast is asked at AAA, 7:1; darkness changes nothing else.
CONTRAST = "color-contrast-enhanced"
RULES = {
    "light": {"rules": {"color-contrast": {"enabled": False}, CONTRAST: {"enabled": True}}},
    "dark": {"runOnly": [CONTRAST]},
}
VIOLATIONS = """options => axe.run(document, options).then(({ violations }) =>
  violations.map(({ id, nodes }) => [id, ...nodes.map(node => node.html)]))"""
# Targets below 44 by 44 pixels; a link in a sentence may be smaller, a checkbox has its label.
SMALL = """[...document.querySelectorAll('.replies :is(a, button, label.check, textarea,'
  + 'input:not([type=checkbox]))')]
  .filter(e => e.offsetParent && !e.closest('.isso-text')
    && !(e.matches('a') && e.closest('p.box, p:not([class])')))
  .map(e => [e.outerHTML, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44).map(([html]) => html)"""


# -- Leaving a reply -------------------------------------------------------------------------------


def test_nothing_shifts_on_the_way_to_a_linked_reply(host, new_page):
    host.clear()
    number = host.add(PAGE, "Find me.")
    page = new_page(viewport={"width": 412, "height": 800})
    page.add_init_script(
        """window.shift = 0; new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: 'layout-shift', buffered: true})"""
    )
    page.goto(f"{host.site}{PAGE}#isso-{number}")
    page.wait_for_selector(f"#isso-{number}:focus")
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    assert page.evaluate("window.shift") == 0


def test_nothing_is_asked_before_the_visitor_acts(visit, host):
    page = visit()
    page.wait_for_load_state("networkidle")
    asked = {address.removeprefix(host.site) for address in page.requests}
    assert asked <= {PAGE, "/theme/js/replies.js", "/favicon.svg"}
    assert page.evaluate("localStorage.length + document.cookie.length") == 0


def test_a_reply_is_left_with_the_keyboard_waits_and_appears_once_approved(visit, host):
    page = visit()
    bodies = []

    def overhear(route):
        answer = route.fetch()
        bodies.append(f"{answer.headers} {answer.text()}")
        route.fulfill(response=answer)

    page.route("**/isso/**", overhear)
    page.focus(OPEN)
    page.keyboard.press("Enter")
    page.wait_for_selector(OPEN, state="detached")
    assert focused(page) == "isso-textarea"
    for value in (TEXT, "Anna O'Brien", EMAIL):
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".told")
    assert "told" in focused(page)
    assert words(page, ".isso-author") == "Anna O'Brien"
    assert words(page, ".isso-text") == "It helped me a little."
    page.reload()
    assert ".isso-comment" not in page.content()
    host.approve()
    open_form(page)
    number = page.get_attribute(".isso-comment", "id")
    page.goto("about:blank")
    page.goto(f"{host.site}{PAGE}#{number}")
    page.wait_for_selector(f"#{number}.isso-comment")
    assert words(page, ".isso-text") == "It helped me a little."
    assert words(page, "#replies-list h3") == "1 reply"
    assert any("It helped me" in body for body in bodies)
    for body in bodies:
        assert EMAIL not in body and "obrien@" not in body
        for kind in ("md5", "sha1", "sha256"):
            assert hashlib.new(kind, EMAIL.encode()).hexdigest()[:12] not in body
        assert set(re.findall(r'"hash": ?"([^"]*)"', body)) <= {"visitor", "site"}


def test_the_fields_are_labelled_required_and_filled_in_by_the_browser(visit, host):
    page = open_form(visit())
    found = page.eval_on_selector_all(
        "#isso-thread :is(textarea, input:not([type=hidden], [type=checkbox], [type=submit],"
        " [type=button]))",
        "all => all.map(e => [e.labels[0].textContent, e.type, e.required, e.autocomplete])",
    )
    assert found == [
        ["Comment *", "textarea", True, ""],
        ["Name *", "text", True, "name"],
        ["Email *", "email", True, "email"],
        ["Website", "url", False, "url"],
    ]
    described = "e => document.getElementById(e.getAttribute('aria-describedby')).textContent"
    email = page.eval_on_selector("#isso-thread [name=email]", described)
    assert email == "Your email address will not be published."
    form = page.eval_on_selector("#isso-thread form", described)
    assert form == "Required fields are marked *"


def test_a_fault_is_summed_up_tied_to_its_field_and_gone_once_mended(visit, host):
    page = open_form(visit())
    fill(page, email="anna@example")
    send(page)
    assert focused(page) == "summary"
    page.click(".summary a")
    assert focused(page) == "email"
    label = page.evaluate("document.activeElement.labels[0].innerText")
    assert label.split("\n") == ["Email *", "Error: Enter an email address like name@example.com"]
    assert page.evaluate("document.activeElement.ariaInvalid") == "true"
    fill(page)
    page.press("#isso-thread [name=email]", "Enter")
    page.wait_for_selector(".told")
    assert page.query_selector(".summary, .wrong, [aria-invalid]") is None
    assert page.input_value("#isso-thread [name=text]") == ""


def test_an_answer_goes_below_the_reply_it_answers(visit, host):
    first = host.add(PAGE, "Who knows?", author="Anna O'Brien")
    page = open_form(visit())
    page.click('.isso-comment >> role=button[name="Reply to Anna O\'Brien"]')
    assert page.get_attribute(".isso-comment form", "aria-label") == "Reply to Anna O'Brien"
    assert page.evaluate("document.activeElement.form.ariaLabel") == "Reply to Anna O'Brien"
    fill(page, ".isso-comment", text="I do.")
    page.press(".isso-comment [name=author]", "Enter")
    page.wait_for_selector(f"#isso-{first} .isso-comment .told")
    assert page.query_selector(".isso-comment form") is None


def test_cancelling_an_answer_takes_its_form_away_and_keeps_the_focus(visit, host):
    host.add(PAGE, "Who knows?")
    page = open_form(visit())
    page.click(".isso-comment button")
    page.click(".isso-comment button.plain")
    assert page.query_selector(".isso-comment form") is None
    assert page.evaluate("document.activeElement.ariaLabel") == "Reply to Anna"


def test_a_second_try_reaches_a_server_that_has_come_back(visit, host):
    host.add(PAGE, "I was here.")
    page, _ = down(visit, host)
    page.unroute("**/isso/config")
    page.click(OPEN)
    page.wait_for_selector(OPEN, state="detached")
    assert words(page, "#replies-list h3") == "1 reply"
    assert len(page.query_selector_all("#isso-thread form")) == 1
    assert words(page, "#reply > [role=status]") == ""


def test_an_adapter_that_could_not_be_had_is_asked_for_again(visit, host):
    page = visit()
    page.route("**/js/isso.js", lambda route: route.abort())
    page.click(OPEN)
    page.wait_for_selector("text=Try again")
    open_form(page)
    assert page.query_selector("#isso-thread form")


def test_trying_again_while_an_answer_is_late_shows_no_reply_twice(visit, host):
    host.add(PAGE, "Once.")
    page = visit()
    page.clock.install()
    late = []
    page.route("**/isso/?*", lambda route: route.continue_() if late else late.append(route))
    with page.expect_request("**/isso/?*"):
        page.click(OPEN)
    while not late:
        page.wait_for_timeout(20)
    page.clock.fast_forward(8001)
    page.click("text=Try again")
    page.wait_for_selector("text=Loading")
    page.clock.run_for(1000)
    with suppress(Error):  # The page has given it up.
        late[0].continue_()
    page.clock.run_for(1000)
    page.wait_for_selector(OPEN, state="detached")
    assert len(page.query_selector_all(".isso-comment")) == 1


def test_a_reply_that_could_not_be_sent_is_sent_by_trying_again(visit, host):
    page, _ = broken(visit, host)
    page.unroute("**/isso/new*")
    page.click(".summary button")
    page.wait_for_selector(".told")


def test_more_replies_are_shown_by_a_button_which_stays_if_they_cannot_be(visit, host):
    page, _ = many(visit, host)
    page.route("**/isso/?*", lambda route: route.abort())
    page.click("button >> text=Show 3 more replies")
    page.wait_for_selector("text=The other replies cannot be reached")
    page.unroute("**/isso/?*")
    page.click("button >> text=Show 3 more replies")
    page.wait_for_selector("text=Number 20.")
    assert words(page, ":focus .isso-text") == "Number 18."
    assert words(page, "#replies-list h3") == "24 replies"


def test_a_headline_in_a_reply_does_not_disturb_the_outline(visit, host):
    page, _ = many(visit, host)
    headings = page.eval_on_selector_all(
        ".replies :is(h1, h2, h3, h4, h5, h6)", "all => all.map(e => [e.tagName, e.textContent])"
    )
    assert headings == [["H2", "Leave a Reply"], ["H3", "24 replies"]]


# -- What stays in the browser ---------------------------------------------------------------------


def kept(page):
    return json.loads(page.evaluate("JSON.stringify({...localStorage})"))


def test_nothing_is_kept_in_the_browser_unless_it_is_asked_for(visit, host):
    page, _ = waiting(visit, host)
    assert kept(page) == {}
    assert page.context.cookies() == []


def test_name_email_and_website_are_remembered_on_request_and_forgotten_on_request(visit, host):
    page = open_form(visit())
    fill(page, website="example.com")
    page.check("[name=remember]")
    send(page)
    page.wait_for_selector(".told")
    assert set(kept(page)) == {"reply"}
    page.reload()
    open_form(page)
    values = [
        page.input_value(f"#isso-thread [name={name}]") for name in ("author", "email", "website")
    ]
    assert values == ["Anna O'Brien", EMAIL, "https://example.com"]
    page.fill("#isso-thread [name=text]", TEXT)
    page.uncheck("[name=remember]")
    send(page)
    page.wait_for_selector(".told")
    assert kept(page) == {}


def test_what_was_remembered_too_long_ago_is_forgotten(visit, host):
    page = visit()
    page.evaluate("localStorage.reply = JSON.stringify({author: 'Anna', until: Date.now() - 1})")
    open_form(page)
    assert page.input_value("#isso-thread [name=author]") == ""
    assert kept(page) == {}


def test_what_another_script_left_for_the_embed_is_thrown_away(visit, host):
    page = visit()
    page.evaluate("localStorage['isso-author'] = JSON.stringify(\"' autofocus onfocus='ran=1\")")
    open_form(page)
    assert page.input_value("#isso-thread [name=author]") == ""
    assert page.complaints == []


# -- Without JavaScript ----------------------------------------------------------------------------


def test_without_javascript_a_plain_form_is_answered_by_a_page(visit, host):
    page = visit(java_script_enabled=False)
    assert not page.is_visible(OPEN)
    fill(page, "noscript + form, #reply form", email=f"{65 * 'a'}@example.org")
    page.click("#reply form button")
    assert page.input_value("[name=text]") == TEXT
    assert "e-mail address" in words(page, "main")
    page.fill("[name=email]", EMAIL)
    page.click("form button")
    assert "waits for approval" in words(page, "main")
    page.click("text=Back to the page")
    assert page.url == host.site + PAGE


# -- Hostile replies -------------------------------------------------------------------------------


def test_nothing_that_is_sent_runs_when_it_is_shown(visit, host):
    assert len(set(hostile.TEXTS)) >= 150
    page = open_form(visit())
    page.evaluate(SEND, [hostile.TEXTS, hostile.NAMES])
    assert page.eval_on_selector("#isso-root", hostile.DANGERS) == []
    host.approve()
    page.reload()
    open_form(page)
    while more := page.query_selector("button >> text=/Show .* more repl/"):
        shown = len(page.query_selector_all(".isso-comment"))
        more.click()
        page.wait_for_selector(f"#isso-root > .isso-comment:nth-child({shown + 1})")
    assert len(page.query_selector_all(".isso-comment")) == len(hostile.TEXTS)
    assert page.eval_on_selector("#isso-root", hostile.DANGERS) == []
    assert page.evaluate("window.ran") is None
    assert page.complaints == []


SEND = """async ([texts, names]) => {
  const form = document.querySelector('#isso-thread form');
  form.email.value = 'a@example.com';
  for (const [number, text] of texts.entries()) {
    form.text.value = text;
    form.author.value = names[number % names.length];
    form.requestSubmit();
    while (document.querySelectorAll('.told').length <= number)
      await new Promise(go => setTimeout(go, 5));
  }
}"""


def test_a_website_that_is_no_web_address_is_not_sent(visit, host):
    page = open_form(visit())
    for website in hostile.WEBSITES:
        fill(page, website=website)
        send(page)
        page.wait_for_selector(".summary >> text=/web address|address of a website/")
    assert page.query_selector(".told") is None
    assert page.evaluate("window.ran") is None


# -- What it weighs, and whose it is ---------------------------------------------------------------


def weight(folder, *names):
    return sum(len(gzip.compress((folder / "theme" / name).read_bytes(), 6)) for name in names)


def test_the_scripts_and_sheets_stay_within_their_budgets(preview):
    (embed,) = (file.name for file in (preview.folder / "theme/js").glob("isso-*.min.js"))
    assert weight(preview.folder, "js/replies.js") <= 1024
    after = ("js/isso.js", f"js/{embed}", "css/replies.css", "css/reply-form.css")
    assert weight(preview.folder, *after) <= 25 * 1024


def test_the_embed_is_the_one_of_the_installed_isso_with_its_licence(preview):
    scripts = preview.folder / "theme" / "js"
    (embed,) = scripts.glob("isso-*.min.js")
    assert embed.read_bytes() == (files("isso") / "js" / "embed.min.js").read_bytes()
    assert "Permission is hereby granted" in (scripts / "isso-LICENSE.txt").read_text("utf-8")


def test_a_thread_is_named_by_its_path_or_by_what_was_frozen(preview):
    assert preview.page("quiet/").one("#reply").get("data-thread") == "/quiet/"
    assert preview.page("frozen/").one("#reply").get("data-thread") == "/old-name/"
