"""What a plan makes of what an endpoint returns."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, field_validator

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from tests.unit.plan.requests import content, on_reference_path, send, status


class Item(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    price: float = 1
    note: str | None = None


class Stored:
    name = "stored"
    price = 2.5
    note = None


class Checked(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def check(cls, name: str) -> str:
        if name == "bad":
            raise ValueError("bad name")
        return name.upper()


def application(log: list[str]) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/item")
    async def item() -> Item:
        return Item(name="a")

    @app.get("/stored")
    async def stored() -> Item:
        return Stored()  # type: ignore[return-value]

    @app.get("/filtered", response_model_exclude_none=True, response_model_include={"name", "note"})
    def filtered() -> Item:
        return Item(name="a")

    @app.get("/list")
    async def items() -> list[Item]:
        return [Item(name="a"), Item(name="b", price=2)]

    @app.get("/dict", response_model=Item)
    def from_dict() -> Any:
        return {"name": "a", "price": "3"}

    @app.get("/wrong", response_model=Item)
    async def wrong() -> Any:
        return {"price": 1}

    @app.get("/wrong-def", response_model=Item)
    def wrong_def() -> Any:
        return {"price": 1}

    @app.get("/checked", response_model=Checked)
    async def checked() -> Any:
        return {"name": "good"}

    @app.get("/checked-def", response_model=Checked)
    def checked_def() -> Any:
        return {"name": "bad"}

    @app.get("/nan")
    async def nan() -> Any:
        return {"x": float("nan")}

    @app.get("/created", status_code=201)
    async def created() -> Any:
        return {"made": True}

    for code in (100, 204, 205, 304, 600):
        app.add_api_route(f"/status/{code}", lambda: None, status_code=code)

    @app.get("/html", response_class=HTMLResponse)
    async def html() -> Any:
        return "<p>"

    @app.get("/response")
    async def response(tasks: BackgroundTasks) -> Any:
        tasks.add_task(log.append, "task")
        return PlainTextResponse("plain", background=None)

    @app.get("/stream")
    async def stream() -> Any:
        def parts() -> Iterator[bytes]:
            yield b"a"
            yield b"b"

        return StreamingResponse(parts())

    @app.get("/injected", status_code=202)
    async def injected(response: Response, tasks: BackgroundTasks, code: str = "") -> Any:
        response.headers["x-one"] = "1"
        response.set_cookie("a", "b")
        if code:
            response.status_code = {"zero": 0, "text": "207"}.get(code, 203)  # type: ignore[assignment]
        tasks.add_task(log.append, "task")
        return {"a": 1}

    @app.get("/failing-task")
    async def failing_task(tasks: BackgroundTasks) -> Any:
        def fail() -> None:
            raise HTTPException(400, "too late")

        tasks.add_task(fail)
        return 1

    async def late() -> AsyncIterator[int]:
        yield 1
        log.append("late")
        raise RuntimeError("after the response")

    @app.get("/late")
    async def after(value: Annotated[int, Depends(late)]) -> int:
        return value

    class Own(JSONResponse):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            log.append(str(sorted(key for key in scope if key.startswith("fastapi"))))
            await super().__call__(scope, receive, send)

    @app.get("/own")
    async def own() -> Any:
        return Own({"a": 1})

    @app.get("/half")
    async def half() -> Any:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            raise HTTPException(400, "half way")

        return StreamingResponse(parts())

    @app.get("/boom")
    async def boom() -> Any:
        raise ValueError("boom")

    @app.get("/teapot")
    async def teapot(request: Request) -> Any:
        raise HTTPException(418, headers={"x-pot": "tea"})

    return app


PATHS = (
    "item stored filtered list dict wrong wrong-def checked checked-def nan created status/100 status/204"
    " status/205 status/304 status/600 html response stream injected failing-task late own half boom teapot"
).split()


@pytest.mark.parametrize("query", [b"", b"code=1", b"code=zero", b"code=text"])
@pytest.mark.parametrize("path", PATHS)
def test_responses_are_those_of_the_reference_path(path: str, query: bytes) -> None:
    if query and path != "injected":
        return
    expected_log: list[str] = []
    expected = send(on_reference_path(application(expected_log)), f"/{path}", query=query)
    log: list[str] = []
    assert send(application(log), f"/{path}", query=query) == expected
    assert log == expected_log


def test_headers_stand_in_the_order_of_json_responses_and_injected_ones_after() -> None:
    outcome = send(application([]), "/injected")
    assert outcome.messages[0] == {
        "type": "http.response.start",
        "status": 202,
        "headers": [
            (b"content-length", b"7"),
            (b"content-type", b"application/json"),
            (b"x-one", b"1"),
            (b"set-cookie", b"a=b; Path=/; SameSite=lax"),
        ],
    }


def test_server_errors_are_answered_and_raised() -> None:
    outcome = send(application([]), "/boom")
    assert (status(outcome), content(outcome)) == (500, b"Internal Server Error")
    assert outcome.error == "ValueError: boom"


def test_debug_applications_show_the_traceback_of_the_endpoint() -> None:
    app = application([])
    app.debug = True
    text = content(send(app, "/boom"))
    assert b"boom" in text
    assert b"Traceback" in text


def test_a_response_model_that_does_not_fit_is_an_error_of_the_server() -> None:
    outcome = send(application([]), "/wrong")
    assert status(outcome) == 500
    assert str(outcome.error).startswith("ResponseValidationError: 1 validation error:")


@pytest.mark.parametrize(("scope", "error"), [("function", "UnboundLocalError"), ("request", "FastAPIError")])
def test_a_dependency_that_swallows_the_exception_leaves_no_response(scope: Any, error: str) -> None:
    async def swallow() -> AsyncIterator[None]:
        with contextlib.suppress(ValueError):
            yield

    def application() -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.get("/")
        async def endpoint(value: Annotated[None, Depends(swallow, scope=scope)]) -> None:
            raise ValueError

        return app

    outcome = send(application(), "/")
    assert str(outcome.error).startswith(error)
    assert outcome == send(on_reference_path(application()), "/")


def test_a_handler_may_go_on_receiving_after_a_broken_body() -> None:
    app = FastAPI(openapi_url=None)

    @app.exception_handler(RequestValidationError)
    async def handle(request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse((await request.receive())["type"])

    @app.post("/")
    async def endpoint(item: Item) -> None: ...

    headers = [(b"content-type", b"application/json")]
    assert content(send(app, "/", method="POST", body=[b"{"], headers=headers)) == b"http.disconnect"
