"""The keyword options of path operations: declared once, shown by every signature that takes them.

``APIRoute.__init__`` is the one declaration of names, defaults and types at run time; an
``OptionSet`` is an ordered choice of them. The ``TypedDict`` classes tell type checkers the same.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, TypedDict, TypeVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from fastapi import params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.types import IncEx

Function = TypeVar("Function", bound=Callable[..., Any])


class SharedOptions(TypedDict, total=False):
    """The options that every way to declare a path operation takes."""

    response_model: Any
    status_code: int | None
    tags: list[str | Enum] | None
    dependencies: Sequence[params.Depends] | None
    summary: str | None
    description: str | None
    response_description: str
    responses: dict[int | str, dict[str, Any]] | None
    deprecated: bool | None
    operation_id: str | None
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    include_in_schema: bool
    response_class: type[Response] | DefaultPlaceholder
    name: str | None
    openapi_extra: dict[str, Any] | None
    generate_unique_id_function: Callable[[Any], str] | DefaultPlaceholder


class OperationOptions(SharedOptions, total=False):
    """What ``get``, ``post`` and the other verbs take."""

    callbacks: list[BaseRoute] | None


class MethodsOptions(SharedOptions, total=False):
    """What ``FastAPI.api_route`` and ``FastAPI.add_api_route`` take."""

    methods: list[str] | None


class RouterMethodsOptions(OperationOptions, total=False):
    """What ``APIRouter.api_route`` takes."""

    methods: set[str] | list[str] | None


class AddRouteOptions(RouterMethodsOptions, total=False):
    """What ``APIRouter.add_api_route`` takes."""

    route_class_override: Any


class IncludeOptions(TypedDict, total=False):
    """What ``include_router`` takes."""

    prefix: str
    tags: list[str | Enum] | None
    dependencies: Sequence[params.Depends] | None
    responses: dict[int | str, dict[str, Any]] | None
    deprecated: bool | None
    include_in_schema: bool
    default_response_class: type[Response] | DefaultPlaceholder
    callbacks: list[BaseRoute] | None
    generate_unique_id_function: Callable[[Any], str] | DefaultPlaceholder


class OptionSet:
    """An ordered choice of options, with their defaults.

    Args:
        source: the function whose signature declares every option.
        order: option names separated by spaces, in the order a signature shows them.
        extra: options that ``source`` does not have, with their defaults.
    """

    def __init__(self, source: Callable[..., Any], order: str, **extra: Any) -> None:
        declared = inspect.signature(source).parameters
        self.parameters = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=extra[name], annotation=Any)
            if name in extra
            else declared[name].replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name in order.split()
        ]
        self.defaults: dict[str, Any] = {parameter.name: parameter.default for parameter in self.parameters}

    def declare(self, function: Function) -> Function:
        """Give ``function(…, **options)`` the signature that spells its options out."""
        signature = inspect.signature(function)
        leading = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        function.__signature__ = signature.replace(parameters=leading + self.parameters)  # type: ignore[attr-defined]
        return function

    def fill(self, function: str, options: Any) -> dict[str, Any]:
        """Complete ``options`` with the defaults, in signature order.

        Raises:
            TypeError: ``function`` has no such option.
        """
        if unknown := options.keys() - self.defaults.keys():
            raise TypeError(f"{function}() got an unexpected keyword argument {_first(options, unknown)!r}")
        return {**self.defaults, **options}


def _first(names: Iterable[str], among: set[str]) -> str:
    return next(name for name in names if name in among)
