"""The functions of an application that take parameters: endpoints, and dependencies at any depth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute, Host, Mount

from fastapi._compat import ModelField
from fastapi.dependencies.flat import PARAMETERS
from fastapi.dependencies.models import Dependant, _unwrapped
from fastapi.routing import APIRoute, APIWebSocketRoute


@dataclass
class Callable:
    """An endpoint or a dependency.

    Args:
        name: of the function or the class.
        origin: its module and qualified name.
        fields: its own parameters, without those of its dependencies.
        routes: the methods and paths that an endpoint serves, as a file names them.
    """

    name: str
    origin: str
    fields: dict[str, ModelField]
    routes: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """All that a file may call it."""
        return [self.name, *self.routes, self.origin]


def callables(routes: Iterable[BaseRoute]) -> list[Callable]:
    """Find all functions that take parameters, in the order of the routes."""
    found: dict[int, Callable] = {}
    for route in _all(routes):
        endpoint = _note(route.dependant, found)
        methods = sorted(route.methods or ()) if isinstance(route, APIRoute) else ["WEBSOCKET"]
        for key in (f"{method} {route.path_format}" for method in methods):
            if key not in endpoint.routes:
                endpoint.routes.append(key)
    return [each for each in found.values() if each.fields]


def _all(routes: Iterable[BaseRoute]) -> Iterator[APIRoute | APIWebSocketRoute]:
    for route in routes:
        if isinstance(route, (Mount, Host)):
            yield from _all(route.routes or ())
        elif isinstance(route, (APIRoute, APIWebSocketRoute)):
            yield route


def _note(dependant: Dependant, found: dict[int, Callable]) -> Callable:
    call: Any = dependant.call
    noted = found.get(id(call))
    if noted is None:
        source = _unwrapped(call)
        if not hasattr(source, "__qualname__"):
            source = type(source)
        noted = found[id(call)] = Callable(source.__name__, f"{source.__module__}.{source.__qualname__}", {})
    for kind in PARAMETERS:
        noted.fields.update({each.name: each for each in getattr(dependant, kind)})
    for dependency in dependant.dependencies:
        _note(dependency, found)
    return noted


def named(found: Iterable[Callable]) -> dict[str, list[Callable]]:
    """Return the functions by all that a file may call them."""
    names: dict[str, list[Callable]] = {}
    for each in found:
        for key in each.keys:
            names.setdefault(key, []).append(each)
    return names
