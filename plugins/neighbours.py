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

    def of(self, article, most: int = 3):
        """Return the article published next after this one or None, the last before it or None,
        and up to `most` others that share tags, those that share more first."""
        if (own := self.places.get(id(article))) is None:
            return None, None, []
        newer = self.articles[own - 1] if own else None
        older = self.articles[own + 1] if own + 1 < len(self.articles) else None
        shared: Counter[int] = Counter()
        for tag in getattr(article, "tags", []):
            places = self.tagged[tag.slug]
            at = bisect_left(places, own)
            shared.update(places[max(0, at - NEAREST) : at + NEAREST + 1])
        del shared[own]
        ranked = sorted(shared, key=lambda place: (-shared[place], place))
        return newer, older, [self.articles[place] for place in ranked[:most]]


def register():
    """Give each article its neighbours, once all are known."""
    signals.article_generator_finalized.connect(_link)


def _link(generator):
    neighbours = Neighbours(generator.articles)
    records = {id(one): Neighbour(one.title, one.url, one.lang) for one in generator.articles}
    for document in generator.context["documents"].values():
        if article := document.content:
            newer, older, related = neighbours.of(article)
            article.newer, article.older = records.get(id(newer)), records.get(id(older))
            article.related = tuple([records[id(each)] for each in related])
