"""A router beside its slow twin: Starlette's scan over the same list of routes."""

from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, NoMatchFound

from fastapi import APIRouter
from fastapi.routing import APIRoute


class LetterConvertor(Convertor[str]):
    regex = "[a-z]|zz"

    def convert(self, value: str) -> str:
        return value.upper()

    def to_string(self, value: str) -> str:
        return value.lower()


class NegativeConvertor(Convertor[int]):
    """Accepts what Starlette's int does and reads it differently."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        return -int(value)

    def to_string(self, value: int) -> str:
        return str(-value)


register_url_convertor("table_letter", LetterConvertor())
register_url_convertor("table_negative", NegativeConvertor())


class App:
    """An ASGI application that answers with what it finds in the scope."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __repr__(self) -> str:
        return self.label

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        params = {name: (type(value).__name__, value) for name, value in scope["path_params"].items()}
        seen = f"{self.label} {params} {scope.get('root_path')} {scope.get('app_root_path')}"
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "reason": seen})
        else:
            await PlainTextResponse(seen)(scope, receive, send)


class OwnRoute(APIRoute):
    """Matches by the last character, and in part by the last but one."""

    def matches(self, scope: Any) -> tuple[Match, Any]:
        match = {"x": Match.FULL, "y": Match.PARTIAL}.get(scope["path"][-1:], Match.NONE)
        return match, {"endpoint": self, "path_params": {"own": self.path}}


class RewritingRoute(BaseRoute):
    """Matches nothing, but changes the path for the routes after it."""

    def matches(self, scope: Any) -> tuple[Match, Any]:
        scope["path"] = scope["path"].replace("/rewrite", "")
        return Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


async def endpoint() -> None:
    raise NotImplementedError


def http(path: str, method: str = "GET", **scope: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"host", b"api.example.org")],
        "query_string": b"q=1",
        **scope,
    }


def websocket(path: str, **scope: Any) -> dict[str, Any]:
    return {**http(path), "type": "websocket", **scope}


def linear(router: APIRouter) -> APIRouter:
    """A router over the very same list that leaves everything to Starlette."""
    twin = APIRouter(redirect_slashes=router.redirect_slashes)
    twin.routes = router.routes
    twin._table = None
    return twin


def answer(router: APIRouter, scope: dict[str, Any]) -> Any:
    """All that can be seen of a dispatch: messages, exception, and what it left in the scope."""
    messages: list[Any] = []

    async def receive() -> Any:
        raise NotImplementedError

    async def send(message: Any) -> None:
        messages.append(message)

    error: Any = None
    try:
        router(scope, receive, send).send(None)  # type: ignore[attr-defined]  # Nothing here ever waits.
    except StopIteration:
        pass
    except HTTPException as exception:
        error = exception.status_code, exception.headers
    except Exception as exception:
        error = type(exception), str(exception)
    scope.pop("router", None)
    return messages, error, scope


def url(router: APIRouter, name: Any, **path_params: Any) -> Any:
    try:
        path = router.url_path_for(name, **path_params)
    except Exception as error:
        return type(error), str(error)
    return str(path), path.protocol, path.host


def assert_twins_agree(router: APIRouter, *scopes: dict[str, Any]) -> Any:
    twin = linear(router)
    for scope in scopes:
        expected = answer(twin, {**scope})
        actual = answer(router, {**scope})
        assert actual == expected, (scope, list(router.routes))
        # dict equality does not look at the order, which url_for and the like can see.
        assert repr(actual[2].get("path_params")) == repr(expected[2].get("path_params"))
    return actual


def first_line(outcome: Any) -> Any:
    return outcome[0][1]["body"].decode().splitlines()[0]
