"""Every request has a real current task and a context of its own."""

import asyncio
import contextvars
import gc
import sys
import threading
import weakref
from typing import Any

import anyio
import pytest
import sniffio

from .conftest import Serve
from .test_requests import GET, LAST, hello

ONE_TURN = 64
"""How many requests the server begins before it lets the loop go on: `BUDGET` of rust/src/server/core.rs."""

value: contextvars.ContextVar[str] = contextvars.ContextVar("value", default="unset")


async def see(server: Any, what: Any, receive: Any, send: Any) -> None:
    server.seen.put(what)
    await hello({}, receive, send)


def run(serve: Serve, work: Any, requests: int = 1, **settings: Any) -> list[Any]:
    """What ``work`` returns within requests on one connection."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            result = await work()
        except Exception as error:
            result = error
        await see(server, result, receive, send)

    server = serve(app, **settings)
    with server.connect() as client:
        client.send(GET * (requests - 1) + LAST)
        client.rest()
    return [server.next() for _ in range(requests)]


def test_there_is_a_current_task(serve: Serve) -> None:
    async def work() -> tuple[bool, bool, bool]:
        task = asyncio.current_task()
        assert task is not None
        known = task in asyncio.all_tasks()
        await asyncio.sleep(0)
        return known, task is asyncio.current_task(), "serve" in repr(task)

    assert run(serve, work) == [(True, True, True)]


def test_each_request_has_its_own_task(serve: Serve) -> None:
    async def work() -> object:
        return asyncio.current_task()

    first, second = run(serve, work, 2)
    assert first is not second
    assert first.done()
    assert second.done()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout and TaskGroup are newer")
def test_asyncio_timeouts_and_groups_work(serve: Serve) -> None:
    async def work() -> list[str]:
        seen = []
        try:
            async with asyncio.timeout(0.005):
                await asyncio.sleep(5)
        except TimeoutError:
            seen.append("timeout")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(0, number)) for number in range(3)]
        seen += [str(task.result()) for task in tasks]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(5))
                group.create_task(fail())
        except Exception as group_error:
            seen.append(type(group_error).__name__)
        return seen

    assert run(serve, work) == [["timeout", "0", "1", "2", "ExceptionGroup"]]


async def fail() -> None:
    raise ValueError


def test_wait_for_works(serve: Serve) -> None:
    async def work() -> str:
        try:
            await asyncio.wait_for(asyncio.sleep(5), 0.005)
        except asyncio.TimeoutError:
            return "timeout"
        return "no timeout"

    assert run(serve, work) == ["timeout"]


def test_anyio_scopes_and_groups_work(serve: Serve) -> None:
    async def work() -> list[str]:
        seen = []
        with anyio.move_on_after(0.005) as scope:
            await anyio.sleep(5)
        seen.append(f"cancelled {scope.cancelled_caught}")
        async with anyio.create_task_group() as group:
            group.start_soon(asyncio.sleep, 5)
            await anyio.sleep(0)
            group.cancel_scope.cancel()
        seen.append("group")
        with anyio.CancelScope() as scope:
            scope.cancel()
            await anyio.sleep(5)
        seen.append(f"cancelled {scope.cancelled_caught}")
        seen.append(await anyio.to_thread.run_sync(lambda: anyio.from_thread.run_sync(sniff)))
        return seen

    def sniff() -> str:
        return sniffio.current_async_library()

    assert run(serve, work) == [["cancelled True", "group", "cancelled True", "asyncio"]]


def test_sniffio_knows_the_library_from_the_first_step_on(serve: Serve) -> None:
    async def work() -> list[str]:
        before = sniffio.current_async_library()
        await asyncio.sleep(0)
        return [before, sniffio.current_async_library()]

    assert run(serve, work) == [["asyncio", "asyncio"]]


def test_context_variables_are_each_requests_own(serve: Serve) -> None:
    async def work() -> list[str]:
        seen = [value.get()]
        token = value.set("set")
        await asyncio.sleep(0)
        seen.append(value.get())
        value.reset(token)
        seen.append(value.get())
        value.set("left behind")
        return seen

    assert run(serve, work, 3) == [["unset", "set", "unset"]] * 3


def test_concurrent_requests_do_not_see_each_others_variables(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        mine = scope["path"]
        value.set(mine)
        for _ in range(5):
            await asyncio.sleep(0)
            assert value.get() == mine
        await hello(scope, receive, send)

    server = serve(app)
    clients = [server.connect() for _ in range(20)]
    for number, client in enumerate(clients):
        client.send(GET.replace(b"/ ", b"/%d " % number))
    assert [client.response()[0] for client in clients] == [200] * 20
    for client in clients:
        client.close()


def test_receive_and_send_are_coroutine_functions(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(asyncio.iscoroutinefunction(receive) and asyncio.iscoroutinefunction(send))
        task = asyncio.create_task(receive())
        message = await task
        async with anyio.create_task_group() as group:
            group.start_soon(send, {"type": "http.response.start", "status": 200})
        server.seen.put(message["type"])
        never_awaited = send({"type": "http.response.body", "body": b"never"})
        never_awaited.close()
        await send({"type": "http.response.body", "body": b"once"})

    server = serve(app)
    with server.connect() as client:
        client.send(LAST)
        assert client.until(b"0\r\n\r\n").endswith(b"\r\n4\r\nonce\r\n0\r\n\r\n")
    assert [server.next(), server.next()] == [True, "http.request"]


def test_a_cancelled_receive_loses_nothing(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["more_body"]
        try:
            await asyncio.wait_for(receive(), 0.01)
        except asyncio.TimeoutError:
            server.seen.put("cancelled")
        server.seen.put(await receive())
        await hello(scope, receive, send)

    server = serve(app)
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
        assert server.next() == "cancelled"
        client.send(b"cd")
        assert server.next() == {"type": "http.request", "body": b"cd", "more_body": False}
        assert client.response()[0] == 200


def test_a_cancelled_task_is_answered_with_500(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        server.seen.put(None)
        await asyncio.sleep(50)

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        server.next()
        server.call(lambda: [task.cancel() for task in server.server.tasks()])
        assert client.rest().startswith(b"HTTP/1.1 500 ")
    assert isinstance(server.errors.exceptions[0], asyncio.CancelledError)


def test_the_context_is_empty_as_under_uvicorn(serve: Serve) -> None:
    async def work() -> list[object]:
        return list(contextvars.copy_context())

    value.set("of the test")
    assert run(serve, work) == [[]]


def test_a_task_factory_of_the_application_is_used(serve: Serve) -> None:
    made = []

    def factory(loop: Any, coroutine: Any, **options: Any) -> Any:
        made.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **options)

    server = serve(hello)
    server.call(lambda: server.loop.set_task_factory(factory))
    with server.connect() as client:
        client.send(LAST)
        client.rest()
    assert made


def test_nothing_is_left_of_a_request(serve: Serve) -> None:
    left: list[weakref.ref[Any]] = []

    class Held:
        pass

    async def app(scope: Any, receive: Any, send: Any) -> None:
        held = Held()
        left.append(weakref.ref(held))
        scope["held"] = held
        scope["receive"] = receive
        scope["cycle"] = scope
        if scope["path"] == "/boom":
            raise ValueError
        await asyncio.sleep(0)
        await hello(scope, receive, send)

    server = serve(app)
    with server.connect() as client:
        client.send(GET * 5)
        for _ in range(5):
            client.response()
    server.ask(GET.replace(b"/ ", b"/boom "))
    server.errors.exceptions.clear()
    server.until(lambda: server.server.counts()[:2] == (0, 0))
    server.call(gc.collect)
    assert len(left) == 6
    assert [held() for held in left] == [None] * 6


def test_asgi_objects_may_be_dropped_on_another_thread_but_not_used_there(serve: Serve) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        box.append(receive)
        await hello(scope, receive, send)

    box: list[Any] = []
    errors: list[BaseException] = []

    def elsewhere() -> None:
        receive = box.pop()
        try:
            receive().send(None)
        except RuntimeError as error:
            errors.append(error)
        del receive
        gc.collect()

    server = serve(app)
    server.ask(LAST)
    server.until(lambda: server.server.counts()[1] == 0)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "thread of their event loop" in str(errors[0])
    server.call(server.server.tick)


def test_the_loop_gets_its_turn_under_load(serve: Serve) -> None:
    requests = 6000
    served = 0
    between: list[int] = []

    async def count(scope: Any, receive: Any, send: Any) -> None:
        nonlocal served
        served += 1
        await hello(scope, receive, send)

    async def watch() -> None:
        while served < requests:
            before = served
            await asyncio.sleep(0)
            between.append(served - before)

    server = serve(count)
    with server.connect() as client:
        watching = asyncio.run_coroutine_threadsafe(watch(), server.loop)
        client.send(GET * requests)
        for _ in range(requests):
            client.response()
        watching.result(10)
    # Two turns of the server can fall into one of the loop.
    assert max(between) <= 2 * ONE_TURN
