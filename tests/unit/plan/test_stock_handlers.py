"""What the stock exception handlers would answer is answered without them, and only that."""

import asyncio
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, field_validator
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response, exception_handlers
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from tests.unit.plan.requests import Outcome, exchange, on_reference_path, send

seen: list[Any] = []


class Item(BaseModel):
    name: str
    price: float

    @field_validator("price")
    @classmethod
    def not_negative(cls, price: float) -> float:
        if price < 0:
            raise ValueError("below zero")
        return price


class Teapot(HTTPException):
    """A class of its own."""


async def catching() -> AsyncIterator[str]:
    try:
        yield "value"
    except Exception as error:
        seen.append(type(error).__name__)
        raise


ERRORS: list[Exception] = [
    HTTPException(404),
    HTTPException(409, {"why": ["a", 1, None]}),
    HTTPException(401, "who", {"WWW-Authenticate": "Basic"}),
    HTTPException(400, "none", {}),
    HTTPException(204),
    HTTPException(304, "unsaid"),
    HTTPException(HTTPStatus.GONE, "gone"),
    HTTPException(418, "teapot"),
    HTTPException(400, {"nan": float("nan")}),
    HTTPException(400, {1, 2}),
    StarletteHTTPException(403, "forbidden"),
    Teapot(400, "own class"),
    RequestValidationError([{"type": "own", "loc": ("body",), "msg": "raised by the endpoint"}]),
    LookupError("unhandled"),
]


def application() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/items/{number}")
    async def item(
        number: int,
        response: Response,
        limit: Annotated[int, Query(ge=1)] = 10,
        tags: Annotated[list[int], Query()] = [],  # noqa: B006
        x_token: Annotated[str | None, Header(min_length=3)] = None,
    ) -> Any:
        return number

    @app.get("/needed")
    async def needed(q: str, x_token: Annotated[str, Header()], deep: Annotated[list[int], Query()]) -> Any:
        return q

    @app.post("/items")
    async def create(item: Item) -> Any:
        return item

    @app.get("/caught/{number}")
    async def caught(number: int, value: Annotated[str, Depends(catching)]) -> Any:
        return number

    @app.get("/seen/{number}")
    async def with_request(number: int, request: Request) -> Any:
        return number

    @app.get("/raise/{number}")
    async def fail(number: int) -> Any:
        raise ERRORS[number]

    @app.get("/caught/raise/{number}")
    async def fail_in_sight(number: int, value: Annotated[str, Depends(catching)]) -> Any:
        raise ERRORS[number]

    return app


class Passing:
    """A middleware of the user's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def plain(app: FastAPI) -> None:
    pass


def behind_middleware(app: FastAPI) -> None:
    app.add_middleware(Passing)


def with_handlers(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def refused(request: Request, error: RequestValidationError) -> Any:
        return JSONResponse({"own": len(error.errors())}, 400)

    @app.exception_handler(418)
    async def teapot(request: Request, error: Any) -> Any:
        return PlainTextResponse("short and stout", 418)


def with_a_handler_for_http_errors(app: FastAPI) -> None:
    @app.exception_handler(StarletteHTTPException)
    async def failed(request: Request, error: Any) -> Any:
        return PlainTextResponse(f"own {error.detail}", error.status_code)


def with_a_handler_for_own_http_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: Any) -> Any:
        return PlainTextResponse(f"own {error.detail}", error.status_code)


REQUESTS: list[tuple[str, str, bytes, bytes]] = [
    ("GET", "/items/x", b"", b""),
    ("GET", "/items/x", b"limit=0&limit=-1&tags=1&tags=y", b""),
    ("GET", "/items/1", b"limit=&tags=", b""),
    ("GET", "/items/", b"", b""),
    ("GET", "/items/%20", b"limit=%ff", b""),
    ("GET", "/needed", b"", b""),
    ("GET", "/needed", b"q=&deep=z", b""),
    ("POST", "/items", b"", b'{"name": 1, "price": -1}'),
    ("POST", "/items", b"", b"{"),
    ("POST", "/items", b"", b"[]"),
    ("GET", "/caught/x", b"", b""),
    ("GET", "/seen/x", b"", b""),
    *(("GET", f"/raise/{number}", b"", b"") for number in range(len(ERRORS))),
    *(("GET", f"/caught/raise/{number}", b"", b"") for number in range(len(ERRORS))),
]

KINDS = [
    plain,
    behind_middleware,
    with_handlers,
    with_a_handler_for_http_errors,
    with_a_handler_for_own_http_errors,
]


def _told(app: FastAPI) -> list[tuple[Outcome, list[Any]]]:
    async def play() -> list[tuple[Outcome, list[Any]]]:
        told = []
        for method, path, query, body in REQUESTS:
            seen.clear()
            headers = [(b"content-type", b"application/json"), (b"x-token", b"a\xe9")]
            outcome = await exchange(app, path, method=method, query=query, body=[body], headers=headers)
            told.append((outcome, list(seen)))
        return told

    return asyncio.run(play())


@pytest.mark.parametrize("change", KINDS, ids=lambda kind: kind.__name__)
def test_errors_are_answered_as_on_the_reference_path(change: Callable[[FastAPI], None]) -> None:
    direct, reference = application(), application()
    change(direct)
    change(reference)
    expected = _told(on_reference_path(reference))
    assert _told(direct) == expected
    assert {outcome.messages[0]["status"] for outcome, _ in expected} >= {404, 409, 401, 418, 500}


def test_a_handler_that_is_replaced_in_the_scope_comes_too_late() -> None:
    app = application()

    async def own(request: Request, error: Any) -> Any:
        return PlainTextResponse("own", 400)

    @app.get("/replaced")
    async def replaced(request: Request) -> Any:
        _, by_status = request.scope["starlette.exception_handlers"]
        request.scope["starlette.exception_handlers"] = ({HTTPException: own}, by_status)
        raise HTTPException(404)

    assert send(app, "/replaced").messages[1]["body"] == b'{"detail":"Not Found"}'


def test_a_part_of_a_handler_that_is_replaced_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application()
    send(app, "/items/x")
    monkeypatch.setattr(exception_handlers, "jsonable_encoder", lambda errors: len(errors))
    assert send(app, "/items/x").messages[1]["body"] == b'{"detail":1}'
