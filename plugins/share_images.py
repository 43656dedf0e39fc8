"""The picture that goes with a link when an article is shared: 1200×630, with the site's mark and
name, the title and a line of facts, or the author's picture (`Image:`, with `Image_alt:`). Where
the fonts lack letters (Arabic, say) it is the site's own card."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from pelican import signals

from plugins import THEME
from plugins.brand import Brand
from plugins.cache.digests import describe, digest, of_files
from plugins.cache.store import Cache
from plugins.dates import day
from plugins.images import CARD_SIZE, write
from plugins.processes import can_share, share_out
from plugins.progress import advanced, track
from plugins.rules.fields import ARTICLE
from plugins.schedule import build_time, is_published
from plugins.words import translate

FONTS = THEME / "fonts"
MANY = 40  # cards that are worth a second process
_DRAWN_BY = [Path(__file__).with_name(name) for name in ("drawing.py", "pixels.py", "brand.py")]


@dataclass(frozen=True)
class Card:
    """A picture for sharing: its path in the site, its MIME type, and what it shows in words."""

    path: str
    type: str
    alt: str
    width: int = CARD_SIZE[0]
    height: int = CARD_SIZE[1]


class Cards:
    """Makes the cards of one site in `output`. `now` is the moment that tells what is out."""

    def __init__(self, settings, output, now: datetime):
        self.settings, self.output, self.now = settings, Path(output), now
        self.cache: Cache = settings["CACHE"]
        brand = self.brand = Brand.read(settings["THEME"])
        made_of = version("pillow"), version("resvg-py"), describe([brand.colors, brand.mark])
        self.recipe = digest(of_files([*_DRAWN_BY, FONTS]), *made_of)

    def of_site(self) -> Card:
        """Return the site's own card; only its mark where the fonts lack the letters."""
        name, line = self.settings["SITENAME"], self.settings.get("SITESUBTITLE", "")
        alt = f"{name}: {line}" if line else name
        return self._card("site", alt, (name, line or name)) or self._card("site", alt, ("", ""))

    def of_article(self, article, own: Card) -> Card:
        """Return an article's card: the author's picture, a drawn card, or the site's `own`."""
        origins = self._origins(article)
        if stated := getattr(article, "image", ""):
            path = Path(self.settings["PATH"], stated)  # plugins/rules/links.py has found it
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            alt = getattr(article, "image_alt", article.title)
            return self._card(article.slug, alt, (content,), origins, path)
        return self._card(article.slug, article.title, self._words(article), origins) or own

    def draw_ahead(self, articles):
        """Draw the cards that the cache lacks in several processes at once, where that pays."""
        drawn = [one for one in articles if not getattr(one, "image", "")]
        wanted = {digest("card", self.recipe, "png", *self._words(one)): one for one in drawn}
        missing = {key: one for key, one in wanted.items() if self.cache.get(key) is None}
        if len(missing) < MANY or not can_share():
            return
        drawn = share_out(lambda key: _draw(self.brand, self._words(missing[key])), list(missing))
        for done, (key, content) in enumerate(drawn, 1):
            self.cache.put(key, content, self._origins(missing[key]))
            advanced.send("Drawing", done=done, total=len(missing))

    def _words(self, article) -> tuple[str, ...]:
        changed, lang = getattr(article, "modified", article.date), article.lang
        facts = [str(article.category), day(changed, lang)]
        if cited := article.facts.sources:
            facts.append(translate("{n} sources" if cited > 1 else "1 source", lang, n=cited))
        return self.settings["SITENAME"], article.title, "  ·  ".join(facts)

    def _origins(self, article) -> list[bytes]:
        return [] if is_published(article, self.now) else [article.document.origin]

    def _card(self, name, alt, inputs, origins=(), picture: Path | None = None) -> Card | None:
        """Return a card with the words `inputs`, or None where the fonts lack the letters; or one
        of a picture, whose content `inputs` names."""
        ending, kind = ("jpg", "image/jpeg") if picture else ("png", "image/png")
        key = digest("card", self.recipe, ending, *inputs)
        if (content := self.cache.get(key)) is None:
            content = _draw(self.brand, inputs, picture)
            self.cache.put(key, content, origins)
        if not content:
            return None
        named = hashlib.sha256(content).hexdigest()[:8]
        short = name.encode()[:150].decode(errors="ignore")  # of a file name systems allow 255
        path = f"pictures/share-{short}-{named}-{CARD_SIZE[0]}.{ending}"
        write(self.output / path, content)
        return Card(path, kind, alt)


def _draw(brand: Brand, words: tuple[str, ...], picture: Path | None = None) -> bytes:
    """Return the file of a card: of a picture, or of words unless the fonts lack the letters."""
    from plugins import drawing  # Pillow takes a while to import, and most cards are kept

    if picture:
        return drawing.crop(brand, picture)
    return drawing.draw(brand, *words) if drawing.has_letters(*words) else b""


def register():
    """Give every article its `card` and every template the site's own as `site_card`."""
    signals.all_generators_finalized.connect(_publish)


def _publish(generators):
    first = generators[0]
    cards = Cards(first.settings, first.output_path, build_time(first.path).moment)
    own = first.context["site_card"] = cards.of_site()
    documents = first.context["documents"].values()
    articles = [one.content for one in documents if one.content and one.kind == ARTICLE]
    if first.settings.get("PUBLISHING"):
        articles = [article for article in articles if is_published(article, cards.now)]
    cards.draw_ahead(articles)
    for article in track("Share cards", articles):
        article.card = cards.of_article(article, own)
