"""The plan that a route is lowered to."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.errors import PydanticUserError

from fastapi import Depends, FastAPI, Form, Query, Request, Security
from fastapi._rust import PURE
from fastapi.cli.steps import steps
from fastapi.plan import RoutePlan, lower
from fastapi.responses import FileResponse, HTMLResponse, ORJSONResponse
from fastapi.routing import APIRoute
from fastapi.routing.handler import RouteOperation
from fastapi.testclient import TestClient


class Item(BaseModel):
    name: str


async def base() -> AsyncIterator[int]:
    yield 1


def middle(value: Annotated[int, Depends(base)]) -> Iterator[int]:
    yield value


class Made:
    def __init__(
        self, q: Annotated[int, Query()], value: Annotated[int, Depends(middle, scope="function")]
    ) -> None: ...


def plan(endpoint: Any, **options: Any) -> RoutePlan:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/", endpoint, **options)
    (route,) = app.router.routes
    assert isinstance(route, APIRoute)
    handler: Any = route.get_route_handler()
    assert isinstance(handler.__self__, RouteOperation)
    lowered = lower(handler.__self__)
    assert lowered is not None
    return lowered


def test_steps_stand_in_the_order_in_which_they_run() -> None:
    async def endpoint(
        made: Annotated[Made, Depends()],
        value: Annotated[int, Depends(middle, scope="function")],
        again: Annotated[Made, Depends()],
    ) -> None: ...

    lowered = plan(endpoint)
    assert [(step.name, step.kind, step.exits, step.first) for step in lowered.steps] == [
        ("base", "async generator", "request", 0),
        ("middle", "generator", "function", 0),
        ("Made", "thread", "request", 0),
        ("base", "async generator", "request", 3),
        ("middle", "generator", "function", 3),
        ("base", "async generator", "request", 5),
        ("middle", "generator", "function", 5),
        ("Made", "thread", "request", 5),
        ("endpoint", "async", "function", 0),
    ]
    assert lowered.steps[-1].arguments == [("made", 2), ("value", 4), ("again", 7)]
    slots = [step.slot for step in lowered.steps]
    assert slots == [0, 1, 2, 0, 1, 0, 1, 2, 3]
    assert lowered.slots == 4


def test_scopes_of_security_dependencies_part_their_slots() -> None:
    async def scheme(request: Request) -> str:
        return "token"

    async def endpoint(
        a: Annotated[str, Security(scheme, scopes=["a"])],
        b: Annotated[str, Security(scheme, scopes=["b"])],
        c: Annotated[str, Security(scheme, scopes=["a"])],
    ) -> None: ...

    assert [step.slot for step in plan(endpoint).steps] == [0, 1, 0, 2]


def test_only_plans_that_show_the_scope_are_open() -> None:
    def closed(q: int = 1) -> None: ...

    def opened(request: Request) -> None: ...

    assert not plan(closed).is_open
    assert plan(opened).is_open


def test_what_is_left_to_python_has_a_reason() -> None:
    def form(name: Annotated[str, Form()], value: Annotated[int, Depends(base)]) -> Item: ...

    lowered = plan(form, response_class=ORJSONResponse)
    assert lowered.reads == "form"
    renders = "ORJSONResponse renders the body in Python, unless the endpoint returns a response"
    assert lowered.reasons[:1] == (renders,)
    assert lowered.steps[0].reasons == ()


def test_a_response_class_that_nobody_needs_is_no_reason() -> None:
    def endpoint() -> FileResponse: ...

    assert plan(endpoint, response_class=FileResponse).reasons == ()


@pytest.mark.skipif(PURE, reason="needs the extension")
def test_text_of_a_plain_field_is_written_as_it_is() -> None:
    def plain() -> str: ...
    def short() -> Annotated[str, PlainSerializer(str.upper)]: ...

    assert plan(plain, response_class=HTMLResponse).reasons == ()
    reasons = ("pydantic serializes the content of HTMLResponse",)
    assert plan(short, response_class=HTMLResponse).reasons == reasons


def test_a_response_model_is_written_by_a_compiled_writer_where_there_is_one() -> None:
    async def endpoint() -> Item: ...

    lowered = plan(endpoint)
    assert not any("response" in reason for reason in lowered.reasons) or lowered.writer is None


class Deferred(BaseModel):
    model_config = ConfigDict(defer_build=True)
    size: int


class Early(BaseModel):
    late: "Late"


class Cut(BaseModel):
    part: "Missing"  # type: ignore[name-defined]  # noqa: F821


async def deferred(item: Deferred) -> Deferred: ...


async def early(item: Early) -> Early: ...


async def cut(item: Cut) -> None: ...


forward = FastAPI()
for endpoint in (deferred, early, cut):
    forward.add_api_route(f"/{endpoint.__name__}", endpoint, methods=["POST"])


class Late(BaseModel):
    name: str


# Behind the first value pydantic says so with FastAPI, too.
@pytest.mark.filterwarnings("ignore:The 'alias' attribute")
@pytest.mark.skipif(PURE, reason="plans are lowered for the extension")
@pytest.mark.parametrize("path", ["/deferred", "/early"])
def test_models_that_pydantic_has_put_off_are_completed(path: str) -> None:
    (route,) = (route for route in forward.routes if getattr(route, "path", "") == path)
    shown = steps(route)
    assert shown["reasons"] == []
    assert [step["native"] for step in shown["steps"]] == [True]


def test_a_model_that_cannot_be_completed_is_left_to_its_requests() -> None:
    with pytest.raises(PydanticUserError, match="not fully defined"):
        TestClient(forward).post("/cut", json={"part": 1})
