"""What the file and a function say together: what a route does with it, and where they contradict each other."""

import datetime
import decimal
import uuid
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union

import pytest
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute, Host, Mount
from typing_extensions import TypedDict

from fastapi import APIRouter, Depends, FastAPI, UploadFile, WebSocket, params
from fastapi.params import ParamsSchemaError, load_params_schema, param_factory
from fastapi.testclient import TestClient

FILE = """version: 1
endpoints:
  read:
    params:
      p:
        {0}
"""


class Color(str, Enum):
    red = "red"
    green = "green"


class Number(Enum):
    one = 1
    two = 2


class Point(TypedDict):
    x: int


class Model(BaseModel):
    name: str


def declare(declaration: str) -> None:
    """Write the file with one parameter, each of its fields in a line of its own from line 6."""
    Path("params_schema.yaml").write_text(FILE.format(declaration.replace("; ", "\n        ")))
    load_params_schema(force_reload=True)


def app_with(annotation: Any, path: str = "/", overrides: dict[str, Any] | None = None) -> FastAPI:
    app = FastAPI()
    declared = param_factory("read", "p", **(overrides or {}))

    @app.post(path)
    def read(p: annotation = declared) -> Any:  # type: ignore[valid-type]
        return {"value": repr(p)}

    return app


def parameter(app: FastAPI) -> Any:
    [described] = app.openapi()["paths"]["/"]["post"]["parameters"]
    return described


def test_the_file_decides_the_class_and_its_arguments() -> None:
    declare(
        "in: header; type: string; min_length: 8; title: T; examples: [abcdefgh]; convert_underscores: false"
    )
    header = param_factory("read", "p")
    assert type(header) is params.Header
    assert (header.title, header.examples, header.convert_underscores) == ("T", ["abcdefgh"], False)


@pytest.mark.parametrize(
    ("declaration", "cls", "attributes"),
    [
        ("in: path; type: string", params.Path, {}),
        (
            "in: query; type: string; alias: q; deprecated: true",
            params.Query,
            {"alias": "q", "deprecated": True},
        ),
        (
            "in: query; type: integer; json_schema_extra: {x-a: 1}",
            params.Query,
            {"json_schema_extra": {"x-a": 1}},
        ),
        ("in: cookie; type: string; include_in_schema: false", params.Cookie, {"include_in_schema": False}),
        ("in: form; type: string", params.Form, {"media_type": "application/x-www-form-urlencoded"}),
        ("in: file; type: string", params.File, {"media_type": "multipart/form-data"}),
        (
            "in: body; type: object; embed: true; media_type: a/b",
            params.Body,
            {"embed": True, "media_type": "a/b"},
        ),
        (
            "in: body; type: object; openapi_examples: {a: {value: {}}}; discriminator: kind",
            params.Body,
            {"openapi_examples": {"a": {"value": {}}}, "discriminator": "kind"},
        ),
    ],
)
def test_every_place_has_its_class(declaration: str, cls: type, attributes: dict[str, Any]) -> None:
    declare(declaration)
    declared = param_factory("read", "p")
    assert type(declared) is cls
    assert {name: getattr(declared, name) for name in attributes} == attributes


@pytest.mark.parametrize(
    ("declaration", "annotation", "default"),
    [
        ("type: integer; default: 20", int, 20),
        ("type: number; default: 1", float, 1.0),
        ("type: date; default: 2024-01-31", datetime.date, datetime.date(2024, 1, 31)),
        (
            "type: datetime; default: 2024-01-31T10:00:00",
            datetime.datetime,
            datetime.datetime(2024, 1, 31, 10),
        ),
        ("type: decimal; default: '1.50'", decimal.Decimal, decimal.Decimal("1.50")),
        ("type: uuid; default: 00000000-0000-0000-0000-000000000001", uuid.UUID, uuid.UUID(int=1)),
        ("type: enum; values: [red]; default: red", Color, Color.red),
        ("type: enum; values: [1, 2]; default: 2", Number, Number.two),
        ("type: enum; values: [a, b]; default: b", Literal["a", "b"], "b"),
        ("type: array; items: {type: integer}; default: [1, 2]", set[int], {1, 2}),
        ("type: integer; default: null", int | None, None),
        ("type: boolean; default: true", Any, True),
    ],
)
@pytest.mark.parametrize("annotated", [True, False])
def test_a_default_of_the_file_becomes_one_of_the_annotated_type(
    declaration: str, annotation: Any, default: Any, annotated: bool
) -> None:
    declare(f"in: query; {declaration}")
    app = FastAPI()

    def read(p=param_factory("read", "p")) -> Any: ...  # type: ignore[no-untyped-def]

    if annotated:
        read = lambda p: None  # noqa: E731
        read.__annotations__ = {"p": Annotated[annotation, param_factory("read", "p")]}
    else:
        read.__annotations__ = {"p": annotation}
    app.get("/")(read)
    [field] = app.routes[-1].dependant.query_params  # type: ignore[attr-defined]
    assert field.default == default
    assert type(field.default) is type(default)


def test_a_parameter_without_an_annotation_is_what_the_file_says() -> None:
    declare("in: query; type: array; items: {type: integer, le: 9}")
    app = FastAPI()

    @app.get("/")
    def read(p=param_factory("read", "p")):  # type: ignore[no-untyped-def]
        return p

    client = TestClient(app)
    assert client.get("/?p=1&p=2").json() == [1, 2]
    assert client.get("/?p=10").json()["detail"][0]["loc"] == ["query", "p", 0]


CASES: list[tuple[str, Any, str, int, Any]] = [
    ("in: query; type: integer; ge: 1; le: 100; default: 20", int, "", 200, "20"),
    ("in: query; type: integer; ge: 1; le: 100; default: 20", int, "p=100", 200, "100"),
    ("in: query; type: integer; ge: 1; le: 100; default: 20", int, "p=101", 422, "less_than_equal"),
    ("in: query; type: string; pattern: '^a+$'", str, "p=aa", 200, "'aa'"),
    ("in: query; type: string; pattern: '^a+$'", str, "p=ab", 422, "string_pattern_mismatch"),
    ("in: query; type: string", str, "", 422, "missing"),
    ("in: query; type: enum; values: [a, b]", str, "p=b", 200, "'b'"),
    ("in: query; type: enum; values: [a, b]", str, "p=c", 422, "literal_error"),
    ("in: query; type: enum; values: [1, 2]", int, "p=2", 200, "2"),
    ("in: query; type: enum; values: [1, 2]", int, "p=3", 422, "literal_error"),
    ("in: query; type: enum; values: [red]", Color, "p=red", 200, "<Color.red: 'red'>"),
    ("in: query; type: enum; values: [red]", Color, "p=green", 422, "literal_error"),
    ("in: query; type: array; items: {type: integer, ge: 1}", list[int], "p=1&p=2", 200, "[1, 2]"),
    (
        "in: query; type: array; items: {type: integer, ge: 1}",
        list[int],
        "p=1&p=0",
        422,
        "greater_than_equal",
    ),
    (
        "in: query; type: array; items: {type: integer, ge: 1}",
        list[int] | None,
        "p=0",
        422,
        "greater_than_equal",
    ),
    (
        "in: query; type: array; items: {type: integer, ge: 1}",
        Sequence[int],
        "p=0",
        422,
        "greater_than_equal",
    ),
    ("in: query; type: array; items: {type: integer, ge: 1}", tuple[int, ...], "p=3&p=4", 200, "(3, 4)"),
    ("in: query; type: array; items: {type: integer, ge: 1}", list, "p=0", 422, "greater_than_equal"),
    ("in: query; type: array; items: {type: enum, values: [a]}", list[str], "p=b", 422, "literal_error"),
    ("in: query; type: array; items: {type: string}; min_length: 2", list[str], "p=b", 422, "too_short"),
    ("in: query; type: date; ge: 2024-01-31", datetime.date, "p=2024-01-30", 422, "greater_than_equal"),
    ("in: query; type: decimal; max_digits: 3", decimal.Decimal, "p=1.234", 422, "decimal_max_digits"),
    ("in: query; type: decimal; ge: '0.1'", decimal.Decimal, "p=0.1", 200, "Decimal('0.1')"),
    ("in: query; type: number; allow_inf_nan: false", float, "p=inf", 422, "finite_number"),
    ("in: query; type: integer; ge: 1", Annotated[int, Field(le=5)], "p=6", 422, "less_than_equal"),
    ("in: query; type: integer; alias: q", int, "q=1", 200, "1"),
]


@pytest.mark.parametrize(("declaration", "annotation", "query", "status", "answer"), CASES)
def test_requests_obey_the_file(
    declaration: str, annotation: Any, query: str, status: int, answer: Any
) -> None:
    declare(declaration)
    response = TestClient(app_with(annotation)).post(f"/?{query}")
    assert response.status_code == status
    assert (response.json()["value"] if status == 200 else response.json()["detail"][0]["type"]) == answer


def test_the_documentation_shows_what_the_file_says() -> None:
    declare("in: query; type: integer; ge: 1; le: 100; default: 20; description: Items per page")
    assert parameter(app_with(int)) == {
        "name": "p",
        "in": "query",
        "required": False,
        "schema": {
            "type": "integer",
            "maximum": 100,
            "minimum": 1,
            "description": "Items per page",
            "default": 20,
            "title": "P",
        },
        "description": "Items per page",
    }


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [(str, {"type": "string"}), (Color, {"type": "string"}), (Literal["red", "green"], {"type": "string"})],
)
def test_the_documentation_shows_allowed_values(annotation: Any, schema: dict[str, Any]) -> None:
    declare("in: query; type: enum; values: [red, green]")
    shown = parameter(app_with(annotation))["schema"]
    assert (shown["type"], shown["enum"]) == ("string", ["red", "green"])


def test_headers_cookies_paths_forms_files_and_bodies_are_taken_from_their_place() -> None:
    Path("params_schema.yaml").write_text("""version: 1
endpoints:
  everything:
    params:
      item_id: {in: path, type: integer, le: 9}
      x_token: {in: header, type: string, min_length: 3}
      session: {in: cookie, type: string}
      note: {in: form, type: string, max_length: 3}
      upload: {in: file, type: string}
      more: {in: file, type: array, items: {type: string}}
  body:
    params:
      model: {in: body, type: object, embed: true}
  socket:
    params:
      room: {in: path, type: string, max_length: 3}
""")
    app = FastAPI()

    @app.post("/everything/{item_id}")
    async def everything(
        item_id: Annotated[int, param_factory("everything", "item_id")],
        x_token: Annotated[str, param_factory("everything", "x_token")],
        session: Annotated[str, param_factory("everything", "session")],
        note: Annotated[str, param_factory("everything", "note")],
        upload: Annotated[UploadFile, param_factory("everything", "upload")],
        more: Annotated[list[bytes], param_factory("everything", "more")],
    ) -> Any:
        return [item_id, x_token, session, note, (await upload.read()).decode(), len(more)]

    @app.post("/body")
    async def body(model: Model = param_factory("body", "model")) -> Any:
        return model.name

    @app.websocket("/socket/{room}")
    async def socket(websocket: WebSocket, room: str = param_factory("socket", "room")) -> None:
        await websocket.accept()
        await websocket.send_text(room)
        await websocket.close()

    client = TestClient(app, cookies={"session": "s"})
    files = [("upload", b"file"), ("more", b"1"), ("more", b"2")]
    sent: dict[str, Any] = {"files": files, "data": {"note": "abc"}, "headers": {"x-token": "tok"}}
    assert client.post("/everything/9", **sent).json() == [9, "tok", "s", "abc", "file", 2]
    wrong = {**sent, "data": {"note": "abcd"}, "headers": {"x-token": "t"}}
    errors = client.post("/everything/10", **wrong).json()["detail"]
    assert [error["loc"] for error in errors] == [
        ["path", "item_id"],
        ["header", "x-token"],
        ["body", "note"],
    ]
    assert client.post("/body", json={"model": {"name": "n"}}).json() == "n"
    with client.websocket_connect("/socket/abc") as session:
        assert session.receive_text() == "abc"


def test_the_name_in_the_file_is_the_one_that_clients_send() -> None:
    Path("params_schema.yaml").write_text(
        "version: 1\nendpoints:\n  read:\n    params:\n"
        "      limit: {in: query, type: integer}\n      x_key: {in: header, type: string}\n"
    )
    app = FastAPI()

    @app.get("/")
    def read(count: int = param_factory("read", "limit"), key: str = param_factory("read", "x_key")) -> Any:
        return count, key

    assert TestClient(app).get("/?limit=3", headers={"X-Key": "k"}).json() == [3, "k"]


def test_dependencies_and_prepared_routers_obey_the_file() -> None:
    declare("in: path; type: integer; le: 9")
    router = APIRouter()

    def one(p: int = param_factory("read", "p")) -> int:
        return p

    @router.get("/one")
    def read(found: Annotated[int, Depends(one)]) -> int:
        return found

    app = FastAPI()
    app.include_router(router, prefix="/{p}")
    assert TestClient(app).get("/9/one").json() == 9
    assert TestClient(app).get("/10/one").status_code == 422


def test_overrides_replace_what_the_file_says() -> None:
    declare("in: query; type: integer; le: 100; default: 20; title: T")
    declared = param_factory("read", "p", le=30, default=25)
    assert (declared.default, declared.title) == (25, "T")
    client = TestClient(app_with(int, overrides={"le": 30, "default": 25}))
    assert client.post("/").json() == {"value": "25"}
    assert client.post("/?p=31").status_code == 422


@pytest.mark.parametrize(
    ("overrides", "status"), [({"default": ...}, 422), ({"default_factory": lambda: 7}, 200)]
)
def test_an_override_may_make_a_parameter_required_or_give_it_a_factory(
    overrides: dict[str, Any], status: int
) -> None:
    declare("in: query; type: integer; default: 20")
    assert TestClient(app_with(int, overrides=overrides)).post("/").status_code == status


def test_a_default_in_the_code_is_kept_where_the_file_has_none() -> None:
    declare("in: query; type: integer; le: 9")
    app = FastAPI()

    @app.get("/")
    def read(p: Annotated[int | None, param_factory("read", "p")] = None, q: int = 1) -> Any:
        return p

    assert TestClient(app).get("/").json() is None


def at(line: int, text: str) -> str:
    return f'params schema params_schema.yaml:{line}: endpoint "read", parameter "p": {text}'


@pytest.mark.parametrize(
    ("declaration", "overrides", "message"),
    [
        ("in: query; type: integer", {"gee": 1}, 'Query() takes no argument "gee". Did you mean "ge"?'),
        ("in: query; type: integer", {"embed": True}, 'Query() takes no argument "embed".'),
        ("in: query; type: integer", {"annotation": int}, 'Query() takes no argument "annotation".'),
        (
            "in: path; type: integer",
            {"default": 1},
            'a path parameter has no default, as it is always there. Remove "default" from the code.',
        ),
        (
            "in: path; type: integer",
            {"default_factory": int},
            'a path parameter has no default, as it is always there. Remove "default_factory" from the code.',
        ),
    ],
)
def test_an_override_that_cannot_be(declaration: str, overrides: dict[str, Any], message: str) -> None:
    declare(declaration)
    with pytest.raises(ParamsSchemaError) as caught:
        param_factory("read", "p", **overrides)
    assert str(caught.value) == at(5, message)


def against(said: str, annotation: str) -> str:
    return f'{said}, but "p" is annotated as {annotation}. Change one of them.'


def outside(default: str, reason: str) -> str:
    return f'the default {default} does not fit "p": {reason}.'


IN_PATH = ', but "p" is in the path of the route. Set it to path.'
DEFAULT_7 = "in: query; type: integer; default: 7"
ITEMS = "in: query; type: array; items: {type: integer}"


@pytest.mark.parametrize(
    ("declaration", "annotation", "path", "line", "message"),
    [
        ("in: query; type: integer", int, "/{p}", 6, '"in" is query' + IN_PATH),
        ("in: body; type: object", Model, "/{p}", 6, '"in" is body' + IN_PATH),
        ("in: path; type: integer", int, "/{q}", 6, '"in" is path, but the path /{q} has no {p} (declared: q).'),
        ("in: path; type: integer", int, "/", 6, '"in" is path, but the path / has no {p} (declared: none).'),
        ("in: query; type: integer", str, "/", 7, against('"type" is integer', "str")),
        ("in: query; type: integer", bool, "/", 7, against('"type" is integer', "bool")),
        ("in: query; type: string", datetime.date, "/", 7, against('"type" is string', "date")),
        ("in: query; type: date", datetime.datetime, "/", 7, against('"type" is date', "datetime")),
        ("in: query; type: string", int | None, "/", 7, against('"type" is string', "int | None")),
        ("in: query; type: string", Literal["a"], "/", 7, against('"type" is string', "typing.Literal['a']")),
        ("in: query; type: integer", list[int], "/", 7, against('"type" is integer', "list[int]")),
        ("in: body; type: integer", Model, "/", 7, against('"type" is integer', "Model")),
        (ITEMS, list[str], "/", 8, against('"items.type" is integer', "list[str]")),
        ("in: query; type: enum; values: [red, blue]", Color, "/", 8, against('"values" have "blue"', "Color")),
        ("in: query; type: enum; values: [a, b]", int, "/", 8, against('"values" have "a"', "int")),
        ("in: query; type: integer; default: null", int, "/", 8, outside("null", "Input should be a valid integer")),
        (DEFAULT_7, Annotated[int, Field(le=5)], "/", 8, outside("7", "Input should be less than or equal to 5")),
        ("in: body; type: object; default: {}", Model, "/", 8, outside("{}", "Field required")),
    ],
)  # fmt: skip
def test_what_the_file_and_the_code_do_not_agree_on(
    declaration: str, annotation: Any, path: str, line: int, message: str
) -> None:
    declare(declaration)
    with pytest.raises(ParamsSchemaError) as caught, TestClient(app_with(annotation, path)):
        pass
    assert str(caught.value) == at(line, message)


@pytest.mark.parametrize(
    ("declaration", "annotation", "overrides", "line", "message"),
    [
        (
            "in: file; type: string; min_length: 3",
            UploadFile | None,
            {},
            8,
            'an UploadFile takes no min_length. Annotate "p" as bytes, or remove it.',
        ),
        (
            "in: query; type: string",
            str,
            {"pattern": "("},
            5,
            'pydantic cannot put this on the annotation of "p": unclosed group.',
        ),
    ],
)
def test_a_constraint_that_the_annotation_does_not_take(
    declaration: str, annotation: Any, overrides: dict[str, Any], line: int, message: str
) -> None:
    declare(declaration)
    with pytest.raises(ParamsSchemaError) as caught:
        app_with(annotation, overrides=overrides)
    assert str(caught.value) == at(line, message)


@pytest.mark.parametrize(
    ("declaration", "annotation"),
    [
        ("in: query; type: integer; le: 9", int | str),
        ("in: query; type: string", bytes),
        ("in: query; type: string", Path),
        ("in: query; type: string", Any),
        ("in: body; type: object", Point),
        ("in: query; type: enum; values: [1, 2.5]", float),
        ("in: body; type: array; items: {type: integer}", tuple[int, ...]),
        ("in: body; type: array; items: {type: integer}", list[int] | dict[str, int]),
    ],
)
def test_an_annotation_may_hold_more_than_the_type_of_the_file(declaration: str, annotation: Any) -> None:
    declare(declaration)
    app_with(annotation)


def test_a_default_in_the_file_and_in_the_code_is_one_too_many() -> None:
    declare("in: query; type: integer; default: 7")
    with pytest.raises(ParamsSchemaError) as caught:

        @FastAPI().get("/")
        def read(p: Annotated[int, param_factory("read", "p")] = 3) -> None: ...

    assert str(caught.value) == at(
        8, 'the default of "p" is in the file and in the code. Remove it from one of them.'
    )


@pytest.mark.parametrize("as_override", [True, False])
def test_a_default_in_the_code_must_satisfy_the_file(as_override: bool) -> None:
    declare("in: query; type: integer; le: 9")

    def read(p: Annotated[int, param_factory("read", "p")] = 10) -> None: ...

    def overridden(p: int = param_factory("read", "p", default=10)) -> None: ...

    with pytest.raises(ParamsSchemaError) as caught:
        FastAPI().get("/")(overridden if as_override else read)
    assert str(caught.value) == at(
        5, 'the default 10 in the code does not fit "p": Input should be less than or equal to 9.'
    )


def test_unions_are_looked_into_at_any_depth() -> None:
    declare("in: query; type: array; items: {type: integer, le: 9}")
    client = TestClient(app_with(Annotated[Union[None, list[int]], "said"]))  # noqa: UP007
    assert client.post("/?p=10").status_code == 422


def test_a_websocket_route_checks_its_path() -> None:
    declare("in: path; type: integer")
    handler: Callable[..., Any]

    async def handler(websocket: WebSocket, p: int = param_factory("read", "p")) -> None: ...

    app = FastAPI()
    app.websocket("/rooms/{room}")(handler)
    with pytest.raises(ParamsSchemaError) as caught, TestClient(app):
        pass
    assert str(caught.value) == at(6, '"in" is path, but the path /rooms/{room} has no {p} (declared: room).')


@pytest.mark.parametrize(
    ("mount", "path"),
    [
        (lambda app: Mount("/{p}/in", app), "/7/in/leaf"),
        (lambda app: Host("{p}.example.org", app), "/leaf"),
    ],
)
def test_a_parameter_in_the_path_may_be_in_that_of_a_mount(
    mount: Callable[[FastAPI], BaseRoute], path: str
) -> None:
    declare("in: path; type: integer; le: 9")
    app = FastAPI(routes=[mount(app_with(int, "/leaf"))])
    with TestClient(app, base_url="http://7.example.org") as client:
        assert client.post(path).json() == {"value": "7"}


def test_below_a_mount_the_whole_path_is_told() -> None:
    declare("in: path; type: integer")
    with (
        pytest.raises(ParamsSchemaError) as caught,
        TestClient(FastAPI(routes=[Mount("/{q}", app_with(int))])),
    ):
        pass
    assert str(caught.value) == at(6, '"in" is path, but the path /{q}/ has no {p} (declared: q).')


@pytest.mark.parametrize(
    ("key", "path", "told"),
    [
        ("POST /items/{id}", "/items/{id}", None),
        ("post /items/{id:int}", "/items/{id:int}", None),
        ("POST /items/{id}", "/items/{id:int}", None),
        ("POST /items", "/items/{id}", "POST /items/{id}"),
        ("GET /items", "/items", "POST /items"),
    ],
)
def test_an_endpoint_named_by_its_route_is_that_of_the_route(key: str, path: str, told: str | None) -> None:
    Path("params_schema.yaml").write_text(
        f"version: 1\nendpoints:\n  {key}:\n    params:\n      p: {{in: query, type: integer}}\n"
    )
    app, router = FastAPI(), APIRouter()

    @router.post(path.removeprefix("/items") or "/")
    def read(p: int = param_factory(key, "p")) -> int:
        return p

    if path == "/items":
        router.routes[0].path = ""  # type: ignore[attr-defined]
    if told is None:
        app.include_router(router, prefix="/items")
        return
    with pytest.raises(ParamsSchemaError) as caught:
        app.include_router(router, prefix="/items")
    assert str(caught.value) == (
        f'params schema params_schema.yaml:5: endpoint "{key}", parameter "p": it is used by {told}. '
        'Name the endpoint so in file and code, or by its function, "read".'
    )


def test_a_websocket_is_named_by_its_path_too() -> None:
    Path("params_schema.yaml").write_text(
        "version: 1\nendpoints:\n  websocket /rooms: {params: {p: {in: query, type: integer}}}\n"
    )
    handler: Callable[..., Any]

    async def handler(websocket: WebSocket, p: int = param_factory("WEBSOCKET /rooms", "p")) -> None: ...

    FastAPI().websocket("/rooms")(handler)
