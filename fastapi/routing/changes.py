"""How a compiled route table hears that routes have changed."""

import functools
import itertools
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from starlette.routing import BaseRoute

from fastapi._rust import routes_changed

COMPILED: Final = frozenset({"path_regex", "name", "matches", "url_path_for", "__class__"})
"""The attributes of a route that a table is compiled from; it reads all others whenever it needs them."""


def announce(route: BaseRoute, name: str, value: Any) -> None:
    """Set an attribute, as the ``__setattr__`` of route classes whose instances announce their changes."""
    # What is set for the first time, by `__init__`, no table has seen yet.
    changed = name in COMPILED and (name in vars(route) or hasattr(type(route), name))
    object.__setattr__(route, name, value)
    if changed:
        routes_changed()


_revisions = itertools.count(1)

_Change = TypeVar("_Change", bound=Callable[..., Any])


def _revising(change: _Change) -> _Change:
    @functools.wraps(change)
    def method(self: "RouteList", *args: Any, **kwargs: Any) -> Any:
        try:
            return change(self, *args, **kwargs)
        finally:
            # After the change, also after one that failed half-way, such as a sort. Never the same number
            # twice, whichever threads change the list.
            self.revision = next(_revisions)

    return cast(_Change, method)


class RouteList(list[BaseRoute]):
    """A list of routes whose ``revision`` is another number after every change.

    In everything else it is a list; its slices, sums and ``copy()`` are plain lists.
    """

    revision: int = 0

    append = _revising(list.append)
    extend = _revising(list.extend)
    insert = _revising(list.insert)
    remove = _revising(list.remove)
    pop = _revising(list.pop)
    clear: Any = _revising(list.clear)
    sort = _revising(list.sort)
    reverse: Any = _revising(list.reverse)
    __setitem__ = _revising(list.__setitem__)
    __delitem__ = _revising(list.__delitem__)
    __iadd__ = _revising(list.__iadd__)
    __imul__ = _revising(list.__imul__)
