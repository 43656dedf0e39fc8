"""Signals that report the progress of a build; a command may show them."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from blinker import signal

# Sent with the name of a stage, such as "Reading", and `done` of `total` pieces of its work.
advanced = signal("advanced")
# Sent with a line of text before a piece of work that takes more than a moment.
announced = signal("announced")

Item = TypeVar("Item")


def track(stage: str, items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items, sending how many of them are done."""
    for done, item in enumerate(items, 1):
        yield item
        advanced.send(stage, done=done, total=len(items))
