"""Generators end in a plan as they do by way of contextlib, however they end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import anyio.to_thread
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_inline
from tests.unit.plan.requests import exchange, on_reference_path

ERRORS: dict[str, Callable[[], BaseException]] = {
    "value": lambda: ValueError("v"),
    "stop": lambda: StopIteration("s"),
    "async stop": lambda: StopAsyncIteration("a"),
    "runtime": lambda: RuntimeError("r"),
    "http": lambda: HTTPException(418),
    "cancelled": lambda: asyncio.CancelledError("c"),
}
ENTRIES = ("yields", "yields", "yields", "yields", "ends", "raises")
ENDS = ("ends", "ends", "ends", "yields", "raises")
CATCHES = ("nothing", "nothing", "swallows", "raises", "chains", "yields", "raises again")


@dataclass(frozen=True)
class Generator:
    """One dependency: how it runs, how it begins, how it ends well, and what it does with an exception."""

    kind: str
    scope: str
    entry: str
    end: str
    catch: str
    error: str


GENERATORS = st.builds(
    Generator,
    kind=st.sampled_from(["async", "thread", "inline"]),
    scope=st.sampled_from(["request", "function"]),
    entry=st.sampled_from(ENTRIES),
    end=st.sampled_from(ENDS),
    catch=st.sampled_from(CATCHES),
    error=st.sampled_from(sorted(ERRORS)),
)


def _body(generator: Generator, number: int, log: list[str]) -> Iterator[str]:
    """What all kinds do; whoever runs it hands on what it yields."""
    log.append(f"{number} begins")
    if generator.entry == "ends":
        return
    if generator.entry == "raises":
        raise ERRORS[generator.error]()
    try:
        yield f"<{number}>"
    except BaseException as error:
        if isinstance(error, GeneratorExit) and not error.args:
            # Closed by the collector, whenever that comes, as blocking generators are that are cancelled.
            raise
        log.append(f"{number} catches {chain(error)}")
        if generator.catch == "nothing":
            raise
        if generator.catch == "raises again":
            raise error
        if generator.catch == "raises":
            raise ERRORS[generator.error]() from None
        if generator.catch == "chains":
            raise ERRORS[generator.error]() from error
        if generator.catch == "yields":
            yield "again"
    else:
        log.append(f"{number} ends")
        if generator.end == "yields":
            yield "again"
        if generator.end == "raises":
            raise ERRORS[generator.error]()


def dependency(generator: Generator, number: int, log: list[str]) -> Callable[..., Any]:
    def plain() -> Iterator[str]:
        yield from _body(generator, number, log)

    async def asynchronous() -> AsyncIterator[str]:
        # What is thrown in must reach the body: there is no `yield from` for these.
        body = _body(generator, number, log)
        try:
            item = next(body)
            while True:
                try:
                    sent: BaseException | None = None
                    yield item
                except BaseException as error:
                    sent = error
                item = next(body) if sent is None else body.throw(sent)
        except StopIteration:  # the end of the body; one that was raised in it is a RuntimeError by now
            return

    if generator.kind == "async":
        return asynchronous
    return run_inline(plain) if generator.kind == "inline" else plain


def chain(error: BaseException | None) -> str:
    """An exception with all that led to it."""
    shown, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        link = "from" if error.__cause__ is not None else "in"
        shown.append(f"{error!r} {'alone' if error.__suppress_context__ else ''}{link}")
        error = error.__cause__ if error.__cause__ is not None else error.__context__
    return " / ".join(shown)


def outcome(generators: list[Generator], failure: str | None, is_open: bool, reference: bool) -> Any:
    log: list[str] = []
    app = FastAPI(openapi_url=None)
    dependencies = [
        Depends(dependency(generator, number, log), scope=generator.scope)
        for number, generator in enumerate(generators)
    ]

    async def answer() -> str:
        log.append("endpoint")
        if failure == "cancels itself":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        elif failure is not None:
            raise ERRORS[failure]()
        return "well"

    async def answer_seen(request: Request) -> str:
        return await answer()

    app.get("/", dependencies=dependencies)(answer_seen if is_open else answer)
    if reference:
        on_reference_path(app)

    async def main() -> Any:
        sent: list[Any] = []
        for _ in range(2):  # the second time nothing stands between the application and the plan
            try:
                sent.append(await asyncio.create_task(exchange(app, "/")))
            except asyncio.CancelledError as error:
                # Where it comes while an answer is sent, that is the answer to an exception only for Python.
                sent.append(repr(error) if failure == "cancels itself" else chain(error))
            except BaseException as error:
                sent.append(chain(error))
        return sent, anyio.to_thread.current_default_thread_limiter().borrowed_tokens

    return asyncio.run(main()), log


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    generators=st.lists(GENERATORS, min_size=1, max_size=4),
    failure=st.sampled_from([None, None, "cancels itself", *sorted(ERRORS)]),
    is_open=st.booleans(),
)
def test_generators_end_as_on_the_reference_path(
    generators: list[Generator], failure: str | None, is_open: bool
) -> None:
    expected = outcome(generators, failure, is_open, reference=True)
    assert outcome(generators, failure, is_open, reference=False) == expected


def test_what_looks_like_a_generator_function_may_return_anything() -> None:
    """What decides is what the innermost function is."""
    from functools import wraps

    log: list[str] = []

    class Iterable:
        def __next__(self) -> str:
            log.append("next")
            if len(log) > 1:
                raise StopIteration
            return "value"

    def inner() -> Iterator[str]:
        yield "never"

    @wraps(inner)
    def outer() -> Any:
        return Iterable()

    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def endpoint(value: Annotated[str, Depends(outer)]) -> str:
        return value

    async def main() -> None:
        for _ in range(2):
            log.clear()
            sent = await exchange(app, "/")
            assert sent.messages[-1]["body"] == b'"value"'
            assert log == ["next", "next"]

    asyncio.run(main())


def test_a_generator_is_left_even_if_all_threads_wait_for_it() -> None:
    left = threading.Event()

    def resource() -> Iterator[None]:
        yield
        left.set()

    app = FastAPI(openapi_url=None)
    app.get("/held", dependencies=[Depends(resource)])(_nothing)
    app.get("/waits")(lambda: left.wait(10))

    async def main() -> list[Any]:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 2
        entered = asyncio.Event()
        release = asyncio.Event()

        async def hold() -> None:
            entered.set()
            await release.wait()

        app.dependency_overrides[_nothing] = hold
        app.get("/hold", dependencies=[Depends(resource), Depends(_nothing)])(_nothing)
        held = asyncio.create_task(exchange(app, "/hold"))
        await entered.wait()
        waiting = [asyncio.create_task(exchange(app, "/waits")) for _ in range(3)]
        while limiter.statistics().tasks_waiting != 1:
            await asyncio.sleep(0.001)
        release.set()
        return [one.messages[-1]["body"] for one in await asyncio.gather(held, *waiting)]

    assert asyncio.run(asyncio.wait_for(main(), 10)) == [b"null", b"true", b"true", b"true"]


async def _nothing() -> None: ...


@pytest.mark.parametrize("kind", ["async", "thread", "inline"])
def test_what_a_generator_holds_is_released_when_the_request_is_cancelled(kind: str) -> None:
    generator = Generator(kind, "request", "yields", "ends", "nothing", "value")

    def run(reference: bool) -> list[str]:
        log: list[str] = []
        began = asyncio.Event()

        async def endpoint() -> None:
            began.set()
            await asyncio.sleep(60)

        app = FastAPI(openapi_url=None)
        app.get("/", dependencies=[Depends(dependency(generator, 0, log))])(endpoint)
        if reference:
            on_reference_path(app)

        async def main() -> None:
            for _ in range(2):
                began.clear()
                task = asyncio.create_task(exchange(app, "/"))
                await began.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        asyncio.run(main())
        return log

    assert run(reference=False) == run(reference=True)
