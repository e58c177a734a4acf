"""What a server survives: clients that leave, drip or stay silent. Nothing of them may stay behind."""

import asyncio
import contextlib
import json
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from fastapi import _rust
from tests.integration.running import Running, Start

pytestmark = [
    pytest.mark.skipif(_rust.PURE, reason="the native server is part of the extension"),
    pytest.mark.timeout(300),
]

APP = """
import asyncio, gc, os, resource, threading
from fastapi import Depends, FastAPI, Request, UploadFile
from fastapi.responses import StreamingResponse

app = FastAPI()
entered = 0

async def session():
    global entered
    entered += 1
    try:
        yield entered
    finally:
        entered -= 1

@app.get("/")
async def home():
    return {"hello": "world"}

@app.get("/depends")
async def depends(number: int = Depends(session)):
    await asyncio.sleep(0.001)
    return {"hello": "world"}

@app.get("/thread")
def thread():
    return {"hello": "world"}

@app.post("/body")
async def body(item: dict, number: int = Depends(session)):
    return item

@app.post("/upload")
async def upload(file: UploadFile, number: int = Depends(session)):
    return {"size": len(await file.read())}

@app.get("/stream")
async def stream(pieces: int):
    async def content():
        for _ in range(pieces):
            yield b"x" * 16384
            await asyncio.sleep(0)
    return StreamingResponse(content())

@app.get("/state")
async def state():
    gc.collect()
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    return {
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "entered": entered,
        "memory": pages * resource.getpagesize(),
    }
"""

PLAIN = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b'POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"name": "word"}'
FILE = (
    b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 115\r\n\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"some bytes\r\n--b--\r\n"
)
STREAM = b"GET /stream?pieces=2 HTTP/1.1\r\nHost: x\r\n\r\n"
REQUESTS = (
    PLAIN,
    PLAIN.replace(b"/ ", b"/depends "),
    PLAIN.replace(b"/ ", b"/thread "),
    PLAIN.replace(b"/ ", b"/nowhere "),
    BODY,
    FILE,
    STREAM,
)

MEBIBYTE = 1 << 20


class State(NamedTuple):
    """What a server process holds; ``memory`` in bytes."""

    tasks: int
    descriptors: int
    threads: int
    entered: int
    memory: int


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Closes a connection without a farewell."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str = "/"
) -> tuple[bytes, bytes]:
    """Sends a request and returns head and body of the answer."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return head, await reader.readexactly(int(length))


async def state_when(port: int, settled: Callable[[State], bool]) -> State:
    """Asks the server for its state until it has settled, and returns the last."""
    deadline = time.monotonic() + 30
    async with connected(port) as (reader, writer):
        while True:
            _, body = await ask(reader, writer, "/state")
            state = State(**json.loads(body))
            if settled(state) or time.monotonic() > deadline:
                return state


async def leave_at_random(port: int, seed: int, count: int) -> None:
    """Sends so many requests over many connections, each of which is left at some moment."""
    chance = random.Random(seed)
    sent = 0
    while sent < count:
        wanted = [chance.choice(REQUESTS) for _ in range(min(chance.randint(1, 16), count - sent))]
        sent += len(wanted)
        data = b"".join(wanted)
        ending = chance.random()
        if ending < 0.5:
            data = data[: chance.randrange(1, len(data))]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            async with connected(port) as (reader, writer):
                writer.write(data)
                await writer.drain()
                if ending < 0.25:
                    reset(writer)
                elif ending < 0.75:
                    await reader.read(chance.randrange(1, 100_000))
                else:
                    writer.write(PLAIN.replace(b"Host", b"Connection: close\r\nHost"))
                    while await reader.read(65536):
                        pass


async def crowd(port: int, requests: int, *, seed: int, clients: int = 32) -> None:
    await asyncio.gather(
        *(leave_at_random(port, seed * clients + client, requests // clients) for client in range(clients))
    )


def any_state(state: State) -> bool:
    return True


async def is_back_at(idle: State, port: int) -> bool:
    """Whether tasks, descriptors and dependencies come to be as many as they were."""

    def settled(state: State) -> bool:
        return (state.tasks, state.descriptors, state.entered) == (idle.tasks, idle.descriptors, idle.entered)

    return settled(await state_when(port, settled))


@pytest.fixture
def server(start: Start, tmp_path: Path) -> Running:
    (tmp_path / "main.py").write_text(APP)
    return start(
        *("run", "--host", "127.0.0.1", "--port", "0", "--no-access-log"),
        *("--timeout-head", "2", "--timeout-keep-alive", "60"),
    )


@pytest.fixture
def port(server: Running) -> int:
    return server.port


def test_a_hundred_thousand_requests_with_random_disconnects_leave_nothing_behind(server: Running) -> None:
    async def scenario() -> None:
        idle = await state_when(server.port, any_state)

        # Worker threads and caches come with the first load and may stay.
        await crowd(server.port, 40_000, seed=1)
        assert await is_back_at(idle, server.port)
        before = await state_when(server.port, any_state)
        await crowd(server.port, 60_000, seed=2)
        assert await is_back_at(idle, server.port)
        after = await state_when(server.port, any_state)
        assert after.threads <= max(before.threads, 42)
        assert after.memory - before.memory < 12 * MEBIBYTE

    asyncio.run(scenario())
    server.stop()
    assert "Traceback" not in server.text
    assert "never awaited" not in server.text
    assert "was destroyed" not in server.text


def test_five_hundred_slow_heads_are_cut_off_while_others_are_served(port: int) -> None:
    async def drip(dripping: asyncio.Event) -> bytes:
        async with connected(port) as (reader, writer):
            answer = asyncio.ensure_future(reader.read())
            with contextlib.suppress(ConnectionError):
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                dripping.set()
                while not answer.done():
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.wait([answer], timeout=0.2)
            return await answer

    async def scenario() -> None:
        idle = await state_when(port, any_state)
        dripping = [asyncio.Event() for _ in range(500)]
        slow = [asyncio.ensure_future(drip(event)) for event in dripping]
        await asyncio.gather(*(event.wait() for event in dripping))
        async with connected(port) as (reader, writer):
            served = 0
            while not all(task.done() for task in slow):
                head, _ = await ask(reader, writer)
                assert head.startswith(b"HTTP/1.1 200 OK")
                served += 1
        assert served > 0
        for answer in await asyncio.gather(*slow, return_exceptions=True):
            # A byte that was on its way when the connection closed may turn the answer into a reset.
            assert isinstance(answer, ConnectionError) or answer.startswith(b"HTTP/1.1 408 ")
        assert await is_back_at(idle, port)

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_two_thousand_idle_connections_do_not_keep_others_waiting(port: int) -> None:
    async def scenario() -> None:
        idle = await state_when(port, any_state)
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(2000):
                reader, writer = await stack.enter_async_context(connected(port))
                await ask(reader, writer)
            busy = await state_when(port, any_state)
            assert busy.descriptors == idle.descriptors + 2000
            # An idle connection has no task.
            assert busy.tasks == idle.tasks
            async with connected(port) as (reader, writer):
                for _ in range(100):
                    head, _ = await ask(reader, writer)
                    assert head.startswith(b"HTTP/1.1 200 OK")
        assert await is_back_at(idle, port)

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_a_client_that_does_not_read_holds_up_its_own_response_only(port: int) -> None:
    async def scenario() -> None:
        idle = await state_when(port, any_state)
        async with connected(port) as (_, slow_writer):
            slow_writer.write(STREAM.replace(b"=2", b"=64") * 50)
            async with connected(port) as (reader, writer):
                for _ in range(1000):
                    head, _ = await ask(reader, writer)
                    assert head.startswith(b"HTTP/1.1 200 OK")
            state = await state_when(port, any_state)
            # One response waits, with little of its content; the other 49 have not begun.
            assert state.tasks > idle.tasks
            assert state.memory - idle.memory < 8 * MEBIBYTE
        assert await is_back_at(idle, port)

    asyncio.run(asyncio.wait_for(scenario(), 60))
