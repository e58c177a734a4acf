"""Bodies read by a plan: the same values, errors and request objects as on the reference path."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from fastapi import Body, Depends, FastAPI, Form, Request
from fastapi._rust import PURE
from tests.unit.plan.requests import Outcome, content, on_reference_path, send, status

JSON = (b"content-type", b"application/json")


class Item(BaseModel):
    name: str
    price: float = 1


def application() -> FastAPI:
    app = FastAPI(openapi_url=None)

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

    async def peek(request: Request) -> str:
        return (await request.body()).decode()

    @app.post("/twice")
    async def twice(seen: Annotated[str, Depends(peek)], item: Annotated[dict, Body()]) -> Any:
        return [seen, item]

    return app


def both(path: str, **options: Any) -> Outcome:
    expected = send(on_reference_path(application()), path, method="POST", **options)
    outcome = send(application(), path, method="POST", **options)
    assert outcome == expected
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
@pytest.mark.parametrize("path", ["/model", "/embedded", "/anything", "/raw", "/form", "/twice"])
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
