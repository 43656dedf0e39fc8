"""What a page is made of, as one digest: read from its template, not from a list kept by hand.

Each name that a template and all that it includes look up counts with its value; an article or page
with all its plain attributes: its text, addresses, dates. Records that a plugin gives it (its
neighbours, its replies) count where a template uses their name, a function or filter unless it is
marked as `pure`. A value that is not known counts as the whole site: slower, never stale.
"""

import functools
import re
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from urllib.parse import unquote

import jinja2
from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_NAMESPACE, DEFAULT_TESTS
from pelican.contents import Content
from pelican.paginator import Page, Paginator
from pelican.urlwrappers import URLWrapper

from plugins.cache.digests import UnknownError, describe, digest
from plugins.cache.store import NOTHING
from plugins.cache.templates import Lookups, read_lookups

# By their ids: what Jinja has of its own depends on its arguments alone, but for these two.
_OWN = {*map(id, [*DEFAULT_FILTERS.values(), *DEFAULT_TESTS.values(), *DEFAULT_NAMESPACE.values()])}
_OWN -= {id(DEFAULT_FILTERS["random"]), id(DEFAULT_NAMESPACE["lipsum"])}
_IMAGE = re.compile(r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*?\ssrc=["']([^"']*)""")


@dataclass(frozen=True)
class Recipe:
    """A digest, and the origins of the drafts and replies that are in it."""

    digest: bytes
    origins: frozenset[bytes] = NOTHING


class Ingredients:
    """Returns what the pages of one build are made of. `context` is Pelican's."""

    def __init__(self, context: dict):
        self._context, self._cache = context, context["CACHE"]
        self._lookups = functools.cache(functools.partial(read_lookups, self._cache))
        self._of_content = functools.cache(self._of_content)
        self._of_one = functools.cache(self._of_one)
        # By ids, with what has them, so that no other gets the same.
        self._collections: dict[tuple[int, int], tuple[object, Recipe]] = {}

    def of_page(self, template: jinja2.Template, context: dict) -> Recipe:
        """Return the recipe of what `template` makes of a context."""
        environment = template.environment
        lookups = self._lookups(environment, template.name)
        values = {**environment.globals, **context}
        # Links in an article are relative to the page.
        parts = [self._cache.site, template.name, lookups.sources, str(context["localsiteurl"])]
        for name in lookups.names:
            if name in values:
                parts += [name, self._of_value(values[name], lookups)]
        functions = {**environment.filters, **environment.tests}.items()
        unknown = [name for name, function in functions if not _is_known(function)]
        if lookups.words is None or any(map(lookups.can_use, unknown)):
            parts.append(self._everything)
        return _join(parts)

    def _of_value(self, value, lookups: Lookups) -> Recipe | str:
        """Return the recipe of a value that a template looks up, or the value if it is a text."""
        if isinstance(value, str):
            return value
        if (key := (id(value), id(lookups))) in self._collections:
            return self._collections[key][1]
        try:
            recipe = self._of(value, lookups)
        except UnknownError:
            recipe = self._everything
        if isinstance(value, list | tuple | dict):
            self._collections[key] = value, recipe
        return recipe

    def _of_part(self, value, lookups: Lookups) -> Recipe | None:
        """Return the recipe of a part of such a value, None for one that needs none of its own."""
        if isinstance(value, Content):
            return self._of_content(value, lookups)
        if isinstance(value, Paginator):
            return self._of([value.count, value.per_page, value.object_list], lookups)
        if isinstance(value, Page):
            pages = value.paginator
            shown = [value.number, value.url, value.save_as, value.object_list]
            shown += [pages if lookups.can_use("paginator") else [pages.count, pages.per_page]]
            return self._of(shown, lookups)
        return None

    def _of(self, value, lookups: Lookups | None = None) -> Recipe:
        """Return the recipe of a value. Raises UnknownError for one with parts that are not known;
        articles and pages are, where it is for a template that has such lookups."""
        origins: set[bytes] = set()

        def condense(part) -> str | None:
            recipe = self._of_part(part, lookups) if lookups else None
            origins.update(recipe.origins if recipe else [getattr(part, "origin", b"")])
            return recipe.digest.hex() if recipe else _of_plain(part)

        text = describe(value, condense)
        return Recipe(digest(text), frozenset(origins & self._cache.current))

    def _of_content(self, content: Content, lookups: Lookups) -> Recipe:
        parts = []
        for each in (content, *content.translations):
            recipe, records = self._of_one(each)
            parts.append(recipe)
            for name in filter(lookups.can_use, records):
                try:
                    parts += [name, self._of(records[name])]
                except UnknownError:  # as another article, which leads on to any other
                    parts.append(self._everything)
        return _join(parts)

    def _of_one(self, content: Content) -> tuple[Recipe, dict]:
        """Return the recipe of a content by itself, and the records that count where a template
        uses their name: neighbours, replies, whatever an owner's plugin links to it."""
        document = getattr(content, "document", None)
        # The key of the document, the settings of the site and `changed` have all of these.
        covered = [content.settings, content.metadata, content.translations, self._context]
        covered += [document, document.facts] if document else []
        attributes, plain, records = vars(content), [document.key if document else b""], {}
        stated = content.metadata.items()
        changed = {f"metadata.{k}": v for k, v in stated if attributes.get(k.lower()) is not v}
        for name, value in {**attributes, **changed}.items():
            if any(value is each for each in covered):
                continue
            several, records[name] = value if isinstance(value, list | tuple) else [value], value
            # A path differs from one machine to another.
            if value != content.source_path and not any(map(is_dataclass, several)):
                with suppress(UnknownError):
                    plain += [name, describe(value, _of_plain)]
                    del records[name]
        texts = [value for value in attributes.values() if isinstance(value, str)]
        if any("{" in text or "|" in text for text in texts):  # it may have links to complete
            texts.append(content.get_content(""))
            Content.get_content.cache.clear()
            plain.append(texts[-1])
        for address in [address for text in texts for address in _IMAGE.findall(text)]:
            plain.append(describe(self._context["pictures"].get(unquote(address).lstrip("./"))))
        origins = self._cache.current & {document.origin if document else b""}
        return Recipe(digest(*plain), frozenset(origins)), records

    @cached_property
    def _everything(self) -> Recipe:
        """The recipe of all that is in the content folder."""
        parts = [describe(self._context["pictures"])]
        parts += sorted(file.source_path for file in self._context["staticfiles"])
        for document in self._context["documents"].values():
            recipe, records = self._of_one(document.content) if document.content else ("", {})
            parts.append(recipe)
            for record in records.values():
                with suppress(UnknownError):
                    parts.append(self._of(record))
        return _join(parts)


def _join(parts: list[Recipe | bytes | str]) -> Recipe:
    digests = [part.digest if isinstance(part, Recipe) else part for part in parts]
    origins = [part.origins for part in parts if isinstance(part, Recipe)]
    return Recipe(digest(*digests), NOTHING.union(*origins))


def _of_plain(value) -> str | None:
    """Return the text of a category, tag or author, and of a function of which all is known; None
    for other values. Raises UnknownError for other functions."""
    if isinstance(value, URLWrapper):
        return describe([type(value).__name__, value.name, value.slug, value.url])
    if callable(value) and not _is_known(value):
        raise UnknownError(f"what {value!r} depends on is not known")
    return "" if callable(value) else None


def _is_known(function) -> bool:
    return getattr(function, "is_pure", False) or id(function) in _OWN
