"""Where code runs: task, thread, context variables and state, in endpoints, dependencies, tasks and streams."""

import asyncio
import contextvars
import threading
from typing import Annotated, Any, NewType

import anyio
import sniffio
from starlette.concurrency import run_until_first_complete

from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Request
from fastapi.concurrency import contextmanager_in_threadpool, iterate_in_threadpool, run_in_threadpool
from fastapi.responses import StreamingResponse

app = FastAPI()
wrapped = FastAPI()
router = APIRouter()
trace: list[str] = []
variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")
UserId = NewType("UserId", int)


def where() -> str:
    """Say whether this is the event loop's thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "thread"
    return "loop"


def note(name: str) -> None:
    trace.append(f"{name}: {where()}, {variable.get()}")


async def set_async():
    note("set_async")
    variable.set("async")
    return asyncio.current_task()


def set_sync():
    note("set_sync")
    variable.set("sync")


async def set_yield():
    token = variable.set("yield")
    note("set_yield")
    yield
    note("set_yield exit")
    variable.reset(token)


def set_sync_yield():
    variable.set("sync yield")
    note("set_sync_yield")
    yield
    note("set_sync_yield exit")


@router.get("/async")
async def asynchronous(
    a: Annotated[Any, Depends(set_async)], b: Annotated[Any, Depends(set_sync)], tasks: BackgroundTasks
):
    note("endpoint")
    tasks.add_task(note, "task")
    return [variable.get(), a is asyncio.current_task(), sniffio.current_async_library()]


@router.get("/sync")
def synchronous(
    b: Annotated[Any, Depends(set_sync)], a: Annotated[Any, Depends(set_async)], tasks: BackgroundTasks
):
    note("endpoint")
    tasks.add_task(note, "task")
    return [variable.get(), where(), threading.current_thread() is threading.main_thread()]


@router.get("/yield-async")
async def yield_async(a: Annotated[Any, Depends(set_yield)], b: Annotated[Any, Depends(set_sync_yield)]):
    note("endpoint")
    return variable.get()


@router.get("/yield-sync")
def yield_sync(a: Annotated[Any, Depends(set_yield)], b: Annotated[Any, Depends(set_sync_yield)]):
    note("endpoint")
    return variable.get()


@router.get("/yield-function")
async def yield_function(
    a: Annotated[Any, Depends(set_sync_yield, scope="function")], b: Annotated[Any, Depends(set_async)]
):
    note("endpoint")
    return variable.get()


@router.get("/fresh")
async def fresh():
    """What one request sets, the next must not see."""
    before = variable.get()
    variable.set("left behind")
    return before


@router.get("/timeout")
async def timeout(seconds: float = 0.001):
    try:
        await asyncio.wait_for(asyncio.sleep(1), min(abs(seconds), 0.01))
    except asyncio.TimeoutError:
        return "timed out"


@router.get("/cancel-scope")
async def cancel_scope():
    with anyio.move_on_after(0.001) as scope:
        await anyio.sleep(1)
    return scope.cancelled_caught


@router.get("/task-group")
async def task_group():
    found: list[int] = []

    async def add(number: int) -> None:
        await anyio.sleep(0)
        found.append(number)

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(add, number)
    return found


@router.get("/threads")
async def threads():
    variable.set("seen in thread")
    return [
        await run_in_threadpool(where),
        await run_in_threadpool(variable.get),
        [item async for item in iterate_in_threadpool(iter("ab"))],
        await anyio.to_thread.run_sync(lambda: anyio.from_thread.run(anyio.sleep, 0)),
    ]


@router.get("/context-manager")
async def context_manager():
    import contextlib

    @contextlib.contextmanager
    def managed():
        note("enter")
        yield where()
        note("exit")

    async with contextmanager_in_threadpool(managed()) as value:
        return value


@router.get("/stream")
async def stream(a: Annotated[Any, Depends(set_async)]):
    async def content():
        note("content")
        yield variable.get()

    return StreamingResponse(content())


@router.get("/stream-sync")
def stream_sync(a: Annotated[Any, Depends(set_async)]):
    def content():
        note("content")
        yield variable.get()

    return StreamingResponse(content())


@router.get("/state/{user}")
async def state(request: Request, user: UserId):
    request.state.user = user
    return [request.state.user, hasattr(request.state, "other"), getattr(request.app.state, "count", None)]


@router.get("/first-complete")
async def first_complete():
    async def quick():
        trace.append("quick")

    async def slow():
        await asyncio.sleep(5)

    await run_until_first_complete((quick, {}), (slow, {}))
    return "done"


@wrapped.middleware("http")
async def setting(request: Request, call_next):
    if "x-set" in request.headers:
        variable.set("middleware")
    response = await call_next(request)
    note("middleware")
    return response


app.include_router(router)
wrapped.include_router(router)
app.mount("/wrapped", wrapped)

PATHS = """/async /sync /yield-async /yield-sync /yield-function /fresh /timeout /cancel-scope /task-group /threads /context-manager
/stream /stream-sync /state/3 /state/x /first-complete""".split()
EXAMPLES = [f"GET {path}" for path in [*PATHS, "/fresh"]] + [
    {"request": f"GET /wrapped{path}", "headers": {"x-set": "1"}} for path in PATHS
]
