"""What a page is made of, as one digest: read from its template, not from a list kept by hand.

Jinja tells which names a template and all that it includes look up. Each name that Pelican or a
plugin offers counts with what it holds; an article or page among them with its text, addresses,
dates and all other attributes. What leads from one content to another (`older`, `related`) or to
its replies counts only where the templates mention it. A function or filter counts with its code if
it is marked as `pure`; whatever else is not known takes in the whole site: slower, never stale.
"""

import marshal
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, is_dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import jinja2
from jinja2 import defaults, meta, nodes
from pelican.contents import Content
from pelican.paginator import Page, Paginator
from pelican.urlwrappers import URLWrapper

from plugins.cache import NOTHING
from plugins.digests import UnknownError, describe, digest, of_files
from plugins.pure import is_pure
from plugins.schedule import build_time, is_out

# What a Paginator tells without its list, and a page of it without the other pages.
_COUNTED = {"num_pages", "count", "page_range"}
_NUMBERED = {"number", "url", "save_as", "has_next", "has_previous", "has_other_pages"}
# Attributes of contents that are told by the document, the settings or in another way.
_TOLD = {"_content", "_context", "document", "facts", "metadata", "settings", "source_path"}
_TOLD |= {"translations"}
# Filters that find attributes by the names they are given.
_BY_NAME = {"attr", "groupby", "map", "max", "min", "rejectattr", "selectattr", "sort", "sum"}
_BY_NAME |= {"unique"}
_CHANCE = {"lipsum", "random"}  # what Jinja has of its own and does not depend on anything
_IMAGE = re.compile(r"""<img\b[^>]*?\ssrc=["']([^"']*)""")


@dataclass(frozen=True)
class Recipe:
    """A digest, and the origins of the drafts and replies that are in it."""

    digest: bytes
    origins: frozenset[bytes] = NOTHING


@dataclass
class Reads:
    """What a template and all that it includes look up: `names`, with the attributes asked of each
    (None: any), and all `words` in them (None: there may be others). `sources` is their digest."""

    names: dict[str, set[str] | None] = field(default_factory=dict)
    words: set[str] | None = field(default_factory=set)
    sources: bytes = b""

    def mentions(self, word: str) -> bool:
        """Tell whether the templates may ask for an attribute, filter or test of this name."""
        return self.words is None or word in self.words


class Ingredients:
    """Tells what the pages of one build are made of. `context` is Pelican's."""

    def __init__(self, context: dict):
        self._context, self._cache = context, context["CACHE"]
        self._now = build_time(context["PATH"]).moment
        self._reads: dict[str, Reads] = {}
        # By ids, with what has them, so that no other gets the same.
        self._contents: dict[int, tuple[Content, Recipe, dict]] = {}
        self._linked: dict[tuple[int, tuple[str, ...]], Recipe] = {}
        self._lists: dict[tuple[int, int], tuple[object, Recipe]] = {}

    def of_page(self, template: jinja2.Template, context: dict) -> Recipe:
        """Return the recipe of what `template` makes of a context."""
        environment = template.environment
        reads = self._read(environment, template.name)
        # Links in an article are relative to the page.
        parts = [self._cache.site, template.name, reads.sources, str(context["localsiteurl"])]
        found = [
            self._of_functions(environment.filters, defaults.DEFAULT_FILTERS, reads),
            self._of_functions(environment.tests, defaults.DEFAULT_TESTS, reads),
        ]
        for name, attributes in reads.names.items():
            holder = context if name in context else environment.globals
            if name in holder:
                parts.append(name)
                found.append(self._of(holder[name], attributes, reads))
        whole = _joined(found)
        return Recipe(digest("page", *parts, whole.digest), whole.origins)

    # -- Templates -----------------------------------------------------------------------------

    def _read(self, environment: jinja2.Environment, name: str) -> Reads:
        if name not in self._reads:
            source = environment.loader.get_source(environment, name)[0]
            key = digest("reads", self._cache.code, self._templates, name, source)
            if kept := self._cache.get(key):
                self._reads[name] = Reads(*marshal.loads(kept))
            else:
                reads = self._reads[name] = read_template(environment, name)
                self._cache.put(key, marshal.dumps((reads.names, reads.words, reads.sources)))
        return self._reads[name]

    @cached_property
    def _templates(self) -> bytes:
        folders = [Path(self._context["THEME"], "templates")]
        folders += map(Path, self._context["THEME_TEMPLATES_OVERRIDES"])
        return digest(*map(of_files, ([folder] for folder in folders)))

    def _of_functions(self, functions: dict, own: dict, reads: Reads) -> Recipe:
        """Return the recipe of the filters or tests that a template mentions; `own` are Jinja's."""
        for name, function in functions.items():
            is_known = is_pure(function) or own.get(name) is function and name not in _CHANCE
            if not is_known and reads.mentions(name):
                return self._whole
        return Recipe(b"")

    # -- Values --------------------------------------------------------------------------------

    def _of(self, value, attributes: set[str] | None, reads: Reads) -> Recipe:
        if isinstance(value, Content):
            return self._of_content(value, reads)
        if isinstance(value, URLWrapper):
            return Recipe(digest(type(value).__name__, value.name, value.slug, value.url))
        if isinstance(value, Paginator):
            parts = [Recipe(digest(str(value.count), str(value.per_page)))]
            if attributes is None or not attributes <= _COUNTED:
                parts.append(self._of(value.object_list, None, reads))
            return _joined(parts)
        if isinstance(value, Page):
            parts = [self._of(value.paginator, _COUNTED, reads)]
            parts.append(Recipe(digest(str(value.number), str(value.url), str(value.save_as))))
            if attributes is None or not attributes <= _NUMBERED:
                parts += [self._of(each, None, reads) for each in value.object_list]
            if attributes is None or not attributes <= _NUMBERED | {"object_list"}:
                parts.append(self._of(value.paginator, None, reads))
            return _joined(parts)
        if callable(value):
            is_known = is_pure(value) or any(value is own for own in _OWN)
            return Recipe(b"") if is_known else self._whole
        if isinstance(value, list | tuple | dict):
            key = id(value), id(reads)
            if key not in self._lists:
                self._lists[key] = value, self._of_many(value, reads)
            return self._lists[key][1]
        try:
            return Recipe(digest(describe(value)))
        except UnknownError:
            return self._whole

    def _of_many(self, values, reads: Reads) -> Recipe:
        try:
            return Recipe(digest(describe(values)))
        except UnknownError:
            pass
        each = (
            [part for item in values.items() for part in item]
            if isinstance(values, dict)
            else values
        )
        return _joined([self._of(one, None, reads) for one in each])

    # -- Articles and pages ----------------------------------------------------------------------

    def _of_content(self, content: Content, reads: Reads) -> Recipe:
        own, leading = self._alone(content)
        names = tuple(filter(reads.mentions, leading))
        key = id(content), names
        if key not in self._linked:
            parts = [own, *(self._alone(each)[0] for each in content.translations)]
            for name in names:
                value = leading[name]
                several = value if isinstance(value, list | tuple) else [value]
                parts += [Recipe(name.encode()), *map(self._of_leading, several)]
            self._linked[key] = _joined(parts)
        return self._linked[key]

    def _of_leading(self, value) -> Recipe:
        if isinstance(value, Content):
            return self._alone(value)[0]
        try:
            origin = getattr(value, "origin", b"")
            return Recipe(digest(describe(value)), frozenset([origin] if origin else []))
        except UnknownError:
            return self._whole

    def _alone(self, content: Content) -> tuple[Recipe, dict]:
        """Return the recipe of a content by itself, and its attributes that lead on from it."""
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
        attributes, leading = vars(content), {}
        changed = {
            f"metadata.{name}": value
            for name, value in content.metadata.items()
            if name not in _TOLD and attributes.get(name.lower()) is not value
        }
        for name, value in [*attributes.items(), *changed.items()]:
            if name in _TOLD:
                continue
            if isinstance(value, Content) or is_dataclass(value):
                leading[name] = value
                continue
            try:
                parts += [name, describe(_plain(value))]
            except UnknownError:
                leading[name] = value
        for name in _IMAGE.findall(html):
            if picture := self._context["pictures"].get(unquote(name).lstrip("./")):
                parts.append(describe(picture))
        is_private = document and not is_out(content, self._now)
        origins = frozenset([document.origin]) if is_private else NOTHING
        return Recipe(digest(*parts), origins), leading

    @cached_property
    def _whole(self) -> Recipe:
        """The recipe of all that is in the content folder."""
        documents = self._context["documents"].values()
        contents = [document.content for document in documents if document.content]
        each = [self._alone(content)[0] for content in contents]
        files = sorted(file.source_path for file in self._context["staticfiles"])
        replies = [self._of_leading(getattr(content, "replies", None)) for content in contents]
        return _joined(
            [*each, *replies, Recipe(digest(*files, describe(self._context["pictures"])))]
        )


_OWN = [value for name, value in defaults.DEFAULT_NAMESPACE.items() if name not in _CHANCE]


def _joined(recipes: Iterable[Recipe]) -> Recipe:
    recipes = list(recipes)
    origins = frozenset().union(*(recipe.origins for recipe in recipes))
    return Recipe(digest(*(recipe.digest for recipe in recipes)), origins)


def _plain(value):
    """Return a category, tag or author in plain types, alone or in a list."""
    if isinstance(value, URLWrapper):
        return type(value).__name__, value.name, value.slug, value.url
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def read_template(environment: jinja2.Environment, name: str) -> Reads:
    """Return what a template looks up, with all that it extends, imports and includes."""
    bare = environment.overlay()
    bare.globals = {}  # Jinja would leave out what plugins offer
    reads, sources, waiting = Reads(), {}, [name]
    while waiting:
        name = waiting.pop()
        try:
            source, file, _ = environment.loader.get_source(environment, name)
        except jinja2.TemplateNotFound:
            continue  # as `ignore missing` allows
        if name in sources:
            continue
        sources[name] = source
        tree = bare.parse(source, name, file)
        _read_tree(tree, reads)
        if reads.words is not None:
            reads.words.update(re.findall(r"\w+", source))
        for other in meta.find_referenced_templates(tree):
            waiting += [other] if other else _made_names(environment, tree)
    parts = [part for each in sorted(sources.items()) for part in each]
    return Reads(dict(sorted(reads.names.items())), reads.words, digest(*parts))


def _read_tree(tree: nodes.Template, reads: Reads):
    asked: dict[str, list[str]] = defaultdict(list)
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            asked[node.node.name].append(node.attr)
        if node.attr.startswith("_"):
            reads.words = None
    named = Counter(node.name for node in tree.find_all(nodes.Name) if node.ctx == "load")
    for name in meta.find_undeclared_variables(tree):
        known = reads.names.setdefault(name, set())
        if named[name] > len(asked[name]):
            reads.names[name] = None  # it is used as a whole
        elif known is not None:
            known.update(asked[name])
    by_name = [node.arg for node in tree.find_all(nodes.Getitem)]
    for node in tree.find_all(nodes.Filter):
        if node.name in _BY_NAME:
            by_name += [*node.args, *(argument.value for argument in node.kwargs)]
    if not all(isinstance(argument, nodes.Const | nodes.Slice) for argument in by_name):
        reads.words = None


def _made_names(environment: jinja2.Environment, tree: nodes.Template) -> list[str]:
    """Return the templates that names made at run time may stand for: all that begin like one."""
    starts = []
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        name = node.template
        first = name.nodes[0] if isinstance(name, nodes.Concat) else name
        if not isinstance(name, nodes.Const):
            starts.append(first.value if isinstance(first, nodes.Const) else "")
    return [
        name
        for name in environment.list_templates()
        if name.startswith(tuple(starts)) and not name.startswith("!")
    ]
