"""Fields: what they are called, what they default to, how they validate and serialize."""

# ruff: noqa: UP007, UP045  # both spellings of a union are what is tested

import runpy
import sys
import typing
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Optional, Union

import pytest
from pydantic import AliasPath, BaseModel, ConfigDict, Field, PydanticSchemaGenerationError
from pydantic.fields import FieldInfo

from fastapi import _compat, params
from fastapi._compat import ModelField, Undefined, v2
from fastapi._compat.v2 import forwardref
from fastapi._compat.v2.forwardref import evaluate_as_far_as_known


class Item(BaseModel):
    name: str = Field(alias="title")
    tags: list[str] = []


def field(annotation: Any = int, /, *, name: str = "size", **options: Any) -> ModelField:
    return ModelField(field_info=params.Query(annotation=annotation, **options), name=name)


def test_a_field_is_called_by_its_name_or_its_alias() -> None:
    assert field().alias == "size"
    assert field(alias="S").alias == "S"
    assert field().validation_alias is None
    assert field(validation_alias=AliasPath("a", 0)).validation_alias is None
    assert field(validation_alias="v").validation_alias == "v"
    assert field(serialization_alias="s").serialization_alias == "s"
    assert field().serialization_alias is None


def test_a_field_without_default_is_required() -> None:
    assert field().required
    assert field().default is field().get_default() is Undefined


def test_a_default_is_not_shared() -> None:
    tags = field(list[str], default=[])
    assert not tags.required
    assert tags.default == []
    assert tags.get_default() is not tags.get_default()
    assert field(list[str], default_factory=lambda: ["a"]).default == ["a"]


def test_a_valid_value_comes_without_errors() -> None:
    assert field().validate("3") == (3, None)


def test_an_invalid_value_comes_with_located_errors() -> None:
    value, errors = field(gt=1).validate("0", loc=("query", "size"))
    assert value is None
    assert errors is not None
    assert [(error["loc"], error["type"], error["input"]) for error in errors] == [
        (("query", "size"), "greater_than", "0")
    ]
    assert "url" not in errors[0]


def test_errors_within_a_value_are_located_below_it() -> None:
    _, errors = field(list[int]).validate(["1", "x"], loc=("query", "size"))
    assert errors is not None
    assert errors[0]["loc"] == ("query", "size", 1)


def test_objects_are_validated_by_their_attributes() -> None:
    @dataclass
    class Row:
        title: str
        tags: Any = ()

    value, errors = field(Item).validate(Row("a", ["b"]))
    assert errors is None
    assert value == Item(title="a", tags=["b"])


def test_serialization_takes_pydantics_options() -> None:
    item = Item(title="a")
    one = ModelField(field_info=FieldInfo(annotation=Item), name="item", mode="serialization")
    assert one.serialize(item) == {"title": "a", "tags": []}
    assert one.serialize(item, by_alias=False, exclude_unset=True) == {"name": "a"}
    assert one.serialize(item, include={"tags"}) == {"tags": []}
    assert ModelField(field_info=FieldInfo(annotation=set[int]), name="x").serialize({1}, mode="python") == {
        1
    }


def test_a_type_without_schema_is_refused() -> None:
    class Unknown: ...

    with pytest.raises(PydanticSchemaGenerationError):
        field(Unknown)


def test_a_field_takes_a_configuration() -> None:
    class Unknown: ...

    info = FieldInfo(annotation=Unknown)
    one = ModelField(field_info=info, name="x", config=ConfigDict(arbitrary_types_allowed=True))
    value = Unknown()
    assert one.validate(value) == (value, None)


def test_fields_are_hashed_by_identity() -> None:
    one = field()
    assert len({one, one, field()}) == 2


@pytest.mark.parametrize(
    ("annotation", "scalar", "sequence", "scalar_sequence"),
    [
        (int, True, False, False),
        (list[int], False, True, True),
        (list[Item], False, True, False),
        (Item, False, False, False),
    ],
)
def test_fields_are_told_apart_by_their_annotation(
    annotation: Any, scalar: bool, sequence: bool, scalar_sequence: bool
) -> None:
    one = field(annotation)
    assert _compat.is_scalar_field(one) is scalar
    assert _compat.is_sequence_field(one) is sequence
    assert _compat.is_scalar_sequence_field(one) is scalar_sequence


@pytest.mark.parametrize("kind", [params.Body, params.Form, params.File])
def test_what_is_in_the_body_is_no_scalar(kind: Any) -> None:
    assert not _compat.is_scalar_field(ModelField(field_info=kind(annotation=int), name="x"))


def test_bytes_are_found_alone_and_in_sequences() -> None:
    assert _compat.is_bytes_field(field(Optional[bytes]))
    assert not _compat.is_bytes_field(field(str))
    assert _compat.is_bytes_sequence_field(field(list[bytes]))
    assert not _compat.is_bytes_sequence_field(field(bytes))


def test_a_copied_declaration_takes_type_and_constraints_from_the_annotation() -> None:
    declared = params.Query(alias="a", description="D")
    copied = _compat.copy_field_info(field_info=declared, annotation=Annotated[int, Field(gt=3), "mark"])
    assert type(copied) is params.Query
    assert (copied.annotation, copied.alias, copied.description) == (int, "a", "D")
    assert [type(each).__name__ for each in copied.metadata] == ["Gt", "str"]
    assert declared.annotation is None
    assert declared.metadata == []


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (list[int], [1, 2]),
        (set[int], {1, 2}),
        (frozenset[int], frozenset({1, 2})),
        (tuple[int, ...], (1, 2)),
        (deque[int], deque([1, 2])),
        (Sequence[int], [1, 2]),
        (list, [1, 2]),
        (Optional[set[int]], {1, 2}),
        (None | tuple[int, ...], (1, 2)),
        (Union[set[int], list[int]], {1, 2}),
    ],
)
def test_received_values_become_the_declared_sequence(annotation: Any, expected: Any) -> None:
    converted = _compat.serialize_sequence_value(field=field(annotation), value=[1, 2])
    assert converted == expected
    assert type(converted) is type(expected)


def test_a_missing_value_has_pydantics_error() -> None:
    assert _compat.get_missing_field_error(("query", "q")) == {
        "type": "missing",
        "loc": ("query", "q"),
        "msg": "Field required",
        "input": None,
    }


def test_body_parameters_are_joined_in_one_model() -> None:
    fields = [
        ModelField(field_info=params.Body(annotation=Item), name="item"),
        ModelField(field_info=params.Body(1, annotation=int, alias="n"), name="count"),
    ]
    model = _compat.create_body_model(fields=fields, model_name="Body_x")
    assert model.__name__ == "Body_x"
    assert model.model_validate({"item": {"title": "a"}}).count == 1  # type: ignore[attr-defined]
    assert model.model_json_schema()["properties"]["n"]["default"] == 1


def test_the_fields_of_a_model_are_made_once() -> None:
    fields = _compat.get_cached_model_fields(Item)
    assert [(each.name, each.alias, each.type_) for each in fields] == [
        ("name", "title", str),
        ("tags", "tags", list[str]),
    ]
    assert _compat.get_cached_model_fields(Item) is fields


def test_the_fields_of_a_model_have_its_configuration_unless_they_have_their_own() -> None:
    class Trimmed(BaseModel):
        model_config = ConfigDict(str_strip_whitespace=True)
        text: str
        inner: Item

    text, inner = v2.get_model_fields(Trimmed)
    assert text.validate(" a ") == ("a", None)
    assert inner.config is None


def test_a_declaration_is_taken_apart() -> None:
    parts = v2.asdict(params.Query(1, annotation=int, gt=0, alias="a"))
    assert parts["annotation"] is int
    assert [type(each).__name__ for each in parts["metadata"]] == ["Gt"]
    assert parts["attributes"]["default"] == 1
    assert parts["attributes"]["alias"] == "a"
    assert "default" not in v2.asdict(params.Query())["attributes"]


@pytest.mark.parametrize("evaluate", [evaluate_as_far_as_known, _compat.evaluate_forwardref])
def test_annotations_written_as_text_are_evaluated_as_far_as_known(evaluate: Any) -> None:
    known, unknown = typing.ForwardRef("list[Item]"), typing.ForwardRef("Unknown")
    assert evaluate(known, {"Item": Item}, {"Item": Item}) == list[Item]
    assert evaluate(known, {"Item": Item}) == list[Item]
    assert evaluate(unknown, {}, {}) is unknown
    assert evaluate(int, {}, {}) is int


def test_a_pydantic_without_its_own_evaluation_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic._internal._typing_extra", None)
    alone = runpy.run_path(forwardref.__file__)
    assert alone["evaluate_forwardref"] is alone["evaluate_as_far_as_known"]


def test_names_live_in_the_module_that_others_import_them_from() -> None:
    assert ModelField.__module__ == v2.get_definitions.__module__ == "fastapi._compat.v2"
    for (
        name
    ) in "BaseConfig RequiredParam UndefinedType Url Validator with_info_plain_validator_function".split():
        assert getattr(_compat, name) is getattr(v2, name)
    assert _compat.PYDANTIC_V2
