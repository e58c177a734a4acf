"""Custom route classes, requests, endpoints of every kind, redirect_slashes off, replaced internals."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel

from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

app = FastAPI(redirect_slashes=False)
trace: list[str] = []


class Item(BaseModel):
    name: str
    child: Item | None = None


class GzipRequest(Request):
    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            body = await super().body()
            if "gzip" in self.headers.getlist("Content-Encoding"):
                body = gzip.decompress(body)
            self._body = body
        return self._body


class GzipRoute(APIRoute):
    def get_route_handler(self) -> Callable:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await original(GzipRequest(request.scope, request.receive))

        return handler


class LoggingRoute(APIRoute):
    def get_route_handler(self) -> Callable:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            trace.append("before")
            try:
                response = await original(request)
            except RequestValidationError as error:
                body = (await request.body()).decode("latin-1")
                raise HTTPException(
                    status_code=422, detail={"errors": error.errors(), "body": body}
                ) from error
            trace.append("after")
            response.headers["X-Route"] = type(self).__name__
            return response

        return handler


class QuietRoute(APIRoute):
    """Documents itself otherwise and never matches before noon."""

    def __init__(self, path: str, endpoint: Callable, **keywords: Any):
        keywords["summary"] = "Quiet: " + endpoint.__name__
        super().__init__(path, endpoint, **keywords)

    def matches(self, scope):
        match, child = super().matches(scope)
        if b"x-loud" in dict(scope.get("headers", ())):
            from starlette.routing import Match

            return Match.NONE, {}
        return match, child


gzipped = APIRouter(route_class=GzipRoute, prefix="/gzip")
logged = APIRouter(route_class=LoggingRoute, prefix="/logged")
quiet = APIRouter(route_class=QuietRoute, prefix="/quiet")


@gzipped.post("/sum")
async def sum_numbers(numbers: Annotated[list[int], Body()]):
    return {"sum": sum(numbers)}


@gzipped.post("/request")
async def gzip_request(request: Request):
    return [type(request).__name__, (await request.body()).decode()]


@logged.post("/item")
async def logged_item(item: Item) -> Item:
    return item


@logged.get("/number/{number}")
def logged_number(number: int, q: Annotated[int, Query(ge=1)] = 1):
    return [number, q]


@quiet.get("/one")
def quiet_one():
    return 1


class Endpoints:
    def __init__(self, name: str):
        self.name = name

    def method(self, q: int = 1):
        return [self.name, q]

    async def async_method(self, item: Item):
        return [self.name, item]

    @staticmethod
    def static(q: str = "static"):
        return q

    def __call__(self, q: str = "called"):
        return [self.name, q]


class AsyncCallable:
    async def __call__(self, q: str = "async called"):
        return q


def partially(a: int, b: int, c: str = "c"):
    return [a, b, c]


def wrapping(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        trace.append("wrapper")
        return function(*args, **kwargs)

    return wrapper


def wrapping_async(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        trace.append("async wrapper")
        return function(*args, **kwargs)

    return wrapper


@app.get("/wrapped")
@wrapping
def wrapped(q: int):
    """Wrapped docstring."""
    return q


@app.get("/wrapped-async")
@wrapping_async
def wrapped_async(q: int = 2):
    return q


endpoints = Endpoints("instance")
app.get("/method")(endpoints.method)
app.post("/async-method")(endpoints.async_method)
app.get("/static-method")(Endpoints.static)
app.get("/lambda")(lambda q="lambda": q)
app.add_api_route("/instance", endpoints, name="instance")
app.add_api_route("/async-instance", AsyncCallable(), name="async instance")
app.add_api_route("/partial", functools.partial(partially, b=2), name="partial", methods=["GET"])
app.add_api_route(
    "/partial-positional", functools.partial(partially, 7), name="partial positional", operation_id="pp"
)
app.add_api_route(
    "/added", wrapped, methods=["PUT", "POST"], tags=["added"], summary="Added", status_code=202
)


@app.get("/forward/{name}")
def forward(name: str, later: Annotated[Later, Depends()]) -> Later:
    return later


class Later(BaseModel):
    size: int = 3


@app.post("/forward-body")
def forward_body(item: Item, later: Later | None = None):
    return [item, later]


@app.get("/no-slash")
def no_slash():
    return "no slash"


@app.get("/slash/")
def slash():
    return "slash"


@app.get("/generator")
def generator():
    yield 1
    yield 2


class OwnJSON(JSONResponse):
    def render(self, content: Any) -> bytes:
        return json.dumps({"own": content}, sort_keys=True).encode()


@app.get("/own-json", response_class=OwnJSON)
def own_json():
    return {"b": 1, "a": 2}


@app.middleware("http")
async def replace_scope(request: Request, call_next):
    if "x-path" in request.headers:
        request.scope["path"] = request.headers["x-path"]
    return await call_next(request)


app.include_router(gzipped)
app.include_router(logged)
app.include_router(quiet)

GZIP = {"content-encoding": "gzip", "content-type": "application/json"}
EXAMPLES = [
    {"request": "POST /gzip/sum", "json": [1, 2]},
    {"request": "POST /gzip/sum", "body": gzip.compress(b"[3, 4]", mtime=0), "headers": GZIP},
    {"request": "POST /gzip/sum", "body": gzip.compress(b"[3, x]", mtime=0), "headers": GZIP},
    {"request": "POST /gzip/sum", "body": b"[3, 4]", "headers": GZIP},
    {"request": "POST /gzip/request", "body": gzip.compress(b"text", mtime=0), "headers": GZIP},
    {"request": "POST /logged/item", "json": {"name": "a", "child": {"name": "b"}}},
    {"request": "POST /logged/item", "json": {"nom": "a"}},
    {"request": "POST /logged/item", "body": b"{", "headers": {"content-type": "application/json"}},
    "GET /logged/number/3",
    "GET /logged/number/x?q=0",
    "POST /logged/number/3",
    "GET /quiet/one",
    {"request": "GET /quiet/one", "headers": {"x-loud": "1"}},
    "GET /wrapped?q=1",
    "GET /wrapped",
    "GET /wrapped-async",
    "GET /method?q=2",
    {"request": "POST /async-method", "json": {"name": "n"}},
    "GET /static-method?q=s",
    "GET /lambda?q=l",
    "GET /instance?q=i",
    "GET /async-instance",
    "GET /partial?a=1",
    "GET /partial?a=1&b=5&c=x",
    "GET /partial-positional?b=1",
    "PUT /added?q=1",
    "GET /added?q=1",
    "GET /forward/x?size=4",
    "GET /forward/x?size=y",
    {"request": "POST /forward-body", "json": {"item": {"name": "n"}, "later": {"size": 1}}},
    "GET /no-slash/",
    "GET /slash",
    "GET /slash/",
    "GET /generator",
    "GET /own-json",
    {"request": "GET /own-json", "headers": {"x-path": "/no-slash"}},
]
