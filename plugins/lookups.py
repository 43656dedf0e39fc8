"""What templates look up, read from their syntax: names, attributes, and other templates."""

import marshal
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import jinja2
from jinja2 import meta, nodes

from plugins.cache import Cache
from plugins.digests import digest

# Filters that find attributes by the names they are given.
_BY_NAME = {"attr", "groupby", "map", "max", "min", "rejectattr", "selectattr", "sort", "sum"}
_BY_NAME |= {"unique"}


@dataclass
class Lookups:
    """What a template and all that it includes look up: `names`, with the attributes asked of each
    (None: any), and all `words` in them (None: there may be others). `sources` is their digest."""

    names: dict[str, set[str] | None] = field(default_factory=dict)
    words: set[str] | None = field(default_factory=set)
    sources: bytes = b""

    def mention(self, word: str) -> bool:
        """Tell whether the templates may ask for an attribute, filter or test of this name."""
        return self.words is None or word in self.words


class _File(NamedTuple):
    """The same for one template. `others` are the templates it names, `starts` the beginnings of
    names that it makes while it is rendered."""

    names: dict[str, list[str] | None]
    words: list[str] | None
    others: list[str]
    starts: list[str]


class Templates:
    """Reads each template once, or takes from the cache what is known of its source."""

    def __init__(self, cache: Cache):
        self._cache = cache
        self._files: dict[str, tuple[str, _File] | None] = {}
        self._lookups: dict[str, Lookups] = {}

    def lookups(self, environment: jinja2.Environment, name: str) -> Lookups:
        """Return what a template looks up, with all that it extends, imports and includes."""
        if name not in self._lookups:
            self._lookups[name] = self._join(environment, name)
        return self._lookups[name]

    def _join(self, environment: jinja2.Environment, name: str) -> Lookups:
        whole, sources, waiting = Lookups(), {}, [name]
        while waiting:
            name = waiting.pop()
            found = self._file(environment, name) if name not in sources else None
            if not found:
                continue
            sources[name], file = found
            waiting += file.others
            if file.starts:  # any template that begins like one of them
                names = environment.list_templates()
                waiting += [one for one in names if one.startswith(tuple(file.starts))]
            for each, attributes in file.names.items():
                known = whole.names.setdefault(each, set())
                if attributes is None or known is None:
                    whole.names[each] = None
                else:
                    known.update(attributes)
            if file.words is None or whole.words is None:
                whole.words = None
            else:
                whole.words.update(file.words)
        whole.names = dict(sorted(whole.names.items()))
        whole.sources = digest(*(part for each in sorted(sources.items()) for part in each))
        return whole

    def _file(self, environment: jinja2.Environment, name: str) -> tuple[str, _File] | None:
        """Return the source of a template and what it looks up; None where there is none, which
        `ignore missing` allows."""
        if name not in self._files:
            try:
                source, path, _ = environment.loader.get_source(environment, name)
            except jinja2.TemplateNotFound:
                self._files[name] = None
                return None
            key = digest("lookups", self._cache.code, name, source)
            if kept := self._cache.get(key):
                file = _File(*marshal.loads(kept))
            else:
                file = _read(environment, name, source, path)
                self._cache.put(key, marshal.dumps(tuple(file)))
            self._files[name] = source, file
        return self._files[name]


def _read(environment: jinja2.Environment, name: str, source: str, path: str | None) -> _File:
    bare = environment.overlay()
    bare.globals = {}  # Jinja would leave out what plugins offer
    tree = bare.parse(source, name, path)
    asked: dict[str, list[str]] = defaultdict(list)
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            asked[node.node.name].append(node.attr)
    named = Counter(node.name for node in tree.find_all(nodes.Name) if node.ctx == "load")
    names = {
        # Not always followed by an attribute, it is used as a whole.
        each: asked[each] if named[each] == len(asked[each]) else None
        for each in meta.find_undeclared_variables(tree)
    }
    words = re.findall(r"\w+", source) if _tells_attributes(tree) else None
    others = [other for other in meta.find_referenced_templates(tree) if other]
    return _File(names, words, others, _made_names(tree))


def _tells_attributes(tree: nodes.Template) -> bool:
    """Tell whether all attributes that a template asks for stand in it, and are public."""
    if any(node.attr.startswith("_") for node in tree.find_all(nodes.Getattr)):
        return False
    by_name = [node.arg for node in tree.find_all(nodes.Getitem)]
    for node in tree.find_all(nodes.Filter):
        if node.name in _BY_NAME:
            by_name += [*node.args, *(argument.value for argument in node.kwargs)]
    return all(isinstance(argument, nodes.Const | nodes.Slice) for argument in by_name)


def _made_names(tree: nodes.Template) -> list[str]:
    starts = []
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        name = node.template
        if not isinstance(name, nodes.Const):
            first = name.nodes[0] if isinstance(name, nodes.Concat) else name
            starts.append(str(first.value) if isinstance(first, nodes.Const) else "")
    return starts
