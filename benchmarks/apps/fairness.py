"""S1, and a coroutine that wants to wake every 5 ms and writes down how late it was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

PERIOD = 0.005
late: list[float] = []


async def wake() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + PERIOD
        await asyncio.sleep(PERIOD)
        late.append(loop.time() - due)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    waking = asyncio.create_task(wake())
    yield
    waking.cancel()
    with suppress(asyncio.CancelledError):
        await waking


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def home():
    return {"hello": "world"}


@app.get("/late")
async def lateness():
    """The milliseconds by which the coroutine was late since the last question, in order."""
    found = sorted(1000 * seconds for seconds in late)
    late.clear()
    return found


@app.get("/big")
async def big():
    async def content():
        for _ in range(1024):
            yield b"x" * 65536

    return StreamingResponse(content())


@app.post("/sink")
async def sink(request: Request):
    return {"bytes": sum([len(chunk) async for chunk in request.stream()])}
