"""Reading in a real browser: accessibility, reflow, focus, print, and what a page weighs.

The criteria are WCAG 2.2's, https://www.w3.org/TR/WCAG22/
"""

import gzip
import io
import shutil
import unicodedata
import wave

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from tests.site_fixtures import CONTENT, ROOT, build_site

KINDS = {
    "article": "everything/",
    "home": "",
    "page": "about/",
    "category": "category/filler/",
    "tag": "tag/walking/",
    "archive": "archive/",
    "topics": "topics/",
    "not found": "404.html",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Rules of level AAA, and rules that axe leaves off by itself.
RULES = ["color-contrast-enhanced", "target-size", "identical-links-same-purpose"]


@pytest.fixture(scope="module")
def address(site, serve):
    return serve(site.folder) + "/"


@pytest.fixture(scope="module")
def real_address(real, serve):
    return serve(real.folder) + "/"


@pytest.fixture(scope="module")
def article(real):
    """The path of the site's own article."""
    (path,) = [path for path in real.paths() if real.page(path).all(".faq")]
    return path


def axe(page) -> list[str]:
    """Return what axe has against a page, a line each."""
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {rule: {"enabled": True} for rule in RULES},
    }
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_the_browser_complains_of_nothing(
    new_page, address, path, scheme, width
):
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(address + path)
    assert axe(page) == []
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_one_request_is_enough_to_read(new_page, address, path):
    page = new_page()
    page.goto(address + path, wait_until="networkidle")
    # The icon and the module that waits for the reply button come after the page is shown.
    later = ("favicon.svg", ".js")
    assert [url for url in page.requests if not url.endswith(later)] == [address + path]


def test_without_scripts_the_words_are_the_same(new_page, address):
    def text(**options):
        page = new_page(**options)
        page.goto(address + "everything/")
        return page.inner_text("article header, .key-points, .contents, .text")

    assert text() == text(java_script_enabled=False)


def test_wider_text_spacing_and_double_text_need_no_sideways_scrolling(
    new_page, real_address, article
):
    """WCAG 1.4.4, 1.4.10 and 1.4.12 together."""
    page = new_page(viewport={"width": 320, "height": 800}, bypass_csp=True)
    page.goto(real_address + article)
    page.add_style_tag(
        content="""* { line-height: 1.5 !important; letter-spacing: .12em !important;
        word-spacing: .16em !important; } p { margin-bottom: 2em !important; }"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page = new_page(viewport={"width": 640, "height": 800}, bypass_csp=True)
    page.goto(real_address + article)
    page.add_style_tag(content="html { font-size: 200% !important; }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_no_width_needs_sideways_scrolling(new_page, real_address, article):
    page = new_page(viewport={"width": 320, "height": 800})
    page.goto(real_address + article)
    for width in range(320, 1500, 31):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_way_back_home_stands_on_one_line(new_page, address):
    page = new_page(viewport={"width": 360, "height": 740})
    page.goto(address + "everything/")
    assert page.locator(".breadcrumb li").count() > 1
    assert page.locator(".breadcrumb ol").bounding_box()["height"] < 50


def test_lines_have_a_comfortable_length(new_page, real_address, article):
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(real_address + article)
    signs = page.evaluate(
        """() => {
        const lines = [];
        for (const p of document.querySelectorAll('.text > p')) {
            const range = document.createRange();
            range.selectNodeContents(p);
            const tops = new Set([...range.getClientRects()]
                .filter(rect => rect.height > 22).map(rect => Math.round(rect.top)));
            if (tops.size > 3) lines.push(p.textContent.length / (tops.size - 0.5));
        }
        return lines;
        }"""
    )
    assert signs
    # About 57 in DejaVu Serif, the widest face that the theme may fall back to: that of a Debian
    # without fonts of its own. Those that the theme names give 61 to 73.
    assert 55 <= sum(signs) / len(signs) <= 76


def test_paragraphs_have_room_to_breathe(new_page, real_address, article):
    """WCAG 1.4.8: lines 1.5 apart, paragraphs 1.5 times that, not justified."""
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(real_address + article)
    size, line, gap, align = page.eval_on_selector(
        ".text > p",
        """p => {
        const style = getComputedStyle(p);
        return [style.fontSize, style.lineHeight, style.marginBottom].map(parseFloat)
            .concat(style.textAlign);
        }""",
    )
    assert line / size >= 1.5
    assert (line + gap) / line >= 1.5
    assert align == "start"


def test_targets_are_large_enough_for_a_shaking_hand(new_page, address):
    """WCAG 2.5.5; links inside sentences are excepted."""
    page = new_page(viewport={"width": 320, "height": 800})
    for path in KINDS.values():
        page.goto(address + path)
        small = page.evaluate(
            """() => [...document.querySelectorAll(
                'nav a, .brand, footer li a, .tags a, .rows h2 a, .plain a, button')]
            .filter(a => !a.classList.contains('skip'))
            .map(a => [a.textContent, a.getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
        )
        assert small == [], path
    page.goto(address + "everything/")
    for selector in ("sup a", ".permalink", "[href^='#fnref']"):
        size = page.eval_on_selector(
            selector, "a => ['width', 'height'].map(side => getComputedStyle(a, '::after')[side])"
        )
        assert size == ["44px", "44px"], selector


def test_every_stop_of_the_tab_key_is_visible_and_marked(new_page, address):
    """WCAG 2.4.7, 2.4.11 to 2.4.13."""
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(address + "everything/")
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
            const a = document.activeElement, style = getComputedStyle(a);
            const box = a.getClientRects()[0] ?? a.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return {name: a.textContent.trim(), tag: a.tagName,
                width: parseFloat(style.outlineWidth),
                line: style.outlineStyle, shown: box.top >= -1 && box.bottom <= innerHeight + 1,
                free: a === top || a.contains(top) || top?.contains(a)};
            }"""
        )
        if stop["tag"] == "BODY":
            break
        stops.append(stop["name"])
        assert stop["width"] >= 2, stop
        assert stop["line"] == "solid", stop
        assert stop["shown"], stop
        assert stop["free"], stop
    assert stops[0] == "Skip to main content"
    assert len(stops) > 20


def test_the_skip_link_leads_to_the_main_part(new_page, address):
    page = new_page()
    page.goto(address + "everything/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_emergency_line_is_on_the_first_screen_of_a_phone(new_page, real_address, article):
    page = new_page(viewport={"width": 360, "height": 640})
    page.goto(real_address + article)
    box = page.locator(".alert").bounding_box()
    assert box["y"] + box["height"] <= 640


def test_forced_colors_keep_the_weight_of_the_care_cards(new_page, address):
    page = new_page(forced_colors="active")
    page.goto(address + "everything/")
    widths = page.eval_on_selector_all(
        ".card", "cards => cards.map(card => parseFloat(getComputedStyle(card).borderTopWidth))"
    )
    assert widths == [8, 4, 2]


def test_the_question_that_a_link_names_is_marked(new_page, address):
    page = new_page()
    page.goto(address + "everything/#how-long-does-it-take")
    marked = page.eval_on_selector(":target", "h => getComputedStyle(h).backgroundColor")
    plain = page.eval_on_selector("#is-it-safe-sound", "h => getComputedStyle(h).backgroundColor")
    assert marked != plain
    assert page.evaluate("document.querySelector(':target').getBoundingClientRect().top") >= 0


def test_a_link_to_words_of_an_answer_scrolls_to_them(new_page, address):
    page = new_page(viewport={"width": 320, "height": 400})
    page.goto(address + "everything/#:~:text=on%20the%20cause")
    page.wait_for_function("scrollY > 0")


def test_nothing_moves_while_the_page_loads(new_page, real_address, article):
    page = new_page(viewport={"width": 412, "height": 800})
    page.add_init_script(
        """window.shift = 0; new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: 'layout-shift', buffered: true})"""
    )
    page.goto(real_address + article, wait_until="networkidle")
    assert page.evaluate("window.shift") == 0


@pytest.fixture(scope="module")
def printed(browser, real_address, article):
    """The site's own article, printed from a dark browser."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(real_address + article)
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, format="Letter")))
    page.emulate_media(media="print", color_scheme="dark")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    return pdf, paper


def letters(text: str) -> str:
    """Return the letters of a text; source numbers stand elsewhere in a PDF than in a page."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalpha())


def test_paper_gets_the_answers_the_cards_and_the_addresses_of_the_sources(printed, real, article):
    pdf, paper = printed
    text = letters(" ".join(page.extract_text() for page in pdf.pages))
    page = real.page(article)
    wanted = page.texts(".faq p, .faq li, .card li, a.address")
    assert len(wanted) > 20
    for words in wanted:
        # A sheet may end inside a paragraph.
        assert letters(words)[:40] in text, words
        assert letters(words)[-40:] in text, words
    assert paper == "rgb(255, 255, 255)"


def test_paper_gets_no_navigation_and_no_more_than_six_sheets(printed, real, article):
    pdf, _ = printed
    text = " ".join(page.extract_text() for page in pdf.pages)
    for words in ("Contents", "Topics", "Archive", "Skip to", "Write a reply", "↩"):
        assert words not in text, words
    assert len(pdf.pages) <= 6


SUMMARY = (
    "How to stand up from a low chair with a sore back, seen from the side and told in words, in "
    "less time than it takes to read this sentence."
)
MEDIA = f"""Title: Standing up
Date: 2026-01-02
Category: Back pain
Summary: {SUMMARY}

<video src="{{static}}../images/a.wav" controls>
<track src="{{static}}../images/a.vtt" kind="captions" default></video>

<audio controls><source src="{{static}}../images/a.wav"></audio>
"""


def test_video_and_audio_of_the_site_itself_play_and_fit(tmp_path, serve, new_page, published):
    shutil.copytree(CONTENT / "pages", tmp_path / "content" / "pages")
    shutil.copytree(CONTENT / "images", tmp_path / "content" / "images")
    (tmp_path / "content" / "articles").mkdir()
    (tmp_path / "content" / "articles" / "media.md").write_text(MEDIA)
    with wave.open(str(tmp_path / "content" / "images" / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0" * 16000)
    (tmp_path / "content" / "images" / "a.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:01.000\nUp\n"
    )
    site = build_site(tmp_path / "content", tmp_path / "output")
    page = new_page(viewport={"width": 320, "height": 800})
    page.goto(serve(site.folder) + "/standing-up/", wait_until="networkidle")
    for kind in ("video", "audio"):
        page.wait_for_function(f"document.querySelector('{kind}').readyState >= 3")
        assert page.locator(kind).bounding_box()["height"] >= 40
    assert page.evaluate("document.querySelector('video').textTracks[0].cues.length") == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.complaints == []
    assert "media-src" not in published.page("everything/").source


def test_an_article_fits_the_first_window_of_a_connection(article, tmp_path):
    """14 KB is what a server sends before it waits for the first answer (RFC 6928)."""
    comments = {"provider": "isso", "endpoint": "https://comments.example.org"}
    site = build_site(
        ROOT / "content",
        tmp_path / "output",
        "publishconf.py",
        SITEURL="https://www.example.org",
        COMMENTS=comments,
        PUBLISHING=False,  # also before its day
    )
    html = (site.folder / article / "index.html").read_bytes()
    assert len(gzip.compress(html, 6)) <= 14 * 1024


def test_the_sheet_stays_small(real):
    sheet = real.page("").one("style").text
    assert len(gzip.compress(sheet.encode(), 6)) <= 3.2 * 1024
