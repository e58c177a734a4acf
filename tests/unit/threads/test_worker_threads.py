"""`def` endpoints and dependencies in worker threads, on both event loops."""

import asyncio
import contextvars
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
import sniffio
from starlette.testclient import TestClient

from fastapi import Depends, FastAPI
from fastapi._rust import PURE
from fastapi.plan.threads import _pools
from tests.unit.plan.requests import Outcome, exchange, on_reference_path

LONG = 60.0
"""Seconds: what takes longer hangs."""

Runner = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=["stdlib", "uvloop"])
def run(request: pytest.FixtureRequest) -> Runner:
    start = asyncio.run if request.param == "stdlib" else pytest.importorskip("uvloop").run

    def run_in_time(main: Coroutine[Any, Any, Any]) -> Any:
        return start(asyncio.wait_for(main, LONG))

    return run_in_time


def app_with(endpoint: Callable[..., Any], **options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.get("/", **options)(endpoint)
    return app


def json_of(outcome: Outcome) -> bytes:
    assert outcome.error is None
    body: bytes = outcome.messages[-1]["body"]
    return body


async def get(endpoint: Callable[..., Any], **options: Any) -> bytes:
    return json_of(await exchange(app_with(endpoint, **options), "/"))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_an_endpoint_runs_in_a_thread_with_the_name_of_anyios(run: Runner) -> None:
    here = threading.get_ident()

    def endpoint() -> Any:
        thread = threading.current_thread()
        return [thread.name, thread.daemon, thread.ident == here]

    assert run(get(endpoint)) == b'["AnyIO worker thread",false,false]'


def test_blocked_endpoints_run_at_the_same_time_up_to_the_limit(run: Runner) -> None:
    barrier = threading.Barrier(40)
    app = app_with(lambda: barrier.wait(LONG) >= 0)

    async def main() -> list[bytes]:
        return [json_of(one) for one in await asyncio.gather(*(exchange(app, "/") for _ in range(40)))]

    assert run(main()) == [b"true"] * 40


def test_one_blocked_endpoint_holds_nobody_up(run: Runner) -> None:
    release = threading.Event()
    blocked = app_with(lambda: release.wait(LONG))
    app = app_with(lambda: 1)

    async def main() -> bytes:
        first = asyncio.create_task(exchange(blocked, "/"))
        others = await asyncio.gather(*(exchange(app, "/") for _ in range(100)))
        assert not first.done()
        assert {json_of(other) for other in others} == {b"1"}
        release.set()
        return json_of(await first)

    assert run(main()) == b"true"


def test_a_finished_endpoint_is_answered_while_one_behind_it_blocks(run: Runner) -> None:
    """Both are in the queue when the worker comes."""
    release = threading.Event()
    short, long = app_with(lambda: 1), app_with(lambda: release.wait(LONG))

    async def main() -> bytes:
        both = [asyncio.create_task(exchange(app, "/")) for app in (short, long)]
        assert json_of(await both[0]) == b"1"
        release.set()
        return json_of(await both[1])

    assert run(main()) == b"true"


def test_the_limiter_of_anyio_is_obeyed_and_its_changes_too(run: Runner) -> None:
    running, most, guard = 0, 0, threading.Lock()
    steps = threading.Semaphore(0)

    def endpoint() -> None:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        steps.acquire(timeout=LONG)
        with guard:
            running -= 1

    async def main() -> tuple[Any, ...]:
        app = app_with(endpoint)
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 2
        requests = [asyncio.create_task(exchange(app, "/")) for _ in range(6)]
        await until(lambda: running == 2 and limiter.statistics().tasks_waiting == 4)
        seen = limiter.borrowed_tokens, limiter.available_tokens, most
        assert set(limiter.statistics().borrowers) == set(requests[:2])
        limiter.total_tokens = 5
        await until(lambda: running == 5)
        # One more token only for who waits, in the order in which they came.
        assert set(limiter.statistics().borrowers) == set(requests[:5])
        steps.release(6)
        await asyncio.gather(*requests)
        return *seen, most, limiter.borrowed_tokens

    assert run(main()) == (2, 0, 2, 5, 0)


def test_the_limiter_is_shared_with_other_calls_of_anyio(run: Runner) -> None:
    release = threading.Event()

    async def main() -> bool:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        own = asyncio.create_task(anyio.to_thread.run_sync(release.wait, LONG))
        await until(lambda: limiter.borrowed_tokens == 1)
        request = asyncio.create_task(exchange(app_with(lambda: 1), "/"))
        await until(lambda: limiter.statistics().tasks_waiting == 1)
        release.set()
        await request
        return await own

    assert run(main()) is True


def test_who_holds_a_token_already_gets_no_second_one(run: Runner) -> None:
    async def hold() -> Any:
        async with anyio.to_thread.current_default_thread_limiter():
            yield

    app = app_with(lambda: 1, dependencies=[Depends(hold)])

    async def main() -> Any:
        limiter = anyio.to_thread.current_default_thread_limiter()
        outcome = await exchange(app, "/")
        return outcome.error, limiter.borrowed_tokens

    assert run(main()) == (
        "RuntimeError: this borrower is already holding one of this CapacityLimiter's tokens",
        0,
    )


def test_it_runs_in_a_copy_of_the_context(run: Runner) -> None:
    variable = contextvars.ContextVar("variable", default="outside")

    async def before() -> None:
        variable.set("of the request")

    def change() -> str:
        seen = variable.get()
        variable.set("of the thread")
        return seen

    def endpoint(seen: Annotated[str, Depends(change)]) -> list[str]:
        return [seen, variable.get()]

    body = run(get(endpoint, dependencies=[Depends(before)]))
    assert body == b'["of the request","of the request"]'


def test_a_thread_is_no_place_for_coroutines(run: Runner) -> None:
    def endpoint() -> list[str]:
        found = []
        for look in (sniffio.current_async_library, asyncio.get_running_loop):
            try:
                found.append(str(look()))
            except (sniffio.AsyncLibraryNotFoundError, RuntimeError) as error:
                found.append(type(error).__name__)
        return found

    async def main() -> bytes:
        sniffio.current_async_library_cvar.set("asyncio")
        return await get(endpoint)

    assert run(main()) == b'["AsyncLibraryNotFoundError","RuntimeError"]'


def test_anyio_and_asyncio_find_the_loop_from_inside(run: Runner) -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()

        async def thread() -> int:
            await asyncio.sleep(0)
            return threading.get_ident()

        def endpoint() -> list[bool]:
            anyio.from_thread.check_cancelled()
            found = [
                anyio.from_thread.run(thread),
                anyio.from_thread.run_sync(threading.get_ident),
                asyncio.run_coroutine_threadsafe(thread(), loop).result(LONG),
            ]
            with anyio.from_thread.start_blocking_portal() as portal:
                found.append(portal.call(threading.get_ident))
            return [ident == here for ident in found]

        here = threading.get_ident()
        return await get(endpoint)

    assert run(main()) == b"[true,true,true,false]"


class Fatal(BaseException):
    pass


@pytest.mark.parametrize(
    ("error", "expected", "cause"),
    [
        (ValueError("x"), "ValueError('x')", None),
        (StopIteration(3), "RuntimeError('coroutine raised StopIteration')", "StopIteration(3)"),
        (StopAsyncIteration(), "StopAsyncIteration()", None),
        (asyncio.CancelledError("c"), "CancelledError('c')", None),
        (Fatal("f"), "Fatal('f')", None),
    ],
)
@pytest.mark.parametrize("reference", [False, True])
def test_what_is_raised_arrives(
    run: Runner, error: BaseException, expected: str, cause: str | None, reference: bool
) -> None:
    def endpoint() -> None:
        raise error

    async def main() -> BaseException | None:
        app = app_with(endpoint)
        if reference:
            on_reference_path(app)
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}

        try:
            await app(scope, nothing, nothing)
        except BaseException as raised:
            return raised
        return None

    raised = run(main())
    assert repr(raised) == expected
    assert (repr(raised.__cause__) if raised.__cause__ else None) == cause


def test_cancel_scopes_wait_for_the_thread(run: Runner) -> None:
    """And the thread can know."""
    log: list[str] = []
    begun, release = threading.Event(), threading.Event()

    def endpoint() -> None:
        begun.set()
        release.wait(LONG)
        try:
            anyio.from_thread.check_cancelled()
        except asyncio.CancelledError:
            log.append("is cancelled")

    async def main() -> bool:
        async def cancel(scope: anyio.CancelScope) -> None:
            await until(begun.is_set)
            scope.cancel()
            log.append("cancels")
            for _ in range(5):
                await asyncio.sleep(0)
            release.set()

        with anyio.CancelScope() as scope:
            canceller = asyncio.create_task(cancel(scope))
            await exchange(app_with(endpoint), "/")
            log.append("goes on")
        await canceller
        assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
        return scope.cancelled_caught

    assert run(main()) is True
    assert log == ["cancels", "is cancelled"]


@pytest.mark.parametrize("how", ["cancel", "timeout"])
def test_a_cancelled_task_does_not_wait_for_the_thread(run: Runner, how: str) -> None:
    begun, release, ended = threading.Event(), threading.Event(), threading.Event()

    def endpoint() -> None:
        begun.set()
        release.wait(LONG)
        ended.set()

    async def main() -> tuple[bool, float]:
        limiter = anyio.to_thread.current_default_thread_limiter()
        task = asyncio.create_task(exchange(app_with(endpoint), "/"))
        await until(begun.is_set)
        if how == "cancel":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(task, 0.001)
        seen = ended.is_set(), limiter.borrowed_tokens
        release.set()
        await until(ended.is_set)
        assert json_of(await exchange(app_with(lambda: 1), "/")) == b"1"
        return seen

    assert run(main()) == (False, 0)


def test_what_is_cancelled_beforehand_does_not_begin(run: Runner) -> None:
    ran: list[int] = []
    app = app_with(lambda: ran.append(1))

    async def by_task() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await exchange(app, "/")

    async def main() -> None:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(by_task())
        with anyio.CancelScope() as scope:
            scope.cancel()
            await exchange(app, "/")

    run(main())
    assert ran == []


def test_a_job_that_is_cancelled_in_the_queue_of_the_limiter_does_not_run(run: Runner) -> None:
    ran: list[int] = []
    release = threading.Event()

    async def main() -> float:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        first = asyncio.create_task(exchange(app_with(lambda: release.wait(LONG)), "/"))
        await until(lambda: limiter.borrowed_tokens == 1)
        second = asyncio.create_task(exchange(app_with(lambda: ran.append(1)), "/"))
        await until(lambda: limiter.statistics().tasks_waiting == 1)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert limiter.statistics().tasks_waiting == 0
        release.set()
        await first
        return limiter.borrowed_tokens

    assert run(main()) == 0
    assert ran == []


def test_a_token_for_who_was_just_cancelled_goes_to_the_next(run: Runner) -> None:
    release = threading.Event()
    ran: list[int] = []

    async def main() -> float:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        first = asyncio.create_task(exchange(app_with(lambda: release.wait(LONG)), "/"))
        await until(lambda: limiter.borrowed_tokens == 1)
        second, third = (
            asyncio.create_task(exchange(app_with(lambda number=number: ran.append(number)), "/"))
            for number in (2, 3)
        )
        await until(lambda: limiter.statistics().tasks_waiting == 2)
        second.cancel()
        limiter.total_tokens = 2
        await third
        with pytest.raises(asyncio.CancelledError):
            await second
        assert not first.done()
        release.set()
        await first
        return limiter.borrowed_tokens

    assert run(main()) == 0
    assert ran == [3]


def test_a_scope_that_is_cancelled_does_not_wait_for_a_token(run: Runner) -> None:
    release = threading.Event()
    ran: list[int] = []

    async def main() -> tuple[bool, float]:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        first = asyncio.create_task(exchange(app_with(lambda: release.wait(LONG)), "/"))
        await until(lambda: limiter.borrowed_tokens == 1)
        with anyio.move_on_after(0.01) as scope:
            await exchange(app_with(lambda: ran.append(1)), "/")
        release.set()
        await first
        return scope.cancelled_caught, limiter.borrowed_tokens

    assert run(main()) == (True, 0)
    assert ran == []


@pytest.mark.parametrize("known", [True, False])
def test_more_requests_than_tokens_are_all_answered(
    run: Runner, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is known how the limiter keeps its queue, or not."""
    if not known:
        monkeypatch.setattr("fastapi.plan.threads._limiter_class", lambda: None)
    app = app_with(lambda: threading.get_ident())

    async def main() -> float:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 3
        found = [json_of(one) for one in await asyncio.gather(*(exchange(app, "/") for _ in range(200)))]
        assert len(set(found)) <= 3
        return limiter.borrowed_tokens

    assert run(main()) == 0


def test_loops_in_several_threads_have_workers_of_their_own(run: Runner) -> None:
    barrier = threading.Barrier(3)
    app = app_with(lambda: [barrier.wait(LONG) >= 0, anyio.from_thread.run_sync(threading.get_ident)])
    found: dict[int, bytes] = {}

    def one() -> None:
        found[threading.get_ident()] = json_of(run(exchange(app, "/")))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert found == {ident: b"[true,%d]" % ident for ident in found}
    assert len(found) == 3


def test_threads_end_with_the_loop(run: Runner) -> None:
    threads: list[threading.Thread] = []
    app = app_with(lambda: threads.append(threading.current_thread()))

    run(exchange(app, "/"))
    asyncio.run(exchange(app, "/"))  # in the very task with which the loop is started
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads)
    assert not _pools


@pytest.mark.skipif(PURE, reason="threads of anyio end when another one is needed")
def test_threads_end_when_nothing_comes(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi.plan.threads._PATIENCE", timedelta(milliseconds=1))
    threads: list[threading.Thread] = []
    app = app_with(lambda: threads.append(threading.current_thread()))

    async def main() -> None:
        for count in (1, 2):
            await exchange(app, "/")
            await until(lambda count=count: len(threads) == count and not threads[-1].is_alive())
            assert not _pools

    run(main())
    assert len(set(threads)) == 2


@pytest.mark.skipif(PURE, reason="cancel scopes of anyio are not left that way")
@pytest.mark.parametrize("how", ["close", "drop"])
def test_a_request_that_is_dropped_gives_its_token_back(run: Runner, how: str) -> None:
    release = threading.Event()
    app = app_with(lambda: release.wait(LONG))

    async def main() -> list[tuple[float, int]]:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        requests: list[Any] = []

        def state() -> tuple[float, int]:
            return limiter.borrowed_tokens, limiter.statistics().tasks_waiting

        async def begin(borrowed: int, waiting: int) -> None:
            scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
            requests.append(app(scope, nothing, nothing))
            # What it waits for is not waited for: the request is left where it is.
            while state() != (borrowed, waiting):
                requests[-1].send(None)

        await asyncio.create_task(begin(1, 0))
        await asyncio.create_task(begin(1, 1))
        seen = []
        while requests:
            request = requests.pop()
            if how == "close":
                request.close()
            del request
            gc.collect()
            seen.append(state())
        release.set()
        return seen

    assert run(main()) == [(1, 0), (0, 0)]


async def nothing(*_: Any) -> Any: ...


def test_threads_are_used_again(run: Runner) -> None:
    threads: set[int] = set()
    app = app_with(lambda: threads.add(threading.get_ident()))

    async def main() -> None:
        for _ in range(20):
            await exchange(app, "/")

    run(main())
    # A worker that is just going to rest may not be there yet when the next job comes.
    assert len(threads) <= 2


def test_the_test_client_has_threads_on_every_loop() -> None:
    app = app_with(lambda: threading.current_thread().name)
    client = TestClient(app)
    assert [client.get("/").json() for _ in range(3)] == ["AnyIO worker thread"] * 3
    with client:
        assert [client.get("/").json() for _ in range(3)] == ["AnyIO worker thread"] * 3


def test_on_trio_anyio_has_its_own_threads() -> None:
    pytest.importorskip("trio")
    app = app_with(lambda: sniffio.current_async_library_cvar.get())

    with TestClient(app, backend="trio") as client:
        assert client.get("/").json() is None
    assert not _pools


def test_the_response_of_an_endpoint_is_validated_in_a_thread(run: Runner) -> None:
    from pydantic import AfterValidator

    threads: list[int] = []

    def check(value: int) -> int:
        threads.append(threading.get_ident())
        return value + 1

    assert run(get(lambda: 1, response_model=Annotated[int, AfterValidator(check)])) == b"2"
    assert threads[0] != threading.get_ident()


EXITS = {
    "after a request": "",
    "while a thread is busy": "asyncio.create_task(exchange(app, '/'))\n    await begun.wait()",
    "without an end of the loop": "sys.exit(7)",
}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("when", EXITS)
def test_the_interpreter_exits(loop: str, when: str) -> None:
    pytest.importorskip(loop)
    if PURE and "exit" in EXITS[when]:
        pytest.skip("the threads of anyio wait for ever for a loop that was dropped")
    program = f"""
import asyncio, sys, time, {loop}
from fastapi import FastAPI
from tests.unit.plan.requests import exchange

app = FastAPI()
def work():
    time.sleep(0.05)
    print("done")
app.get("/")(work)

class begun:
    async def wait():
        await asyncio.sleep(0.02)

async def main():
    await exchange(app, "/")
    {EXITS[when]}

loop = {loop}.new_event_loop()
loop.run_until_complete(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG, cwd=os.getcwd()
    )
    assert done.returncode == (7 if "exit" in EXITS[when] else 0), done.stderr
    assert done.stdout == ("done\ndone\n" if "busy" in when else "done\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_threads_of_its_own() -> None:
    program = """
import asyncio, os, sys
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.plan.threads import _pools
from tests.unit.plan.requests import exchange

app = FastAPI()
app.get("/")(lambda: 1)

with start_blocking_portal() as portal:
    first = portal.call(exchange, app, "/")
    child = os.fork()
    if child == 0:
        os._exit(1 if _pools else 0 if asyncio.run(exchange(app, "/")) == first else 2)
    _, status = os.waitpid(child, 0)
    assert portal.call(exchange, app, "/") == first
sys.exit(os.waitstatus_to_exitcode(status))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 0, done.stderr


def test_a_thread_that_cannot_be_started_is_an_error_of_the_request(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> str | None:
        with monkeypatch.context() as patch:

            def refuse(self: threading.Thread) -> None:
                raise RuntimeError("can't start new thread")

            patch.setattr(threading.Thread, "start", refuse)
            outcome = await exchange(app_with(lambda: 1), "/")
            assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
        assert json_of(await exchange(app_with(lambda: 1), "/")) == b"1"
        return outcome.error

    assert run(main()) == "RuntimeError: can't start new thread"


def test_thousands_of_calls_all_come_back(run: Runner) -> None:
    def pause(number: int) -> int:
        if number % 7 == 0:
            time.sleep(0.0005)
        return number

    app = FastAPI(openapi_url=None)
    app.get("/{number}")(pause)

    async def one(number: int) -> bool:
        return json_of(await exchange(app, f"/{number}")) == b"%d" % number

    async def main() -> bool:
        return all(await asyncio.gather(*(one(number) for number in range(2000))))

    assert run(main())


@pytest.mark.skipif(PURE, reason="the reference path has no pool")
def test_the_pool_is_what_serves(run: Runner) -> None:
    async def main() -> bool:
        await exchange(app_with(lambda: 1), "/")
        return asyncio.get_running_loop() in _pools

    assert run(main())
