"""The coroutine of a plan behaves as one of Python's in a task."""

import asyncio
import contextvars
import gc
import weakref
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from tests.unit.plan.requests import content, exchange, send

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "root_path": "",
    "query_string": b"",
    "headers": [],
}


def waiting(log: list[str], entered: Any) -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def dependency() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            log.append(type(error).__name__)
            raise
        finally:
            await asyncio.sleep(0)
            log.append("left")

    @app.get("/")
    async def endpoint(value: Annotated[None, Depends(dependency)]) -> None:
        entered.set()
        try:
            await asyncio.sleep(3600)
        except BaseException as error:
            log.append(type(error).__name__)
            raise

    return app


def test_cancelling_the_task_leaves_every_dependency() -> None:
    log: list[str] = []

    async def main() -> None:
        entered = asyncio.Event()
        task = asyncio.ensure_future(exchange(waiting(log, entered), "/"))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert log == ["CancelledError", "CancelledError", "left"]


def test_a_timeout_around_an_application_ends_it() -> None:
    log: list[str] = []

    async def main() -> None:
        entered = asyncio.Event()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(exchange(waiting(log, entered), "/"), 0.01)

    asyncio.run(main())
    assert log == ["CancelledError", "CancelledError", "left"]


def test_context_variables_of_dependencies_reach_the_endpoint_and_no_other_request() -> None:
    mark = contextvars.ContextVar("mark", default="none")
    tasks: list[Any] = []

    async def setter() -> None:
        tasks.append(asyncio.current_task())
        mark.set("set")

    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def endpoint(value: Annotated[None, Depends(setter)]) -> str:
        assert tasks[-1] is asyncio.current_task()
        return mark.get()

    assert content(send(app, "/")) == b'"set"'
    assert mark.get() == "none"


def test_awaitables_of_every_kind_are_awaited() -> None:
    class Awaitable:
        def __await__(self) -> Any:
            yield from asyncio.sleep(0).__await__()
            return "awaitable"

    def as_coroutine(function: Any) -> Any:
        async def declared() -> None: ...

        function.__wrapped__ = declared
        return function

    app = FastAPI(openapi_url=None)
    app.add_api_route("/awaitable", as_coroutine(lambda: Awaitable()))
    app.add_api_route("/nothing", as_coroutine(lambda: 1))
    assert content(send(app, "/awaitable")) == b'"awaitable"'
    error = send(app, "/nothing").error
    assert error is not None
    assert error.startswith("TypeError")
    assert "await" in error


def planned(app: FastAPI) -> Any:
    """The coroutine of the only route, and nothing around it."""
    from contextlib import AsyncExitStack

    (route,) = app.router.routes
    assert isinstance(route, APIRoute)
    scope = {**SCOPE, "fastapi_middleware_astack": AsyncExitStack(), "path_params": {}}

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None: ...

    return route.app(scope, receive, send)


class Flag:
    def set(self) -> None: ...


# Python's own coroutines warn of more than one argument from 3.12 on.
@pytest.mark.filterwarnings("ignore:the .type, exc, tb. signature:DeprecationWarning")
@pytest.mark.parametrize(
    "arguments", [(ValueError("x"),), (ValueError, "x"), (ValueError, ValueError("x"), None)]
)
def test_an_exception_thrown_in_before_the_start_comes_back(arguments: Any) -> None:
    coroutine = planned(waiting([], Flag()))
    with pytest.raises(ValueError, match="x"):
        coroutine.throw(*arguments)


def test_a_finished_coroutine_cannot_be_used_again() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/", lambda: 1)

    async def endpoint() -> int:
        return 1

    app.router.routes.clear()
    app.add_api_route("/", endpoint)
    coroutine = planned(app)
    with pytest.raises(StopIteration):
        coroutine.send(None)
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)
    coroutine.close()


def test_closing_throws_generator_exit_through_endpoint_and_dependencies() -> None:
    log: list[str] = []

    async def main() -> None:
        coroutine = planned(waiting(log, Flag()))
        coroutine.send(None)
        # The dependency awaits on its way out, which nothing can wait for any more.
        with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
            coroutine.close()

    asyncio.run(main())
    assert log[:1] == ["GeneratorExit"]


def test_a_coroutine_that_nobody_awaits_any_more_is_collected_with_its_task() -> None:
    app = FastAPI(openapi_url=None)
    references: list[Any] = []

    class Local: ...

    @app.get("/")
    async def endpoint() -> None:
        local = Local()
        references.append(weakref.ref(local))
        loop = asyncio.get_running_loop()
        await loop.create_future()

    loop = asyncio.new_event_loop()
    task = loop.create_task(exchange(app, "/"))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    del task, loop
    gc.collect()
    gc.collect()
    assert references[0]() is None


def test_tracebacks_end_in_the_code_of_the_user() -> None:
    import traceback

    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def endpoint() -> None:
        raise ValueError("here")

    caught: list[BaseException] = []

    async def main() -> None:
        scope = dict(SCOPE)

        async def receive() -> Any: ...

        async def send(message: Any) -> None: ...

        try:
            await app(scope, receive, send)
        except ValueError as error:
            caught.append(error)

    asyncio.run(main())
    assert traceback.extract_tb(caught[0].__traceback__)[-1].name == "endpoint"
