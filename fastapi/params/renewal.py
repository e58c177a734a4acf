"""What is made again when the schema file has changed: routes with its parameters, and documents of those."""

from collections import deque
from collections.abc import Iterable, Mapping
from threading import RLock
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

lock: Final = RLock()
"""Held while a document is made, and while everything is made again, so that no document shows half of it."""


class Renewable(Protocol):
    """An object whose attributes depend on the schema file."""

    def renewed(self) -> Mapping[str, Any]:
        """Return the attributes as the schema has them that this thread sees; change nothing."""
        ...


_exchanges = [0]

# By identity: routes compare by their paths, and have no hash.
_known: WeakValueDictionary[int, Renewable] = WeakValueDictionary()


def follow(renewable: Renewable) -> None:
    """Remember, as long as it lives, what has to be made again."""
    _known[id(renewable)] = renewable


def followers() -> list[Renewable]:
    """Return all that is remembered."""
    return list(_known.values())


def generation() -> int:
    """Return how often everything has been exchanged."""
    return _exchanges[0]


def exchange(changes: Iterable[tuple[dict[str, Any], Mapping[str, Any]]]) -> None:
    """Update dictionaries all at once: no other thread sees some of them updated and others not."""
    _exchanges[0] += 1
    pairs = list(changes)
    replaced = [target.get(name) for target, values in pairs for name in values]
    # One call from C, which runs no Python code before its end, as `replaced` still holds all that goes.
    update: Any = dict.update
    deque(map(update, [target for target, _ in pairs], [values for _, values in pairs]), maxlen=0)
    del replaced
