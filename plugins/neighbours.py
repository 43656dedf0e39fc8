"""What to read next: each article's `older` and `newer` in time, and `related` on its subjects."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from pelican import signals

# Of a tag's articles only the nearest in time are compared, so that a site with one popular tag
# does not compare every article with every other.
NEAREST = 10


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a page says of another article, so that only an edit of that changes the page."""

    title: str
    url: str
    lang: str


class Neighbours:
    """Knows the order of `articles`, the newest first, and who shares which tag."""

    def __init__(self, articles):
        self.articles = articles
        self.places = {id(article): place for place, article in enumerate(articles)}
        self.tagged: dict[str, list[int]] = {}
        for place, article in enumerate(articles):
            for tag in getattr(article, "tags", []):
                self.tagged.setdefault(tag.slug, []).append(place)

    def newer(self, article):
        """Return the article published next after this one, or None for the newest."""
        place = self.places.get(id(article), 0)
        return self.articles[place - 1] if place > 0 else None

    def older(self, article):
        """Return the article published last before this one, or None for the first."""
        place = self.places.get(id(article), len(self.articles))
        return self.articles[place + 1] if place < len(self.articles) - 1 else None

    def related(self, article, most: int = 3):
        """Return up to `most` other articles that share tags, those that share more first."""
        own = self.places.get(id(article))
        if own is None:
            return []
        shared: Counter[int] = Counter()
        for tag in getattr(article, "tags", []):
            places = self.tagged[tag.slug]
            at = bisect_left(places, own)
            shared.update(places[max(0, at - NEAREST) : at + NEAREST + 1])
        del shared[own]
        ranked = sorted(shared, key=lambda place: (-shared[place], place))
        return [self.articles[place] for place in ranked[:most]]


def register():
    """Give each article its neighbours, once all are known."""
    signals.article_generator_finalized.connect(_link)


def _link(generator):
    neighbours = Neighbours(generator.articles)
    records = {id(one): Neighbour(one.title, one.url, one.lang) for one in generator.articles}
    for document in generator.context["documents"].values():
        if article := document.content:
            article.older = records.get(id(neighbours.older(article)))
            article.newer = records.get(id(neighbours.newer(article)))
            article.related = tuple([records[id(each)] for each in neighbours.related(article)])
