"""Bodies read by a plan: the same values, errors and request objects as on the reference path."""

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel

from fastapi import Body, Depends, FastAPI, Form, Request
from fastapi._rust import PURE
from fastapi.routing import APIRoute
from tests.unit.plan.json_cases import Options, Point
from tests.unit.plan.requests import Handing, Outcome, content, on_reference_path, send, status

JSON = (b"content-type", b"application/json")


class Item(BaseModel):
    name: str
    price: float = 1


class Named(BaseModel):
    names: list[str]


def application(route_class: type[APIRoute] = APIRoute) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.router.route_class = route_class

    @app.post("/model")
    async def model(item: Item) -> Item:
        return item

    @app.post("/embedded")
    async def embedded(item: Annotated[Item, Body(embed=True)], other: Item | None = None) -> Any:
        return {"item": item, "other": other}

    @app.post("/anything")
    async def anything(value: Annotated[Any, Body()] = "default") -> Any:
        return repr(value)

    @app.post("/raw")
    async def raw(request: Request, items: list[Item]) -> Any:
        return [(await request.body()).decode(), await request.json(), len(items)]

    @app.post("/form")
    async def form(request: Request, name: Annotated[str, Form()]) -> Any:
        return [name, (await request.form())["name"]]

    @app.post("/several")
    async def several(
        item: Item,
        other: Annotated[Item | Named, Body()],
        size: Annotated[int, Body(ge=2)] = 7,
        tags: Annotated[list[str], Body(alias="Tags")] = ["a"],  # noqa: B006
        made: Annotated[list[int], Body(default_factory=list)] = ...,  # type: ignore[assignment]
        trimmed: Annotated[str, AfterValidator(str.strip), Body()] = " x ",
        table: Annotated[dict[str, int] | None, Body()] = None,
    ) -> Any:
        return [item, repr(other), size, tags, made, trimmed, table]

    @app.post("/union")
    async def union(item: Item | Named) -> Any:
        return repr(item)

    @app.post("/dataclass")
    async def of_dataclass(point: Point) -> Any:
        return repr(point)

    @app.post("/typed")
    async def typed(options: Options) -> Any:
        return options

    @app.post("/dict")
    async def of_dict(table: dict[str, Any]) -> Any:
        return table

    @app.post("/list")
    async def of_list(items: list[int]) -> Any:
        return items

    @app.post("/scalar")
    async def scalar(size: Annotated[int, Body()]) -> Any:
        return size

    @app.post("/optional")
    async def optional(item: Annotated[Item | None, Body()] = None) -> Any:
        return repr(item)

    @app.post("/bytes")
    async def raw_bytes(data: Annotated[bytes, Body()]) -> Any:
        return repr(data)

    async def peek(request: Request) -> str:
        return (await request.body()).decode()

    @app.post("/twice")
    async def twice(seen: Annotated[str, Depends(peek)], item: Annotated[dict, Body()]) -> Any:
        return [seen, item]

    return app


PLANNED = application()
REFERENCE = on_reference_path(application())
HANDED = application(Handing)
HANDED_REFERENCE = on_reference_path(application(Handing))


def both(path: str, **options: Any) -> Outcome:
    expected = send(REFERENCE, path, method="POST", **options)
    outcome = send(PLANNED, path, method="POST", **options)
    assert outcome == expected
    handed = send(HANDED, path, method="POST", **options)
    assert handed == send(HANDED_REFERENCE, path, method="POST", **options)
    return outcome


BODIES = [
    [b'{"name": "a"}'],
    [b'{"name": ', b'"a", "price"', b": 2}"],
    [b'{"name": 1}'],
    [b"{"],
    [b"\xff\xfe"],
    [b'{"name": "\xff"}'],
    [b"null"],
    [b"1"],
    [b"[]"],
    [b'[{"name": "a"}, {"name": "b", "price": "3"}]'],
    [b'"text"'],
    [b"NaN"],
    [b""],
    [b"[" * 100_000],
    ['{"name": "é"}'.encode("utf-16")],
    [b'{"item": {"name": "a"}, "other": {"name": "b"}}'],
    [b"name=a&name=b"],
    [b'{"item": {"name": "a"}, "other": {"names": ["b"]}, "size": 3, "Tags": ["t"], "made": [1]}'],
    [b'{"item": {"name": "a"}, "other": {"name": "b"}, "size": null, "trimmed": " y ", "table": {"a": 1}}'],
    [b'{"item": null, "other": {}, "size": 1, "tags": [], "Tags": 1, "made": null, "table": {"a": "x"}}'],
    [b'{"x": 1, "y": "2"}'],
    [b'{"name": "a", "size": "3", "more": 1}'],
    [b'{"names": ["a"]}'],
    [b"[1, 2, true]"],
    [b"false"],
]

HEADERS = [
    [JSON],
    [],
    [(b"content-type", b"application/vnd.api+json; charset=utf-8")],
    [(b"content-type", b"text/plain")],
    [(b"content-type", b"application/x-www-form-urlencoded")],
    [(b"content-type", b"text/plain"), JSON],
    [(b"content-type", b"multipart/form-data")],
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("path", [route.path for route in PLANNED.routes])  # type: ignore[attr-defined]
def test_bodies_are_taken_as_on_the_reference_path(path: str, headers: list[tuple[bytes, bytes]]) -> None:
    for body in BODIES:
        both(path, body=body, headers=headers)


def test_a_request_shows_what_the_plan_has_read() -> None:
    outcome = both("/raw", body=[b'[{"name": ', b'"a"}]'], headers=[JSON])
    assert content(outcome) == rb'["[{\"name\": \"a\"}]",[{"name":"a"}],1]'


def test_a_client_that_leaves_while_sending_is_answered_400() -> None:
    async def leave(scope: Any, receive: Any, send: Any) -> None:
        messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

        async def cut() -> Any:
            return messages.pop(0)

        await app(scope, cut, send)

    app = application()
    outcome = send(leave, "/model", method="POST", headers=[JSON])
    assert (status(outcome), content(outcome)) == (400, b'{"detail":"There was an error parsing the body"}')


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("odd")])
def test_an_error_while_receiving_is_answered_400(error: Exception) -> None:
    async def fail(scope: Any, receive: Any, send: Any) -> None:
        async def broken() -> Any:
            raise error

        await app(scope, broken, send)

    app = application()
    assert status(send(fail, "/model", method="POST", headers=[JSON])) == 400


def test_a_replaced_json_module_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no JSON today")

    app = application()
    assert status(send(app, "/model", method="POST", headers=[JSON], body=[b'{"name": "a"}'])) == 200
    monkeypatch.setattr("json.loads", refuse)
    assert status(send(app, "/model", method="POST", headers=[JSON], body=[b'{"name": "a"}'])) == 400


def test_validators_run_once_per_request() -> None:
    from pydantic import field_validator

    runs: list[str] = []

    class Counted(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def count(cls, name: str) -> str:
            runs.append(name)
            if name == "bad":
                raise ValueError("bad name")
            return name

    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def endpoint(item: Counted) -> dict[str, str]:
        return {"name": item.name}

    for name, code in (("good", 200), ("bad", 422)):
        runs.clear()
        body = [b'{"name": "%s"}' % name.encode()]
        assert status(send(app, "/", method="POST", headers=[JSON], body=body)) == code
        assert runs == [name]


def test_the_extension_plans_these_routes() -> None:
    routes = application().router.routes
    assert all(hasattr(route.app, "reference") is not PURE for route in routes)  # type: ignore[attr-defined]
