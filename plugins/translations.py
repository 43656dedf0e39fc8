"""Translations: articles or pages of one slug, each in a language of its own.

Which of them is the original is decided here: Pelican takes all for originals where none is in the
site's language. A translation is listed under those of its terms that its original does not have.
"""

from collections import defaultdict

from pelican import signals
from pelican.utils import order_content

# Pelican's lists of what has one status, and where it keeps the translations of each.
_LISTS = {
    **{"articles": "translations", "drafts": "drafts_translations"},
    **{"pages": "translations", "draft_pages": "draft_translations"},
    **dict.fromkeys(("hidden_articles", "hidden_pages"), "hidden_translations"),
}


def register():
    """Group articles before Pelican lists them, and pages."""
    signals.article_generator_pretaxonomy.connect(_list)
    signals.article_generator_finalized.connect(_finish)
    signals.page_generator_finalized.connect(_group)


def _group(generator):
    """Leave the originals in Pelican's lists. One of each group `is_default`: it is for readers of
    any other language (x-default)."""
    for name, others in _LISTS.items():
        contents, groups = getattr(generator, name, []), defaultdict(list)
        for content in contents:
            groups[content.slug].append(content)
        originals = {slug: min(group, key=_rank) for slug, group in groups.items()}
        for slug, group in groups.items():
            default = next((one for one in group if one.in_default_lang), originals[slug])
            for one in group:
                one.translations = [other for other in group if other is not one]
                one.is_default = one is default
        if contents:
            setattr(generator, others, [one for one in contents if one is not originals[one.slug]])
            contents[:] = [one for one in contents if one is originals[one.slug]]


def _rank(content) -> tuple:
    is_stated = content.metadata.get("translation", "false").lower() != "false"
    return is_stated, not content.in_default_lang, content.lang


def _list(generator):
    _group(generator)
    originals = {article.slug: article for article in generator.articles}
    for article in generator.translations:
        original = originals[article.slug]
        if article.category != original.category:
            generator.categories[article.category].append(article)
        for tag in getattr(article, "tags", []):
            if tag not in getattr(original, "tags", []):
                generator.tags[tag].append(article)


def _finish(generator):
    """Order the lists, and tell each article which of its terms have no page (`unlisted`): those
    of a hidden article or a draft alone."""
    listed = set()
    for term, articles in [*generator.context["categories"], *generator.context["tags"]]:
        listed.add(term.url)
        order_content(articles, generator.settings["ARTICLE_ORDER_BY"])
    for document in generator.context["documents"].values():
        if article := document.content:
            terms = [getattr(article, "category", None), *getattr(article, "tags", [])]
            article.unlisted = sorted({term.url for term in terms if term} - listed)
