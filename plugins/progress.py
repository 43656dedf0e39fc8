"""How far a build has come: plugins send it, a command may show it."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from blinker import signal

# Sent with the name of a stage, such as "Reading", and `done` of `total` pieces of its work.
advanced = signal("advanced")
# Sent with a line of text before a piece of work that takes more than a moment.
announced = signal("announced")

Item = TypeVar("Item")


def track(stage: str, items: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """Yield the items, sending how many are done. `total` is needed where they have no length."""
    count = total or len(items)
    for done, item in enumerate(items, 1):
        yield item
        advanced.send(stage, done=done, total=count)
