"""A flat dependant has everything that is below it."""

from typing import Annotated

from pydantic import BaseModel

from fastapi import Body, Cookie, Depends, Header, Query, Security
from fastapi.dependencies.utils import get_dependant, get_flat_dependant, get_flat_params


def leaf(leaf_q: int, leaf_h: Annotated[str, Header()], leaf_b: Annotated[int, Body()]): ...


def branch(x: Annotated[None, Security(leaf, scopes=["leaf"])], branch_c: Annotated[str, Cookie()]): ...


def endpoint(
    item_id: int,
    q: int,
    one: Annotated[None, Security(branch, scopes=["one"])],
    two: Annotated[None, Security(branch, scopes=["one"])],
): ...


def names(fields) -> list[str]:
    return [field.name for field in fields]


def test_parameters_and_dependencies_are_collected_and_repeats_kept() -> None:
    dependant = get_dependant(path="/{item_id}", call=endpoint, name="n", use_cache=False, scope="function")
    flat = get_flat_dependant(dependant)
    assert names(flat.path_params) == ["item_id"]
    assert names(flat.query_params) == ["q", "leaf_q", "leaf_q"]
    assert names(flat.header_params) == ["leaf_h", "leaf_h"]
    assert names(flat.cookie_params) == ["branch_c", "branch_c"]
    assert names(flat.body_params) == ["leaf_b", "leaf_b"]
    assert [d.call for d in flat.dependencies] == [branch, leaf, branch, leaf]
    assert [d.oauth_scopes for d in flat.dependencies] == [["one"], ["one", "one", "leaf"]] * 2
    assert (flat.name, flat.call, flat.use_cache, flat.scope) == ("n", endpoint, False, "function")
    assert names(dependant.query_params) == ["q"]
    assert len(dependant.dependencies) == 2


def test_repeats_can_be_skipped() -> None:
    flat = get_flat_dependant(get_dependant(path="/{item_id}", call=endpoint), skip_repeats=True)
    assert names(flat.query_params) == ["q", "leaf_q"]
    assert [d.call for d in flat.dependencies] == [branch, leaf]


def test_what_was_visited_before_is_skipped_too() -> None:
    dependant = get_dependant(path="/{item_id}", call=endpoint)
    visited = [dependant.dependencies[0].cache_key]
    assert get_flat_dependant(dependant, skip_repeats=True, visited=visited).dependencies == []
    assert visited == [dependant.dependencies[0].cache_key, dependant.cache_key]


def test_scopes_from_above_come_first() -> None:
    dependant = get_dependant(path="/", call=leaf, own_oauth_scopes=["own"])
    assert get_flat_dependant(dependant, parent_oauth_scopes=["above"]).oauth_scopes == ["above", "own"]


class Filter(BaseModel):
    limit: int = 10
    offset: int = 0


def test_flat_parameters_are_in_the_order_of_their_kinds_and_a_lone_model_stands_for_its_fields() -> None:
    def listing(
        session: Annotated[str, Cookie()],
        token: Annotated[str, Header()],
        filters: Annotated[Filter, Query()],
        kind: str,
    ): ...

    def with_other(filters: Annotated[Filter, Query()], x: Annotated[None, Depends(lambda q: None)]): ...

    params = get_flat_params(get_dependant(path="/{kind}", call=listing))
    assert names(params) == ["kind", "limit", "offset", "token", "session"]
    assert names(get_flat_params(get_dependant(path="/", call=with_other))) == ["filters", "q"]
