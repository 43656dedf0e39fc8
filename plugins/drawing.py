"""Draws the cards that go with links: words and the mark, or an author's picture cut to shape, with
the colors of the theme and the fonts of theme/fonts, so that every machine draws the same."""

import functools
import io
import itertools
import unicodedata
from pathlib import Path

import resvg_py
from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

from plugins.brand import Brand
from plugins.images import CARD_SIZE
from plugins.pixels import encode, upright
from plugins.share_images import FONTS

WIDTH, HEIGHT = CARD_SIZE
MARK_SIZE = 64
# Size and line height, the largest that holds the title in the room between name and facts.
SETTINGS = ((72, 79), (56, 63), (44, 51), (34, 41), (26, 32), (18, 23))
LEFT, RIGHT, TOP, FOOT = 80, 1120, 228, 500


def has_letters(*texts: str) -> bool:
    """Return whether the fonts have every letter of these texts."""
    return all(map(_has_letter, unicodedata.normalize("NFC", " ".join(texts))))


def draw(brand: Brand, name: str, title: str, facts: str = "") -> bytes:
    """Return the PNG of a card. `title` may have any length; all of it is shown."""
    name, title, facts = (unicodedata.normalize("NFC", text) for text in (name, title, facts))
    paper, ink, quiet, petrol, edge = map(brand.color, ("paper", "ink", "quiet", "petrol", "edge"))
    image = Image.new("RGB", (WIDTH, HEIGHT), paper)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 15), petrol)
    image.paste(_mark(brand), (80, 72))
    pen.text((164, 104), name, ink, _fitting("NotoSerif-Bold", 34, name, RIGHT - 164), anchor="lm")
    pen.rectangle((LEFT, 176, RIGHT, 177), edge)
    pen.rectangle((LEFT, 176, LEFT + 149, 187), petrol)
    lines, size, leading = fit(title)
    baselines = itertools.count(TOP + round(size * 1.02), leading)
    for line, baseline in zip(lines, baselines, strict=False):
        pen.text((LEFT, baseline), line, ink, _font("NotoSerif-Bold", size), anchor="ls")
    font = _fitting("NotoSans-Regular", 28, facts, RIGHT - LEFT)
    pen.text((LEFT, 548), facts, quiet, font, anchor="ls")
    small = image.quantize(palette=_palette(brand), dither=Image.Dither.NONE)
    return encode(small, "PNG", optimize=False, compress_level=7)


def fit(title: str) -> tuple[list[str], int, int]:
    """Return a title's lines, type size and line height: large in three lines, else smaller."""
    for size, leading in SETTINGS:
        lines = wrap(title, _font("NotoSerif-Bold", size), RIGHT - LEFT)
        if len(lines) <= max(3, (FOOT - TOP) // leading if size < 72 else 3):
            return lines, size, leading
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


def crop(brand: Brand, path: Path) -> bytes:
    """Return the JPEG of an author's picture, cut to a card's shape around its middle."""
    with Image.open(path) as image:
        image.draft("RGB", (WIDTH * 2, HEIGHT * 2))
        plain = upright(image)
    if plain.mode == "RGBA":
        paper = Image.new("RGBA", plain.size, brand.color("paper"))
        plain = Image.alpha_composite(paper, plain).convert("RGB")
    return encode(ImageOps.fit(plain, CARD_SIZE, Image.Resampling.LANCZOS), "JPEG")


@functools.cache
def _font(name: str, size: int):
    # Pillow's other layout engine depends on a library of the machine, so that bytes would differ.
    return ImageFont.truetype(FONTS / f"{name}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def _fitting(name: str, size: int, text: str, room: int):
    """Return the font at `size`, or as much smaller as the text needs to fit the room."""
    while size > 12 and _font(name, size).getlength(text) > room:
        size -= 2
    return _font(name, size)


@functools.cache
def _has_letter(letter: str) -> bool:
    # U+FFFF is no character, so what is drawn for it is what is drawn for a missing one.
    masks = map(_font("NotoSerif-Bold", 32).getmask, (letter, "\uffff"))
    found, missing = ((mask.size, bytes(mask)) for mask in masks)
    return letter.isspace() or unicodedata.category(letter)[0] != "C" and found != missing


@functools.cache
def _palette(brand: Brand) -> Image.Image:
    """Return the colors of a card and the steps between them: few, so that its file is small."""
    names = map(brand.color, ("paper", "ink", "petrol", "edge"))
    paper, ink, petrol, edge = map(ImageColor.getrgb, names)
    counted = sorted(_mark(brand).getcolors(MARK_SIZE**2), reverse=True)
    main, *others = [color for count, color in counted if count > MARK_SIZE**2 / 100][:9]
    pairs = dict.fromkeys([(paper, ink, 15), (paper, petrol, 3), (paper, edge, 1)])
    pairs |= dict.fromkeys([*((main, other, 5) for other in others), (paper, main, 3)])
    steps = [(*each, step) for each in pairs for step in range(each[2] + 1)]
    mixed = ([a + (b - a) * n / of for a, b in zip(*ends, strict=True)] for *ends, of, n in steps)
    palette = Image.new("P", (1, 1))
    palette.putpalette([*map(round, itertools.chain(*mixed))])
    return palette


@functools.cache
def _mark(brand: Brand) -> Image.Image:
    ground = {"width": MARK_SIZE, "height": MARK_SIZE, "background": brand.color("paper")}
    # Without the fonts of the system, every machine draws the same.
    data = resvg_py.svg_to_bytes(svg_string=brand.mark, skip_system_fonts=True, **ground)
    return Image.open(io.BytesIO(data)).convert("RGB")
