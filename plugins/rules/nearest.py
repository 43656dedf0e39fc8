"""Finds what was probably meant: the most similar of a few words, or of many names."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise

# difflib takes 6 µs a name; that many of them share the most pairs of letters with what is wanted.
COMPARED = 50


def suggest(
    wanted: str, known: Iterable[str], otherwise: str = "", cutoff: float = 0.6, form: str = "{}"
) -> str:
    """Return the question whether the most similar of a few words is meant, or else `otherwise`:
    by default, to use one of them. Words are similar from a `cutoff` on, as difflib measures it (0
    to 1), and are shown in a `form`."""
    near = difflib.get_close_matches(wanted, words := list(known), 1, cutoff)
    if near:
        return f"did you mean {form.format(near[0])}?"
    return otherwise or f"use one of {', '.join(map(form.format, words))}"


class Nearest:
    """Finds the nearest of `names`, compared by their `key`."""

    def __init__(self, names: Iterable[str], key: Callable[[str], str] = lambda name: name):
        self._all, self._key = names, key

    @cached_property
    def _names(self) -> dict[str, str]:
        return {self._key(name): name for name in sorted(self._all, reverse=True)}

    @cached_property
    def _by_pair(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for known in reversed(self._names):
            for pair in _pairs(known):
                found.setdefault(pair, []).append(known)
        return found

    def find(self, wanted: str, cutoff: float) -> str:
        """Return the name nearest to `wanted`, or "" where none is at least `cutoff` alike."""
        wanted = self._key(wanted)
        found = (known for pair in _pairs(wanted) for known in self._by_pair.get(pair, ()))
        alike = [known for known, _ in Counter(found).most_common(COMPARED)]
        near = difflib.get_close_matches(wanted, alike, 1, cutoff)
        return self._names[near[0]] if near else ""


def _pairs(text: str) -> list[str]:
    return list(dict.fromkeys(map("".join, pairwise(text))))
