# ruff: noqa: UP006, UP007, UP035, UP045  # the old spellings are what is tested
"""Adapters that are shared, or a model's own, do what one made of the whole declaration does."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Annotated, Any, List, Literal, Optional, Tuple, Union
from uuid import UUID

import pytest
from annotated_types import Ge
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, ConfigDict, RootModel, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from fastapi import params
from fastapi._compat import ModelField
from fastapi._compat.v2 import FieldInfo, adapters, asdict


class Item(BaseModel):
    id: int
    name: str = "x"
    price: Decimal | None = None


class Basket(BaseModel):
    items: list[Item]
    first: Item | None = None
    tree: "Basket | None" = None


class Numbers(RootModel[list[int]]): ...


class Aside(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float")

    item: Item


BUILTIN: list[Any] = [
    int, str, float, bool, bytes, Decimal, UUID, Any, list, dict, tuple, list[int], dict[str, list[str]],
    set[int | str],
    int | None, Optional[int], Union[int, str], Union[str, int], int | str, tuple[int, ...], tuple[int, str],
    tuple[()], List[int], Tuple, Literal[1], Literal[True], Literal["a", "b"], frozenset[bytes],
]  # fmt: skip

MODELS: list[Any] = [
    Item, Basket, Numbers, Aside, list[Item], Item | None, dict[str, Basket], Item | Basket, list[Item | int],
    tuple[Item, ...], list[Numbers] | None, list[list[Basket]],
]  # fmt: skip

DECLARATIONS: list[Any] = [
    FieldInfo(), params.Query(), params.Query(None), params.Query(1, ge=1), params.Query(1.0, ge=1.0), params.Body(),
    params.Path(title="T", description="D"), params.Header(alias="x"), params.Form(max_length=2),
    params.Query(pattern="^a$"), params.Query(strict=True), params.Query(multiple_of=2, allow_inf_nan=False),
    params.Query(default_factory=list), params.Query(examples=[1]), params.Body(json_schema_extra={"a": 1}),
    params.Query(validation_alias=AliasChoices("a", "b")), FieldInfo(default=True), FieldInfo(default=[1]),
    FieldInfo(validate_default=True, default="a"), FieldInfo(frozen=True), FieldInfo(discriminator="id"),
]  # fmt: skip

VALUES: list[Any] = [
    1, 0, 2, True, "a", "1", "abc", "", None, 1.5, float("inf"), [1], ["1", "a"], [], {"id": 1}, {"id": "a"}, b"a",
    {"items": [{"id": 1, "price": "1.50"}], "tree": {"items": []}}, [{"id": 1}], {"a": {"items": []}}, Item(id=1),
    [Item(id=1)], Decimal("1.0"), {"item": {"id": 1}}, (), (1, "a"), {1, 2}, [[{"items": []}]],
]  # fmt: skip


def declared(annotation: Any, declaration: FieldInfo) -> dict[str, Any]:
    return {**asdict(declaration), "annotation": annotation}


def outcomes(make: Any) -> Any:
    """What an adapter makes of every value, or why there is no adapter."""
    try:
        adapter: TypeAdapter[Any] = make()
    except Exception as error:
        return type(error), str(error)
    return [outcome(adapter, value) for value in VALUES]


def outcome(adapter: TypeAdapter[Any], value: Any) -> Any:
    try:
        valid = adapter.validate_python(value, from_attributes=True)
    except ValidationError as error:
        return error.title, error.errors(include_url=False, include_context=False)
    except TypeError as error:  # a constraint that cannot be applied to the value
        return str(error)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (
            repr(valid),
            repr(adapter.dump_python(valid, mode="json", by_alias=True)),
            adapter.dump_json(valid),
        )


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=repr)
@pytest.mark.parametrize("annotation", [*BUILTIN, *MODELS], ids=repr)
def test_an_adapter_does_what_one_for_this_declaration_alone_does(
    annotation: Any, declaration: FieldInfo
) -> None:
    parts = declared(annotation, declaration)
    for _ in range(2):
        assert outcomes(lambda: adapters.adapter(parts, None)) == outcomes(
            lambda: adapters._made(parts, None)
        )


@pytest.mark.parametrize("annotation", MODELS, ids=repr)
def test_pydantic_makes_the_same_of_a_model_as_of_one_with_an_empty_declaration(annotation: Any) -> None:
    parts = declared(annotation, FieldInfo())
    ours = adapters.adapter(parts, None).core_schema
    assert _without_empty_metadata(ours) == _without_empty_metadata(adapters._made(parts, None).core_schema)


def _without_empty_metadata(schema: Any) -> Any:
    if isinstance(schema, dict):
        parts = {key: _without_empty_metadata(value) for key, value in schema.items()}
        return {key: value for key, value in parts.items() if key != "metadata" or any(value.values())}
    return [_without_empty_metadata(part) for part in schema] if isinstance(schema, list) else schema


def test_equal_declarations_share_an_adapter_whatever_they_are_called() -> None:
    def adapter(**options: Any) -> Any:
        return ModelField(field_info=params.Query(annotation=int | None, **options), name="q")._type_adapter

    assert adapter(default=None) is adapter(default=None, alias="x")
    assert adapter(default=None) is not adapter(default=0)
    assert adapter(default=1) is not adapter(default=True)
    assert adapter(ge=1) is adapter(ge=1)
    assert adapter(ge=1) is not adapter(gt=1)
    assert adapter(ge=1) is not adapter(ge=1.0)
    assert adapter(default=0.0) is not adapter(default=-0.0)
    assert adapter(title="a") is not adapter(description="a")
    assert adapter(examples=[1]) is not adapter(examples=[1])


@given(st.permutations([int, str, float, bool]), st.permutations([int, str, float, bool]))
def test_the_order_of_a_union_counts(one: list[Any], other: list[Any]) -> None:
    shapes = [adapters._type_shape(Union[tuple(members)]) for members in (one, other)]
    assert (shapes[0] == shapes[1]) == (one == other)


@pytest.mark.parametrize(
    "annotation",
    [
        Item, list[Item], "int", Annotated[int, Ge(1)], Literal[b"a"], Tuple, tuple[()], type[int], List,
        Annotated[int, "note"], Union[int, "str"], object, type("Int", (int,), {}), list["int"],
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_not_builtin_shares_no_adapter(annotation: Any) -> None:
    assert adapters._type_shape(annotation) is None


def test_a_model_brings_its_validator_along() -> None:
    assert ModelField(field_info=FieldInfo(annotation=Item), name="a")._type_adapter.validator is (
        Item.__pydantic_validator__
    )


def test_a_field_keeps_the_model_that_it_was_made_for() -> None:
    class Growing(BaseModel):
        number: int

    field = ModelField(field_info=FieldInfo(annotation=Growing), name="a")
    Growing.model_fields["number"].annotation = str
    Growing.model_rebuild(force=True)
    assert field.validate({"number": "a"})[1]
    assert not field.validate({"number": "1"})[1]


def test_a_model_with_a_way_of_its_own_is_asked_for_its_schema_each_time() -> None:
    asked = []

    class Own(BaseModel):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            asked.append(source)
            return handler(source)

    asked.clear()
    for _ in range(2):
        ModelField(field_info=FieldInfo(annotation=Own), name="a")
    assert len(asked) == 2


def test_a_refused_declaration_is_refused_every_time() -> None:
    for _ in range(2):
        with pytest.raises(SchemaError, match="regex"):
            ModelField(field_info=params.Query(annotation=str, pattern="("), name="a")


def test_there_is_an_end_to_what_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "_shared", {})
    monkeypatch.setattr(adapters, "_MOST", 1)
    made = [adapters.adapter(declared(kind, FieldInfo()), None) for kind in (int, int, str, str)]
    assert made[0] is made[1]
    assert made[2] is not made[3]


def test_threads_that_declare_at_once_get_adapters_that_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "_shared", {})
    at_once = Barrier(4)

    def declare(number: int) -> Any:
        at_once.wait(10)
        fields = [ModelField(field_info=params.Query(annotation=dict[str, int]), name="a") for _ in range(20)]
        return [field.validate({"a": str(number)})[0] for field in fields]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(declare, range(4))) == [[{"a": number}] * 20 for number in range(4)]
    assert len(adapters._shared) == 1
