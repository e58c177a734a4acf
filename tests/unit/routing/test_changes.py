"""Lists of routes that count their changes."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount

from fastapi import APIRouter
from fastapi.routing.changes import RouteList

A, B, C = (Mount(f"/{name}", APIRouter()) for name in "abc")


def set_item(routes: list[BaseRoute]) -> None:
    routes[0] = C


def set_slice(routes: list[BaseRoute]) -> None:
    routes[1:] = [C, A]


def delete(routes: list[BaseRoute]) -> None:
    del routes[0]


def add(routes: list[BaseRoute]) -> None:
    routes += [C]


def repeat(routes: list[BaseRoute]) -> None:
    routes *= 2


CHANGES: list[Callable[[list[BaseRoute]], Any]] = [
    *(set_item, set_slice, delete, add, repeat),
    lambda routes: routes.append(C),
    lambda routes: routes.extend([C, A]),
    lambda routes: routes.insert(0, C),
    lambda routes: routes.remove(A),
    lambda routes: routes.pop(),
    lambda routes: routes.pop(0),
    lambda routes: routes.clear(),
    lambda routes: routes.sort(key=repr, reverse=True),
    lambda routes: routes.reverse(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_list_is_counted_and_works(change: Callable[[list[BaseRoute]], Any]) -> None:
    plain, counted = [A, B], RouteList([A, B])
    before = counted.revision
    assert change(counted) is change(plain)
    assert (counted, type(counted)) == (plain, RouteList)
    assert counted.revision != before


def test_a_change_that_fails_counts_as_well() -> None:
    routes = RouteList([A, B])
    before = routes.revision
    with pytest.raises(ValueError, match="not in list"):
        routes.remove(C)
    assert routes.revision != before


def test_a_route_list_is_a_list() -> None:
    routes = RouteList([A, B])
    assert isinstance(routes, list)
    assert routes == [A, B]
    assert repr(routes) == repr([A, B])
    assert routes + [C] == [A, B, C]  # noqa: RUF005 # the operator is what is asked about
    assert type(routes + [C]) is type(routes[:]) is type(routes.copy()) is list  # noqa: RUF005


@pytest.mark.parametrize("duplicate", [copy.copy, lambda routes: pickle.loads(pickle.dumps(routes))])
def test_a_route_list_can_be_copied_and_pickled(duplicate: Callable[[Any], Any]) -> None:
    routes: Any = RouteList([1, 2])  # type: ignore[list-item]
    twin = duplicate(routes)
    assert (twin, type(twin)) == ([1, 2], RouteList)
    twin.append(3)
    assert routes == [1, 2]


def test_a_router_keeps_the_routes_it_is_given_in_such_a_list() -> None:
    given = [A]
    router = APIRouter(routes=given)
    assert type(router.routes) is RouteList
    router.routes.append(B)
    assert given == [A]
