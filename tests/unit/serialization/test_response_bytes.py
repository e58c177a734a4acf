"""Results without a response model are written like the reference, or left to it."""

import datetime
import json
from collections import OrderedDict, deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel

from fastapi._rust import PURE, json_response_bytes
from fastapi.encoders import jsonable_encoder
from tests.unit.serialization.response_models import TYPES, Bigger, Colour, Open, Point, Small, Tree

needs_rust = pytest.mark.skipif(PURE, reason="nothing is written in Rust on the reference path alone")


def reference(content: Any) -> bytes:
    encoded = jsonable_encoder(content)
    return json.dumps(encoded, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def agrees(content: Any) -> bool:
    """Tell whether Rust accepted the content, after comparing."""
    written = json_response_bytes(content)
    if written is not None:
        assert written == reference(content)
    return written is not None


texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = texts | texts.map("_sa".__add__)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(keys, inner)
        | st.lists(inner).map(tuple)
        | st.sets(texts)
        | st.frozensets(st.integers())
    ),
    max_leaves=20,
)
anything = st.sampled_from(TYPES).flatmap(lambda pair: pair[1])
mixed = st.recursive(
    plain | anything, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
)


@given(plain)
def test_json_s_own_types_and_sets_are_written(content: Any) -> None:
    assert agrees(content) is not PURE


@settings(max_examples=300)
@given(mixed)
def test_anything_is_written_like_the_reference_or_left_to_it(content: Any) -> None:
    agrees(content)


class Renamed(BaseModel):
    value: int = Field(default=1, serialization_alias="_sa_value")


class OwnDump(BaseModel):
    def model_dump(self, **options: Any) -> dict[str, Any]:
        return {"own": True}


class Meta(type(BaseModel)):  # type: ignore[misc]
    pass


class WithMeta(BaseModel, metaclass=Meta):
    pass


def cyclic() -> dict[str, Any]:
    content: dict[str, Any] = {}
    content["self"] = [content] * 9
    return content


@needs_rust
@pytest.mark.parametrize(
    "content",
    [
        Small(id=1),
        [Small(id=1), Bigger(id=2), Small(id=3)],
        {"items": (Tree(value=1, children=[Tree(value=2)]),), "_sa_instance_state": object()},
        RootModel[int](5),
        Open(a=1),
    ],
)
def test_models_are_written(content: Any) -> None:
    assert agrees(content)
    assert agrees(content)


@pytest.mark.parametrize(
    "content",
    [
        Renamed(),
        [OwnDump()],
        WithMeta(),
        Open(_sa_x=1),
        Point(1),
        Small,
        Small.model_construct(price=float("nan")),
        float("inf"),
        "\ud800",
        {1: 2},
        {"\udfff": 1},
        {Colour.RED: 1},
        datetime.date(2024, 1, 1),
        deque([1]),
        OrderedDict(a=1),
        object(),
        b"x",
        cyclic(),
        {"a": [object()]},
    ],
)
def test_what_is_not_certain_is_left_to_the_reference(content: Any) -> None:
    assert json_response_bytes(content) is None


@needs_rust
def test_a_rebuilt_model_is_compiled_anew() -> None:
    class Changing(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        value: int = Field(default=1, alias="old")

    assert json_response_bytes(Changing()) == b'{"old":1}'
    Changing.model_fields["value"].serialization_alias = "new"
    Changing.model_rebuild(force=True)
    assert agrees(Changing())


@needs_rust
def test_classes_made_at_run_time_do_not_pile_up() -> None:
    for _ in range(1100):

        class Local(BaseModel):
            id: int = 1

        assert json_response_bytes(Local()) == b'{"id":1}'
