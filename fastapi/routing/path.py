"""The path of a route: its expression is compiled when somebody asks for it.

The compiled route table takes it as text, so that only the reference path needs it as Python's.
"""

import re
from typing import Any, Final, NamedTuple, overload

from starlette.convertors import (
    CONVERTOR_TYPES,
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
)
from starlette.routing import PARAM_REGEX, BaseRoute

_KNOWN: Final = frozenset({FloatConvertor, IntegerConvertor, PathConvertor, StringConvertor, UUIDConvertor})
"""The convertors whose expressions are known to be valid: others must be refused when the route is made."""


class Path(NamedTuple):
    """What ``starlette.routing.compile_path`` makes of a path, but for the expression, which is still text."""

    source: str
    format: str
    convertors: dict[str, Convertor[Any]]


def read_path(path: str) -> Path | None:
    """Read a path with its parameters; ``None`` if it is not certain. Slow twin: ``compile_path``."""
    if not path.startswith("/"):
        return None
    source, path_format, end = "^", "", 0
    convertors: dict[str, Convertor[Any]] = {}
    for parameter in PARAM_REGEX.finditer(path):
        name, kind = parameter.groups(":str")
        convertor = CONVERTOR_TYPES.get(kind[1:])
        if name in convertors or convertor is None or type(convertor) not in _KNOWN:
            return None
        literal = path[end : parameter.start()]
        source += f"{re.escape(literal)}(?P<{name}>{convertor.regex})"
        path_format += f"{literal}{{{name}}}"
        convertors[name] = convertor
        end = parameter.end()
    return Path(f"{source}{re.escape(path[end:])}$", path_format + path[end:], convertors)


class LatePattern:
    """The attribute ``path_regex`` of a route that has its expression as text in ``_path_source``."""

    @overload
    def __get__(self, route: None, owner: type) -> "LatePattern": ...

    @overload
    def __get__(self, route: BaseRoute, owner: type) -> re.Pattern[str]: ...

    def __get__(self, route: BaseRoute | None, owner: type) -> "LatePattern | re.Pattern[str]":
        if route is None:
            return self
        attributes = vars(route)
        try:
            source: str = attributes["_path_source"]
        except KeyError:
            raise AttributeError(f"{owner.__name__!r} object has no attribute 'path_regex'") from None
        # Of two threads, both get the pattern that is kept.
        pattern: re.Pattern[str] = attributes.setdefault("path_regex", re.compile(source))
        return pattern


def path_source(route: BaseRoute) -> str | None:
    """Return the expression of a route's path as text; ``None`` if it is not certain that it is the one used."""
    attributes = vars(route)
    pattern = attributes.get("path_regex")
    if pattern is None and isinstance(getattr(type(route), "path_regex", None), LatePattern):
        source: str | None = attributes.get("_path_source")
        return source
    if pattern is not getattr(route, "path_regex", None):
        return None
    return pattern.pattern if isinstance(pattern, re.Pattern) and pattern.flags == re.UNICODE else None
