"""What all declarations of parameters have in common, and declarations of dependencies."""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from pydantic.fields import FieldInfo
from typing_extensions import Unpack

from fastapi._compat import Undefined
from fastapi.exceptions import FastAPIDeprecationWarning
from fastapi.params.options import ParamClassOptions, declares, defaults_of

if TYPE_CHECKING:
    from fastapi.openapi.example import Example
    from fastapi.params.schema.factory import Source

_DEFAULTS = defaults_of(ParamClassOptions)

_CONSTRAINTS = (
    "gt ge lt le min_length max_length discriminator multiple_of allow_inf_nan max_digits decimal_places"
).split()
"""In the order in which pydantic applies them, and so in which errors are found."""


class ParamTypes(Enum):
    """Where in a request, outside its body, a parameter is."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


def _warn_of(name: str, replacement: str) -> None:
    """Warn of a deprecated option at the line outside this package that uses it."""
    depth = 1
    while sys._getframe(depth).f_globals.get("__name__", "").startswith("fastapi.param"):
        depth += 1
    warnings.warn(
        f"`{name}` has been deprecated, please use `{replacement}` instead",
        category=FastAPIDeprecationWarning,
        stacklevel=depth + 1,
    )


def field_arguments(default: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the options of a parameter to the arguments of pydantic's ``FieldInfo``.

    Args:
        default: the default value, ``...`` or ``Undefined`` for a required parameter.
        given: the options that were used; unknown ones go to the JSON schema.

    Raises:
        TypeError: there is a default and a factory for it (from pydantic).
    """
    options = {**_DEFAULTS, **given}
    extra = {name: value for name, value in given.items() if name not in _DEFAULTS}
    if options["example"] is not Undefined:
        _warn_of("example", "examples")
    if options["regex"] is not None:
        _warn_of("regex", "pattern")
    alias, validation_alias = options["alias"], options["validation_alias"]
    serialization_alias = options["serialization_alias"]
    if validation_alias is None or validation_alias is Undefined:
        validation_alias = alias
    if (serialization_alias is None or serialization_alias is Undefined) and isinstance(alias, str):
        serialization_alias = alias
    arguments = {
        "default": default,
        "default_factory": options["default_factory"],
        "alias": alias,
        "title": options["title"],
        "description": options["description"],
        **{name: options[name] for name in _CONSTRAINTS},
        **extra,
        "deprecated": options["deprecated"],
        "annotation": options["annotation"],
        "alias_priority": options["alias_priority"],
        "validation_alias": validation_alias,
        "serialization_alias": serialization_alias,
        "strict": options["strict"],
        "json_schema_extra": options["json_schema_extra"] or extra,
        "pattern": options["pattern"] or options["regex"],
    }
    # Unlike the others it is left out when there is none, as pydantic remembers what it was given.
    if options["examples"] is not None:
        arguments["examples"] = options["examples"]
    return {name: value for name, value in arguments.items() if value is not Undefined}


def show(field: FieldInfo) -> str:
    """Represent a parameter by its kind and its default."""
    return f"{type(field).__name__}({field.default})"


class Param(FieldInfo):  # type: ignore[misc]  # final for type checkers, and yet made to be extended
    """A parameter outside the body: the base of ``Path``, ``Query``, ``Header`` and ``Cookie``.

    ``source`` says where in the schema file it was declared, if it was.

    Args:
        default: the default value; without one, or with ``...``, the parameter is required.
        options: see ``fastapi.params.options``; unknown ones go to the JSON schema.

    Raises:
        TypeError: there is a default and a factory for it.
    """

    in_: ParamTypes
    source: "Source | None" = None

    @declares(ParamClassOptions)
    def __init__(self, default: Any = Undefined, **options: Unpack[ParamClassOptions]) -> None:
        self.example: Any = options.get("example", Undefined)
        self.include_in_schema = options.get("include_in_schema", True)
        self.openapi_examples: dict[str, Example] | None = options.get("openapi_examples")
        super().__init__(**field_arguments(default, options))

    __repr__ = show


@dataclass(frozen=True)
class Depends:
    """A dependency: a callable whose result an endpoint or another dependency needs.

    Args:
        dependency: the callable; if omitted, the annotated class.
        use_cache: call it once for a request, however many need it.
        scope: when the part of it after ``yield`` runs: once the endpoint has returned (``"function"``), or
            once the response has been sent (``"request"``, the default).
    """

    dependency: Callable[..., Any] | None = None
    use_cache: bool = True
    scope: Literal["function", "request"] | None = None


@dataclass(frozen=True)
class Security(Depends):
    """A dependency that needs OAuth2 scopes.

    Args:
        scopes: their names.
    """

    scopes: Sequence[str] | None = None
