"""What a parameter of a signature asks for, and which declarations are refused."""

from inspect import Parameter
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from fastapi import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    Form,
    Header,
    Path,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
    WebSocket,
    params,
)
from fastapi.dependencies.utils import (
    add_param_to_fields,
    analyze_param,
    get_dependant,
    get_parameterless_sub_dependant,
)
from fastapi.exceptions import DependencyScopeError, FastAPIError
from fastapi.security import SecurityScopes

EMPTY = Parameter.empty


class Item(BaseModel):
    name: str = "thing"


def provide() -> int:
    return 1


def analyze(annotation: Any = EMPTY, value: Any = EMPTY, *, path: bool = False, name: str = "the_param"):
    return analyze_param(param_name=name, annotation=annotation, value=value, is_path_param=path)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (EMPTY, params.Query),
        (int, params.Query),
        (str | None, params.Query),
        (Annotated[int, Field(gt=1)], params.Query),
        (list[int], params.Body),
        (Item, params.Body),
        (dict[str, int], params.Body),
        (UploadFile, params.File),
        (UploadFile | None, params.File),
        (list[UploadFile], params.File),
        (Annotated[Item, Query()], params.Query),
        (Annotated[list[int], Query()], params.Query),
        (Annotated[int, Query(), Header()], params.Header),
        (Annotated[Item, Form()], params.Form),
        (Annotated[int, Field(gt=1), Cookie()], params.Cookie),
    ],
)
def test_a_parameter_is_found_by_its_declaration_or_its_type(annotation, kind) -> None:
    details = analyze(annotation)
    assert details.depends is None
    assert details.field is not None
    assert type(details.field.field_info) is kind
    assert details.field.required
    assert details.field.name == "the_param"


@pytest.mark.parametrize("annotation", [int, EMPTY, Annotated[int, Path()]])
def test_a_name_in_the_path_makes_a_path_parameter(annotation) -> None:
    field = analyze(annotation, path=True).field
    assert field is not None
    assert isinstance(field.field_info, params.Path)


def test_the_default_of_an_undeclared_path_parameter_is_ignored() -> None:
    field = analyze(int, 3, path=True).field
    assert field is not None
    assert field.required


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 7),
        (EMPTY, 7),
        (int, Query(7)),
        (Annotated[int, Query()], 7),
        (int, Query(default_factory=lambda: 7)),
    ],
)
def test_defaults_make_parameters_optional(annotation, value) -> None:
    field = analyze(annotation, value).field
    assert field is not None
    assert not field.required
    assert field.default == 7


def test_one_annotated_type_serves_many_parameters() -> None:
    shared = Annotated[int, Query(gt=0)]
    first, second = analyze(shared, 1, name="first").field, analyze(shared, name="second").field
    assert first is not None
    assert second is not None
    assert (first.alias, first.default, second.alias, second.required) == ("first", 1, "second", True)


@pytest.mark.parametrize(
    ("declaration", "alias"),
    [
        (Header(), "the-param"),
        (Header(convert_underscores=False), "the_param"),
        (Header(alias="x_y"), "x_y"),
        (Query(), "the_param"),
        (Query(alias="q"), "q"),
    ],
)
def test_header_names_have_hyphens_unless_said_otherwise(declaration, alias) -> None:
    field = analyze(str, declaration).field
    assert field is not None
    assert field.alias == alias


def test_a_param_without_a_place_is_a_query_parameter() -> None:
    class Custom(params.Param):
        in_ = None  # type: ignore[assignment]

    field = analyze(int, Custom()).field
    assert field is not None
    assert field.field_info.in_ is params.ParamTypes.query  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("annotation", "value", "dependency"),
    [
        (int, Depends(provide), provide),
        (Annotated[int, Depends(provide)], EMPTY, provide),
        (Annotated[int, Query(), Depends(provide)], EMPTY, provide),
        (Item, Depends(), Item),
        (Annotated[Item, Depends()], EMPTY, Item),
    ],
)
def test_dependencies_are_declared_or_are_their_type(annotation, value, dependency) -> None:
    details = analyze(annotation, value)
    assert details.field is None
    assert details.depends is not None
    assert details.depends.dependency is dependency


def test_a_field_beside_a_dependency_is_checked_but_the_dependency_counts() -> None:
    def endpoint(x: Annotated[int, Depends(provide)] = Query()): ...

    details = analyze(Annotated[int, Depends(provide)], Query())
    assert details.depends is not None
    assert details.field is not None
    dependant = get_dependant(path="/", call=endpoint)
    assert not dependant.query_params
    assert [dependency.call for dependency in dependant.dependencies] == [provide]


@pytest.mark.parametrize(
    ("annotation", "value", "path", "message"),
    [
        (
            Annotated[int, Query(3)],
            EMPTY,
            False,
            "`Query` default value cannot be set in `Annotated` for 'the_param'. "
            "Set the default value with `=` instead.",
        ),
        (Annotated[int, Path()], 3, True, "Path parameters cannot have default values"),
        (
            Annotated[int, Depends(provide)],
            Depends(provide),
            False,
            "Cannot specify `Depends` in `Annotated` and default value together for 'the_param'",
        ),
        (
            Annotated[int, Query()],
            Depends(provide),
            False,
            "Cannot specify a FastAPI annotation in `Annotated` and `Depends` as a default value together for "
            "'the_param'",
        ),
        (
            Annotated[int, Query()],
            Query(),
            False,
            "Cannot specify FastAPI annotations in `Annotated` and default value together for 'the_param'",
        ),
        (Request, Depends(provide), False, f"Cannot specify `Depends` for type {Request!r}"),
        (Request, Query(), False, f"Cannot specify FastAPI annotation for type {Request!r}"),
        (int, Query(), True, "Cannot use `Query` for path param 'the_param'"),
        (list[int], Path(), True, "Path params must be of one of the supported types"),
        (dict[str, int], Query(), False, ""),
    ],
)
def test_contradicting_declarations_are_refused(annotation, value, path, message) -> None:
    with pytest.raises(AssertionError) as refusal:
        analyze(annotation, value, path=path)
    assert str(refusal.value).split("\nassert")[0] == message or (
        not message and "is_scalar" in str(refusal.value)
    )


def test_types_that_pydantic_does_not_know_are_refused() -> None:
    with pytest.raises(FastAPIError, match="Invalid args for response field!"):
        analyze(Parameter)


INJECTED = {
    Request: "request_param_name",
    WebSocket: "websocket_param_name",
    HTTPConnection: "http_connection_param_name",
    Response: "response_param_name",
    BackgroundTasks: "background_tasks_param_name",
    SecurityScopes: "security_scopes_param_name",
}


@pytest.mark.parametrize(("type_", "attribute"), INJECTED.items())
def test_objects_of_the_request_are_injected_by_their_type(type_, attribute) -> None:
    def endpoint(given): ...

    endpoint.__annotations__["given"] = type("Sub", (type_,), {})
    dependant = get_dependant(path="/", call=endpoint)
    assert {name: getattr(dependant, name) for name in INJECTED.values()} == {
        **dict.fromkeys(INJECTED.values()),
        attribute: "given",
    }


def test_parameters_are_sorted_by_where_they_come_from() -> None:
    def endpoint(
        item: Item,
        path_id: int,
        q: int,
        token: Annotated[str, Header()],
        session: Annotated[str, Cookie()],
        form: Annotated[int, Body()],
        dependency: Annotated[int, Depends(provide, use_cache=False, scope="function")],
    ): ...

    dependant = get_dependant(path="/{path_id}", call=endpoint)
    kinds = ("path_params", "query_params", "header_params", "cookie_params", "body_params")
    assert [[field.name for field in getattr(dependant, kind)] for kind in kinds] == [
        ["path_id"],
        ["q"],
        ["token"],
        ["session"],
        ["item", "form"],
    ]
    (below,) = dependant.dependencies
    assert (below.name, below.call, below.path, below.use_cache, below.scope) == (
        "dependency",
        provide,
        "/{path_id}",
        False,
        "function",
    )


def test_a_field_needs_a_place_in_the_request() -> None:
    field = analyze(int, Field(3)).field
    assert field is not None
    with pytest.raises(
        AssertionError, match="non-body parameters must be in path, query, header or cookie: the_param"
    ):
        add_param_to_fields(field=field, dependant=get_dependant(path="/", call=provide))


def test_scopes_go_down_to_dependencies() -> None:
    def inner(scopes: SecurityScopes): ...

    def middle(
        x: Annotated[None, Security(inner, scopes=["inner"])], y: Annotated[None, Security(inner)]
    ): ...

    depends = Security(middle, scopes=["outer", "inner"])
    dependant = get_parameterless_sub_dependant(depends=depends, path="/")
    assert dependant.name is None
    assert dependant.own_oauth_scopes == ["outer", "inner"]
    first, second = dependant.dependencies
    assert (first.own_oauth_scopes, first.parent_oauth_scopes) == (["inner"], ["outer", "inner"])
    assert (second.own_oauth_scopes, second.oauth_scopes) == ([], ["outer", "inner"])


def test_a_parameterless_dependency_must_be_callable() -> None:
    with pytest.raises(AssertionError, match="A parameter-less dependency must have a callable dependency"):
        get_parameterless_sub_dependant(depends=Depends(), path="/")


def test_what_lives_as_long_as_the_request_cannot_need_what_ends_before() -> None:
    def short():
        yield

    def long(x: Annotated[None, Depends(short, scope="function")]):
        yield

    with pytest.raises(DependencyScopeError) as refusal:
        get_dependant(path="/", call=long)
    assert str(refusal.value) == (
        'The dependency "long" has a scope of "request", it cannot depend on dependencies with scope "function".'
    )
    assert get_dependant(path="/", call=long, scope="function").dependencies[0].scope == "function"
