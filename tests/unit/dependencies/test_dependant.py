"""What a Dependant knows of its callable, and when two of them share a result."""

import functools
from unittest.mock import AsyncMock

import pytest

from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyHeader


def plain(): ...


async def coroutine(): ...


def generator():
    yield


async def async_generator():
    yield


def wrapped(call):
    @functools.wraps(call)
    def wrapper(*args, **kwargs):
        return call(*args, **kwargs)

    return wrapper


def instance_with(call):
    return type("Callable", (), {"__call__": staticmethod(call)})()


class Plain:
    def __call__(self): ...


class Coroutine:
    async def __call__(self): ...


class Decorated:
    @wrapped
    def __call__(self):
        yield


class ActsAsCoroutine:
    """A plain callable object that says it wraps a coroutine function."""

    def __init__(self) -> None:
        functools.update_wrapper(self, coroutine)

    def __call__(self): ...


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (None, None),
        (plain, None),
        (coroutine, "is_coroutine_callable"),
        (generator, "is_gen_callable"),
        (async_generator, "is_async_gen_callable"),
        (functools.partial(coroutine), "is_coroutine_callable"),
        (functools.partial(functools.partial(generator)), "is_gen_callable"),
        (wrapped(coroutine), "is_coroutine_callable"),
        (wrapped(generator), "is_gen_callable"),
        (functools.partial(wrapped(async_generator)), "is_async_gen_callable"),
        (Plain(), None),
        (Coroutine(), "is_coroutine_callable"),
        (Coroutine().__call__, "is_coroutine_callable"),
        (functools.partial(Coroutine()), "is_coroutine_callable"),
        (Decorated(), "is_gen_callable"),
        (instance_with(async_generator), "is_async_gen_callable"),
        (instance_with(functools.partial(generator)), "is_gen_callable"),
        (Coroutine, None),
        (wrapped(Coroutine), None),
        (Decorated, None),
        (ActsAsCoroutine(), "is_coroutine_callable"),
        (AsyncMock(), None),
    ],
)
def test_the_kind_of_a_callable_is_the_kind_of_what_runs(call, kind) -> None:
    dependant = Dependant(call=call)
    kinds = ("is_gen_callable", "is_async_gen_callable", "is_coroutine_callable")
    assert [name for name in kinds if getattr(dependant, name)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("call", "scope", "computed"),
    [
        (plain, None, None),
        (coroutine, None, None),
        (generator, None, "request"),
        (async_generator, None, "request"),
        (generator, "function", "function"),
        (plain, "request", "request"),
    ],
)
def test_generators_live_as_long_as_the_request_unless_told_otherwise(call, scope, computed) -> None:
    dependant = Dependant(call=call, scope=scope)
    assert dependant.computed_scope == computed
    assert dependant.cache_key == (call, (), computed or "")


@pytest.mark.parametrize(
    ("parents", "own", "scopes"),
    [
        (None, None, []),
        (["a"], None, ["a"]),
        (None, ["b", "a", "b"], ["b", "a"]),
        (["a", "b"], ["c", "a"], ["a", "b", "c"]),
        (["a", "a"], ["b"], ["a", "a", "b"]),
    ],
)
def test_own_scopes_follow_those_of_the_parents(parents, own, scopes) -> None:
    assert Dependant(parent_oauth_scopes=parents, own_oauth_scopes=own).oauth_scopes == scopes


key_header = APIKeyHeader(name="key")


@pytest.mark.parametrize(
    ("dependant", "scopes"),
    [
        (Dependant(call=plain, parent_oauth_scopes=["b", "a"]), ()),
        (Dependant(call=plain, parent_oauth_scopes=["b"], own_oauth_scopes=["a"]), ("a", "b")),
        (Dependant(call=plain, parent_oauth_scopes=["b"], security_scopes_param_name="scopes"), ("b",)),
        (Dependant(call=key_header, parent_oauth_scopes=["b"]), ("b",)),
        (
            Dependant(call=plain, parent_oauth_scopes=["b"], dependencies=[Dependant(call=key_header)]),
            ("b",),
        ),
        (Dependant(call=plain, parent_oauth_scopes=["b"], dependencies=[Dependant(call=plain)]), ()),
    ],
)
def test_scopes_tell_results_apart_only_where_something_reads_them(dependant, scopes) -> None:
    assert dependant.cache_key == (dependant.call, scopes, "")


def test_security_schemes_are_known_through_partials_and_decorators() -> None:
    scheme = Dependant(call=functools.partial(key_header))
    parent = Dependant(call=plain, dependencies=[Dependant(call=plain), scheme])
    assert scheme._is_security_scheme
    assert scheme._security_scheme is key_header
    assert parent._security_dependencies == [scheme]
    assert not Dependant()._is_security_scheme
