"""Values of path, query, header and cookie parameters, by what arrived."""

from inspect import Parameter
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from fastapi import Cookie, Header, Path, Query
from fastapi.dependencies.utils import (
    _get_multidict_value,
    _validate_value_with_model_field,
    analyze_param,
    get_dependant,
    get_validation_alias,
    request_params_to_args,
)
from fastapi.dependencies.values import request_values


def field(annotation: Any, default: Any = ..., *, name: str = "the_param", path: bool = False):
    value = Parameter.empty if default is ... else default
    details = analyze_param(param_name=name, annotation=annotation, value=value, is_path_param=path)
    assert details.field is not None
    return details.field


@pytest.mark.parametrize(
    ("annotation", "default", "query", "values", "errors"),
    [
        (Annotated[int, Query()], ..., "the_param=3", {"the_param": 3}, []),
        (Annotated[int, Query()], ..., "the_param=3&the_param=4", {"the_param": 4}, []),
        (Annotated[int, Query()], ..., "", {}, [("missing", ("query", "the_param"))]),
        (Annotated[int, Query()], ..., "the_param=", {}, [("int_parsing", ("query", "the_param"))]),
        (Annotated[int, Query()], 5, "", {"the_param": 5}, []),
        (Annotated[int, Query()], "bad", "", {}, [("int_parsing", ("query", "the_param"))]),
        (Annotated[int | None, Query()], None, "", {"the_param": None}, []),
        (Annotated[list[int], Query()], ..., "the_param=1&the_param=2", {"the_param": [1, 2]}, []),
        (Annotated[list[int], Query()], ..., "", {}, [("missing", ("query", "the_param"))]),
        (Annotated[list[int], Query()], [1], "", {"the_param": [1]}, []),
        (Annotated[set[int], Query()], ..., "the_param=1&the_param=1", {"the_param": {1}}, []),
        (
            Annotated[list[int], Query()],
            ...,
            "the_param=1&the_param=x",
            {},
            [("int_parsing", ("query", "the_param", 1))],
        ),
        (Annotated[str, Query(alias="q")], ..., "q=x", {"the_param": "x"}, []),
        (
            Annotated[str, Query(alias="q", validation_alias="v")],
            ...,
            "q=x",
            {},
            [("missing", ("query", "v"))],
        ),
        (Annotated[str, Query(validation_alias="v")], ..., "v=x", {"the_param": "x"}, []),
    ],
)
def test_query_values(annotation, default, query, values, errors) -> None:
    got, wrong = request_params_to_args([field(annotation, default)], QueryParams(query))
    assert got == values
    assert [(error["type"], error["loc"]) for error in wrong] == errors


def test_defaults_are_copied_for_every_request() -> None:
    shared = field(Annotated[list[int], Query()], [1])
    first, second = (request_params_to_args([shared], QueryParams(""))[0]["the_param"] for _ in range(2))
    first.append(2)
    assert second == [1]


@pytest.mark.parametrize(
    ("annotation", "headers", "value"),
    [
        (Annotated[str, Header()], [("the-param", "x")], "x"),
        (Annotated[str, Header()], [("the_param", "x"), ("The-Param", "y")], "y"),
        (Annotated[str, Header(convert_underscores=False)], [("the_param", "x"), ("the-param", "y")], "x"),
        (Annotated[list[str], Header()], [("the-param", "x"), ("the-param", "y")], ["x", "y"]),
    ],
)
def test_header_values(annotation, headers, value) -> None:
    raw = [(name.lower().encode(), text.encode()) for name, text in headers]
    assert request_params_to_args([field(annotation)], Headers(raw=raw)) == ({"the_param": value}, [])


def test_a_cookie_for_a_sequence_counts_as_absent_when_empty() -> None:
    fields = [field(Annotated[list[str], Cookie()], ["d"])]
    assert request_params_to_args(fields, {"the_param": ""}) == ({"the_param": ["d"]}, [])


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    user_name: str = "nobody"
    tags: list[str] = []
    size: int | None = Field(None, alias="sizeIs")


@pytest.mark.parametrize(
    ("annotation", "received", "content"),
    [
        (
            Annotated[Loose, Query()],
            QueryParams("user_name=a&tags=1&tags=2&sizeIs=3&more=x&many=1&many=2"),
            {"user_name": "a", "tags": ["1", "2"], "size": 3, "more": "x", "many": ["1", "2"]},
        ),
        (
            Annotated[Loose, Query()],
            QueryParams("tags="),
            {"user_name": "nobody", "tags": [""], "size": None},
        ),
        (
            Annotated[Loose, Header()],
            Headers({"user-name": "a", "user_name": "b", "sizeis": "3"}),
            {"user_name": "b", "tags": [], "size": 3, "sizeis": "3"},
        ),
        (
            Annotated[Loose, Header(convert_underscores=False)],
            Headers({"user-name": "a", "user_name": "b"}),
            {"user_name": "b", "tags": [], "size": None, "user-name": "a"},
        ),
        (
            Annotated[Loose, Cookie()],
            {"user_name": "a", "more": "x"},
            {"user_name": "a", "tags": [], "size": None, "more": "x"},
        ),
    ],
)
def test_a_lone_model_takes_everything_in_its_place(annotation, received, content) -> None:
    values, errors = request_params_to_args([field(annotation)], received)
    assert errors == []
    assert values["the_param"].model_dump() == content


def test_header_names_of_a_model_have_hyphens() -> None:
    values, _ = request_params_to_args([field(Annotated[Loose, Header()])], Headers({"user-name": "a"}))
    assert values["the_param"] == Loose(user_name="a", tags=[])


def test_a_model_that_does_not_fit_says_where() -> None:
    values, errors = request_params_to_args([field(Annotated[Loose, Query()])], QueryParams("sizeIs=x"))
    assert values == {"the_param": None}
    assert [error["loc"] for error in errors] == [("query", "sizeIs")]


def test_a_model_among_other_parameters_is_one_of_them() -> None:
    fields = [field(Annotated[Loose, Query()]), field(int, name="q")]
    values, errors = request_params_to_args(fields, QueryParams("user_name=a&q=1"))
    assert values == {"q": 1}
    assert [error["loc"] for error in errors] == [("query", "the_param")]


def test_only_parameters_have_a_place() -> None:
    with pytest.raises(AssertionError, match="Params must be subclasses of Param"):
        request_params_to_args([field(dict[str, int])], QueryParams(""))


def test_no_fields_no_values() -> None:
    assert request_params_to_args([], QueryParams("a=1")) == ({}, [])


def test_a_value_can_be_looked_up_under_another_name() -> None:
    assert _get_multidict_value(field(int), {"the_param": 1, "other": 2}, alias="other") == 2
    assert get_validation_alias(field(Annotated[int, Query(alias="a")])) == "a"


def test_none_is_an_absent_value() -> None:
    loc = ("query", "the_param")
    optional, required = field(Annotated[int, Query()], 4), field(int)
    assert _validate_value_with_model_field(field=optional, value=None, values={}, loc=loc) == (4, [])
    value, errors = _validate_value_with_model_field(field=required, value=None, values={}, loc=loc)
    assert value is None
    assert errors == [{"type": "missing", "loc": loc, "msg": "Field required", "input": None}]


def request(**scope) -> Request:
    return Request({"type": "http", "path_params": {}, "query_string": b"", "headers": [], **scope})


def test_errors_come_in_the_order_path_query_header_cookie() -> None:
    def endpoint(
        c: Annotated[int, Cookie()],
        h: Annotated[int, Header()],
        q: int,
        p: Annotated[int, Path()],
        ok: int = 1,
    ): ...

    dependant = get_dependant(path="/{p}", call=endpoint)
    values, errors = request_values(
        dependant, request(path_params={"p": "x"}, query_string=b"ok=2", headers=[(b"cookie", b"c=y")])
    )
    assert values == {"ok": 2}
    assert [error["loc"] for error in errors] == [
        ("path", "p"),
        ("query", "q"),
        ("header", "h"),
        ("cookie", "c"),
    ]


def test_nothing_is_parsed_for_nobody() -> None:
    asked = request()
    assert request_values(get_dependant(path="/", call=lambda: None), asked) == ({}, [])
    assert not any(name in vars(asked) for name in ("_query_params", "_headers", "_cookies"))
