"""Endpoints and dependencies that read the body themselves."""

import json
from typing import Annotated, Any

from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request

app = FastAPI()


class Item(BaseModel):
    name: str


@app.post("/body")
async def body(request: Request):
    data = await request.body()
    return [len(data), data.decode("latin-1")]


@app.post("/stream")
async def stream(request: Request):
    try:
        return [chunk.decode("latin-1") async for chunk in request.stream()]
    except ClientDisconnect:
        return "disconnected"


@app.post("/stream-twice")
async def stream_twice(request: Request):
    first = [len(chunk) async for chunk in request.stream()]
    return [first, [len(chunk) async for chunk in request.stream()]]


@app.post("/json")
async def as_json(request: Request):
    try:
        return await request.json()
    except json.JSONDecodeError as error:
        return {"error": str(error)}


@app.post("/json-unguarded")
async def as_json_unguarded(request: Request):
    return await request.json()


@app.post("/form")
async def form(request: Request):
    data = await request.form()
    return [[key, str(value)] for key, value in data.multi_items()]


@app.post("/both")
async def both(request: Request, item: Item):
    return [item, (await request.body()).decode("latin-1"), await request.json()]


@app.post("/body-field")
async def body_field(request: Request, data: Annotated[Any, Body()] = None):
    return [repr(data), (await request.body()).decode("latin-1")]


@app.post("/bytes")
def as_bytes(data: bytes = Body()):
    return [type(data).__name__, repr(data)]


@app.post("/text")
def as_text(data: str = Body(media_type="text/plain")):
    return repr(data)


async def signature(request: Request, x_signature: Annotated[int, Header()] = 0):
    if x_signature and x_signature != len(await request.body()):
        raise HTTPException(400, "bad signature")
    return x_signature


@app.post("/signed")
async def signed(item: Item, checked: Annotated[int, Depends(signature)]):
    return [item, checked]


@app.post("/signed-form")
async def signed_form(request: Request, checked: Annotated[int, Depends(signature)]):
    return [checked, dict(await request.form())]


@app.post("/connection")
async def connection(request: Request):
    return [
        await request.is_disconnected(),
        request.client.host,
        request.method,
        str(request.url),
        request.headers.items(),
    ]


@app.post("/unread")
async def unread():
    return "unread"


JSON = {"content-type": "application/json"}
EXAMPLES = [
    {"request": f"POST {path}", **body}
    for path in (
        "/body",
        "/stream",
        "/stream-twice",
        "/json",
        "/json-unguarded",
        "/form",
        "/both",
        "/body-field",
        "/bytes",
        "/text",
        "/signed",
        "/signed-form",
        "/connection",
        "/unread",
    )
    for body in (
        {},
        {"json": {"name": "a"}},
        {"body": b'{"name": "a"}'},
        {"body": b'{"name": ', "headers": JSON},
        {"body": b"plain text", "headers": {"content-type": "text/plain"}},
        {"chunks": [b'{"na', b"", b'me": "b"}'], "headers": JSON},
        {"chunks": [b'{"na'], "disconnect": True, "headers": JSON},
        {"form": "a=1&a=2"},
        {"body": b'{"name": "x"}', "headers": {"x-signature": "13", **JSON}},
        {"body": b'{"name": "x"}', "headers": {"x-signature": "5", **JSON}},
    )
]
