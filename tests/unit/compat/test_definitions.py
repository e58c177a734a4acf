"""The JSON schemas of fields, and the names of models in them."""

# ruff: noqa: UP007, UP045  # both spellings of a union are what is tested

from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, computed_field
from pydantic.fields import FieldInfo

from fastapi._compat import (
    ModelField,
    get_compat_model_name_map,
    get_definitions,
    get_schema_from_model_field,
    v2,
)
from fastapi._compat.v2.definitions import _rename_refs


class Colour(Enum):
    red = "red"


class Leaf(BaseModel):
    colour: Colour = Colour.red


class Tree(BaseModel):
    """A tree.\fNot for the document."""

    leaves: list[Leaf]
    parent: Optional["Tree"] = None


class Area(BaseModel):
    side: int

    @computed_field
    def area(self) -> int:
        return self.side**2


def field(
    annotation: Any, mode: Literal["validation", "serialization"] = "validation", **options: Any
) -> ModelField:
    return ModelField(field_info=FieldInfo(annotation=annotation, **options), name="some_field", mode=mode)


def definitions_of(*fields: ModelField, separate: bool = True) -> tuple[Any, dict[str, Any]]:
    return get_definitions(
        fields=list(fields),
        model_name_map=get_compat_model_name_map(list(fields)),
        separate_input_output_schemas=separate,
    )


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        (int, set()),
        (Leaf, {Leaf, Colour}),
        (Colour, {Colour}),
        (Tree, {Tree, Leaf, Colour}),
        (Optional[dict[str, list[Leaf]]], {Leaf, Colour}),
        (Union[Area, Leaf, None], {Area, Leaf, Colour}),
        (Annotated[Area | Leaf, "mark"], {Area, Leaf, Colour}),
        (Literal["a", Colour.red], set()),
    ],
)
def test_models_are_found_at_any_depth(annotation: Any, found: set[Any]) -> None:
    assert v2.get_flat_models_from_field(field(annotation), known_models=set()) == found
    assert v2.get_flat_models_from_fields([field(annotation), field(int)], known_models=set()) == found
    assert set(get_compat_model_name_map([field(annotation)])) == found


def test_models_in_a_model_and_in_the_arguments_of_an_annotation_are_found() -> None:
    assert v2.get_flat_models_from_model(Tree) == {Leaf, Colour, Tree}
    assert v2.get_flat_models_from_annotation(list[Leaf], set()) == {Leaf, Colour}
    assert v2.get_flat_models_from_annotation(Leaf, set()) == set()
    known: set[Any] = {Leaf}
    assert v2.get_flat_models_from_model(Tree, known) is known


def test_names_fit_the_document() -> None:
    assert v2.normalize_name("Page[Item | None]") == "Page_Item___None_"
    assert v2.get_model_name_map({Leaf, Colour}) == {Leaf: "Leaf", Colour: "Colour"}


def test_definitions_are_referred_to_by_the_names_of_models() -> None:
    tree = field(Tree)
    schemas, definitions = definitions_of(tree)
    assert schemas[tree, "validation"] == {"$ref": "#/components/schemas/Tree"}
    assert set(definitions) == {"Tree", "Leaf", "Colour"}
    assert definitions["Tree"]["properties"]["leaves"]["items"] == {"$ref": "#/components/schemas/Leaf"}


def test_a_description_ends_at_a_form_feed() -> None:
    _, definitions = definitions_of(field(Tree))
    assert definitions["Tree"]["description"] == "A tree."


def test_models_of_one_name_keep_one_short_name() -> None:
    def other() -> type[BaseModel]:
        class Leaf(BaseModel):
            count: int

        return Leaf

    Other = other()
    fields = [field(Leaf), field(list[Other])]
    names = get_compat_model_name_map(fields)
    schemas, definitions = get_definitions(fields=fields, model_name_map=names)
    short = next(model for model, name in names.items() if name == "Leaf")
    assert set(definitions["Leaf"]["properties"]) == set(short.model_fields)  # type: ignore[union-attr]
    refs = {schemas[fields[0], "validation"]["$ref"], schemas[fields[1], "validation"]["items"]["$ref"]}
    assert len(refs) == 2
    assert {ref.rpartition("/")[2] for ref in refs} <= set(definitions)


def test_inputs_and_outputs_differ_only_where_wanted() -> None:
    class Both(BaseModel):
        price: Decimal  # read from a number as well, written as a string

    sent, received = field(Both, "serialization"), field(Both)
    _, separate = definitions_of(sent, received)
    assert set(separate) == {"Both-Input", "Both-Output"}
    schemas, joined = definitions_of(sent, received, separate=False)
    assert set(joined) == {"Both"}
    assert (sent, "validation") in schemas


def test_computed_fields_are_in_the_output_even_without_separate_schemas() -> None:
    area = field(Area, "serialization")
    schemas, definitions = definitions_of(area, separate=False)
    assert "area" in definitions["Area"]["properties"]
    assert get_schema_from_model_field(
        field=area, model_name_map={}, field_mapping=schemas, separate_input_output_schemas=False
    ) == {"$ref": "#/components/schemas/Area"}


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (field(int), "Some Field"),
        (field(int, alias="other_name"), "Other Name"),
        (field(int, validation_alias="v_a", serialization_alias="s_a"), "V A"),
        (field(int, "serialization", validation_alias="v_a", serialization_alias="s_a"), "S A"),
        (field(int, title="Own"), "Own"),
    ],
)
def test_a_schema_is_titled_after_the_field(one: ModelField, title: str) -> None:
    schemas, _ = definitions_of(one)
    schema = get_schema_from_model_field(field=one, model_name_map={}, field_mapping=schemas)
    assert schema["title"] == title


def test_a_reference_has_no_title() -> None:
    leaf = field(Leaf)
    schemas, _ = definitions_of(leaf)
    assert get_schema_from_model_field(field=leaf, model_name_map={}, field_mapping=schemas) == {
        "$ref": "#/components/schemas/Leaf"
    }


def test_a_property_may_be_called_ref() -> None:
    class Reference(BaseModel):
        ref: str = Field(alias="$ref")

    schema = Reference.model_json_schema()
    assert _rename_refs(schema, {"Reference": "Other"}) == schema


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@given(JSON)
def test_renaming_changes_nothing_but_references(value: Any) -> None:
    schema = {"a": value, "b": [{"$ref": "#/components/schemas/Old"}, {"$ref": "#/components/schemas/Older"}]}
    assert _rename_refs(schema, {"Old": "New"}) == {
        "a": value,
        "b": [{"$ref": "#/components/schemas/New"}, {"$ref": "#/components/schemas/Older"}],
    }
