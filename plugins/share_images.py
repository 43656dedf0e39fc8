"""The picture that goes with a link when an article is shared: 1200×630, drawn while building.

It shows the site's mark and name, the title and a line of facts, set in the fonts of theme/fonts,
so that every machine draws the same. A title is wrapped and set smaller until all of it is there.
Where the fonts lack its letters (Arabic or Chinese, say) the site's own card stands in, and a
picture that the author names (`Image:`, with `Image_alt:`) is shown instead of a drawn card.
"""

import functools
import hashlib
import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import PIL
from pelican import signals
from pelican.generators import ArticlesGenerator
from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

from plugins.dates import day
from plugins.images import CACHE, PictureError, prepare, upright, write
from plugins.outline import sources
from plugins.words import say

WIDTH, HEIGHT = 1200, 630
FONTS = Path(__file__).resolve().parent.parent / "theme" / "fonts"
PAPER, INK, QUIET, PETROL, EDGE, MARK = (
    "#fbfaf6", "#17222a", "#28333a", "#0b4653", "#63727a", "#ffe08a"
)  # fmt: skip
# Size and line height, the largest that holds the title in the room between name and facts.
SETTINGS = ((72, 79), (56, 63), (44, 51), (34, 41), (26, 32), (18, 23))
LEFT, RIGHT, TOP, FOOT = 80, 1120, 228, 500
RECIPE = f"1 {PIL.__version__}"


@dataclass(frozen=True)
class Card:
    """A picture for sharing: its path in the site, its MIME type, and what it shows in words."""

    path: str
    type: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def drawable(*texts: str) -> bool:
    """Tell whether the fonts have every letter of these texts."""
    return all(_has(letter) for text in texts for letter in unicodedata.normalize("NFC", text))


def draw(name: str, title: str, facts: str = "") -> bytes:
    """Return the PNG of a card. `title` may have any length; all of it is shown."""
    name, title, facts = (unicodedata.normalize("NFC", text) for text in (name, title, facts))
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 15), PETROL)
    image.paste(_mark(64), (80, 72))
    pen.text((164, 104), name, INK, _fitting("NotoSerif-Bold", 34, name, RIGHT - 164), anchor="lm")
    pen.rectangle((LEFT, 176, RIGHT, 177), EDGE)
    pen.rectangle((LEFT, 176, LEFT + 149, 187), PETROL)
    lines, size, leading = fit(title)
    font = _font("NotoSerif-Bold", size)
    for number, line in enumerate(lines):
        baseline = TOP + round(size * 1.02) + number * leading
        pen.text((LEFT, baseline), line, INK, font, anchor="ls")
    font = _fitting("NotoSans-Regular", 28, facts, RIGHT - LEFT)
    pen.text((LEFT, 548), facts, QUIET, font, anchor="ls")
    small = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def fit(title: str) -> tuple[list[str], int, int]:
    """Return a title's lines, type size and line height: large in three lines, else smaller."""
    for size, leading in SETTINGS:
        lines = wrap(title, _font("NotoSerif-Bold", size), RIGHT - LEFT)
        if len(lines) <= max(3, (FOOT - TOP) // leading if size < 72 else 3):
            return lines, size, leading
    size, leading = SETTINGS[-1]
    return lines, size, max(1, (FOOT - TOP) // len(lines))


def wrap(text: str, font, room: int) -> list[str]:
    """Return lines of `text` no wider than `room`; a word wider than that is broken."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if font.getlength(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def crop(path: Path) -> bytes:
    """Return the JPEG of an author's picture, cut to a card's shape around its middle."""
    with Image.open(path) as image:
        image.draft("RGB", (WIDTH * 2, HEIGHT * 2))
        plain = upright(image)
    if plain.mode == "RGBA":
        plain = Image.alpha_composite(Image.new("RGBA", plain.size, PAPER), plain).convert("RGB")
    buffer = io.BytesIO()
    fitted = ImageOps.fit(plain, (WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    fitted.save(buffer, "JPEG", quality=82, optimize=True, progressive=True)
    return buffer.getvalue()


@functools.cache
def _font(name: str, size: int):
    # Pillow's other layout engine depends on a library of the machine, so that bytes would differ.
    return ImageFont.truetype(
        str(FONTS / f"{name}.ttf"), size, layout_engine=ImageFont.Layout.BASIC
    )


def _fitting(name: str, size: int, text: str, room: int):
    """Return the font at `size`, or as much smaller as the text needs to fit the room."""
    while size > 12 and _font(name, size).getlength(text) > room:
        size -= 2
    return _font(name, size)


@functools.cache
def _has(letter: str) -> bool:
    if letter.isspace():
        return True
    font = _font("NotoSerif-Bold", 32)
    # U+FFFF is no character, so what is drawn for it is what is drawn for a missing one.
    missing = font.getmask("\uffff")
    found = font.getmask(letter)
    return unicodedata.category(letter)[0] != "C" and (
        found.size != missing.size or bytes(found) != bytes(missing)
    )


@functools.cache
def _palette() -> Image.Image:
    """Return the colours of a card and the steps between them: few, so that its file is small."""
    pairs = ((PAPER, INK, 15), (PAPER, PETROL, 3), (PAPER, EDGE, 1), (PETROL, "#ffffff", 5),
             (PETROL, MARK, 5))  # fmt: skip
    colours = []
    for start, end, steps in pairs:
        start, end = ImageColor.getrgb(start), ImageColor.getrgb(end)
        for step in range(steps + 1):
            colours += [round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    return palette


def _mark(size: int) -> Image.Image:
    """Return the site's mark, drawn large and made small, for smooth corners."""
    unit = size // 8
    large = Image.new("RGB", (32 * unit, 32 * unit), PAPER)
    pen = ImageDraw.Draw(large)
    pen.rounded_rectangle((0, 0, 32 * unit - 1, 32 * unit - 1), 4 * unit, PETROL)
    for x, y, colour in ((8, 2, "white"), (6, 10, "white"), (12, 18, MARK), (10, 26, "white")):
        pen.rectangle((x * unit, y * unit, (x + 14) * unit - 1, (y + 4) * unit - 1), colour)
    return large.resize((size, size), Image.Resampling.BOX)


# -- In a build ------------------------------------------------------------------------------------


class Cards:
    """Makes the cards of one site in `output`, from a cache of those already made."""

    def __init__(self, settings, output):
        self.settings = settings
        self.output = Path(output)
        self.cache = Path(settings.get("PICTURES_CACHE", CACHE))

    def of_site(self) -> Card:
        """Return the site's own card; only its mark where the fonts lack the letters."""
        name, line = self.settings["SITENAME"], self.settings.get("SITESUBTITLE", "")
        alt = f"{name}: {line}" if line else name
        words = (name, line or name) if drawable(name, line) else ("", "")
        return self._card("site", "png", alt, functools.partial(draw, *words), *words)

    def of_article(self, article, own: Card) -> Card:
        """Return an article's card: the author's picture, a drawn card, or the site's `own`."""
        stated = getattr(article, "image", "")
        if stated:
            return self._from_author(article, stated)
        facts = self._facts(article)
        words = (self.settings["SITENAME"], article.title, facts)
        if not drawable(*words):
            return own
        return self._card(
            article.slug, "png", article.title, functools.partial(draw, *words), *words
        )

    def _facts(self, article) -> str:
        changed = getattr(article, "modified", article.date)
        cited = len(sources(article._content))
        facts = [str(article.category), day(changed, article.lang)]
        if cited:
            facts.append(say("{n} sources" if cited > 1 else "1 source", article.lang, n=cited))
        return "  ·  ".join(facts)

    def _from_author(self, article, stated: str) -> Card:
        name = stated.removeprefix("{static}").removeprefix("|static|").lstrip("/")
        path = Path(self.settings["PATH"], name)
        if not path.is_file():
            what = f"{article.source_path} names the picture {name}, which does not exist"
            raise PictureError(Path(article.source_path), what, "put it into images/")
        if path.suffix.lower() == ".svg":
            raise PictureError(
                path, "sites that show shared links do not show SVG", "save it as JPEG or PNG"
            )
        prepare(path, self.cache)  # says so when it is broken
        alt = getattr(article, "image_alt", article.title)
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._card(article.slug, "jpg", alt, functools.partial(crop, path), content)

    def _card(self, name: str, ending: str, alt: str, make, *inputs: str) -> Card:
        key = hashlib.sha256("\0".join([RECIPE, ending, *inputs]).encode()).hexdigest()[:24]
        kept = self.cache / f"{key}.{ending}"
        if not kept.is_file():
            self.cache.mkdir(parents=True, exist_ok=True)
            write(kept, make())
        path = f"pictures/share-{name}-{key[:8]}-{WIDTH}.{ending}"
        target = self.output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(kept.read_bytes())
        return Card(path, "image/png" if ending == "png" else "image/jpeg", alt)


def register():
    """Give every article its `card` and every template the site's own as `site_card`."""
    signals.all_generators_finalized.connect(_publish)


def _publish(generators):
    first = generators[0]
    cards = Cards(first.settings, first.output_path)
    own = first.context["site_card"] = cards.of_site()
    articles = next(one for one in generators if isinstance(one, ArticlesGenerator))
    groups = ("articles", "translations", "drafts", "drafts_translations",
              "hidden_articles", "hidden_translations")  # fmt: skip
    for group in groups:
        for article in getattr(articles, group):
            article.card = cards.of_article(article, own)
