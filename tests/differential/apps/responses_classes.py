"""Every response class, as response_class, as default and returned directly."""

import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
    UJSONResponse,
)

app = FastAPI(default_response_class=ORJSONResponse)
trace: list[str] = []

FILE = Path(tempfile.gettempdir()) / "differential-served.txt"
if not FILE.exists():
    FILE.write_text("served file\n" * 20)
    os.utime(FILE, (1_700_000_000, 1_700_000_000))


class Item(BaseModel):
    name: str = "ñ"
    price: float = 1.0


class XMLResponse(Response):
    media_type = "application/xml"


class Enveloped(JSONResponse):
    media_type = "application/vnd.enveloped+json"

    def render(self, content: Any) -> bytes:
        return super().render({"data": content})


class Indented(JSONResponse):
    def render(self, content: Any) -> bytes:
        import json

        return json.dumps(content, indent=2, sort_keys=True).encode()


class Teapot(JSONResponse):
    def __init__(self, content: Any, status_code: int = 418, **keywords: Any):
        super().__init__(content, status_code, **keywords)


CONTENT: dict[str, Any] = {
    "dict": {"a": 1, "b": [1.0, 1e22, 1e-7, "é\u2028</script>", None, True], "é": {"": ""}},
    "list": [1, 2, {"x": "y"}],
    "string": '<b>plain & "quoted"</b>',
    "none": None,
    "number": 12345678901234567890,
    "float": 0.1 + 0.2,
    "negative_zero": -0.0,
    "model": Item(),
    "bytes": b"raw bytes",
    "nan": float("nan"),
    "surrogate": "\ud800",
    "large": [{"id": number, "name": f"item {number}"} for number in range(100)],
}
CLASSES = {
    "json": JSONResponse,
    "orjson": ORJSONResponse,
    "ujson": UJSONResponse,
    "html": HTMLResponse,
    "plain": PlainTextResponse,
    "response": Response,
    "xml": XMLResponse,
    "enveloped": Enveloped,
    "indented": Indented,
    "teapot": Teapot,
}

for name, response_class in CLASSES.items():
    for kind, value in CONTENT.items():

        @app.get(f"/class/{name}/{kind}", response_class=response_class)
        def by_class(value_name: str = kind):
            return CONTENT[value_name]

        @app.get(f"/direct/{name}/{kind}", include_in_schema=False)
        async def direct(class_name: str = name, value_name: str = kind):
            return CLASSES[class_name](CONTENT[value_name], headers={"X-A": "1"})


for kind in CONTENT:

    @app.get(f"/default/{kind}")
    def by_default(value_name: str = kind):
        return CONTENT[value_name]


@app.get("/redirect", response_class=RedirectResponse)
def redirect(to: str = "/default/dict"):
    return to


@app.get("/redirect-302", response_class=RedirectResponse, status_code=302)
def redirect_302():
    return "https://example.com/ü?a=b c"


@app.get("/redirect-direct")
def redirect_direct():
    return RedirectResponse("/x", status_code=303, headers={"X-A": "b"})


@app.get("/file", response_class=FileResponse)
def file():
    return FILE


@app.get("/file-direct")
def file_direct(filename: str = "näme.txt", disposition: str = "attachment"):
    return FileResponse(
        FILE, filename=filename, content_disposition_type=disposition, media_type="text/x-own"
    )


@app.get("/file-missing")
def file_missing():
    return FileResponse("/nonexistent/file")


@app.get("/stream", response_class=StreamingResponse)
def stream():
    return StreamingResponse(iter(["a", b"b", "ü"]), media_type="text/event-stream")


@app.get("/stream-class", response_class=StreamingResponse)
def stream_class():
    return (str(number) for number in range(3))


@app.get("/stream-async")
async def stream_async(tasks: BackgroundTasks):
    async def content():
        for number in range(3):
            trace.append(f"chunk {number}")
            yield b"x" * number

    tasks.add_task(trace.append, "not run: the response has its own background")
    return StreamingResponse(content(), status_code=206, headers={"X-Stream": "1"})


@app.get("/stream-failing")
async def stream_failing():
    async def content():
        yield b"first"
        raise ValueError("in the middle")

    return StreamingResponse(content())


@app.get("/empty")
def empty():
    return Response()


@app.get("/no-content", status_code=204)
def no_content():
    return None


@app.get("/headers")
def headers():
    response = JSONResponse({"a": 1}, headers={"X-Custom": "1", "Content-Type": "application/own"})
    response.headers.append("X-Custom", "2")
    response.set_cookie(
        "key", "value", max_age=3, path="/p", domain="d", secure=True, httponly=True, samesite="strict"
    )
    response.delete_cookie("old")
    response.raw_headers.append((b"X-Raw", b"\xff"))
    return response


@app.get("/media-type")
def media_type():
    return Response("x", media_type="text/own")


@app.get("/charset")
def charset():
    response = Response("é", media_type="text/plain")
    response.charset = "latin-1"
    return response


EXAMPLES = (
    [f"GET /class/{name}/{kind}" for name in CLASSES for kind in CONTENT]
    + [
        f"GET /direct/{name}/{kind}"
        for name in CLASSES
        for kind in ("dict", "string", "none", "nan", "bytes")
    ]
    + [f"GET /default/{kind}" for kind in CONTENT]
    + [
        "GET /redirect",
        "GET /redirect?to=%2Fa%20b%0d%0aX:%20y",
        "GET /redirect-302",
        "GET /redirect-direct",
        "GET /file",
        "HEAD /file",
        {"request": "GET /file", "headers": {"range": "bytes=0-4"}},
        {"request": "GET /file", "headers": {"range": "bytes=999-"}},
        {"request": "GET /file", "headers": {"range": "lines=1"}},
        {"request": "GET /file", "headers": {"if-range": "x", "range": "bytes=0-4"}},
        "GET /file-direct",
        "GET /file-direct?disposition=inline&filename=plain.txt",
        "GET /file-missing",
        "GET /stream",
        "GET /stream-class",
        "GET /stream-async",
        {"request": "GET /stream-async", "disconnect": True},
        "GET /stream-failing",
        "GET /empty",
        "GET /no-content",
        "GET /headers",
        "GET /media-type",
        "GET /charset",
    ]
)
