"""What becomes of the options of a parameter."""

import copy
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, TypeAdapter, ValidationError
from pydantic_core import PydanticUndefined

from fastapi import Body, Cookie, File, Form, Header, Path, Query, params
from fastapi.exceptions import FastAPIDeprecationWarning

KINDS = [Path, Query, Header, Cookie, Body, Form, File]
OPTIONAL_KINDS = KINDS[1:]


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_default_a_parameter_is_required(kind: Any) -> None:
    assert kind().is_required()
    assert kind(...).is_required()
    assert kind().default is PydanticUndefined


@pytest.mark.parametrize("kind", OPTIONAL_KINDS)
@pytest.mark.parametrize("default", [None, 1, "text", []])
def test_a_default_is_kept_and_represented(kind: Any, default: Any) -> None:
    assert kind(default).default == kind(default=default).default == default
    assert repr(kind(default)) == f"{kind.__name__}({default})"


def test_a_subclass_is_represented_by_its_own_name() -> None:
    class Page(params.Query):
        pass

    class Draft(params.Body):
        pass

    assert repr(Page(1)) == "Page(1)"
    assert repr(Draft(None)) == "Draft(None)"


def test_a_path_parameter_has_no_default() -> None:
    with pytest.raises(AssertionError, match=r"^Path parameters cannot have a default value$"):
        Path(1)


@pytest.mark.parametrize("kind", OPTIONAL_KINDS)
def test_a_default_and_a_factory_exclude_each_other(kind: Any) -> None:
    assert kind(default_factory=list).get_default(call_default_factory=True) == []
    with pytest.raises(TypeError, match="default_factory"):
        kind(1, default_factory=list)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("options", "validation", "serialization"),
    [
        ({}, None, None),
        ({"alias": "a"}, "a", "a"),
        ({"alias": "a", "validation_alias": "v"}, "v", "a"),
        ({"alias": "a", "serialization_alias": "s"}, "a", "s"),
        ({"validation_alias": "v"}, "v", None),
        (
            {"alias": "a", "validation_alias": PydanticUndefined, "serialization_alias": PydanticUndefined},
            "a",
            "a",
        ),
    ],
)
def test_an_alias_stands_for_the_ones_not_given(
    kind: Any, options: dict[str, Any], validation: str | None, serialization: str | None
) -> None:
    field = kind(**options)
    assert (field.validation_alias, field.serialization_alias) == (validation, serialization)


def test_an_alias_may_be_a_choice() -> None:
    choice = AliasChoices("a", "b")
    assert Query(alias="a", validation_alias=choice).validation_alias is choice


CONSTRAINTS: list[tuple[type, dict[str, Any], Any, Any]] = [
    (int, {"gt": 1}, 2, 1),
    (int, {"ge": 1}, 1, 0),
    (int, {"lt": 1}, 0, 1),
    (int, {"le": 1}, 1, 2),
    (int, {"multiple_of": 3}, 6, 7),
    (int, {"strict": True}, 1, "1"),
    (float, {"allow_inf_nan": False}, 1.0, float("inf")),
    (str, {"min_length": 2}, "ab", "a"),
    (str, {"max_length": 1}, "a", "ab"),
    (str, {"pattern": "^a"}, "ab", "ba"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("type_", "options", "good", "bad"), CONSTRAINTS)
def test_constraints_constrain(kind: Any, type_: type, options: dict[str, Any], good: Any, bad: Any) -> None:
    # As metadata, since pydantic takes an alias and the like for a mistake on a bare type.
    from typing import Annotated

    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[(type_, *kind(**options).metadata)])
    assert adapter.validate_python(good) == good
    with pytest.raises(ValidationError):
        adapter.validate_python(bad)


@pytest.mark.parametrize("kind", KINDS)
def test_words_for_the_documentation_are_kept(kind: Any) -> None:
    field = kind(
        title="T",
        description="D",
        examples=["e"],
        openapi_examples={"one": {"value": 1}},
        deprecated=True,
        include_in_schema=False,
        json_schema_extra={"x-a": 1},
    )
    assert (field.title, field.description, field.examples) == ("T", "D", ["e"])
    assert field.openapi_examples == {"one": {"value": 1}}
    assert field.deprecated is True
    assert field.include_in_schema is False
    assert field.json_schema_extra == {"x-a": 1}
    assert field.example is PydanticUndefined


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_options_go_to_the_json_schema(kind: Any) -> None:
    assert kind(whatever=1).json_schema_extra == {"whatever": 1}
    assert kind(whatever=1, json_schema_extra={"a": 2}).json_schema_extra == {"a": 2}
    assert kind().json_schema_extra == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_positional_argument_is_a_mistake(kind: Any) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        kind(..., 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("regex", "`regex` has been deprecated, please use `pattern` instead"),
        ("example", "`example` has been deprecated, please use `examples` instead"),
    ],
)
def test_a_deprecated_option_warns_where_it_is_used(kind: Any, option: str, message: str) -> None:
    for declared in (kind, getattr(params, kind.__name__)):
        with pytest.warns(FastAPIDeprecationWarning) as caught:
            field = declared(**{option: "^a$"})
        assert [str(warning.message) for warning in caught] == [message]
        assert caught[0].filename == __file__
        if option == "example":
            assert field.example == "^a$"
        else:
            assert "^a$" in str(field.metadata)


def test_a_pattern_wins_over_a_regex() -> None:
    with pytest.warns(FastAPIDeprecationWarning):
        field = Query(pattern="new", regex="old")
    assert "new" in str(field.metadata)
    assert "old" not in str(field.metadata)


def test_what_only_some_kinds_know() -> None:
    assert Header().convert_underscores is True
    assert Header(convert_underscores=False).convert_underscores is False
    assert Body().embed is None
    assert Body(embed=True).embed is True
    assert Form(embed=True).embed is True
    assert Query(convert_underscores=False).json_schema_extra == {"convert_underscores": False}


def test_the_annotation_can_be_given_to_the_class() -> None:
    assert params.Query(annotation=int).annotation is int


def test_a_copy_is_equal_and_of_the_same_kind() -> None:
    field = Header("x", alias="a", convert_underscores=False)
    copied = copy.copy(field)
    assert type(copied) is params.Header
    assert (copied.alias, copied.default, copied.convert_underscores) == ("a", "x", False)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "alias": st.text(min_size=1),
        "title": st.text(),
        "gt": st.integers(),
        "max_length": st.integers(min_value=0),
        "strict": st.booleans(),
        "examples": st.lists(st.integers()),
        "deprecated": st.booleans() | st.text(),
        "include_in_schema": st.booleans(),
        "x_extra": st.integers(),
    },
)


@given(kind=st.sampled_from(KINDS), options=OPTIONS)
def test_functions_and_classes_make_the_same_field(kind: Any, options: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made, constructed = kind(**options), getattr(params, kind.__name__)(**options)
    assert type(made) is type(constructed)
    assert {name: getattr(made, name) for name in made.__slots__} == {
        name: getattr(constructed, name) for name in constructed.__slots__
    }
    assert vars(made) == vars(constructed)
