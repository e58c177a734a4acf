"""Response objects, and content for a response class, look the same at both doors of the native server."""

from typing import Any

from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from tests.unit.native_server.conftest import Serve
from tests.unit.native_server.test_doors import Doors, request


class Api(JSONResponse):
    media_type = "application/vnd.api+json"


class Sized(PlainTextResponse):
    """Its status is what it is told in the query."""

    def __init__(self, code: Any) -> None:
        super().__init__("body", status_code=int(code) if code.isdigit() else code)


def application(seen: list[Any], **options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, **options)

    for name, cls in {"html": HTMLResponse, "plain": PlainTextResponse, "api": Api, "none": Response}.items():

        @app.get(f"/{name}", response_class=cls)
        async def content(text: str = "é") -> Any:
            return text

        @app.get(f"/{name}/injected", response_class=cls, status_code=201)
        def injected(response: Response, text: str = "é") -> Any:
            response.headers["x-injected"] = text
            return text

        @app.get(f"/{name}/object")
        async def made(tasks: BackgroundTasks, text: str = "é", cls: str = name) -> Any:
            tasks.add_task(seen.append, "task")
            return {"html": HTMLResponse, "api": Api}.get(cls, PlainTextResponse)(text, headers={"X-A": "1"})

    @app.get("/redirect")
    async def redirect() -> Any:
        return RedirectResponse("/html")

    @app.get("/status")
    async def status(code: str) -> Any:
        return Sized(code)

    @app.get("/header")
    async def header(name: str, value: str) -> Any:
        response = PlainTextResponse("body")
        response.raw_headers.append((name.encode(), value.encode()))
        return response

    @app.get("/type")
    async def odd() -> Any:
        response = PlainTextResponse("body")
        response.raw_headers.append(("x-text", "text"))  # type: ignore[arg-type]
        return response

    @app.get("/length")
    async def length(length: str) -> Any:
        return PlainTextResponse("body", headers={"content-length": length})

    @app.get("/view")
    async def view() -> Any:
        response = PlainTextResponse("")
        response.body = memoryview(b"body")
        return response

    @app.get("/task")
    async def task() -> Any:
        async def fail() -> None:
            seen.append("task")
            raise ValueError("in the task")

        response = PlainTextResponse("body")
        response.background = fail  # type: ignore[assignment]
        return response

    @app.get("/twice")
    async def twice(request: Request) -> Any:
        await request._send({"type": "http.response.start", "status": 200, "headers": []})
        return PlainTextResponse("body")

    @app.get("/large")
    async def large() -> Any:
        return PlainTextResponse("x" * 3_000_000)

    return app


PATHS = [
    *(f"/{name}{rest}" for name in ("html", "plain", "api", "none") for rest in ("", "/injected", "/object")),
    *("/html?text=", "/html?text=%0d%0a", "/html/injected?text=a%0d%0ab", "/html/injected?text=%E2%82%AC"),
    *(f"/status?code={code}" for code in (99, 100, 101, 200, 204, 205, 304, 599, 999, 1000, 70000, "text")),
    *("/header?name=x-a&value=1", "/header?name=x%20a&value=1", "/header?name=x-a&value=1%0d%0a"),
    *("/header?name=connection&value=close", "/header?name=content-length&value=4", "/type"),
    *("/length?length=4", "/length?length=3", "/length?length=5", "/length?length=x"),
    *("/redirect", "/view", "/task", "/twice", "/large"),
]


def test_responses_are_the_same_at_both_doors(serve: Serve) -> None:
    doors = Doors(serve, make=application)
    for path in PATHS:
        for method in ("GET", "HEAD"):
            doors.ask(request(f"{method} {path}"))


def test_several_responses_on_a_connection_are_the_same_at_both_doors(serve: Serve) -> None:
    doors = Doors(serve, make=application)
    for path in ("/html", "/html/object", "/status?code=304", "/status?code=204", "/redirect"):
        asked = f"GET {path} HTTP/1.1\r\nhost: test\r\n\r\n".encode()
        doors.ask(asked * 2 + request("GET /plain"))


def test_responses_behind_middleware_are_the_same_at_both_doors(serve: Serve) -> None:
    def make(seen: list[Any]) -> FastAPI:
        app = application(seen)

        @app.middleware("http")
        async def add(request: Request, call_next: Any) -> Any:
            response = await call_next(request)
            response.headers["x-added"] = "1"
            return response

        return app

    doors = Doors(serve, make=make)
    for path in PATHS:
        doors.ask(request(f"GET {path}"))
