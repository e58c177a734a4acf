"""The description of a callable whose arguments come from a request."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from fastapi._compat import ModelField
from fastapi._public import on_demand
from fastapi.concurrency import _runs_inline
from fastapi.types import DependencyCacheKey

if TYPE_CHECKING:
    from fastapi.security.base import SecurityBase as SecurityBase
else:
    __getattr__ = on_demand(globals(), {"fastapi.security.base": "SecurityBase"})

# Before 3.13 only asyncio's version honours callables marked as coroutine functions; later it warns.
if sys.version_info >= (3, 13):
    from inspect import iscoroutinefunction
else:
    from asyncio import iscoroutinefunction


def _impartial(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return the callable under any layers of ``functools.partial``."""
    while isinstance(call, partial):
        call = call.func
    return call


def _unwrapped(call: Callable[..., Any]) -> Any:
    """Return the innermost callable: without partials and without decorators that kept ``__wrapped__``."""
    return inspect.unwrap(_impartial(call))


def _is_coroutine_routine(call: Any) -> bool:
    # An object may be marked as a coroutine function while its __call__ is plain: there __call__ decides.
    return inspect.isroutine(call) and iscoroutinefunction(call)


def _runs_as(
    call: Callable[..., Any] | None, is_kind: Callable[[Any], bool], is_kind_of_method: Callable[[Any], bool]
) -> bool:
    """Tell whether calling ``call`` runs a function of a kind.

    That may be ``call`` itself, what it wraps, or the ``__call__`` of either; each without partials and
    decorators. A class makes an instance, whatever its instances do when called.
    """
    if call is None:
        return False
    outer: Any = _impartial(call)
    inner = _unwrapped(call)
    if is_kind(outer) or is_kind(inner):
        return True
    if inspect.isclass(inner):
        return False
    methods = [owner.__call__ for owner in (outer, inner) if callable(owner)]
    return any(is_kind_of_method(_impartial(m)) or is_kind_of_method(_unwrapped(m)) for m in methods)


@dataclass
class Dependant:
    """A callable, what its parameters take from the request, and the dependencies it needs first.

    The lists of parameters keep the order of the signature. ``name`` is the parameter of the parent that
    receives the result (``None``: nobody does), the ``*_param_name`` fields are the parameters that
    receive the object in question. ``scope`` says when a generator exits: after the endpoint
    ("function") or after the response ("request", what generators do by default).
    """

    path_params: list[ModelField] = field(default_factory=list)
    query_params: list[ModelField] = field(default_factory=list)
    header_params: list[ModelField] = field(default_factory=list)
    cookie_params: list[ModelField] = field(default_factory=list)
    body_params: list[ModelField] = field(default_factory=list)
    dependencies: list["Dependant"] = field(default_factory=list)
    name: str | None = None
    call: Callable[..., Any] | None = None
    request_param_name: str | None = None
    websocket_param_name: str | None = None
    http_connection_param_name: str | None = None
    response_param_name: str | None = None
    background_tasks_param_name: str | None = None
    security_scopes_param_name: str | None = None
    own_oauth_scopes: list[str] | None = None
    parent_oauth_scopes: list[str] | None = None
    use_cache: bool = True
    path: str | None = None
    scope: Literal["function", "request"] | None = None

    @cached_property
    def oauth_scopes(self) -> list[str]:
        """The scopes required here: those of the parents, then its own that they do not have yet."""
        scopes = list(self.parent_oauth_scopes or ())
        for scope in self.own_oauth_scopes or ():
            if scope not in scopes:
                scopes.append(scope)
        return scopes

    @cached_property
    def cache_key(self) -> DependencyCacheKey:
        """What two dependencies of one request share when one result serves both.

        Scopes count only if something here or below reads them.
        """
        scopes = tuple(sorted(set(self.oauth_scopes))) if self._uses_scopes else ()
        return self.call, scopes, self.computed_scope or ""

    @cached_property
    def _uses_scopes(self) -> bool:
        return bool(
            self.own_oauth_scopes
            or self.security_scopes_param_name is not None
            or self._is_security_scheme
            or any(dependency._uses_scopes for dependency in self.dependencies)
        )

    @cached_property
    def _is_security_scheme(self) -> bool:
        # Without this module there are no security schemes, and importing it would take long.
        base = getattr(sys.modules.get("fastapi.security.base"), "SecurityBase", None)
        return base is not None and self.call is not None and isinstance(_unwrapped(self.call), base)

    @cached_property
    def _security_scheme(self) -> "SecurityBase":
        assert self.call is not None
        scheme: SecurityBase = _unwrapped(self.call)
        return scheme

    @cached_property
    def _security_dependencies(self) -> list["Dependant"]:
        return [dependency for dependency in self.dependencies if dependency._is_security_scheme]

    @cached_property
    def is_gen_callable(self) -> bool:
        """Whether the callable is, wraps, or runs through ``__call__``, a generator function."""
        return _runs_as(self.call, inspect.isgeneratorfunction, inspect.isgeneratorfunction)

    @cached_property
    def is_async_gen_callable(self) -> bool:
        """Whether the callable is, wraps, or runs through ``__call__``, an async generator function."""
        return _runs_as(self.call, inspect.isasyncgenfunction, inspect.isasyncgenfunction)

    @cached_property
    def is_coroutine_callable(self) -> bool:
        """Whether the callable is, wraps, or runs through ``__call__``, an ``async def`` function."""
        return _runs_as(self.call, _is_coroutine_routine, iscoroutinefunction)

    @cached_property
    def runs_inline(self) -> bool:
        """Whether the callable, if it blocks, does so on the event loop: see ``run_inline``."""
        return _runs_inline(self.call)

    @cached_property
    def computed_scope(self) -> str | None:
        """The declared scope, or "request" for a generator without one, or ``None``."""
        if self.scope:
            return self.scope
        return "request" if self.is_gen_callable or self.is_async_gen_callable else None
