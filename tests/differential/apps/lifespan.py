"""Lifespan with state, merged with those of routers; the state as endpoints see it."""

import contextlib

from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket

trace: list[str] = []


@contextlib.asynccontextmanager
async def of_application(app: FastAPI):
    trace.append(f"application up {app.title}")
    app.state.ready = True
    yield {"number": 1, "shared": "application", "items": []}
    trace.append("application down")


@contextlib.asynccontextmanager
async def of_router(app):
    trace.append(f"router up {type(app).__name__}")
    yield {"router": "r", "shared": "router"}
    trace.append("router down")


@contextlib.asynccontextmanager
async def of_inner(app):
    trace.append("inner up")
    yield
    trace.append("inner down")


app = FastAPI(title="With lifespan", lifespan=of_application)
router = APIRouter(lifespan=of_router, prefix="/router")
inner = APIRouter(lifespan=of_inner)


def state(request: Request):
    return request.state.shared


@app.get("/state")
def read_state(request: Request, shared: str = Depends(state)):
    request.state.items.append("request")
    request.state.number = 2
    return [
        request.state.number,
        shared,
        request.state.router,
        len(request.state.items),
        request.app.state.ready,
    ]


@app.get("/missing")
def missing(request: Request):
    return request.state.nothing


@router.get("/x")
def in_router(request: Request):
    return request.state.router


@app.websocket("/ws")
async def ws(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_json([websocket.state.number, websocket.app.title])


router.include_router(inner)
app.include_router(router)

EXAMPLES = ["GET /state", "GET /state", "GET /missing", "GET /router/x", {"websocket": "/ws"}]
