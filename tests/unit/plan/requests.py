"""Requests sent to ASGI applications in this process, and all that can be seen of what became of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute


class Handing(APIRoute):
    """A route class as people write it: its handler is given a request object, and looks at the response object."""

    handed: Callable[[Request], Awaitable[Response]]

    def get_route_handler(self) -> Any:
        self.handed = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response = await self.handed(request)
            response.headers["x-handled"] = f"{type(response).__name__} {response.body!r}"
            return response

        return handle


@dataclass
class Outcome:
    """What an application sent, and what it raised in the end."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None


async def exchange(
    app: Callable[..., Awaitable[None]],
    path: str,
    *,
    method: str = "GET",
    query: bytes = b"",
    headers: list[tuple[bytes, bytes]] | None = None,
    body: list[bytes] | None = None,
    scope: dict[str, Any] | None = None,
    connected: bool = False,
) -> Outcome:
    """Send one request; the parts of the body arrive as messages of their own.

    The client is gone when they have been received, unless it stays ``connected``.
    """
    parts = [b""] if body is None else list(body)
    request = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query,
        "headers": headers or [],
        "client": ("test", 1),
        "server": ("test", 80),
        **(scope or {}),
    }
    outcome = Outcome()

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        if not parts:
            if connected:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        outcome.messages.append(message)

    try:
        await app(request, receive, send)
    except Exception as error:
        outcome.error = f"{type(error).__name__}: {error}"
    return outcome


def send(app: Callable[..., Awaitable[None]], path: str, **options: Any) -> Outcome:
    """Send one request on a loop of its own."""
    return asyncio.run(exchange(app, path, **options))


def on_reference_path(app: FastAPI) -> FastAPI:
    """Let the routes of an application run on the reference path."""
    for route in app.router.routes:
        if isinstance(route, Handing):
            route.handed = route.handed.__self__.answer  # type: ignore[attr-defined]
        elif isinstance(route, APIRoute):
            route.app = getattr(route.app, "reference", route.app)
    return app


def status(outcome: Outcome) -> int:
    """The status that was sent."""
    code = outcome.messages[0]["status"]
    assert isinstance(code, int)
    return code


def content(outcome: Outcome) -> bytes:
    """The body that was sent."""
    return b"".join(message.get("body", b"") for message in outcome.messages)
