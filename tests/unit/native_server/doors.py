"""An application that shows what it sees, for requests through both doors of the native server."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse, StreamingResponse

from fastapi import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
)

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


class Address(BaseModel):
    city: str = Field(min_length=1)


class Person(BaseModel):
    name: str
    age: int = Field(ge=0)
    address: Address | None = None


class Broken(Exception):
    pass


def visible(value: Any) -> Any:
    """What can be compared of a value in a scope."""
    if isinstance(value, (str, bytes, int, float, type(None))):
        return repr(value)
    if isinstance(value, dict):
        return [[repr(key), visible(item)] for key, item in value.items()]
    if isinstance(value, tuple) and value[:1] == ("127.0.0.1",):
        return "an address"  # its port is another one for each connection
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *map(visible, value)]
    return type(value).__name__


def application(seen: list[Any], **options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, **options)

    @app.exception_handler(Broken)
    async def broken(request: Request, error: Broken) -> Response:
        seen.append(["broken", visible(request.scope)])
        return PlainTextResponse(f"broken: {error}", status_code=418)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        seen.append(["refused", error.detail, type(error.__cause__).__name__])
        return PlainTextResponse(str(error.detail), status_code=error.status_code)

    async def function_scope() -> AsyncIterator[str]:
        seen.append("function enters")
        try:
            yield "function"
        except BaseException as error:
            seen.append(["function sees", type(error).__name__])
            raise
        finally:
            seen.append("function exits")

    def request_scope(x_token: Annotated[str | None, Header()] = None) -> Iterator[str | None]:
        seen.append("request enters")
        yield x_token
        seen.append("request exits")

    Inner = Annotated[str, Depends(function_scope, scope="function")]
    Outer = Annotated[str | None, Depends(request_scope)]

    @app.get("/")
    async def hello() -> Any:
        return {"hello": "world"}

    @app.get("/items/{item_id}")
    async def item(
        item_id: int, q: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> Any:
        return [item_id, q, limit]

    @app.get("/path/{rest:path}")
    async def path(
        rest: Annotated[str, Path()],
        q: Annotated[list[str] | None, Query()] = None,
        x_a: Annotated[list[str] | None, Header()] = None,
        user_agent: Annotated[str | None, Header()] = None,
        session: Annotated[str | None, Cookie()] = None,
    ) -> Any:
        return [rest, q, x_a, user_agent, session]

    @app.post("/people", response_model=Person)
    async def person(person: Person, x_a: Annotated[int, Header()] = 0) -> Any:
        return person

    @app.post("/embedded", status_code=201)
    async def embedded(person: Person, number: Annotated[int, Body()]) -> Any:
        return [person, number]

    @app.post("/anything")
    async def anything(request: Request, body: Annotated[Any, Body()] = None) -> Any:
        return [repr(body), repr(await request.body())]

    @app.post("/form")
    async def form(name: Annotated[str, Form()], age: Annotated[int, Form()]) -> Any:
        return [name, age]

    @app.post("/stream")
    async def stream(request: Request) -> Any:
        return repr(b"".join([part async for part in request.stream()]))

    @app.get("/scope/{name}")
    async def scope(request: Request, name: str, q: str = "none") -> Any:
        return [visible(request.scope), str(request.url), str(request.base_url), name, q]

    @app.get("/changed/{name}")
    async def changed(request: Request, later: Annotated[str, Depends(change_scope)], q: str = "none") -> Any:
        return [q, later, request.query_params.get("q")]

    @app.get("/depends")
    async def depends(inner: Inner, outer: Outer, tasks: BackgroundTasks) -> Any:
        tasks.add_task(seen.append, "background")
        seen.append("endpoint")
        return [inner, outer]

    @app.get("/injected")
    async def injected(response: Response, value: str = "plain", code: int = 200) -> Any:
        response.headers["x-value"] = value
        response.set_cookie("session", "1")
        response.status_code = code
        return {"injected": True}

    @app.get("/raises/{what}")
    async def raises(what: str, inner: Inner, outer: Outer, tasks: BackgroundTasks) -> Any:
        tasks.add_task(seen.append, "background")
        match what:
            case "http":
                raise HTTPException(409, "conflict")
            case "handled":
                raise Broken("handled")
            case "cancelled":
                raise asyncio.CancelledError
            case "unserializable":
                return {"value": object()}
        raise RuntimeError(what)

    @app.get("/breaks")
    async def breaks(outer: Outer) -> Any:
        async def parts() -> AsyncIterator[bytes]:
            yield b"part"
            raise Broken("in the middle")

        return StreamingResponse(parts())

    @app.get("/sends/{what}")
    async def sends(request: Request, what: str) -> Any:
        start = {"type": "http.response.start", "status": 203, "headers": [(b"x-own", b"1")]}
        await request._send(start)
        if what == "whole":
            await request._send({"type": "http.response.body", "body": b"own"})
        if what == "raises":
            raise Broken("after the start")
        return "more"

    @app.get("/plain")
    async def plain() -> Any:
        return PlainTextResponse("plain", headers={"x-own": "1"})

    @app.api_route("/methods", methods=["GET", "HEAD", "PUT"])
    async def methods() -> Any:
        return "methods"

    @app.get("/empty", status_code=204)
    async def empty() -> None: ...

    @app.get("/thread")
    def thread(outer: Outer, q: int = 1) -> Any:
        return [VARIABLE.get(), q]

    @app.get("/task")
    async def task(set_to: str | None = None) -> Any:
        current = asyncio.current_task()
        before = VARIABLE.get()
        if set_to is not None:
            VARIABLE.set(set_to)
        await asyncio.sleep(0)
        with anyio.fail_after(5):
            await anyio.sleep(0)
        assert asyncio.current_task() is current
        assert isinstance(current, asyncio.Task)
        assert current in asyncio.all_tasks()
        return [before, VARIABLE.get(), type(current).__name__]

    @app.get("/receives")
    async def receives(request: Request) -> Any:
        return [visible(await request.receive()), await request.is_disconnected()]

    mounted = FastAPI(openapi_url=None)

    @mounted.get("/inner/{name}")
    async def inner(request: Request, name: str) -> Any:
        return [name, visible(request.scope)]

    app.mount("/mounted", mounted)
    return app


async def change_scope(request: Request) -> str:
    request.scope["query_string"] = b"q=changed"
    await asyncio.sleep(0)
    return "later"
