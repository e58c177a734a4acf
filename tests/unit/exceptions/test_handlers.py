"""What the default handlers answer."""

import json
from typing import Any

import anyio
import pytest

from fastapi import HTTPException, Request, WebSocket
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError

REQUEST = Request({"type": "http"})


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (HTTPException(404), 404, b'{"detail":"Not Found"}'),
        (HTTPException(418, detail={"a": [1]}), 418, b'{"detail":{"a":[1]}}'),
        (HTTPException(204), 204, b""),
        (HTTPException(304), 304, b""),
    ],
)
def test_an_http_exception_is_answered_with_its_detail_where_a_body_may_be(
    error: HTTPException, status: int, body: bytes
) -> None:
    response = anyio.run(http_exception_handler, REQUEST, error)
    assert (response.status_code, response.body) == (status, body)


@pytest.mark.parametrize("status", [304, 401])
def test_the_headers_of_an_http_exception_are_sent(status: int) -> None:
    response = anyio.run(http_exception_handler, REQUEST, HTTPException(status, headers={"x-a": "b"}))
    assert response.headers["x-a"] == "b"


def test_an_invalid_request_is_answered_with_its_errors() -> None:
    error = RequestValidationError([{"loc": ("query", "q"), "ctx": {"error": {1}}}])
    response = anyio.run(request_validation_exception_handler, REQUEST, error)
    assert response.status_code == 422
    assert json.loads(response.body) == {"detail": [{"loc": ["query", "q"], "ctx": {"error": [1]}}]}


def test_an_invalid_websocket_is_closed() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def handle() -> None:
        websocket = WebSocket({"type": "websocket"}, receive, send)
        await websocket.receive()
        await websocket_request_validation_exception_handler(
            websocket, WebSocketRequestValidationError([{"loc": ("query", "q")}])
        )

    anyio.run(handle)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": [{"loc": ["query", "q"]}]}]
