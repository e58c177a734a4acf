"""Ids, names, fields and merged options."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi import params, utils
from fastapi._public import rehome
from fastapi.exceptions import FastAPIDeprecationWarning, FastAPIError, PydanticV1NotSupportedError


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (None, True),
        ("default", True),
        ("1XX", True),
        ("4XX", True),
        (200, True),
        ("200", True),
        (100, False),
        (199, False),
        (204, False),
        ("205", False),
        (304, False),
        (500, True),
    ],
)
def test_some_statuses_have_no_body(status: int | str | None, allowed: bool) -> None:
    assert utils.is_body_allowed_for_status_code(status) is allowed


def test_a_status_is_a_number_or_a_range() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        utils.is_body_allowed_for_status_code("9XX")


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [
        (None, True),
        ("", True),
        ("application/json", True),
        ("APPLICATION/JSON; charset=utf-8", True),
        ("application/geo+json", True),
        ("application/geo+json-seq", False),
        ("text/json", False),
        ("application/x-www-form-urlencoded", False),
        ("json", False),
    ],
)
def test_a_body_is_json_by_its_content_type(content_type: str | None, is_json: bool) -> None:
    assert utils.is_json_content_type(content_type) is is_json


def test_parameters_in_a_path_are_found() -> None:
    assert utils.get_path_param_names("/a/{b}/{c:path}/d") == {"b", "c:path"}
    assert utils.get_path_param_names("/") == set()


def test_ids_are_made_of_name_path_and_method() -> None:
    route: Any = SimpleNamespace(name="read-item", path_format="/items/{id}.json", methods={"GET"})
    assert utils.generate_unique_id(route) == "read_item_items__id__json_get"
    with pytest.warns(FastAPIDeprecationWarning, match="not used internally") as caught:
        assert utils.generate_operation_id_for_path(name="a", path="/b", method="PUT") == "a_b_put"
    assert caught[0].filename == __file__


def test_an_id_needs_a_method() -> None:
    with pytest.raises(AssertionError):
        utils.generate_unique_id(SimpleNamespace(name="a", path_format="/", methods=set()))  # type: ignore[arg-type]


def test_a_field_is_made_of_a_type_or_of_a_declaration() -> None:
    field = utils.create_model_field("a", int, default=1, alias="b", mode="serialization")
    assert (field.name, field.alias, field.type_, field.default, field.mode) == (
        "a",
        "b",
        int,
        1,
        "serialization",
    )
    declared = params.Query(annotation=str)
    assert utils.create_model_field("a", int, field_info=declared).field_info is declared
    assert utils.create_model_field("a", int).required
    assert utils.create_cloned_field(field) is field


def test_a_type_that_pydantic_cannot_validate_is_explained() -> None:
    class Unknown: ...

    with pytest.raises(
        FastAPIError, match=r"^Invalid args for response field! Hint: check that <class"
    ) as caught:
        utils.create_model_field("a", Unknown)
    assert "response_model=None" in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_model_of_pydantic_v1_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utils, "annotation_is_pydantic_v1", lambda annotation: annotation is int)
    with pytest.raises(
        PydanticV1NotSupportedError, match=r"Please update the response model <class 'int'>\.$"
    ):
        utils.create_model_field("a", int)


@pytest.mark.parametrize(
    ("main", "update", "merged"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": [2]}, {"a": [2]}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_dicts_are_merged_and_lists_joined(main: dict[Any, Any], update: dict[Any, Any], merged: Any) -> None:
    utils.deep_dict_update(main, update)
    assert main == merged


TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.integers(),
        lambda inner: st.dictionaries(st.sampled_from("abc"), inner) | st.lists(inner, max_size=2),
    ),
)


@given(TREES)
def test_merging_into_nothing_copies_and_merging_nothing_keeps(tree: dict[str, Any]) -> None:
    merged: dict[str, Any] = {}
    utils.deep_dict_update(merged, tree)
    assert merged == tree
    utils.deep_dict_update(merged, {})
    assert merged == tree


@pytest.mark.parametrize(
    ("sources", "moved"), [((), {"package.part"}), (("elsewhere",), {"elsewhere"}), (("nowhere",), set())]
)
def test_rehoming_moves_public_names_of_submodules_or_of_given_modules(
    sources: tuple[str, ...], moved: set[str]
) -> None:
    homes = ("package.part", "package.part", "elsewhere", "package_two.part")
    namespace: dict[str, Any] = {"__name__": "package", "number": 1}
    for name, home in zip(("Own", "_Private", "Named", "Foreign"), homes, strict=True):
        namespace[name] = type(name, (), {"__module__": home})
    rehome(namespace, *sources)
    for name, home in zip(("Own", "Named", "Foreign"), homes[1:], strict=True):
        assert namespace[name].__module__ == ("package" if home in moved else home)
    assert namespace["_Private"].__module__ == "package.part"
