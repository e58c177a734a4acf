"""HTTPException, custom handlers, validation handlers that show body and errors, and errors nobody handles."""

import builtins
from typing import Annotated, Any

from pydantic import BaseModel, ValidationError, field_validator
from starlette.exceptions import HTTPException as StarletteHTTPException

from fastapi import (
    Body,
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    WebSocket,
    WebSocketException,
)
from fastapi.encoders import jsonable_encoder
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import (
    FastAPIError,
    RequestValidationError,
    ResponseValidationError,
    ValidationException,
)
from fastapi.responses import JSONResponse, PlainTextResponse

app = FastAPI()
trace: list[str] = []


class Item(BaseModel):
    title: str
    size: int

    @field_validator("size")
    @classmethod
    def positive(cls, value: int) -> int:
        if value < 0:
            raise ValueError("must be positive")
        return value


class UnicornError(Exception):
    def __init__(self, name: str):
        self.name = name


class BaseTrouble(Exception):
    pass


class DerivedTrouble(BaseTrouble):
    pass


@app.exception_handler(UnicornError)
async def unicorn(request: Request, error: UnicornError):
    return JSONResponse({"message": f"Oops! {error.name}"}, status_code=418, headers={"X-Unicorn": "1"})


@app.exception_handler(BaseTrouble)
def base_trouble(request: Request, error: BaseTrouble):
    return PlainTextResponse(f"{type(error).__name__} at {request.url.path}", status_code=420)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError):
    if "x-default" in request.headers:
        return await request_validation_exception_handler(request, error)
    if "x-string" in request.headers:
        return PlainTextResponse(str(error).replace(__file__, "errors.py"), status_code=400)
    return JSONResponse(
        jsonable_encoder({"detail": error.errors(), "body": error.body, "type": type(error.body).__name__}),
        422,
    )


@app.exception_handler(StarletteHTTPException)
async def on_http(request: Request, error: StarletteHTTPException):
    if "x-default" in request.headers:
        return await http_exception_handler(request, error)
    return JSONResponse(
        {"class": type(error).__name__, "detail": error.detail, "text": str(error), "repr": repr(error)},
        status_code=error.status_code,
        headers=error.headers,
    )


@app.exception_handler(409)
async def on_conflict(request: Request, error: Exception):
    return PlainTextResponse("conflict handler", status_code=409)


@app.exception_handler(ResponseValidationError)
async def on_response(request: Request, error: ResponseValidationError):
    return JSONResponse(
        {"errors": jsonable_encoder(error.errors()), "body": repr(error.body)}, status_code=502
    )


@app.get("/http/{code}")
def raise_http(code: int, detail: str | None = None):
    raise HTTPException(code, detail=detail, headers={"X-Code": str(code)})


@app.get("/http-detail/{kind}")
async def raise_http_detail(kind: str):
    details: dict[str, Any] = {
        "dict": {"a": [1, None], "é": "☃"},
        "list": [1, "x"],
        "none": None,
        "empty": "",
        "number": 3,
        "model": Item(title="t", size=1),
        "nan": float("nan"),
    }
    raise HTTPException(status_code=400, detail=details[kind])


@app.get("/starlette/{code}")
def raise_starlette(code: int):
    raise StarletteHTTPException(code, headers={"X-Starlette": "1"})


@app.get("/raise/{kind}")
def raise_kind(kind: str):
    match kind:
        case "unicorn":
            raise UnicornError("uni")
        case "base":
            raise BaseTrouble
        case "derived":
            raise DerivedTrouble
        case "value":
            raise ValueError("nobody handles this")
        case "key":
            return {}["missing"]
        case "validation":
            raise RequestValidationError([{"loc": ("a", 0), "msg": "own", "type": "own"}], body={"b": 1})
        case "response":
            raise ResponseValidationError(
                [{"loc": ("response",), "msg": "own", "type": "own", "input": 1}], body=[1]
            )
        case "pydantic":
            Item(title=1, size="x")
        case "fastapi":
            raise FastAPIError("own")
        case "group":
            raise getattr(builtins, "ExceptionGroup", RuntimeError)(
                "two", [ValueError("a"), UnicornError("b")]
            )
        case "websocket":
            raise WebSocketException(1008)
        case "base_exception":
            raise GeneratorExit
        case "stop":
            raise StopIteration("stop")
        case "timeout":
            raise TimeoutError("late")
        case "assertion":
            raise AssertionError("false")
    return kind


@app.get("/raise-async/{kind}")
async def raise_kind_async(kind: str):
    if kind == "stop":
        raise StopAsyncIteration
    return raise_kind(kind)


def dependency(kind: Annotated[str, Header(alias="x-raise")] = "nothing"):
    return raise_kind(kind)


@app.get("/raise-in-dependency")
def raise_in_dependency(value: Annotated[str, Depends(dependency)]):
    return value


@app.post("/item")
def item(item: Item, q: Annotated[int, Query(ge=1)] = 1):
    return item


@app.post("/items")
async def items(items: list[Item], note: Annotated[str, Body()] = "note"):
    return items


@app.post("/any")
async def any_body(value: Annotated[dict[str, Any], Body()], number: int):
    return value


@app.post("/form")
def form(title: Annotated[str, Form(max_length=3)], size: Annotated[int, Form()]):
    return [title, size]


@app.get("/query")
def query(a: int, b: Annotated[list[int], Query()], c: Annotated[str, Header()], d: bool = False):
    return [a, b, c, d]


@app.get("/response", response_model=list[Item])
def response(bad: bool = True):
    return [{"title": "t", "size": "x" if bad else 1}, {"title": 3}] if bad else []


@app.get("/hierarchy")
def hierarchy():
    return [
        issubclass(RequestValidationError, (ValidationException, ValueError)),
        issubclass(HTTPException, StarletteHTTPException),
        issubclass(ValidationError, ValueError),
    ]


@app.websocket("/ws/{number}")
async def ws(websocket: WebSocket, number: int):
    await websocket.accept()
    await websocket.send_text(str(number))


GOOD = {"title": "t", "size": 1}
KINDS = "unicorn base derived value key validation response pydantic fastapi group websocket stop timeout assertion nothing".split()
EXAMPLES = (
    [
        f"GET /http/{code}"
        for code in (100, 200, 204, 304, 400, 404, 405, 409, 418, 422, 499, 500, 503, 599, 999)
    ]
    + [
        {"request": f"GET /http/{code}?detail=d", "headers": {"x-default": "1"}}
        for code in (200, 204, 304, 400, 404, 500, 999)
    ]
    + [f"GET /http-detail/{kind}" for kind in ("dict", "list", "none", "empty", "number", "model", "nan")]
    + [
        {"request": f"GET /http-detail/{kind}", "headers": {"x-default": "1"}}
        for kind in ("dict", "none", "empty", "model", "nan")
    ]
    + [f"GET /starlette/{code}" for code in (204, 404, 409, 418, 500)]
    + [f"GET /{place}/{kind}" for place in ("raise", "raise-async") for kind in KINDS]
    + [{"request": "GET /raise-in-dependency", "headers": {"x-raise": kind}} for kind in KINDS]
    + [
        {"request": request, **body, "headers": headers}
        for request in ("POST /item?q=0", "POST /items", "POST /any?number=x")
        for body in (
            {"json": GOOD},
            {"json": {"title": 1, "size": -1}},
            {"json": [GOOD, {"size": "x"}, 3]},
            {"json": {"items": [GOOD, {"title": None}], "note": 3}},
            {"json": None},
            {"json": "text"},
            {"body": b""},
            {"body": b'{"title": '},
            {"body": b"not json"},
            {"body": b"\xff\xfe\x00"},
            {"body": '{"title": "日本", "x": }'.encode()},
        )
        for headers in (
            {"content-type": "application/json"},
            {"content-type": "application/json", "x-default": "1"},
        )
    ]
    + [
        {"request": "POST /item", "json": {"size": 1}, "headers": {"x-string": "1"}},
        {"request": "POST /item", "body": b"plain", "headers": {"content-type": "text/plain"}},
        {
            "request": "POST /item",
            "body": b"plain",
            "headers": {"content-type": "text/plain", "x-default": "1"},
        },
        {"request": "POST /form", "form": "title=long&size=x"},
        {"request": "POST /form", "form": "title=long&size=x", "headers": {"x-default": "1"}},
        {"request": "POST /form", "multipart": [("title", "f", None, b"file"), ("size", None, None, b"1")]},
        {
            "request": "POST /form",
            "multipart": [("title", "f", None, b"file")],
            "headers": {"x-default": "1"},
        },
        "POST /form",
        "GET /query?a=x&b=1&b=y&d=maybe",
        "GET /query",
        "GET /response",
        "GET /response?bad=0",
        "GET /response?bad=x",
        "GET /hierarchy",
        "GET /missing",
        {"request": "GET /missing", "headers": {"x-default": "1"}},
        "DELETE /item",
        {"request": "DELETE /item", "headers": {"x-default": "1"}},
        {"websocket": "/ws/3"},
        {"websocket": "/ws/x"},
    ]
)
