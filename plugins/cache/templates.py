"""What templates look up, read from their syntax; and their compiled code. The cache keeps both."""

import fnmatch
import glob
import marshal
import re
from dataclasses import dataclass

import jinja2
from jinja2 import meta, nodes

from plugins.cache.digests import digest

# Filters that find attributes by the names they are given.
NAMING_FILTERS = {"attr", "groupby", "map", "max", "min", "rejectattr", "selectattr", "sort", "sum"}
NAMING_FILTERS |= {"unique"}


@dataclass(frozen=True, eq=False)
class Lookups:
    """What a template and all that it includes look up: the `names` of variables, and all `words`
    in them (None: they may ask for others too). `sources` is the digest of their text."""

    names: tuple[str, ...]
    words: set[str] | None
    sources: bytes

    def can_use(self, word: str) -> bool:
        """Return whether the templates may ask for an attribute, filter or test of this name."""
        return self.words is None or word in self.words


def read_lookups(cache, environment: jinja2.Environment, name: str) -> Lookups:
    """Return what a template looks up, with all that it extends, imports and includes."""
    names, words, sources, waiting = set(), set(), {}, [name]
    known = environment.list_templates()  # `ignore missing` allows others
    while waiting:
        if (name := waiting.pop()) in sources:
            continue
        sources[name], path, _ = environment.loader.get_source(environment, name)
        own_names, own_words, others = _read(cache, environment, name, sources[name], path)
        names |= own_names
        words = None if words is None or own_words is None else words | own_words
        waiting += [each for other in others for each in fnmatch.filter(known, other)]
    parts = [part for each in sorted(sources.items()) for part in each]
    return Lookups(tuple(sorted(names)), words, digest(*parts))


def _read(cache, environment, name: str, source: str, path: str | None) -> tuple:
    """Return the names and words of one template by itself, and patterns of the names of others."""
    key = digest("lookups", cache.code, name, source)
    if kept := cache.get(key):
        return marshal.loads(kept)
    bare = environment.overlay()
    bare.globals = {}  # Jinja would leave out what plugins offer
    tree = bare.parse(source, name, path)
    words = set(re.findall(r"\w+", source)) if _has_all_attributes(tree) else None
    found = meta.find_undeclared_variables(tree), words, _other_templates(tree)
    cache.put(key, marshal.dumps(found))
    return found


def _has_all_attributes(tree: nodes.Template) -> bool:
    """Return whether the names of all attributes that a template asks for are in it, and public."""
    if any(node.attr.startswith("_") for node in tree.find_all(nodes.Getattr)):
        return False
    by_name = [node.arg for node in tree.find_all(nodes.Getitem)]
    for node in tree.find_all(nodes.Filter):
        if node.name in NAMING_FILTERS:
            by_name += [*node.args, *(argument.value for argument in node.kwargs)]
    return all(isinstance(argument, nodes.Const | nodes.Slice) for argument in by_name)


def _other_templates(tree: nodes.Template) -> list[str]:
    """Return a pattern for each name of another template, which may be made in part while it is
    rendered; meta.find_referenced_templates() says nothing of such a name."""
    patterns = []
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        name, rest = node.template, ""
        if not isinstance(name, nodes.Const):
            name, rest = name.nodes[0] if isinstance(name, nodes.Concat) else name, "*"
        patterns.append(glob.escape(name.value if isinstance(name, nodes.Const) else "") + rest)
    return patterns


class Bytecode(jinja2.BytecodeCache):
    """Keeps compiled templates. Pelican makes four environments a build, which share none."""

    def __init__(self, cache):
        self._cache = cache

    def load_bytecode(self, bucket):
        """Take a template's code from the cache."""
        if code := self._cache.get(self._key(bucket)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket):
        """Keep a template's code."""
        self._cache.put(self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket) -> bytes:
        # Filters are applied to constants while a template is compiled.
        return digest("template", self._cache.site, bucket.key, bucket.checksum)
