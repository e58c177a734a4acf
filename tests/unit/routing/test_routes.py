"""Routes and routers: what they register, what they refuse, and whom a request passes."""

import typing
from enum import IntEnum

import pytest
from pydantic import BaseModel
from pydantic.dataclasses import dataclass
from starlette.websockets import WebSocketDisconnect

import fastapi.routing
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.exceptions import FastAPIError, ResponseValidationError, WebSocketRequestValidationError
from fastapi.routing import APIRoute, APIWebSocketRoute, _prepare_response_content
from fastapi.routing import options as route_options
from fastapi.routing import router as router_module
from fastapi.testclient import TestClient


class Item(BaseModel):
    name: str
    price: float | None = None


def answer() -> dict[str, bool]:
    return {"ok": True}


@pytest.mark.parametrize(
    ("options", "declared"),
    [
        (router_module.OPERATION, route_options.OperationOptions),
        (router_module.ROUTER_METHODS, route_options.RouterMethodsOptions),
        (router_module.APP_METHODS, route_options.MethodsOptions),
        (router_module.ADD_ROUTE, route_options.AddRouteOptions),
        (router_module.APP_INCLUDE, route_options.IncludeOptions),
    ],
)
def test_type_checkers_and_signatures_know_the_same_options(options, declared) -> None:
    assert options.defaults.keys() == typing.get_type_hints(declared).keys()


def test_a_description_ends_at_the_form_feed() -> None:
    def documented() -> None:
        """Answer.

        In detail.
        \f
        Only readers of the source see this.
        """

    assert APIRoute("/", documented).description == "Answer.\n\nIn detail."
    assert APIRoute("/", answer, description="Own \f text").description == "Own"


class Plain:
    """No type that pydantic knows."""


class Status(IntEnum):
    accepted = 202


def test_an_enum_status_becomes_a_number() -> None:
    assert type(APIRoute("/", answer, status_code=Status.accepted).status_code) is int


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"status_code": 204, "response_model": Item},
            AssertionError,
            "Status code 204 must not have a response body",
        ),
        (
            {"responses": {304: {"model": Item}}},
            AssertionError,
            "Status code 304 must not have a response body",
        ),
        ({"responses": {404: "no"}}, AssertionError, "An additional response must be a dict"),
        ({"response_model": Plain}, FastAPIError, "Invalid args for response field!"),
    ],
)
def test_wrong_declarations_fail_at_registration(options, error, message) -> None:
    with pytest.raises(error, match=message):
        APIRoute("/", answer, **options)


def test_an_endpoint_must_be_callable() -> None:
    with pytest.raises(AssertionError, match="An endpoint must be a callable"):
        APIRoute("/", "answer")  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["items", "/items/"])
def test_a_prefix_starts_and_does_not_end_with_a_slash(prefix: str) -> None:
    with pytest.raises(AssertionError, match="A path prefix must"):
        APIRouter(prefix=prefix)
    with pytest.raises(AssertionError, match="A path prefix must"):
        FastAPI().include_router(APIRouter(), prefix=prefix)


def test_prefix_and_path_cannot_both_be_empty() -> None:
    router = APIRouter()
    router.get("")(answer)
    with pytest.raises(
        FastAPIError, match=r"Prefix and path cannot be both empty \(path operation: answer\)"
    ):
        FastAPI().include_router(router)


def test_included_routes_combine_what_every_level_says() -> None:
    calls = []

    def note(name: str):
        return Depends(lambda: calls.append(name))

    inner = APIRouter(
        prefix="/in", tags=["inner"], dependencies=[note("inner")], responses={404: {"description": "i"}}
    )
    inner.get("/x", tags=["own"], dependencies=[note("own")], responses={403: {"description": "o"}})(answer)
    outer = APIRouter(prefix="/out", tags=["outer"], dependencies=[note("outer")], include_in_schema=False)
    outer.include_router(inner, prefix="/mid", tags=["include"], dependencies=[note("include")])
    app = FastAPI()
    app.include_router(outer)
    route = app.routes[-1]
    assert isinstance(route, APIRoute)
    assert route.path == "/out/mid/in/x"
    assert route.tags == ["outer", "include", "inner", "own"]
    assert route.responses == {404: {"description": "i"}, 403: {"description": "o"}}
    assert route.include_in_schema is False
    assert TestClient(app).get(route.path).json() == {"ok": True}
    assert calls == ["outer", "include", "inner", "own"]


def test_tags_and_callbacks_come_in_any_iterable() -> None:
    callbacks = APIRouter()
    callbacks.post("/notice")(answer)
    inner = APIRouter(tags=["inner"])
    inner.get("/x", tags=("own",), callbacks=tuple(callbacks.routes))(answer)  # type: ignore[arg-type]
    app = FastAPI()
    app.include_router(inner, tags=("include",), callbacks=tuple(callbacks.routes))  # type: ignore[arg-type]
    app.get("/y", tags=(tag for tag in ["first", "second"]))(answer)  # type: ignore[arg-type]
    included, own = app.routes[-2:]
    assert isinstance(included, APIRoute)
    assert isinstance(own, APIRoute)
    assert included.tags == ["include", "inner", "own"]
    assert included.callbacks == callbacks.routes * 2
    assert own.tags == ["first", "second"]


def test_every_kind_of_route_is_included() -> None:
    class MyRoute(APIRoute):
        pass

    async def plain(request: Request) -> Response:
        return Response("plain")

    async def socket(websocket: WebSocket) -> None:
        await websocket.close()

    router = APIRouter(route_class=MyRoute)
    router.get("/api")(answer)
    router.route("/plain", methods=["PUT"], name="named")(plain)
    router.websocket("/ws")(socket)
    router.websocket_route("/raw")(socket)
    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/p", dependencies=[Depends(answer)])
    assert [route.path for route in app.routes] == ["/p/api", "/p/plain", "/p/ws", "/p/raw"]
    assert type(app.routes[0]) is MyRoute
    assert app.url_path_for("named") == "/p/plain"
    assert isinstance(app.routes[2], APIWebSocketRoute)
    assert len(app.routes[2].dependencies) == 1
    assert TestClient(app).put("/p/plain").text == "plain"


def test_the_scope_names_the_route_that_answers() -> None:
    app = FastAPI()

    @app.get("/here")
    def here(request: Request) -> str:
        return request.scope["route"].path

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.scope["route"].path)
        await websocket.close()

    client = TestClient(app)
    assert client.get("/here").json() == "/here"
    with client.websocket_connect("/ws") as session:
        assert session.receive_text() == "/ws"


@pytest.mark.parametrize(
    ("headers", "content", "status", "expected"),
    [
        ({"content-type": "application/json"}, b'{"name": "a"}', 200, "a"),
        ({"content-type": "application/problem+json"}, b'{"name": "a"}', 200, "a"),
        ({}, b'{"name": "a"}', 200, "a"),
        ({"content-type": "application/json"}, b"{", 422, "json_invalid"),
        ({"content-type": "text/plain"}, b'{"name": "a"}', 422, "model_attributes_type"),
        ({"content-type": "application/json"}, b"", 422, "missing"),
        ({"content-type": "application/json"}, b"\xff", 400, "There was an error parsing the body"),
    ],
)
def test_a_body_is_json_if_its_content_type_allows_it(headers, content, status, expected) -> None:
    app = FastAPI()

    @app.post("/")
    def name(item: Item) -> str:
        return item.name

    response = TestClient(app).post("/", headers=headers, content=content)
    assert response.status_code == status
    assert expected in response.text


def test_an_http_exception_while_reading_the_body_stays_itself() -> None:
    class Refusing(Request):
        async def json(self):
            raise HTTPException(413, "too much")

    class RefusingRoute(APIRoute):
        def get_route_handler(self):
            handler = super().get_route_handler()

            async def wrapped(request: Request) -> Response:
                return await handler(Refusing(request.scope, request.receive))

            return wrapped

    app = FastAPI()
    app.router.route_class = RefusingRoute
    app.post("/")(lambda item: item)

    @app.post("/item")
    def item(item: Item) -> None: ...

    assert TestClient(app).post("/item", json={"name": "a"}).status_code == 413


def test_tools_may_replace_the_functions_a_request_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def traced(name: str) -> None:
        original = getattr(fastapi.routing, name)

        def replacement(*args, **kwargs):
            called.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(fastapi.routing, name, replacement)

    names = [
        "request_response",
        "get_request_handler",
        "solve_dependencies",
        "run_endpoint_function",
        "serialize_response",
    ]
    for name in names:
        traced(name)
    app = FastAPI(openapi_url=None)
    app.get("/")(answer)
    assert TestClient(app).get("/").json() == {"ok": True}
    assert sorted(called) == sorted(names)


def test_a_status_set_on_the_injected_response_wins_and_its_headers_are_added() -> None:
    app = FastAPI()

    @app.get("/", status_code=201)
    def status(response: Response, code: int | None = None) -> dict[str, int]:
        response.headers["x-own"] = "1"
        response.status_code = code
        return {"a": 1}

    client = TestClient(app)
    assert client.get("/").status_code == 201
    assert client.get("/", params={"code": 202}).status_code == 202
    assert client.get("/", params={"code": 304}).content == b""
    assert client.get("/").headers["x-own"] == "1"


@pytest.mark.parametrize(("declared", "sent"), [({}, 0), ({"status_code": 201}, 201)])
def test_a_status_of_zero_counts_only_where_none_is_declared(declared: dict[str, int], sent: int) -> None:
    app = FastAPI()

    @app.get("/", **declared)
    def status(response: Response) -> None:
        response.status_code = 0

    assert TestClient(app).get("/").status_code == sent


@pytest.mark.parametrize("is_async", [True, False])
def test_a_result_that_does_not_fit_the_model_is_an_error_of_the_server(is_async: bool) -> None:
    app = FastAPI()

    async def async_wrong():
        return {"price": 1}

    def wrong():
        return {"price": 1}

    app.get("/", response_model=Item)(async_wrong if is_async else wrong)
    with pytest.raises(ResponseValidationError) as caught:
        TestClient(app).get("/")
    assert caught.value.endpoint_ctx["path"] == "GET /"
    assert caught.value.endpoint_ctx["file"] == __file__
    assert caught.value.endpoint_ctx["function"] in ("wrong", "async_wrong")


def test_a_callable_without_source_has_a_context_without_file() -> None:
    app = FastAPI()
    app.get("/")(_Builtin())
    with pytest.raises(ResponseValidationError) as caught:
        TestClient(app).get("/")
    assert caught.value.endpoint_ctx == {"path": "GET /"}


class _Builtin:
    def __call__(self) -> Item:
        return {"name": 1}  # type: ignore[return-value]


def test_a_dependency_that_swallows_the_exception_is_reported() -> None:
    def swallow():
        try:
            yield
        except Exception:
            pass

    app = FastAPI()

    @app.get("/", dependencies=[Depends(swallow)])
    def fail() -> None:
        raise KeyError("lost")

    with pytest.raises(FastAPIError, match="Response not awaited"):
        TestClient(app).get("/")


def test_wrong_websocket_parameters_close_with_1008() -> None:
    app = FastAPI()

    @app.websocket("/ws")
    async def ws(websocket: WebSocket, limit: int) -> None:
        await websocket.accept()
        await websocket.close(reason=str(limit))

    client = TestClient(app)
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/ws?limit=x"):
        pass
    assert caught.value.code == 1008
    with client.websocket_connect("/ws?limit=3") as session:
        assert session.receive() == {"type": "websocket.close", "code": 1000, "reason": "3"}


def test_what_stands_in_a_dependant_is_what_runs_and_what_errors_name() -> None:
    app = FastAPI()

    @app.get("/")
    async def get(limit: int = 1) -> Item:
        return Item(name=str(limit))

    @app.websocket("/ws")
    async def ws(websocket: WebSocket, limit: int = 1) -> None:
        await websocket.accept()
        await websocket.close(reason=str(limit))

    @app.exception_handler(WebSocketRequestValidationError)
    async def tell(websocket: WebSocket, error: WebSocketRequestValidationError) -> None:
        await websocket.close(reason=error.endpoint_ctx["function"])

    def close_reason() -> str:
        with client.websocket_connect("/ws") as session:
            return str(session.receive()["reason"])

    client = TestClient(app)
    assert (client.get("/").json()["name"], close_reason()) == ("1", "1")
    for route in app.routes[-2:]:
        assert isinstance(route, (APIRoute, APIWebSocketRoute))

        def doubled(limit: int, call: typing.Any = route.dependant.call, **values: typing.Any) -> typing.Any:
            return call(limit=2 * limit, **values)

        # As libraries that inject something do: see inject_from_container of wireup.
        route.dependant.call = doubled
    assert (client.get("/").json()["name"], close_reason()) == ("2", "2")
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/ws?limit=x"):
        pass
    assert caught.value.reason == "doubled"


def test_prepare_response_content_turns_models_into_plain_data() -> None:
    @dataclass
    class Point:
        x: int

    content = {"a": [Item(name="n"), Point(1)], "b": 1}
    assert _prepare_response_content(content, exclude_unset=True) == {"a": [{"name": "n"}, {"x": 1}], "b": 1}
