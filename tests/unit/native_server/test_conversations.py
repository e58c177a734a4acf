"""WebSocket objects that go past ASGI's messages do what Starlette's do, to the application and to the peer."""

import asyncio
import gc
import inspect
import weakref
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

import pytest
from starlette.websockets import WebSocket as StockWebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from fastapi import FastAPI, WebSocket
from fastapi.plan import websockets

from .conftest import Serve
from .test_websockets import BINARY, CLOSE, PING, TEXT, close, frame, handshake

Talk = Callable[[WebSocket, "Log"], Awaitable[None]]
METHODS = ("receive_text", "receive_bytes", "send_text", "send_bytes")


class Log(list[Any]):
    """What an application sees."""

    async def of(self, awaitable: Awaitable[Any]) -> None:
        """Await something, and note what it comes to."""
        try:
            self.append(await awaitable)
        except Exception as error:
            context = type(error.__context__).__name__
            self.append([type(error).__name__, str(error), vars(error), context])

    def states(self, websocket: WebSocket) -> None:
        self.append([websocket.client_state.name, websocket.application_state.name])


def passing_on(app: Any) -> Any:
    """An application whose WebSockets stay on the slow path: somebody may look at their messages."""

    async def outside(scope: Any, receive: Any, send: Any) -> None:
        async def hear() -> Any:
            return await receive()

        async def say(message: Any) -> None:
            await send(message)

        await app(scope, hear, say)

    return outside


def conversation(serve: Serve, talk: Talk, sent: bytes, *, fast: bool) -> list[Any]:
    """What an application sees and what its peer gets, when the peer sends all that it has to say at once."""
    app = FastAPI()
    covered: list[bool] = []

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        covered.append("receive_text" in vars(websocket))
        log = Log()
        try:
            await talk(websocket, log)
        finally:
            log.states(websocket)
            server.seen.put(log)

    server = serve(app if fast else passing_on(app))
    with server.connect() as client:
        client.send(handshake() + sent)
        received = client.rest().partition(b"\r\n\r\n")[2]  # the head has a date
        log = server.next()
    server.until(lambda: server.server.counts()[1] == 0)
    assert covered == [fast]
    lines = [line.rpartition(" - ")[2] for line in server.errors.lines]  # without a port
    return [log, received, lines, [type(error) for error in server.errors.exceptions]]


async def echo(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        log.append(text)
        await websocket.send_text(text)


async def echo_bytes(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    async for data in websocket.iter_bytes():
        log.append(data)
        await websocket.send_bytes(data)


async def too_early(websocket: WebSocket, log: Log) -> None:
    for call in (
        websocket.receive_text(),
        websocket.receive_bytes(),
        websocket.send_text("x"),
        websocket.send_bytes(b"x"),
        websocket.receive(),
        websocket.receive_text(),
        websocket.accept(),
        websocket.receive_text(),
        websocket.send_text("x"),
        websocket.close(),
    ):
        log.states(websocket)
        await log.of(call)


async def too_late(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    for name in (*METHODS, *METHODS):
        call = getattr(websocket, name)
        await log.of(call() if name.startswith("receive") else call("x" if "text" in name else b"x"))
        log.states(websocket)


async def after_close(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    await websocket.close(4000, "enough")
    await log.of(websocket.send_text("x"))
    await log.of(websocket.send_bytes(b"x"))
    await log.of(websocket.receive_text())
    await log.of(websocket.receive_bytes())


async def other_kind(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    for _ in range(2):
        await log.of(websocket.receive_bytes())
        await log.of(websocket.receive_text())


async def other_kind_while_waiting(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    await websocket.send_text("ready")
    await log.of(websocket.receive_bytes())
    await log.of(websocket.receive_text())


async def all_ways(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    await log.of(websocket.receive())
    await log.of(websocket.receive_text())
    await log.of(websocket.receive_json())
    await log.of(websocket.receive_bytes())
    await log.of(websocket.send_json({"a": 1}))
    await log.of(websocket.send({"type": "websocket.send", "text": "é"}))
    await log.of(websocket.send_text("é"))
    await log.of(websocket.send_bytes(b""))
    await log.of(websocket.send_text(""))


async def not_text(websocket: WebSocket, log: Log) -> None:
    class Text(str):
        pass

    await websocket.accept()
    for wrong in (Text("text"), None, 5, b"bytes", "\ud800", bytearray(b"array"), memoryview(b"view")):
        await log.of(websocket.send_text(wrong))  # type: ignore[arg-type]
        await log.of(websocket.send_bytes(wrong))  # type: ignore[arg-type]
    await log.of(websocket.send_text(data="by name"))
    for call in (lambda: websocket.send_text(), lambda: websocket.receive_text(1)):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            call()


async def cancelled(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    waiting = asyncio.create_task(websocket.receive_text())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    log.append(waiting.cancelled())
    await websocket.send_text("go on")
    await log.of(websocket.receive_text())


async def both_wait(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    first, second = (asyncio.create_task(websocket.receive_text()) for _ in range(2))
    await asyncio.sleep(0)
    await websocket.send_text("go on")
    await log.of(first)
    await log.of(second)


async def closed_by_another(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    waiting = asyncio.create_task(websocket.receive_text())
    await asyncio.sleep(0)
    await websocket.close(1001)
    await log.of(waiting)


async def own_attributes(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()

    async def receive() -> Any:
        return {"type": "websocket.receive", "text": "own", "bytes": b"own"}

    async def send(message: Any) -> None:
        log.append(message)

    def disconnect(message: Any) -> None:
        raise RuntimeError("own")

    for name, own in (
        ("receive", receive),
        ("_receive", receive),
        ("send", send),
        ("_send", send),
        ("_raise_on_disconnect", disconnect),
    ):
        before = vars(websocket).get(name)
        setattr(websocket, name, own)
        log.append(name)
        if "send" in name:
            await log.of(websocket.send_text("x"))
            await log.of(websocket.send_bytes(b"x"))
        else:
            await log.of(websocket.receive_text())
            await log.of(websocket.receive_bytes() if name != "_raise_on_disconnect" else echoed())
        setattr(websocket, name, before) if before else delattr(websocket, name)


async def echoed() -> str:
    return "nothing"


async def own_states(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    for client in WebSocketState:
        for application in WebSocketState:
            if client is WebSocketState.CONNECTING and application is WebSocketState.CONNECTED:
                continue
            websocket.client_state, websocket.application_state = client, application
            log.states(websocket)
            await log.of(websocket.send_text("x"))
            if application is not WebSocketState.CONNECTED or client is not WebSocketState.CONNECTED:
                await log.of(websocket.receive_text())
            log.states(websocket)


async def own_class(websocket: WebSocket, log: Log) -> None:
    class Loud(StockWebSocket):
        async def receive(self) -> Any:
            log.append("receive")
            return await super().receive()

        async def send(self, message: Any) -> None:
            log.append("send")
            await super().send(message)

    await websocket.accept()
    loud = Loud(websocket.scope, websocket.receive, websocket.send)
    loud.client_state = loud.application_state = WebSocketState.CONNECTED
    await log.of(loud.receive_text())
    await log.of(loud.send_text("loud"))
    websocket.__class__ = Loud
    await log.of(websocket.receive_text())
    await log.of(websocket.send_text("loud"))


async def raising(websocket: WebSocket, log: Log) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    raise ValueError("oh")


SENT_AFTER_THE_END = [
    "RuntimeError",
    "Unexpected ASGI message 'websocket.send', after sending 'websocket.close' or response already completed.",
    {},
    "NoneType",
]
ONE, TWO, BYTES, END = (
    frame(TEXT, b"1"),
    frame(TEXT, b"2"),
    frame(BINARY, b"3"),
    frame(CLOSE, close(3000, b"r")),
)


@pytest.mark.parametrize(
    ("talk", "sent"),
    [
        (echo, ONE + TWO + frame(PING, b"p") + frame(TEXT, "é".encode()) + frame(TEXT) + END),
        (echo, frame(CLOSE)),
        (echo, ONE + BYTES + END),
        (echo_bytes, BYTES + frame(BINARY) + END),
        (echo_bytes, BYTES + ONE + END),
        (too_early, ONE + TWO + END),
        (too_late, END),
        (after_close, ONE + END),
        (other_kind, ONE + BYTES + BYTES + ONE),
        (other_kind_while_waiting, ONE + BYTES),
        (all_ways, ONE + TWO + frame(TEXT, b"[]") + BYTES),
        (not_text, b""),
        (both_wait, ONE + TWO),
        (both_wait, ONE + END),
        (closed_by_another, END),
        (own_attributes, (ONE + BYTES) * 3),
        (own_states, ONE * 3),
        (own_class, ONE + TWO),
        (raising, ONE),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_fast_path_does_what_the_slow_path_does(serve: Serve, talk: Talk, sent: bytes) -> None:
    assert conversation(serve, talk, sent, fast=True) == conversation(serve, talk, sent, fast=False)


@pytest.mark.parametrize("fast", [True, False])
def test_a_message_that_nobody_waits_for_any_more_is_heard_by_the_next(serve: Serve, fast: bool) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        log = Log()
        await cancelled(websocket, log)
        server.seen.put(log)

    server = serve(app if fast else passing_on(app))
    with server.connect() as client:
        client.send(handshake())
        client.until(b"go on")
        client.send(ONE)
        assert server.next() == [True, "1"]


@pytest.mark.parametrize("fast", [True, False])
def test_a_slow_peer_is_waited_for(serve: Serve, fast: bool) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        for number in range(200):
            await websocket.send_text("x" * 100_000)
            server.seen.put(number)

    server = serve(app if fast else passing_on(app))
    with server.connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), server.loop).result()
        assert server.seen.qsize() < 200
        for _ in range(200):
            assert client.frame() == (TEXT, b"x" * 100_000)


@pytest.mark.parametrize("fast", [True, False])
def test_a_lost_peer_is_told_of(serve: Serve, fast: bool) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        log = Log()
        await websocket.accept()
        await websocket.send_text("ready")
        await log.of(websocket.receive_text())
        log.states(websocket)
        await log.of(websocket.send_text("x"))
        log.states(websocket)
        server.seen.put(log)

    server = serve(app if fast else passing_on(app))
    with server.connect() as client:
        client.send(handshake())
        client.until(b"ready")
    assert server.next() == [
        ["WebSocketDisconnect", "(1006, '')", {"code": 1006, "reason": ""}, "NoneType"],
        ["DISCONNECTED", "CONNECTED"],
        SENT_AFTER_THE_END,
        ["DISCONNECTED", "CONNECTED"],
    ]


def test_replaced_methods_are_called(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        with monkeypatch.context() as patch:
            stock = StockWebSocket.receive

            async def receive(self: Any) -> Any:
                return {**await stock(self), "text": "replaced"}

            patch.setattr(StockWebSocket, "receive", receive)
            await websocket.send_text(await websocket.receive_text())
        await websocket.send_text(await websocket.receive_text())

    server = serve(app)
    with server.connect() as client:
        client.send(handshake() + ONE * 3)
        client.until(b"\r\n\r\n")
        assert [client.frame() for _ in range(3)] == [(TEXT, b"1"), (TEXT, b"replaced"), (TEXT, b"1")]


def test_the_methods_look_like_methods(serve: Serve) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        for name in METHODS:
            method, stock = getattr(websocket, name), getattr(StockWebSocket, name)
            assert inspect.ismethod(method)
            assert inspect.iscoroutinefunction(method)
            assert method.__self__ is websocket
            assert inspect.signature(method) == inspect.signature(stock.__get__(websocket))
            assert (method.__name__, method.__qualname__) == (stock.__name__, stock.__qualname__)
        await websocket.accept()
        task = asyncio.create_task(websocket.receive_text())
        await websocket.send_text(await asyncio.wait_for(task, 5))

    server = serve(app)
    with server.connect() as client:
        client.send(handshake() + ONE)
        client.until(b"\r\n\r\n")
        assert client.frame() == (TEXT, b"1")
    assert server.errors.exceptions.count(None) == len(server.errors.exceptions)


def test_a_websocket_outlives_its_endpoint_as_a_stock_one_and_leaves_no_cycle(serve: Serve) -> None:
    app = FastAPI()
    kept: list[Any] = []

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        kept.append(websocket)
        kept.append(websocket.send_text)
        websocket.receive_bytes = echoed  # type: ignore[method-assign, assignment]

    async def use() -> None:
        websocket, send_text = kept
        log = Log()
        assert not set(vars(websocket)) & {"receive_text", "send_text", "send_bytes"}
        await log.of(send_text("x"))
        await log.of(websocket.send_text("x"))
        await log.of(websocket.receive_bytes())
        kept[:] = [weakref.ref(websocket)]
        server.seen.put(log)

    server = serve(app)
    with server.connect() as client:
        client.send(handshake())
        client.rest()
    server.until(lambda: server.server.counts()[1] == 0)
    gc.disable()
    try:
        asyncio.run_coroutine_threadsafe(use(), server.loop).result()
        assert kept[0]() is None
    finally:
        gc.enable()
    first, second, third = server.next()
    assert first == second == SENT_AFTER_THE_END
    assert third == "nothing"


@pytest.mark.parametrize("factory", [None, asyncio.Task])
def test_who_waits_goes_on_in_its_own_task_and_context(serve: Serve, factory: Any) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    app = FastAPI()

    @app.websocket("/{name}")
    async def endpoint(websocket: WebSocket, name: str) -> None:
        task = asyncio.current_task()
        variable.set(name)
        await websocket.accept()
        while True:
            text = await websocket.receive_text()
            assert asyncio.current_task() is task
            async with asyncio.timeout(5) if hasattr(asyncio, "timeout") else nullcontext():
                await asyncio.sleep(0)
                await websocket.send_text(text + variable.get())

    server = serve(app)
    if factory is not None:
        server.call(lambda: server.loop.set_task_factory(lambda loop, coro, **more: factory(coro, loop=loop)))
    with server.connect() as one, server.connect() as two:
        for client, name in ((one, "/one"), (two, "/two")):
            client.send(handshake(name))
            client.until(b"\r\n\r\n")
        for _ in range(3):
            one.send(ONE)
            two.send(TWO)
            assert one.frame() == (TEXT, b"1one")
            assert two.frame() == (TEXT, b"2two")


def test_only_a_websocket_of_the_server_itself_is_covered() -> None:
    async def receive() -> Any: ...

    async def send(message: Any) -> None: ...

    websocket = StockWebSocket({"type": "websocket", "headers": []}, receive, send)
    assert not websockets.cover(websocket, receive, send)
    assert vars(websocket).keys().isdisjoint(METHODS)


def test_wait_ends_with_a_disconnect(serve: Serve) -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as error:
            server.seen.put((error.code, error.reason, websocket.client_state))

    server = serve(app)
    with server.connect() as client:
        client.send(handshake())
        client.until(b"\r\n\r\n")
        client.send(END)
        assert server.next() == (3000, "r", WebSocketState.DISCONNECTED)
