"""Cards for sharing: what they show, and which article gets which."""

import io
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from PIL import Image

from plugins import THEME, drawing, share_images
from plugins.brand import Brand
from plugins.cache.store import Cache
from plugins.drawing import draw, fit, has_letters
from plugins.facts import TextFacts
from plugins.share_images import Cards

BRAND = Brand.read(THEME)
LONG = "A very long title that goes on and on, so that large type can never hold it, " * 4
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("title", ["Short", "How to Sit " * 6, LONG, WORD, "x " * 500])
def test_all_of_a_title_is_on_its_card_and_inside_its_room(title):
    lines, size, leading = fit(title)
    shown = "".join(lines).replace(" ", "")
    assert shown == title.replace(" ", "")
    font = drawing._font("NotoSerif-Bold", size)
    assert all(font.getlength(line) <= drawing.RIGHT - drawing.LEFT for line in lines)
    assert len(lines) * leading <= drawing.FOOT - drawing.TOP + 1


def test_a_usual_title_is_set_in_at_most_three_lines_of_the_largest_type():
    title = "How Medical Massage Helps Manage Sciatica and Lower Back Pain"
    lines, size, _ = fit(title)
    assert (len(lines), size) == (3, 72)
    assert fit(f"{title}, and How to Begin with It Today")[1] == 56


def test_a_card_is_a_small_png_of_the_size_that_sites_ask_for():
    data = draw(BRAND, "Back in Plain Words", "How Massage Helps", "Back pain  ·  22 sources")
    with opened(data) as card:
        assert (card.format, card.size) == ("PNG", (1200, 630))
        plain = card.convert("RGB")
        assert plain.getpixel((600, 5)) == (0x0B, 0x46, 0x53)
        assert plain.getpixel((600, 400)) == (0xFB, 0xFA, 0xF6)
        assert plain.getpixel((80 + 38, 72 + 40)) == (0xFF, 0xE0, 0x8A)
    assert len(data) < 40_000
    assert len(draw(BRAND, "Back in Plain Words", LONG, "Facts")) < 40_000


def test_a_card_is_the_same_each_time():
    assert draw(BRAND, "Name", "Title", "Facts") == draw(BRAND, "Name", "Title", "Facts")


def test_the_margins_of_a_card_stay_empty_however_long_its_words():
    with opened(draw(BRAND, "Name " * 12, WORD, "Fact " * 30)) as card:
        plain = card.convert("RGB")
        for box in ((0, 20, 79, 630), (1125, 20, 1200, 630), (0, 565, 1200, 630)):
            assert plain.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]),
                                                    (0xFB, 0xFA, 0xF6))]  # fmt: skip


def test_letters_without_a_font_are_known():
    assert has_letters("Été, Łódź, Çağ — “quoted” 50 % 5′")
    assert has_letters("E\u0301te\u0301"), "letters made of two characters count as one"
    for text in ("ألم الظهر", "כאב גב", "腰痛", "Боль", "Pain 😀", "a\u200bb", "x\u0331"):
        assert not has_letters(text), text


@pytest.fixture
def cards(tmp_path):
    settings = {
        "SITENAME": "Back in Plain Words",
        "SITESUBTITLE": "Plain answers",
        "PATH": str(tmp_path / "content"),
        "THEME": str(THEME),
        "CACHE": Cache({"CACHE_PATH": tmp_path / "cache"}),
    }
    (tmp_path / "content" / "images").mkdir(parents=True)
    return Cards(settings, tmp_path / "output", datetime(2026, 2, 3, tzinfo=UTC))


def article(**fields):
    return SimpleNamespace(
        **{
            "title": "How Massage Helps",
            "slug": "massage",
            "category": "Back pain",
            "date": datetime(2026, 1, 2, tzinfo=UTC),
            "lang": "en-US",
            "source_path": "articles/massage.md",
            "facts": TextFacts(),
            "status": "published",
            **fields,
        }
    )


def test_an_article_gets_a_card_of_its_own(cards, tmp_path):
    own = cards.of_site()
    card = cards.of_article(article(), own)
    assert card != own
    assert (card.alt, card.type) == ("How Massage Helps", "image/png")
    assert card.path.startswith("pictures/share-massage-")
    with Image.open(tmp_path / "output" / card.path) as picture:
        assert picture.size == (card.width, card.height) == (1200, 630)


def test_a_changed_title_gets_a_new_address(cards):
    own = cards.of_site()
    first = cards.of_article(article(), own)
    assert cards.of_article(article(), own) == first
    assert cards.of_article(article(title="Other"), own).path != first.path


def test_a_title_in_a_script_without_a_font_gets_the_sites_own_card(cards):
    own = cards.of_site()
    assert own.alt == "Back in Plain Words: Plain answers"
    assert cards.of_article(article(title="آلام أسفل الظهر", lang="ar"), own) is own


@pytest.mark.parametrize(
    ("lang", "cited", "said"),
    [("en-US", 0, ""), ("en-US", 1, "  ·  1 source"), ("en-US", 22, "  ·  22 sources")],
)
def test_a_card_says_what_an_article_is_about_when_it_changed_and_what_it_cites(
    cards, monkeypatch, lang, cited, said
):
    drawn = []
    monkeypatch.setattr(drawing, "draw", lambda *words: drawn.append(words) or b"")
    changed = datetime(2026, 3, 4, tzinfo=UTC)
    one = article(lang=lang, facts=TextFacts(sources=cited), modified=changed)
    cards.of_article(one, cards.of_site())
    assert drawn[-1] == (
        BRAND,
        cards.settings["SITENAME"],
        "How Massage Helps",
        f"Back pain  ·  March 4, 2026{said}",
    )


def test_a_site_whose_name_has_no_font_gets_a_card_with_its_mark_alone(cards):
    cards.settings["SITENAME"] = "آلام الظهر"
    card = cards.of_site()
    assert card.alt.startswith("آلام الظهر")


def test_the_authors_picture_is_cut_to_shape_and_described(cards, tmp_path):
    photo = Image.new("RGB", (1500, 1500), "red")
    photo.paste("blue", (0, 600, 1500, 900))
    photo.save(tmp_path / "content/images/walk.jpg")
    card = cards.of_article(article(image="images/walk.jpg", image_alt="A walk"), cards.of_site())
    assert (card.alt, card.type) == ("A walk", "image/jpeg")
    with Image.open(tmp_path / "output" / card.path) as picture:
        assert picture.size == (1200, 630)
        assert picture.getpixel((600, 315))[2] > 200, "the middle is kept"


def test_many_cards_are_drawn_by_several_processes_and_are_the_same(cards, tmp_path, monkeypatch):
    several = [article(title=f"Title {number}", slug=f"a-{number}") for number in range(9)]
    own = cards.of_site()
    alone = [cards.of_article(each, own) for each in several]
    settings = {**cards.settings, "CACHE": Cache({"CACHE_PATH": tmp_path / "other"})}
    other = Cards(settings, tmp_path / "other-output", cards.now)
    monkeypatch.setattr(share_images, "MANY", 5)
    monkeypatch.setattr(share_images, "can_share", lambda: True)
    other.draw_ahead(several)
    monkeypatch.setattr(drawing, "draw", None)
    assert [other.of_article(each, own) for each in several] == alone
