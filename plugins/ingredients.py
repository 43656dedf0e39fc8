"""What a page is made of, as one digest: read from its template, not from a list kept by hand.

Jinja tells which names a template and all that it includes look up. Each name that Pelican or a
plugin offers counts with what it holds; an article or page among them with its text, addresses,
dates and all other plain attributes. What only some templates show of it (its neighbours, its
replies) counts where they mention it. A function or filter counts with its code if it is marked as
`pure`. Whatever else is not known takes in the whole site: slower, never stale.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from urllib.parse import unquote

import jinja2
from jinja2 import defaults
from pelican.contents import Content
from pelican.paginator import Page, Paginator
from pelican.urlwrappers import URLWrapper

from plugins.cache import NOTHING
from plugins.digests import UnknownError, describe, digest
from plugins.lookups import Lookups, Templates
from plugins.pure import is_pure
from plugins.schedule import build_time, is_published

# What a Paginator tells without its list, and a page of it without the other pages.
_COUNTED = {"num_pages", "count", "page_range"}
_NUMBERED = {"number", "url", "save_as", "has_next", "has_previous", "has_other_pages"}
# Attributes of contents that are told by the document, the settings or in another way.
_TOLD = {"_content", "_context", "document", "facts", "metadata", "settings", "translations"}
_CHANCE = {"lipsum", "random"}  # what Jinja has of its own and does not depend on anything
_IMAGE = re.compile(r"""<img\b[^>]*?\ssrc=["']([^"']*)""")


@dataclass(frozen=True)
class Recipe:
    """A digest, and the origins of the drafts and replies that are in it."""

    digest: bytes
    origins: frozenset[bytes] = NOTHING


class Ingredients:
    """Tells what the pages of one build are made of. `context` is Pelican's."""

    def __init__(self, context: dict):
        self._context, self._cache = context, context["CACHE"]
        self._now = build_time(context["PATH"]).moment
        self._templates = Templates(self._cache)
        # By ids, with what has them, so that no other gets the same.
        self._contents: dict[int, tuple[Content, Recipe, dict]] = {}
        self._linked: dict[tuple[int, tuple[str, ...]], Recipe] = {}
        self._lists: dict[tuple[int, int], tuple[object, Recipe]] = {}

    def of_page(self, template: jinja2.Template, context: dict) -> Recipe:
        """Return the recipe of what `template` makes of a context."""
        environment = template.environment
        lookups = self._templates.lookups(environment, template.name)
        # Links in an article are relative to the page.
        parts = [self._cache.site, template.name, lookups.sources, str(context["localsiteurl"])]
        found = [
            self._of_functions(environment.filters, defaults.DEFAULT_FILTERS, lookups),
            self._of_functions(environment.tests, defaults.DEFAULT_TESTS, lookups),
        ]
        for name, attributes in lookups.names.items():
            holder = context if name in context else environment.globals
            if name in holder:
                parts.append(name)
                found.append(self._of(holder[name], attributes, lookups))
        if lookups.words is None:  # it can reach anything
            found.append(self._whole)
        whole = _joined(found)
        return Recipe(digest("page", *parts, whole.digest), whole.origins)

    def _of_functions(self, functions: dict, own: dict, lookups: Lookups) -> Recipe:
        """Return the recipe of the filters or tests that a template mentions; `own` are Jinja's."""
        for name, function in functions.items():
            is_known = is_pure(function) or own.get(name) is function and name not in _CHANCE
            if not is_known and lookups.mention(name):
                return self._whole
        return Recipe(b"")

    # -- Values --------------------------------------------------------------------------------

    def _of(self, value, attributes: set[str] | None, lookups: Lookups) -> Recipe:
        if isinstance(value, Content):
            return self._of_content(value, lookups)
        if isinstance(value, URLWrapper):
            return Recipe(digest(type(value).__name__, value.name, value.slug, value.url))
        if isinstance(value, Paginator):
            parts = [Recipe(digest(str(value.count), str(value.per_page)))]
            if attributes is None or not attributes <= _COUNTED:
                parts.append(self._of(value.object_list, None, lookups))
            return _joined(parts)
        if isinstance(value, Page):
            parts = [self._of(value.paginator, _COUNTED, lookups)]
            parts.append(Recipe(digest(str(value.number), str(value.url), str(value.save_as))))
            if attributes is None or not attributes <= _NUMBERED:
                parts += [self._of(each, None, lookups) for each in value.object_list]
            if attributes is None or not attributes <= _NUMBERED | {"object_list"}:
                parts.append(self._of(value.paginator, None, lookups))
            return _joined(parts)
        if callable(value):
            is_known = is_pure(value) or any(value is own for own in _OWN)
            return Recipe(b"") if is_known else self._whole
        if isinstance(value, list | tuple | dict):
            key = id(value), id(lookups)
            if key not in self._lists:
                self._lists[key] = value, self._of_many(value, lookups)
            return self._lists[key][1]
        try:
            return Recipe(digest(describe(value)))
        except UnknownError:
            return self._whole

    def _of_many(self, values, lookups: Lookups) -> Recipe:
        try:
            return Recipe(digest(describe(values)))
        except UnknownError:
            pass
        each = (
            [part for item in values.items() for part in item]
            if isinstance(values, dict)
            else values
        )
        return _joined([self._of(one, None, lookups) for one in each])

    # -- Articles and pages ----------------------------------------------------------------------

    def _of_content(self, content: Content, lookups: Lookups) -> Recipe:
        everyone = [content, *content.translations]
        names = tuple(
            (number, name)
            for number, each in enumerate(everyone)
            for name in self._alone(each)[1]
            if lookups.mention(name)
        )
        key = id(content), names
        if key not in self._linked:
            parts = [self._alone(each)[0] for each in everyone]
            for number, name in names:
                parts.append(Recipe(name.encode()))
                parts.append(self._of_linked(self._alone(everyone[number])[1][name]))
            self._linked[key] = _joined(parts)
        return self._linked[key]

    def _of_linked(self, value) -> Recipe:
        try:
            origin = getattr(value, "origin", b"")
            return Recipe(digest(describe(value)), frozenset([origin] if origin else []))
        except UnknownError:  # as another article, which leads on to any other
            return self._whole

    def _alone(self, content: Content) -> tuple[Recipe, dict]:
        """Return the recipe of a content by itself, and the attributes that only some templates
        show: neighbours, replies, whatever an owner's plugin links to it."""
        if id(content) not in self._contents:
            self._contents[id(content)] = content, *self._take_apart(content)
        return self._contents[id(content)][1:]

    def _take_apart(self, content: Content) -> tuple[Recipe, dict]:
        document = getattr(content, "document", None)
        html = content._get_content() if hasattr(content, "_get_content") else content._content
        if "{" in html or "|" in html:
            html = content._update_content(html, "")
        parts: list[str | bytes] = [document.key if document else b"", html]
        parts += [content.url, content.save_as]
        attributes, linked = vars(content), {}
        changed = {
            f"metadata.{name}": value
            for name, value in content.metadata.items()
            if name not in _TOLD and attributes.get(name.lower()) is not value
        }
        for name, value in [*attributes.items(), *changed.items()]:
            if name in _TOLD:
                continue
            if _is_record(value) or name == "source_path":
                linked[name] = value
                continue
            try:
                parts += [name, describe(_plain(value))]
            except UnknownError:
                linked[name] = value
        for name in _IMAGE.findall(html):
            if picture := self._context["pictures"].get(unquote(name).lstrip("./")):
                parts.append(describe(picture))
        is_private = document and not is_published(content, self._now)
        origins = frozenset([document.origin]) if is_private else NOTHING
        return Recipe(digest(*parts), origins), linked

    @cached_property
    def _whole(self) -> Recipe:
        """The recipe of all that is in the content folder."""
        documents = self._context["documents"].values()
        contents = [document.content for document in documents if document.content]
        each = [self._alone(content)[0] for content in contents]
        files = sorted(file.source_path for file in self._context["staticfiles"])
        replies = [self._of_linked(getattr(content, "replies", None)) for content in contents]
        return _joined(
            [*each, *replies, Recipe(digest(*files, describe(self._context["pictures"])))]
        )


_OWN = [value for name, value in defaults.DEFAULT_NAMESPACE.items() if name not in _CHANCE]


def _joined(recipes: Iterable[Recipe]) -> Recipe:
    recipes = list(recipes)
    origins = frozenset().union(*(recipe.origins for recipe in recipes))
    return Recipe(digest(*(recipe.digest for recipe in recipes)), origins)


def _is_record(value) -> bool:
    several = value if isinstance(value, list | tuple) else [value]
    return any(is_dataclass(each) for each in several)


def _plain(value):
    """Return a category, tag or author in plain types, alone or in a list."""
    if isinstance(value, URLWrapper):
        return type(value).__name__, value.name, value.slug, value.url
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
