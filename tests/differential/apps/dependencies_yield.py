"""Dependencies that yield: both kinds, both scopes, exceptions on either side, and when their exits run."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse

app = FastAPI()
trace: list[str] = []


class OwnError(Exception):
    pass


class SwallowedError(Exception):
    pass


@app.exception_handler(OwnError)
async def on_own_error(request: Request, error: OwnError):
    trace.append("handler")
    return JSONResponse({"own": str(error)}, status_code=419)


def _noted(name: str, kind: str) -> None:
    trace.append(f"{name} {kind}")


async def asynchronous():
    _noted("async", "enter")
    try:
        yield "async"
    except OwnError as error:
        _noted("async", f"caught {error}")
        raise
    finally:
        _noted("async", "exit")


def synchronous():
    _noted("sync", "enter")
    try:
        yield "sync"
    except Exception as error:
        _noted("sync", f"caught {type(error).__name__}")
        raise
    finally:
        _noted("sync", "exit")


def swallowing():
    _noted("swallowing", "enter")
    try:
        yield "swallowing"
    except SwallowedError:
        _noted("swallowing", "swallowed")
    _noted("swallowing", "exit")


async def translating():
    try:
        yield "translating"
    except OwnError as error:
        _noted("translating", "translated")
        raise HTTPException(409, f"was {error}", headers={"X-Translated": "1"}) from error


async def changing(response: Response):
    response.headers["X-Before"] = "1"
    yield response
    response.headers["X-After"] = "1"
    _noted("changing", "exit")


def failing_exit():
    yield "failing"
    _noted("failing", "exit")
    raise RuntimeError("exit failed")


def failing_enter():
    _noted("failing", "enter")
    raise OwnError("at enter")
    yield


def rejecting_exit():
    yield "rejecting"
    raise HTTPException(410, "rejected at exit")


def twice():
    yield 1
    yield 2


def never():
    if False:
        yield


def outer(inner: Annotated[str, Depends(synchronous)]):
    _noted("outer", "enter")
    yield f"outer of {inner}"
    _noted("outer", "exit")


async def outer_async(inner: Annotated[str, Depends(asynchronous)]):
    _noted("outer_async", "enter")
    try:
        yield f"outer of {inner}"
    finally:
        _noted("outer_async", "exit")


class Resource:
    def __call__(self) -> Iterator[str]:
        _noted("resource", "enter")
        yield "resource"
        _noted("resource", "exit")


class AsyncResource:
    async def __call__(self) -> AsyncIterator[str]:
        _noted("async resource", "enter")
        yield "async resource"
        _noted("async resource", "exit")


@contextlib.asynccontextmanager
async def not_a_generator():
    yield "context manager"


def fail(how: str) -> None:
    trace.append("endpoint")
    match how:
        case "own":
            raise OwnError("endpoint")
        case "swallowed":
            raise SwallowedError("endpoint")
        case "http":
            raise HTTPException(403, "endpoint")
        case "validation":
            raise RequestValidationError([{"loc": ["x"], "msg": "m", "type": "t"}])
        case "value":
            raise ValueError("endpoint")


SHAPES: dict[str, Any] = {
    "async": asynchronous,
    "sync": synchronous,
    "swallowing": swallowing,
    "translating": translating,
    "changing": changing,
    "failing_exit": failing_exit,
    "failing_enter": failing_enter,
    "rejecting_exit": rejecting_exit,
    "twice": twice,
    "never": never,
    "outer": outer,
    "outer_async": outer_async,
    "resource": Resource(),
    "async_resource": AsyncResource(),
    "not_a_generator": not_a_generator,
}

for name, shape in SHAPES.items():
    for scope in ("request", "function"):
        if scope == "function" and name in ("not_a_generator",):
            continue

        @app.get(f"/{scope}/{name}")
        def synchronous_endpoint(value: Annotated[Any, Depends(shape, scope=scope)], how: str = "well"):
            fail(how)
            return str(type(value).__name__)

        @app.get(f"/{scope}/{name}/async")
        async def asynchronous_endpoint(
            tasks: BackgroundTasks, value: Annotated[Any, Depends(shape, scope=scope)], how: str = "well"
        ):
            tasks.add_task(trace.append, "task")
            fail(how)
            return str(type(value).__name__)

        @app.get(f"/{scope}/{name}/stream")
        def streaming_endpoint(value: Annotated[Any, Depends(shape, scope=scope)]):
            def content():
                for number in range(3):
                    trace.append(f"chunk {number}")
                    yield str(number)

            return StreamingResponse(content())


@app.get("/default-scope")
def default_scope(
    a: Annotated[str, Depends(asynchronous)], b: Annotated[str, Depends(synchronous)], how: str = "well"
):
    fail(how)
    return [a, b]


@app.get("/both-scopes")
async def both_scopes(
    a: Annotated[str, Depends(asynchronous, scope="function")],
    b: Annotated[str, Depends(asynchronous, scope="request")],
    c: Annotated[str, Depends(synchronous, scope="function")],
    tasks: BackgroundTasks,
    how: str = "well",
):
    tasks.add_task(_noted, "task", "ran")
    fail(how)
    return [a, b, c]


@app.get("/stacked", dependencies=[Depends(translating), Depends(Resource())])
def stacked(
    a: Annotated[str, Depends(outer)],
    b: Annotated[str, Depends(outer_async)],
    c: Annotated[str, Depends(swallowing)],
    how: str = "well",
):
    fail(how)
    return [a, b, c]


@app.get("/shared")
def shared(
    a: Annotated[str, Depends(outer)],
    b: Annotated[str, Depends(synchronous)],
    c: Annotated[str, Depends(synchronous, use_cache=False)],
):
    return [a, b, c]


@app.get("/invalid-parameter")
def invalid_parameter(
    number: int, a: Annotated[str, Depends(asynchronous)], b: Annotated[str, Depends(synchronous)]
):
    return [number, a, b]


@app.get("/invalid-response", response_model=int)
def invalid_response(
    a: Annotated[str, Depends(asynchronous)], b: Annotated[str, Depends(synchronous, scope="function")]
):
    return "no int"


@app.get("/unserializable")
def unserializable(a: Annotated[str, Depends(synchronous)]):
    return {"value": float("nan")}


@app.get("/failing-stream")
def failing_stream(
    a: Annotated[str, Depends(synchronous)], b: Annotated[str, Depends(asynchronous, scope="function")]
):
    def content():
        yield "first"
        raise OwnError("in stream")

    return StreamingResponse(content())


@app.get("/failing-task")
def failing_task(tasks: BackgroundTasks, a: Annotated[str, Depends(synchronous)]):
    def work():
        trace.append("task")
        raise OwnError("in task")

    tasks.add_task(work)
    return a


@app.post("/upload")
async def upload(file: UploadFile, a: Annotated[str, Depends(asynchronous)]):
    return [a, (await file.read()).decode()]


@app.get("/request-state")
def request_state(request: Request, value: Annotated[Any, Depends(changing)]):
    value.headers["X-Endpoint"] = "1"
    return sorted(value.headers.keys())


EXAMPLES = (
    [
        f"GET /{scope}/{name}{kind}{how}"
        for name in SHAPES
        for scope in ("request", "function")
        for kind, how in (
            ("", ""),
            ("", "?how=own"),
            ("", "?how=swallowed"),
            ("", "?how=value"),
            ("/async", ""),
            ("/async", "?how=own"),
            ("/async", "?how=http"),
            ("/async", "?how=swallowed"),
            ("/async", "?how=validation"),
            ("/stream", ""),
        )
        if (scope, name) != ("function", "not_a_generator")
    ]
    + [
        f"GET {path}?how={how}"
        for path in ("/default-scope", "/both-scopes", "/stacked", "/shared")
        for how in ("well", "own", "swallowed", "http", "validation", "value")
    ]
    + [
        "GET /invalid-parameter?number=x",
        "GET /invalid-response",
        "GET /unserializable",
        "GET /failing-stream",
        "GET /failing-task",
        {"request": "POST /upload", "multipart": [("file", "a", None, b"x")]},
        "POST /upload",
        "GET /request-state",
    ]
)
