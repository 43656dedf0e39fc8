"""The picture that goes with a link when an article is shared: 1200×630, drawn while building.

It shows the site's mark and name, the title and a line of facts; drawing.py draws it. Where the
fonts lack the letters of a title (Arabic or Chinese, say) the site's own card stands in, and a
picture that the author names (`Image:`, with `Image_alt:`) is shown instead of a drawn card.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import PIL
from pelican import signals
from pelican.generators import ArticlesGenerator

from plugins.dates import day
from plugins.images import CACHE, CARD_SIZE, prepare, write
from plugins.problems import PictureError
from plugins.progress import track
from plugins.words import say

RECIPE = f"2 {PIL.__version__}"


@dataclass(frozen=True)
class Card:
    """A picture for sharing: its path in the site, its MIME type, and what it shows in words."""

    path: str
    type: str
    alt: str
    width: int = CARD_SIZE[0]
    height: int = CARD_SIZE[1]


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
        return self._drawn("site", alt, name, line or name) or self._drawn("site", alt, "", "")

    def of_article(self, article, own: Card) -> Card:
        """Return an article's card: the author's picture, a drawn card, or the site's `own`."""
        stated = getattr(article, "image", "")
        if stated:
            return self._from_author(article, stated)
        facts = self._facts(article)
        words = (self.settings["SITENAME"], article.title, facts)
        return self._drawn(article.slug, article.title, *words) or own

    def _drawn(self, name: str, alt: str, *words: str) -> Card | None:
        """Return a card with these words, or None where the fonts lack the letters."""
        if not self._kept("png", *words).is_file() and not _drawing().drawable(*words):
            return None
        return self._card(name, "png", alt, lambda: _drawing().draw(*words), *words)

    def _facts(self, article) -> str:
        changed = getattr(article, "modified", article.date)
        cited = article.facts.sources
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
        return self._card(article.slug, "jpg", alt, lambda: _drawing().crop(path), content)

    def _kept(self, ending: str, *inputs: str) -> Path:
        key = hashlib.sha256("\0".join([RECIPE, ending, *inputs]).encode()).hexdigest()[:24]
        return self.cache / f"{key}.{ending}"

    def _card(self, name: str, ending: str, alt: str, make, *inputs: str) -> Card:
        kept = self._kept(ending, *inputs)
        if not kept.is_file():
            self.cache.mkdir(parents=True, exist_ok=True)
            write(kept, make())
        path = f"pictures/share-{name}-{kept.stem[:8]}-{CARD_SIZE[0]}.{ending}"
        target = self.output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(kept.read_bytes())
        return Card(path, "image/png" if ending == "png" else "image/jpeg", alt)


def _drawing():
    from plugins import drawing  # Pillow takes a while to import, and most cards are kept

    return drawing


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
    everyone = [article for group in groups for article in getattr(articles, group)]
    for article in track("Share cards", everyone):
        article.card = cards.of_article(article, own)
