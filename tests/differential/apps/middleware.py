"""Middleware of every kind, in their order, around good and failing endpoints."""

import functools
import gzip
import types

import starlette.middleware.gzip
from starlette.middleware.base import BaseHTTPMiddleware

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

trace: list[str] = []

# The time of compression would be in the bytes.
starlette.middleware.gzip.gzip = types.SimpleNamespace(GzipFile=functools.partial(gzip.GzipFile, mtime=0))


async def noted(text: str) -> None:
    # Behind BaseHTTPMiddleware this task and the one that sends take turns: which is first is not promised.
    trace.insert(0, text)


class Counting(BaseHTTPMiddleware):
    def __init__(self, app, name: str):
        super().__init__(app)
        self.name = name

    async def dispatch(self, request: Request, call_next):
        trace.append(f"{self.name} in")
        response = await call_next(request)
        trace.append(f"{self.name} out")
        response.headers.append("X-Counting", self.name)
        return response


class Pure:
    def __init__(self, app, header: str = "pure"):
        self.app, self.header = app, header

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def sending(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"X-Pure", self.header.encode())]
            await send(message)

        scope["pure"] = self.header
        await self.app(scope, receive, sending)


app = FastAPI(
    middleware=[
        Middleware(Counting, name="first"),
        Middleware(
            CORSMiddleware,
            allow_origins=["https://good.example"],
            allow_methods=["GET", "PUT"],
            allow_credentials=True,
            expose_headers=["X-Pure"],
            max_age=5,
        ),
    ]
)
app.add_middleware(GZipMiddleware, minimum_size=300)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["testserver", "*.example.com", "other.example.com"])
app.add_middleware(Pure, header="added")


@app.middleware("http")
async def decorated(request: Request, call_next):
    trace.append("decorated in")
    if request.query_params.get("stop") == "early":
        return PlainTextResponse("stopped", status_code=299)
    try:
        response = await call_next(request)
    except RuntimeError as error:
        trace.append("decorated caught")
        return JSONResponse({"caught": str(error)}, status_code=555)
    if request.query_params.get("read"):
        body = b"".join([chunk async for chunk in response.body_iterator])
        return PlainTextResponse(body.upper(), status_code=response.status_code)
    response.headers["X-Decorated"] = str(request.url.path)
    return response


@app.middleware("http")
async def body_reader(request: Request, call_next):
    if "x-read-body" in request.headers:
        trace.append(f"body {len(await request.body())}")
    request.state.seen = "state"
    return await call_next(request)


async def yielding():
    trace.append("enter")
    yield "yielded"
    trace.append("exit")


@app.get("/plain")
def plain(request: Request):
    trace.append("endpoint")
    return [request.state.seen, request.scope["pure"]]


@app.put("/body")
async def body(data: dict, tasks: BackgroundTasks):
    tasks.add_task(noted, "task")
    return data


@app.get("/yielding")
def with_yielding(value: str = Depends(yielding)):
    return value


@app.get("/large")
def large():
    return ["x" * 100] * 10


@app.get("/stream")
def stream():
    return StreamingResponse(f"chunk {number} " * 10 for number in range(5))


@app.get("/runtime-error")
def runtime_error():
    raise RuntimeError("runtime")


@app.get("/value-error")
def value_error():
    raise ValueError("value")


@app.get("/http-error")
def http_error():
    raise HTTPException(418, "teapot")


@app.websocket("/ws")
async def ws(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_json({"seen": getattr(websocket.state, "seen", None)})


ORIGIN = {"origin": "https://good.example"}
PREFLIGHT = {"access-control-request-method": "PUT", "access-control-request-headers": "X-A, content-type"}
EXAMPLES = (
    [
        f"GET {path}{query}"
        for path in (
            "/plain",
            "/yielding",
            "/large",
            "/stream",
            "/runtime-error",
            "/value-error",
            "/http-error",
            "/nowhere",
            "/plain/",
        )
        for query in ("", "?stop=early", "?read=1")
    ]
    + [
        {"request": f"GET {path}", "headers": {"accept-encoding": "identity", **ORIGIN}}
        for path in ("/plain", "/http-error", "/runtime-error", "/value-error")
    ]
    + [
        {"request": "GET /large", "headers": {"accept-encoding": "gzip"}},
        {"request": "GET /stream", "headers": {"accept-encoding": "br, gzip"}},
        {"request": "OPTIONS /plain", "headers": {**ORIGIN, **PREFLIGHT}},
        {"request": "OPTIONS /plain", "headers": {"origin": "https://bad.example", **PREFLIGHT}},
        {"request": "OPTIONS /plain", "headers": ORIGIN},
        {"request": "GET /plain", "headers": {"origin": "https://bad.example"}},
        {"request": "GET /plain", "headers": {"host": "bad.example"}},
        {"request": "GET /plain", "headers": {"host": "a.example.com:80"}},
        {"request": "PUT /body", "json": {"a": 1}, "headers": {"x-read-body": "1"}},
        {"request": "PUT /body", "json": [1], "headers": {"x-read-body": "1"}},
        {"request": "PUT /body", "json": {"a": 1}},
        {
            "request": "PUT /body",
            "chunks": [b'{"a"', b": 1}"],
            "headers": {"x-read-body": "1", "content-type": "application/json"},
        },
        {"websocket": "/ws"},
        {"websocket": "/ws", "headers": {"host": "bad.example"}},
        {"websocket": "/nowhere"},
    ]
)
