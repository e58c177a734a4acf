"""Type aliases that several modules share."""

import types
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel

DecoratedCallable = TypeVar("DecoratedCallable", bound=Callable[..., Any])
"""A function that a decorator registers and returns as it is."""

UnionType = types.UnionType

ModelNameMap = dict[type[BaseModel] | type[Enum], str]
"""The name that each model has in an OpenAPI document."""

IncEx = set[int] | set[str] | dict[int, Any] | dict[str, Any]
"""What pydantic's ``include`` and ``exclude`` take."""

DependencyCacheKey = tuple[Callable[..., Any] | None, tuple[str, ...], str]
"""The callable, the security scopes that it can see, and its lifetime."""
