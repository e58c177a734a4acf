"""Lifespans and events of routers, also of included ones."""

import warnings
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import pytest
import starlette.routing

from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient


def test_states_of_nested_lifespans_are_joined_and_the_outer_one_wins() -> None:
    order = []

    def lifespan(name: str, state: dict | None):
        @asynccontextmanager
        async def context(app: FastAPI):
            order.append(f"enter {name}")
            yield state
            order.append(f"exit {name}")

        return context

    app = FastAPI(lifespan=lifespan("app", {"a": "app", "b": "app"}))
    app.include_router(APIRouter(lifespan=lifespan("one", {"b": "one", "c": "one"})))
    app.include_router(APIRouter(lifespan=lifespan("two", None)))

    @app.get("/")
    def state(request: Request) -> dict[str, str]:
        return {key: getattr(request.state, key) for key in "abc"}

    with TestClient(app) as client:
        assert client.get("/").json() == {"a": "app", "b": "app", "c": "one"}
    assert order == ["enter app", "enter one", "enter two", "exit two", "exit one", "exit app"]


def test_without_any_state_there_is_none() -> None:
    app = FastAPI()
    app.include_router(APIRouter())
    with TestClient(app) as client:
        assert client.app_state == {}


def test_events_of_an_included_router_run() -> None:
    seen = []
    router = APIRouter()
    router.add_event_handler("startup", lambda: seen.append("up"))
    with pytest.warns(DeprecationWarning, match="on_event is deprecated"):

        @router.on_event("shutdown")
        async def down() -> None:
            seen.append("down")

    app = FastAPI()
    app.include_router(router)
    with TestClient(app):
        assert "up" in seen
    assert "down" in seen


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(AssertionError):
        APIRouter().add_event_handler("pause", print)


def test_a_lifespan_silences_the_event_parameters() -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI):
        yield

    with pytest.warns() as caught:
        APIRouter(lifespan=lifespan, on_startup=[print])
    assert [str(w.message)[:13] for w in caught] == ["The on_startu", "The `lifespan"]


def test_filters_know_the_warnings_of_events_as_starlettes() -> None:
    with pytest.warns() as caught:
        APIRouter(lifespan=lambda app: nullcontext(), on_startup=[print])
    assert {Path(warning.filename) for warning in caught} == {Path(str(starlette.routing.__file__))}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="starlette.routing")
        FastAPI(on_startup=[print])
