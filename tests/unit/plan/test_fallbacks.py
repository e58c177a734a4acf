"""When something is not as it was shipped, or has changed since a plan was made, nothing goes past it."""

import copy
import gc
import json
import weakref
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import HTTPConnection
from starlette.requests import Request as StarletteRequest

import fastapi.routing
from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request, Response
from fastapi.dependencies import utils
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from tests.unit.plan.requests import content, send, status


def original() -> str:
    return "original"


def replaced() -> str:
    return "replaced"


def application(**options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, **options)

    @app.get("/")
    async def endpoint(value: Annotated[str, Depends(original)], q: int = 1) -> Any:
        return [value, q]

    return app


REPLACED = [
    (fastapi.routing, "solve_dependencies"),
    (fastapi.routing, "run_endpoint_function"),
    (fastapi.routing, "serialize_response"),
    (utils, "solve_dependencies"),
    (utils, "run_in_threadpool"),
    (utils, "request_params_to_args"),
]


@pytest.mark.parametrize(("namespace", "name"), REPLACED, ids=lambda part: getattr(part, "__name__", part))
def test_a_function_that_a_tool_replaces_is_called(
    namespace: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application()
    assert content(send(app, "/")) == b'["original",1]'
    shipped = getattr(namespace, name)
    calls: list[str] = []

    def watched(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return shipped(*args, **kwargs)

    monkeypatch.setattr(namespace, name, watched)
    assert content(send(app, "/", query=b"q=2")) == b'["original",2]'
    assert calls
    monkeypatch.undo()
    calls.clear()
    assert content(send(app, "/")) == b'["original",1]'
    assert not calls


@pytest.mark.parametrize(
    ("owner", "name"),
    [(ServerErrorMiddleware, "__call__"), (fastapi.routing.APIRouter, "app"), (APIRoute, "handle")],
    ids=str,
)
def test_a_method_that_a_tool_replaces_is_called(
    owner: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application()
    send(app, "/")
    shipped: Callable[..., Any] = getattr(owner, name)
    calls: list[str] = []

    async def watched(self: Any, *args: Any) -> None:
        calls.append(name)
        await shipped(self, *args)

    monkeypatch.setattr(owner, name, watched)
    app.middleware_stack = None
    for router in [app.router]:
        router.middleware_stack = router.app
    assert content(send(app, "/")) == b'["original",1]'
    assert calls == [name]


def _assign(owner: Any, name: str, value: Any) -> None:
    owner.loads = value


WAYS: list[Callable[[Any, str, Any], None]] = [
    setattr,
    _assign,
    lambda owner, name, value: vars(owner).__setitem__(name, value),
    lambda owner, name, value: vars(owner).update({name: value}),
    lambda owner, name, value: exec(f"global {name}\n{name} = value", vars(owner), {"value": value}),
]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_replace_a_function_is_noticed_every_time(way: Callable[[Any, str, Any], None]) -> None:
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def endpoint(body: Annotated[Any, Body()]) -> Any:
        return body

    shipped = json.loads
    headers = [(b"content-type", b"application/json")]
    try:
        for number in range(40):  # often enough for the interpreter to specialise what is replaced
            way(json, "loads", lambda *args, number=number, **kwargs: number)
            assert content(send(app, "/", method="POST", headers=headers, body=[b"[]"])) == b"%d" % number
            way(json, "loads", shipped)
            assert content(send(app, "/", method="POST", headers=headers, body=[b"[]"])) == b"[]"
    finally:
        json.loads = shipped


def test_a_method_that_is_replaced_in_a_base_class_is_noticed_every_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = application()
    for number in range(40):
        with monkeypatch.context() as patch:
            patch.setattr(HTTPConnection, "query_params", property(lambda self, number=number: {"q": number}))
            assert content(send(app, "/")) == b'["original",%d]' % number
        assert content(send(app, "/")) == b'["original",1]'


def test_a_request_class_that_a_tool_changes_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application()
    send(app, "/")
    shipped = StarletteRequest.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        shipped(self, *args, **kwargs)
        self.scope["query_string"] = b"q=7"

    monkeypatch.setattr(StarletteRequest, "__init__", init)
    assert content(send(app, "/")) == b'["original",7]'


def test_overrides_take_effect_and_end() -> None:
    app = application()
    for overrides, expected in (({}, b"original"), ({original: replaced}, b"replaced"), ({}, b"original")):
        app.dependency_overrides = overrides
        assert content(send(app, "/")) == b'["%s",1]' % expected


def test_overrides_are_lowered_too() -> None:
    app = application()
    send(app, "/")
    (route,) = app.router.routes
    assert isinstance(route, APIRoute)
    operation = getattr(route.app, "operation", None)
    if operation is None:
        pytest.skip("there are no plans without the extension")

    async def never(request: Request) -> Response:
        raise AssertionError("the reference path was taken")

    operation.app = never
    for value in ("one", "two", "one"):
        app.dependency_overrides = {original: lambda value=value: value}
        for _ in range(2):
            assert content(send(app, "/")) == b'["%s",1]' % value.encode()


def test_an_override_that_cannot_be_analysed_fails_its_requests_only() -> None:
    class Odd: ...

    def unfit(value: Odd) -> None: ...

    app = application()
    app.dependency_overrides = {original: unfit}
    for _ in range(2):
        assert (send(app, "/").error or "").startswith("FastAPIError: Invalid args")
    app.dependency_overrides = {}
    assert content(send(app, "/")) == b'["original",1]'


def test_an_application_that_has_served_can_be_collected() -> None:
    def serving() -> weakref.ref[FastAPI]:
        app = FastAPI(openapi_url=None)

        # No worker threads: they hold on to what they ran until they end.
        async def title(request: Request) -> str:
            return app.title

        async def other() -> str:
            return app.version

        # Not in Annotated: typing remembers what that was made with.
        @app.get("/")
        async def endpoint(value: str = Depends(title)) -> Any:
            return [value, app.title]

        assert content(send(app, "/")) == b'["FastAPI","FastAPI"]'
        app.dependency_overrides = {title: other}
        assert content(send(app, "/")) == b'["0.1.0","FastAPI"]'
        return weakref.ref(app)

    served = serving()
    gc.collect()
    assert served() is None


def test_a_dependant_that_is_changed_is_lowered_again() -> None:
    app = application()
    assert content(send(app, "/")) == b'["original",1]'
    (route,) = app.router.routes
    assert isinstance(route, APIRoute)
    route.dependant.dependencies[0].call = replaced
    vars(route.dependant.dependencies[0]).pop("cache_key", None)
    assert content(send(app, "/")) == b'["replaced",1]'

    async def other(value: str, q: int) -> Any:
        return "other"

    route.dependant.call = other
    assert content(send(app, "/")) == b'"other"'
    route.dependant.dependencies.clear()
    assert send(app, "/").error is not None


def test_a_dependency_without_a_hash_fails_as_it_does_without_a_plan() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> int:
            return 1

    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def endpoint(value: Annotated[int, Depends(Unhashable())]) -> int:
        return value

    assert str(send(app, "/").error).startswith("TypeError")


def test_a_very_wide_tree_of_dependencies_is_served() -> None:
    def level(below: Callable[..., Any] | None) -> Callable[..., Any]:
        if below is None:
            return lambda: 1

        def sum_up(a: int = Depends(below), b: int = Depends(below), c: int = Depends(below)) -> int:
            return a + b + c

        return sum_up

    call = None
    for _ in range(8):
        call = level(call)
    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def endpoint(value: Annotated[int, Depends(call)]) -> int:
        return value

    assert content(send(app, "/")) == b"2187"


def test_a_route_class_with_a_handler_of_its_own_is_asked() -> None:
    class Loud(APIRoute):
        def get_route_handler(self) -> Callable[..., Any]:
            handler = super().get_route_handler()

            async def loud(request: Request) -> Response:
                response = await handler(request)
                response.headers["x-loud"] = "yes"
                return response

            return loud

    router = APIRouter(route_class=Loud)
    router.add_api_route("/loud", original)
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    assert (b"x-loud", b"yes") in send(app, "/loud").messages[0]["headers"]


def test_an_application_around_a_route_is_called() -> None:
    app = application()
    (route,) = app.router.routes
    assert isinstance(route, APIRoute)
    inner, calls = route.app, []

    async def around(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        await inner(scope, receive, send)

    route.app = around
    assert content(send(app, "/")) == b'["original",1]'
    assert calls == ["/"]


def test_middleware_of_the_user_sees_every_request_and_all_of_the_scope() -> None:
    seen: list[list[str]] = []

    class Watch:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)
            seen.append(sorted(key for key in scope if key.startswith("fastapi")))

    app = application(middleware=[Middleware(Watch)])
    assert content(send(app, "/")) == b'["original",1]'
    assert seen == [["fastapi_function_astack", "fastapi_inner_astack", "fastapi_middleware_astack"]]


def test_a_router_with_another_way_in_is_called() -> None:
    app = application()
    shipped, calls = app.router.middleware_stack, []

    async def around(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        await shipped(scope, receive, send)

    send(app, "/")
    app.router.middleware_stack = around
    assert content(send(app, "/")) == b'["original",1]'
    assert calls == ["/"]


def test_a_route_outside_of_an_application_needs_the_exit_stack() -> None:
    (route,) = application().router.routes
    assert isinstance(route, APIRoute)
    outcome = send(route.app, "/")
    assert outcome.error == "AssertionError: fastapi_middleware_astack not found in request scope"


def test_a_websocket_scope_is_not_for_a_path_operation() -> None:
    (route,) = application().router.routes
    assert isinstance(route, APIRoute)
    assert str(send(route.app, "/", scope={"type": "websocket"}).error).startswith("AssertionError")


def test_applications_can_be_copied() -> None:
    app = application()
    send(app, "/")
    (route,) = app.router.routes
    assert isinstance(route, APIRoute)
    assert copy.copy(route.app) is route.app
    assert copy.deepcopy(route.app) is route.app


def test_routes_of_other_kinds_are_served_beside() -> None:
    app = application()
    mounted = application()
    app.mount("/sub", mounted)

    async def plain(request: StarletteRequest) -> Response:
        return PlainTextResponse("plain")

    app.router.add_route("/plain", plain)
    expected = {
        ("GET", "/"): (200, b'["original",1]'),
        ("GET", "/sub/"): (200, b'["original",1]'),
        ("GET", "/plain"): (200, b"plain"),
        ("POST", "/"): (405, b'{"detail":"Method Not Allowed"}'),
        ("GET", "/nowhere"): (404, b'{"detail":"Not Found"}'),
    }
    for (method, path), answer in expected.items():
        outcome = send(app, path, method=method)
        assert (status(outcome), content(outcome)) == answer


def test_parameters_that_the_extension_cannot_take_are_taken_at_their_place() -> None:
    from pydantic import AfterValidator, BaseModel

    order: list[str] = []

    def note(value: str) -> str:
        order.append(value)
        return value

    class Filter(BaseModel):
        a: int
        b: str = "b"

    async def first() -> None:
        order.append("first")

    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def endpoint(
        before: Annotated[None, Depends(first)],
        noted: Annotated[str, Query(), AfterValidator(note)],
        level: Annotated[int, Header()] = 3,
    ) -> Any:
        return [noted, level]

    @app.get("/model")
    async def model(filter: Annotated[Filter, Query()]) -> Any:
        return filter

    assert content(send(app, "/", query=b"noted=x", headers=[(b"level", b"4")])) == b'["x",4]'
    assert order == ["first", "x"]
    errors = json.loads(content(send(app, "/", query=b"noted=y", headers=[(b"level", b"z")])))["detail"]
    assert [error["loc"] for error in errors] == [["header", "level"]]
    assert order == ["first", "x", "first", "y"]
    assert content(send(app, "/model", query=b"a=1")) == b'{"a":1,"b":"b"}'
    assert status(send(app, "/model")) == 422
