"""Finds what was probably meant: the most similar of a few words, or of many names."""

import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise

# difflib takes 6 µs a name; that many of them share the most pairs of letters with what is wanted.
COMPARED = 50


def suggest(
    wanted: str, known: Iterable[str], otherwise: str = "", cutoff: float = 0.6, form: str = "{}"
) -> str:
    """Ask whether the most similar of a few words is meant, or else say `otherwise`: by default, to
    use one of them. `cutoff` is how similar it is at least, as difflib has it; `form` shows it."""
    near = difflib.get_close_matches(wanted, words := list(known), 1, cutoff)
    if near:
        return f"did you mean {form.format(near[0])}?"
    return otherwise or f"use one of {', '.join(map(form.format, words))}"


class Nearest:
    """Finds the nearest of `names`, compared by their `key`."""

    def __init__(self, names: Iterable[str], key: Callable[[str], str] = lambda name: name):
        self._all, self._key = names, key

    @cached_property
    def _index(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """The names by their key, and the keys by each pair of letters in them."""
        names = {self._key(name): name for name in sorted(self._all, reverse=True)}
        by_pair: dict[str, list[str]] = defaultdict(list)
        for known in reversed(names):
            for pair in _pairs(known):
                by_pair[pair].append(known)
        return names, by_pair

    def find(self, wanted: str, cutoff: float) -> str:
        """Return the name nearest to `wanted`, or "" where none is at least `cutoff` alike."""
        wanted, (names, by_pair) = self._key(wanted), self._index
        found = (known for pair in _pairs(wanted) for known in by_pair.get(pair, ()))
        alike = [known for known, _ in Counter(found).most_common(COMPARED)]
        near = difflib.get_close_matches(wanted, alike, 1, cutoff)
        return names[near[0]] if near else ""


def _pairs(text: str) -> list[str]:
    return list(dict.fromkeys(map("".join, pairwise(text))))
