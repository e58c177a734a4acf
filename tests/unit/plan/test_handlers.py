"""Handlers of route classes: what they hand on runs by a plan, and they see what the reference path shows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest

from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, File, Header, Query, UploadFile
from fastapi import Request as FastAPIRequest
from fastapi import Response as FastAPIResponse
from fastapi._rust import PURE, PlannedHandler
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from tests.unit.plan.requests import Outcome, content, send, status
from tests.unit.plan.test_bodies import JSON, Item

Events = list[Any]
Handler = Callable[[FastAPIRequest], Any]


def passing(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        response = await handler(request)
        events.append((type(response).__name__, response.status_code, response.body, response.raw_headers))
        events.append(
            (type(response.background).__name__, request._stream_consumed, hasattr(request, "_json"))
        )
        events.append(len(request.scope["fastapi_inner_astack"]._exit_callbacks))
        return response

    return handle


def body_read_before(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        events.append(await request.body())
        return await handler(request)

    return handle


def body_read_afterwards(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        try:
            return await handler(request)
        finally:
            events.append(await request.body())

    return handle


def form_read_before(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        events.append(sorted(await request.form()))
        return await handler(request)

    return handle


def errors_answered(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        try:
            return await handler(request)
        except RequestValidationError as error:
            return JSONResponse({"errors": error.errors(), "body": repr(error.body)}, 400)
        except HTTPException as error:
            return PlainTextResponse(str(error.detail), 418)
        except LookupError as error:
            events.append((repr(error), repr(error.__context__)))
            raise

    return handle


def request_of_its_own(handler: Handler, events: Events) -> Handler:
    class Shouting(FastAPIRequest):
        async def body(self) -> bytes:
            return (await super().body()).replace(b"a", b"A")

    async def handle(request: FastAPIRequest) -> Any:
        return await handler(Shouting(request.scope, request.receive))

    return handle


def request_made_anew(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        async def receive() -> Any:
            return {"type": "http.request", "body": b'{"name": "replaced"}', "more_body": False}

        scope = {**request.scope, "query_string": b"q=9"}
        return await handler(FastAPIRequest(scope, receive))

    return handle


def called_twice(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        events.append((await handler(request)).body)
        return await handler(request)

    return handle


def given_up(handler: Handler, events: Events) -> Handler:
    async def handle(request: FastAPIRequest) -> Any:
        coroutine = handler(request)
        coroutine.close()
        task = asyncio.ensure_future(handler(request))
        await asyncio.sleep(0)
        task.cancel()
        events.append(
            [type(outcome).__name__ for outcome in await asyncio.gather(task, return_exceptions=True)]
        )
        return PlainTextResponse("given up")

    return handle


WAYS = [
    passing,
    body_read_before,
    body_read_afterwards,
    form_read_before,
    errors_answered,
    request_of_its_own,
    request_made_anew,
    called_twice,
    given_up,
]


def application(way: Callable[[Handler, Events], Handler], events: Events, reference: bool) -> FastAPI:
    class Own(APIRoute):
        def get_route_handler(self) -> Any:
            handler: Any = super().get_route_handler()
            return way(handler.__self__.answer if reference else handler, events)

    router = APIRouter(route_class=Own)

    async def opened(response: FastAPIResponse, q: Annotated[int, Query(ge=1)] = 1) -> AsyncIterator[int]:
        response.headers["x-opened"] = str(q)
        events.append("opened")
        try:
            yield q
        except LookupError as error:
            events.append(("thrown in", repr(error)))
            raise
        finally:
            events.append("closed")

    @router.get("/plain")
    async def plain(q: int = 1, agent: Annotated[str | None, Header()] = None) -> Any:
        await asyncio.sleep(0)
        return [q, agent]

    @router.get("/thread", status_code=201)
    def thread(tasks: BackgroundTasks, value: Annotated[int, Depends(opened)]) -> dict[str, int]:
        tasks.add_task(events.append, "afterwards")
        return {"value": value}

    @router.get("/function")
    async def function(value: Annotated[int, Depends(opened, scope="function")]) -> PlainTextResponse:
        return PlainTextResponse(str(value))

    @router.get("/failing")
    async def failing(value: Annotated[int, Depends(opened)]) -> None:
        raise LookupError(value)

    @router.get("/refusing")
    async def refusing(value: Annotated[int, Depends(opened)]) -> None:
        raise HTTPException(409, "refused", {"x-why": "because"})

    @router.get("/nothing", status_code=204)
    async def nothing() -> None: ...

    @router.post("/item")
    async def item(item: Item, request: FastAPIRequest) -> Item:
        events.append(await request.json())
        return item

    @router.post("/file")
    async def file(file: Annotated[UploadFile, File()]) -> Any:
        return [file.filename, (await file.read()).decode()]

    app = FastAPI(openapi_url=None)
    app.include_router(router)
    return app


FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\ncontent\r\n--x--\r\n'
MULTIPART = (b"content-type", b"multipart/form-data; boundary=x")
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("/plain", {"query": b"q=3", "headers": [(b"agent", b"me")]}),
    ("/plain", {"query": b"q=x"}),
    ("/thread", {"query": b"q=2"}),
    ("/thread", {"query": b"q=0"}),
    ("/function", {}),
    ("/failing", {}),
    ("/refusing", {}),
    ("/nothing", {}),
    ("/item", {"method": "POST", "headers": [JSON], "body": [b'{"name": ', b'"a"}']}),
    ("/item", {"method": "POST", "headers": [JSON], "body": [b"{"]}),
    ("/item", {"method": "POST", "headers": [JSON], "body": [b""]}),
    ("/item", {"method": "POST", "body": [b'{"name": "a"}']}),
    ("/file", {"method": "POST", "headers": [MULTIPART], "body": [FORM[:40], FORM[40:]]}),
    ("/file", {"method": "POST", "headers": [MULTIPART], "body": [FORM[:40]]}),
]


def _outcome(way: Any, path: str, options: dict[str, Any], reference: bool) -> tuple[Outcome, Events]:
    events: Events = []
    outcome = send(application(way, events, reference), path, **options)
    return outcome, events


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("path", "options"), REQUESTS, ids=str)
def test_a_handler_sees_what_the_reference_path_shows(way: Any, path: str, options: dict[str, Any]) -> None:
    assert _outcome(way, path, options, reference=False) == _outcome(way, path, options, reference=True)


def test_what_a_handler_hands_on_is_run_by_the_extension() -> None:
    operations: list[Any] = []

    class Own(APIRoute):
        def get_route_handler(self) -> Any:
            handler: Any = super().get_route_handler()
            operations.append(handler.__self__)
            return handler

    class Handing(Own):
        def get_route_handler(self) -> Any:
            handler = super().get_route_handler()

            async def handle(request: FastAPIRequest) -> Any:
                return await handler(request)

            return handle

    app = FastAPI(openapi_url=None)
    app.router.route_class = Handing
    app.get("/")(lambda: "answer")
    outcome = send(app, "/")
    assert (status(outcome), content(outcome)) == (200, b'"answer"')
    (operation,) = operations
    assert PURE or type(operation._handler) is PlannedHandler


def test_overrides_and_replaced_functions_are_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    def one() -> int:
        return 1

    app = application(passing, [], reference=False)
    app.get("/late")(lambda value=Depends(one): value)
    (route,) = [route for route in app.router.routes if getattr(route, "path", "") == "/late"]
    assert content(send(app, "/late")) == b"1"
    app.dependency_overrides[one] = lambda: 2
    assert content(send(app, "/late")) == b"2"
    monkeypatch.setattr("fastapi.routing.serialize_response", _third)
    assert content(send(app, route.path)) == b"3"  # type: ignore[attr-defined]


async def _third(**options: Any) -> int:
    return 3
