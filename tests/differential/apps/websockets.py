"""WebSockets: accepting, echoing, parameters, dependencies, failures, closing."""

from typing import Annotated, Any

from pydantic import BaseModel
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Path,
    Query,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from fastapi.exceptions import WebSocketRequestValidationError
from fastapi.requests import HTTPConnection

trace: list[str] = []
app = FastAPI()


class OwnError(Exception):
    pass


class Filters(BaseModel):
    limit: int = 3
    tags: list[str] = []


@app.exception_handler(OwnError)
async def on_own_error(websocket: WebSocket, error: OwnError):
    trace.append("handler")
    await websocket.close(code=4000, reason=str(error))


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept(
        subprotocol=next(iter(websocket.scope["subprotocols"]), None), headers=[(b"x-a", b"b")]
    )
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                break
            if message.get("text") is not None:
                await websocket.send_text(message["text"])
            else:
                await websocket.send_bytes(message["bytes"])
    finally:
        trace.append("finished")


@app.websocket("/json")
async def as_json(websocket: WebSocket):
    await websocket.accept()
    async for value in websocket.iter_json():
        await websocket.send_json({"got": value})
    trace.append("iterated")


@app.websocket("/text")
async def as_text(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect as error:
        trace.append(f"disconnect {error.code}")
        raise


@app.websocket("/items/{item_id}")
async def items(
    websocket: WebSocket,
    item_id: Annotated[int, Path(ge=1)],
    q: int | None = None,
    tags: Annotated[list[str], Query()] = [],
    token: Annotated[str | None, Header()] = None,
    session: Annotated[str | None, Cookie()] = None,
):
    await websocket.accept()
    await websocket.send_json([item_id, q, tags, token, session])
    await websocket.close()


@app.websocket("/model")
async def model(websocket: WebSocket, filters: Annotated[Filters, Query()]):
    await websocket.accept()
    await websocket.send_text(filters.model_dump_json())


@app.websocket("/convertor/{number:int}/{rest:path}")
async def convertor(websocket: WebSocket, number: int, rest: str):
    await websocket.accept()
    await websocket.send_json([number, rest])


async def token(websocket: WebSocket, token: Annotated[str | None, Query()] = None):
    trace.append("token")
    if token == "bad":
        raise WebSocketException(code=1008, reason="bad token")
    if token == "http":
        raise HTTPException(403, "forbidden", headers={"X-A": "b"})
    if token == "own":
        raise OwnError("dependency")
    return token


def yielding():
    trace.append("enter")
    try:
        yield "yielded"
    except BaseException as error:
        trace.append(f"caught {type(error).__name__}")
        raise
    finally:
        trace.append("exit")


async def yielding_function():
    trace.append("function enter")
    yield "function"
    trace.append("function exit")


def connection(connection: HTTPConnection, tasks: BackgroundTasks):
    return [connection.scope["type"], connection.url.path]


@app.websocket("/dependencies")
async def dependencies(
    websocket: WebSocket,
    token: Annotated[str | None, Depends(token)],
    yielded: Annotated[str, Depends(yielding)],
    function: Annotated[str, Depends(yielding_function, scope="function")],
    found: Annotated[Any, Depends(connection)],
    fail: str = "no",
):
    await websocket.accept()
    await websocket.send_json([token, yielded, function, found])
    match fail:
        case "own":
            raise OwnError("endpoint")
        case "websocket":
            raise WebSocketException(code=1003)
        case "http":
            raise HTTPException(400, "late")
        case "value":
            raise ValueError("unhandled")
        case "disconnect":
            await websocket.receive_text()
    await websocket.close(code=1001, reason="done")


@app.websocket("/before-accept")
async def before_accept(websocket: WebSocket, how: str = "close"):
    match how:
        case "close":
            await websocket.close(code=3000, reason="not you")
        case "http":
            raise HTTPException(404, "nothing here")
        case "websocket":
            raise WebSocketException(1011, "broken")
        case "own":
            raise OwnError("before")
        case "value":
            raise ValueError("before")
        case "send":
            await websocket.send_text("too early")
        case "denial":
            await websocket.send_denial_response(JSONResponse({"denied": True}, status_code=401))


@app.websocket("/after-close")
async def after_close(websocket: WebSocket):
    await websocket.accept()
    await websocket.close()
    await websocket.send_text("late")


@app.websocket("/parameterless", dependencies=[Depends(token), Depends(yielding)])
async def parameterless(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("in")


@app.websocket("/no-websocket-parameter")
async def no_websocket_parameter(q: int = 3):
    trace.append(f"ran {q}")


@app.websocket("/url")
async def url(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_json(
        [
            str(websocket.url),
            str(websocket.url_for("items", item_id=3)),
            websocket.path_params,
            websocket.headers.items(),
            websocket.client.host,
        ]
    )


@app.get("/items/{item_id}")
def http_items(item_id: int):
    return ["http", item_id]


@app.websocket_route("/plain/{x}")
async def plain(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(repr(websocket.path_params))


router = APIRouter(prefix="/router", dependencies=[Depends(token)])


@router.websocket("/ws/{x}", name="router_ws")
async def router_ws(websocket: WebSocket, x: int, yielded: Annotated[str, Depends(yielding)]):
    await websocket.accept()
    await websocket.send_json([x, yielded])


app.include_router(router, prefix="/v1", dependencies=[Depends(yielding_function)])
app.add_api_websocket_route("/added", url, name="added")
app.router.routes.append(WebSocketRoute("/starlette", echo))
sub = FastAPI()


@sub.websocket("/ws")
async def sub_ws(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(websocket.scope["root_path"])


@sub.exception_handler(WebSocketRequestValidationError)
async def sub_invalid(websocket: WebSocket, error: WebSocketRequestValidationError):
    await websocket.close(4001, reason=repr(error.errors()[0]["loc"]))


@sub.websocket("/number/{x}")
async def sub_number(websocket: WebSocket, x: int):
    await websocket.accept()


app.mount("/sub", sub)

EXAMPLES = (
    [
        {"websocket": path}
        for path in """/echo /json /text /items/3 /items/0 /items/x?q=y /items/3?q=4&tags=a&tags=b /items/3?q= /items/3/ /model?limit=5&tags=a /model?limit=x
    /convertor/3/a/b /convertor/x/a /dependencies /dependencies?token=t /dependencies?token=bad /dependencies?token=http /dependencies?token=own
    /dependencies?fail=own /dependencies?fail=websocket /dependencies?fail=http /dependencies?fail=value /dependencies?fail=disconnect
    /before-accept /before-accept?how=http /before-accept?how=websocket /before-accept?how=own /before-accept?how=value /before-accept?how=send
    /before-accept?how=none /before-accept?how=denial /after-close /parameterless /parameterless?token=bad /no-websocket-parameter
    /no-websocket-parameter?q=x /url /plain/x /v1/router/ws/3 /v1/router/ws/x /v1/router/ws/3?token=bad /added /starlette /sub/ws /sub/number/x
    /sub/nowhere /nowhere /openapi.json""".split()
    ]
    + [
        {"websocket": path, "denial": True}
        for path in (
            "/before-accept?how=denial",
            "/before-accept?how=http",
            "/nowhere",
            "/dependencies?token=http",
            "/items/x",
        )
    ]
    + [
        {"websocket": "/echo", "receive": ["a", b"\xff", "", "é"], "subprotocols": ["one", "two"]},
        {"websocket": "/json", "receive": ['{"a": 1}', "[1, NaN]"]},
        {"websocket": "/json", "receive": ["{"]},
        {"websocket": "/json", "receive": [b"{}"]},
        {"websocket": "/text", "receive": ["a"]},
        {"websocket": "/text", "receive": [b"a"]},
        {"websocket": "/dependencies?fail=disconnect", "receive": ["text"]},
        {"websocket": "/items/3", "headers": {"token": "t", "cookie": "session=s"}},
        {"websocket": "/url", "root_path": "/proxy"},
        "GET /items/3",
        "GET /echo",
        "POST /items/3",
    ]
)
