"""Writes pages; renders only those that the cache does not have, made of the same ingredients."""

from functools import partial
from types import SimpleNamespace

import jinja2
from pelican import signals, writers
from pelican.contents import Content
from pelican.paginator import Page

from plugins.cache.digests import pure
from plugins.cache.ingredients import Ingredients
from plugins.cache.store import noted_warnings


class Writer(writers.Writer):
    """Pelican's writer, with what it renders kept in the cache."""

    _ingredients: Ingredients | None = None

    def write_file(self, name, template, context, *arguments, **options):
        """Write the pages that a template makes of a context, as Pelican does."""
        self._ingredients = self._ingredients or Ingredients(context)
        kept = SimpleNamespace(render=partial(self._render, template))
        super().write_file(name, kept, context, *arguments, **options)

    def _render(self, template: jinja2.Template, context: dict) -> str:
        """Return the page that a template makes of a context, from the cache if it is there."""
        cache, recipe = context["CACHE"], self._ingredients.of_page(template, context)
        if recipe.origins:
            cache.files[context["output_file"]] = recipe.origins
        if (kept := cache.get(recipe.digest)) is not None:
            return kept.decode()
        with noted_warnings() as warnings:
            page = template.render(context)
        # Pelican would remember every text that it has completed, for as long as the process lives.
        Content.get_content.cache.clear()
        Content.get_summary.cache.clear()
        if not warnings:
            cache.put(recipe.digest, page.encode(), recipe.origins)
        return page


class Articles(list):
    """A list of articles that knows at once whether it holds one: Pelican asks that of each list
    of a category or tag for all articles."""

    def __contains__(self, article):
        if not hasattr(self, "_ids"):
            self._ids = set(map(id, self))
        return id(article) in self._ids


@pure
def page_count(page: Page) -> int:
    """Return how many pages a list has. A template that asks the paginator depends on them all."""
    return page.paginator.num_pages


def register():
    """Have pages written by the Writer."""
    signals.get_writer.connect(_name_writer)
    signals.article_generator_finalized.connect(_index)


def _name_writer(_pelican) -> type[Writer]:
    return Writer


def _index(generator):
    for tag, articles in generator.tags.items():
        generator.tags[tag] = Articles(articles)
    generator.categories[:] = [(term, Articles(each)) for term, each in generator.categories]
