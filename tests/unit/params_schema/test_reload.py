"""Another schema in force: for all routes at once, or for none."""

import gc
import threading
import weakref
from collections.abc import Callable
from operator import itemgetter
from typing import Annotated, Any

import pytest
from starlette.middleware.base import BaseHTTPMiddleware

from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.exceptions import FastAPIError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.params import (
    ParamsSchemaError,
    get_param_schema,
    load_params_schema,
    param_factory,
    reload_params_schema,
    renewal,
)
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from .conftest import Write

FILE = """
version: 1
endpoints:
  read:
    params:
      p: {%s}
"""


def declare(write: Write, declaration: str) -> None:
    write(FILE % declaration)


def limited(write: Write) -> FastAPI:
    declare(write, "in: query, type: integer, le: 10, default: 1")
    app = FastAPI()

    @app.get("/")
    async def read(p: int = param_factory("read", "p")) -> int:
        return p

    return app


def test_routes_obey_the_new_schema_and_documents_show_it(write: Write) -> None:
    app = limited(write)
    client = TestClient(app)
    before = client.get("/openapi.json").json()
    assert client.get("/?p=11").status_code == 422
    declare(write, "in: query, type: integer, le: 20, default: 2")
    assert client.get("/?p=11").status_code == 422, "the file alone changes nothing"
    schema = reload_params_schema()
    assert load_params_schema() is schema
    assert client.get("/?p=11").json() == 11
    assert client.get("/").json() == 2
    after = client.get("/openapi.json").json()
    assert before["paths"]["/"]["get"]["parameters"][0]["schema"]["maximum"] == 10
    assert after["paths"]["/"]["get"]["parameters"][0]["schema"]["maximum"] == 20
    assert after["x-params-schema"] == {"version": 1, "digest": schema.digest} != before["x-params-schema"]


@pytest.mark.parametrize("middleware", [CORSMiddleware, GZipMiddleware, BaseHTTPMiddleware])
def test_routes_behind_middleware_and_mounts_follow(write: Write, middleware: Any) -> None:
    app = limited(write)
    options = {"dispatch": lambda request, call_next: call_next(request)}
    app.add_middleware(middleware, **(options if middleware is BaseHTTPMiddleware else {}))
    outer = FastAPI()
    outer.mount("/in", app)
    for client, path in ((TestClient(app), "/"), (TestClient(outer), "/in/")):
        declare(write, "in: query, type: integer, le: 10")
        reload_params_schema()
        assert client.get(f"{path}?p=11", headers={"origin": "https://example.org"}).status_code == 422
        declare(write, "in: query, type: integer, le: 20")
        reload_params_schema()
        assert client.get(f"{path}?p=11", headers={"origin": "https://example.org"}).json() == 11


def test_a_document_without_such_parameters_says_nothing_of_a_schema(write: Write) -> None:
    limited(write)
    app = FastAPI()
    app.get("/")(lambda: None)
    assert "x-params-schema" not in app.openapi()


@pytest.mark.parametrize("as_webhook", [True, False])
def test_callbacks_and_webhooks_count_too(write: Write, as_webhook: bool) -> None:
    declare(write, "in: query, type: integer")
    app, router = FastAPI(), APIRouter()

    def read(p: int = param_factory("read", "p")) -> None: ...

    (app.webhooks if as_webhook else router).get("/called")(read)
    app.get("/", callbacks=None if as_webhook else router.routes)(lambda: None)
    first = app.openapi()["x-params-schema"]
    declare(write, "in: query, type: integer, le: 3")
    reload_params_schema()
    assert app.openapi()["x-params-schema"] != first


def test_a_document_that_was_put_there_by_hand_stays(write: Write) -> None:
    app = limited(write)
    app.openapi_schema = {"openapi": "3.1.0"}
    reload_params_schema()
    assert app.openapi() == {"openapi": "3.1.0"}


def test_a_document_of_a_function_of_the_users_is_made_again(write: Write) -> None:
    app = limited(write)
    make = app.openapi

    def own() -> dict[str, Any]:
        return app.openapi_schema or {**make(), "x-own": True}

    app.openapi = own  # type: ignore[method-assign]
    client = TestClient(app)
    first = client.get("/openapi.json").json()
    declare(write, "in: query, type: integer, le: 3")
    reload_params_schema()
    second = client.get("/openapi.json").json()
    assert (first["x-own"], second["paths"]["/"]["get"]["parameters"][0]["schema"]["maximum"]) == (True, 3)


CONTRADICTIONS = {
    "in: path, type: integer": 'params schema params_schema.yaml:5: endpoint "read", parameter "p": "in" is path, '
    "but the path / has no {p} (declared: none).",
    "in: query, type: string": 'params schema params_schema.yaml:5: endpoint "read", parameter "p": "type" is string, '
    'but "p" is annotated as int. Change one of them.',
    "in: query, type: integer, lee: 3": 'params schema params_schema.yaml:5: endpoint "read", parameter "p": unknown '
    'field "lee". Did you mean "le"?',
}


@pytest.mark.parametrize("declaration", CONTRADICTIONS)
def test_what_is_wrong_is_told_and_the_old_schema_stays_in_force(write: Write, declaration: str) -> None:
    app = limited(write)
    with TestClient(app) as client:
        schema, document = load_params_schema(), client.get("/openapi.json").json()
        declare(write, declaration)
        with pytest.raises(ParamsSchemaError) as caught:
            reload_params_schema()
        assert str(caught.value) == CONTRADICTIONS[declaration]
        assert load_params_schema() is schema
        assert (client.get("/?p=10").status_code, client.get("/?p=11").status_code) == (200, 422)
        assert client.get("/openapi.json").json() == document


def test_an_endpoint_that_is_gone_is_told(write: Write) -> None:
    app = limited(write)
    write("version: 1\nendpoints: {reed: {}}")
    with pytest.raises(ParamsSchemaError) as caught:
        reload_params_schema()
    assert str(caught.value) == (
        'params schema params_schema.yaml: endpoint "read", parameter "p": no such endpoint in the file (declared: '
        'reed). Did you mean "reed"?'
    )
    assert TestClient(app).get("/?p=10").status_code == 200


def test_a_parameter_may_move_and_dependencies_follow(write: Write) -> None:
    declare(write, "in: query, type: integer, le: 10")
    app = FastAPI()

    def limit(p: int = param_factory("read", "p")) -> int:
        return p

    @app.get("/")
    async def read(found: Annotated[int, Depends(limit)], other: Annotated[str, Depends(lambda: "o")]) -> Any:
        return [found, other]

    client = TestClient(app)
    assert client.get("/?p=3").json() == [3, "o"]
    declare(write, "in: header, type: integer, le: 10")
    reload_params_schema()
    assert client.get("/?p=3").status_code == 422
    assert client.get("/", headers={"p": "3"}).json() == [3, "o"]
    assert client.get("/openapi.json").json()["paths"]["/"]["get"]["parameters"][0]["in"] == "header"


def test_bodies_and_forms_follow(write: Write) -> None:
    declare(write, "in: form, type: integer, le: 10")
    app = FastAPI()

    @app.post("/")
    async def read(p: int = param_factory("read", "p")) -> int:
        return p

    client = TestClient(app)
    assert client.post("/", data={"p": 3}).json() == 3
    declare(write, "in: body, type: integer, le: 10")
    reload_params_schema()
    assert client.post("/", json=4).json() == 4


def test_websockets_follow_and_a_session_goes_on(write: Write) -> None:
    declare(write, "in: query, type: integer, le: 10")
    app = FastAPI()

    @app.websocket("/")
    async def read(websocket: WebSocket, p: int = param_factory("read", "p")) -> None:
        await websocket.accept()
        await websocket.receive_text()
        await websocket.send_text(str(p))

    client = TestClient(app)
    with client.websocket_connect("/?p=10") as session:
        declare(write, "in: query, type: integer, le: 5")
        reload_params_schema()
        session.send_text("")
        assert session.receive_text() == "10"
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/?p=10"):
        pass
    assert caught.value.code == 1008


def test_a_request_under_way_goes_on_by_the_schema_that_it_began_with(write: Write) -> None:
    write("""
        version: 1
        endpoints:
          first: {params: {p: {in: query, type: integer, le: 10}}}
          second: {params: {q: {in: form, type: integer, le: 10}}}
    """)
    app = FastAPI()

    async def first(p: int = param_factory("first", "p")) -> int:
        write("""
            version: 1
            endpoints:
              first: {params: {p: {in: query, type: integer, le: 5}}}
              second: {params: {q: {in: query, type: integer, le: 5}}}
        """)
        reload_params_schema()
        return p

    @app.post("/")
    async def second(found: Annotated[int, Depends(first)], q: int = param_factory("second", "q")) -> Any:
        return found, q

    client = TestClient(app)
    assert client.post("/?p=10", data={"q": 10}).json() == [10, 10]
    assert client.post("/?p=10&q=10").json()["detail"][0]["ctx"] == {"le": 5}


def test_what_was_added_to_a_dependant_is_kept(write: Write) -> None:
    app = limited(write)
    [route] = [route for route in app.routes if isinstance(route, APIRoute)]

    def refuse(request: Request) -> None:
        raise FastAPIError("refused")

    extra = APIRoute("/", lambda found=Depends(refuse): None).dependant.dependencies[0]
    extra.name = None
    route.dependant.dependencies.append(extra)
    reload_params_schema()
    with pytest.raises(FastAPIError, match="refused"):
        TestClient(app).get("/?p=1")


def test_handlers_of_subclasses_are_made_again(write: Write) -> None:
    declare(write, "in: query, type: integer, le: 10")

    class Own(APIRoute):
        def get_route_handler(self) -> Callable[..., Any]:
            handler = super().get_route_handler()

            async def own(request: Request) -> Any:
                response = await handler(request)
                response.headers["x-own"] = str(self.path)
                return response

            return own

    app = FastAPI()
    app.router.route_class = Own

    @app.get("/")
    async def read(p: int = param_factory("read", "p")) -> int:
        return p

    known = len(renewal.followers())
    for limit in (5, 6, 7):
        declare(write, f"in: query, type: integer, le: {limit}")
        reload_params_schema()
        response = TestClient(app).get(f"/?p={limit}")
        assert (response.status_code, response.headers["x-own"]) == (200, "/")
        assert TestClient(app, raise_server_exceptions=False).get(f"/?p={limit + 1}").status_code == 422
    assert len(renewal.followers()) == known


def test_a_route_whose_app_somebody_wrapped_is_not_passed_over(write: Write) -> None:
    app = limited(write)
    [route] = [route for route in app.routes if isinstance(route, APIRoute)]
    own = route.app
    route.app = lambda scope, receive, send: own(scope, receive, send)
    with pytest.raises(FastAPIError) as caught:
        reload_params_schema()
    assert str(caught.value) == "params schema: the app of the route / was replaced. Start anew instead."


def test_overrides_of_dependencies_follow(write: Write) -> None:
    declare(write, "in: query, type: integer, le: 10")
    app = FastAPI()

    def plain() -> int:
        return 0

    def stand_in(p: int = param_factory("read", "p")) -> int:
        return p

    @app.get("/")
    async def read(found: Annotated[int, Depends(plain)]) -> int:
        return found

    app.dependency_overrides[plain] = stand_in
    client = TestClient(app)
    assert client.get("/?p=10").json() == 10
    declare(write, "in: query, type: integer, le: 5")
    reload_params_schema()
    assert client.get("/?p=10").status_code == 422


def test_routes_that_nobody_has_any_more_are_forgotten(write: Write) -> None:
    app = limited(write)
    route = weakref.ref(app.routes[-1])
    del app
    gc.collect()
    assert route() is None
    reload_params_schema()


def test_no_thread_sees_some_routes_changed_and_others_not(write: Write) -> None:
    declare(write, "in: query, type: integer, le: 10")
    app = FastAPI()
    for number in range(20):

        def read(p: int = param_factory("read", "p")) -> None: ...

        app.get(f"/{number}")(read)
    attributes = [vars(route) for route in app.routes if isinstance(route, APIRoute)]
    done, mixtures = threading.Event(), []

    def look() -> None:
        while not done.is_set():
            # In C, so that no other thread runs meanwhile.
            seen = list(map(itemgetter("params_schema"), attributes))
            if len(set(map(id, seen))) > 1:
                mixtures.append(seen)

    watcher = threading.Thread(target=look)
    watcher.start()
    for limit in range(30):
        declare(write, f"in: query, type: integer, le: {limit}")
        reload_params_schema()
    done.set()
    watcher.join(20)
    assert not watcher.is_alive()
    assert mixtures == []


def test_only_who_tries_a_schema_sees_it_before_it_is_in_force(write: Write) -> None:
    declare(write, "in: query, type: integer, le: 10")
    get_param_schema("read", "p")
    seen: list[Any] = []

    class Spy:
        def renewed(self) -> dict[str, Any]:
            seen.append(get_param_schema("read", "p").arguments)
            return {}

    spy = Spy()
    renewal.follow(spy)
    declare(write, "in: query, type: integer, lee: 99")
    with pytest.raises(ParamsSchemaError):
        reload_params_schema()
    declare(write, "in: query, type: integer, le: 99")
    reload_params_schema()
    assert seen == [{"le": 99}]
    renewal.exchange([(vars(spy), {"seen": True})])
    assert vars(spy) == {"seen": True}
