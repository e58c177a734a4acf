"""Functions that their author lets run on the event loop."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial, wraps
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator
from starlette.testclient import TestClient

from fastapi import Depends, FastAPI, WebSocket
from fastapi._rust import PURE
from fastapi.cli.steps import steps
from fastapi.concurrency import run_inline
from tests.unit.plan.requests import on_reference_path


def where() -> str:
    return threading.current_thread().name


def call(endpoint: Callable[..., Any], reference: bool = False, **options: Any) -> Any:
    app = FastAPI()

    async def loop() -> str:
        return where()

    app.get("/", **options)(endpoint)
    app.get("/loop")(loop)
    if reference:
        on_reference_path(app)
    with TestClient(app) as client:
        found, loop_thread = client.get("/").json(), client.get("/loop").json()
    return [here == loop_thread for here in found]


@run_inline
def plain() -> str:
    return where()


@run_inline
class Made:
    def __init__(self) -> None:
        self.where = where()


class Derived(Made):
    pass


class Called:
    @run_inline
    def __call__(self) -> str:
        return where()


class CalledElsewhere:
    def __call__(self) -> str:
        return where()


@wraps(plain)
def wrapper() -> str:
    return plain()


class WithMethod:
    @run_inline
    def method(self) -> str:
        return where()


@run_inline
class Instances:
    """Only what makes them is marked."""

    def __call__(self) -> str:
        return where()


@pytest.mark.parametrize("reference", [False, True])
def test_only_what_is_marked_runs_on_the_loop(reference: bool) -> None:
    @run_inline
    def endpoint(
        a: Annotated[str, Depends(plain)],
        b: Annotated[Made, Depends(Made)],
        c: Annotated[str, Depends(Called())],
        d: Annotated[str, Depends(run_inline(partial(where)))],
        e: Annotated[str, Depends(partial(plain))],
        f: Annotated[str, Depends(wrapper)],
        g: Annotated[str, Depends(WithMethod().method)],
        h: Annotated[Derived, Depends(Derived)],
        i: Annotated[str, Depends(where)],
        j: Annotated[str, Depends(CalledElsewhere())],
        k: Annotated[str, Depends(Instances())],
    ) -> list[str]:
        return [where(), a, b.where, c, d, e, f, g, h.where, i, j, k]

    assert call(endpoint, reference) == [True] * 8 + [False] * 4


@pytest.mark.parametrize("reference", [False, True])
def test_generators_are_entered_and_left_on_the_loop(reference: bool) -> None:
    seen: list[str] = []

    @run_inline
    def resource() -> Iterator[str]:
        yield where()
        seen.append(where())

    def endpoint(here: Annotated[str, Depends(resource, scope="function")]) -> list[str]:
        return [here, where()]

    assert call(endpoint, reference) == [True, False]
    assert seen[0] != "AnyIO worker thread"


@pytest.mark.parametrize("reference", [False, True])
def test_the_result_is_validated_on_the_loop(reference: bool) -> None:
    seen: list[str] = []

    def check(value: str) -> str:
        seen.append(where())
        return value

    @run_inline
    def endpoint() -> list[str]:
        return [where()]

    model = list[Annotated[str, AfterValidator(check)]]
    assert call(endpoint, reference, response_model=model) == [True]
    assert seen != ["AnyIO worker thread"]


@pytest.mark.parametrize("reference", [False, True])
def test_stop_iteration_is_a_runtime_error(reference: bool) -> None:
    @run_inline
    def endpoint() -> None:
        raise StopIteration(1)

    app = FastAPI()
    app.get("/")(endpoint)
    if reference:
        on_reference_path(app)
    with pytest.raises(RuntimeError, match="coroutine raised StopIteration") as caught:
        TestClient(app).get("/")
    assert repr(caught.value.__cause__) == "StopIteration(1)"


def test_an_override_runs_as_it_is_marked_itself() -> None:
    app = FastAPI()

    @app.get("/")
    def endpoint(here: Annotated[str, Depends(plain)]) -> str:
        return here

    app.dependency_overrides[plain] = where
    assert TestClient(app).get("/").json() == "AnyIO worker thread"


def test_dependencies_of_websockets_too() -> None:
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, here: Annotated[str, Depends(plain)]) -> None:
        await websocket.accept()
        await websocket.send_json(here == where())
        await websocket.close()

    with TestClient(app).websocket_connect("/") as session:
        assert session.receive_json() is True


async def coroutine() -> None: ...


async def generator() -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (coroutine, "is asynchronous and runs on the loop anyway"),
        (generator, "is asynchronous and runs on the loop anyway"),
        (len, "mark a function that calls it"),
        (WithMethod().method, "mark a function that calls it"),
    ],
)
def test_what_cannot_be_marked_is_refused(refused: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        run_inline(refused)


@pytest.mark.skipif(PURE, reason="without the extension nothing has steps")
def test_it_is_seen_among_the_steps() -> None:
    @run_inline
    def resource() -> Iterator[None]:
        yield

    app = FastAPI()
    app.get("/", dependencies=[Depends(resource), Depends(plain), Depends(where)])(plain)
    described = steps(app.routes[-1])["steps"]
    assert [step["kind"] for step in described] == ["inline generator", "inline", "thread", "inline"]
    assert all(step["native"] for step in described)
