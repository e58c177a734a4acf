"""The application class: documentation pages, hooks, and the ways to register things."""

import inspect
import logging

import pytest
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.testclient import TestClient

VERBS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]


def answer() -> dict[str, bool]:
    return {"ok": True}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"])
def test_documentation_is_served(path: str) -> None:
    assert TestClient(FastAPI()).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"])
def test_without_openapi_url_there_is_no_documentation(path: str) -> None:
    assert TestClient(FastAPI(openapi_url=None)).get(path).status_code == 404


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"docs_url": None}, "/docs"),
        ({"redoc_url": None}, "/redoc"),
        ({"swagger_ui_oauth2_redirect_url": None}, "/docs/oauth2-redirect"),
    ],
)
def test_each_page_can_be_turned_off(options: dict[str, None], path: str) -> None:
    client = TestClient(FastAPI(**options))
    assert client.get(path).status_code == 404
    assert client.get("/openapi.json").status_code == 200


def test_documentation_routes_have_names_that_urls_can_be_made_from() -> None:
    app = FastAPI()
    names = ["openapi", "swagger_ui_html", "swagger_ui_redirect", "redoc_html"]
    assert [app.url_path_for(name) for name in names] == [
        "/openapi.json",
        "/docs",
        "/docs/oauth2-redirect",
        "/redoc",
    ]


def test_pages_are_under_the_root_path() -> None:
    client = TestClient(FastAPI(), root_path="/api/")
    assert "url: '/api/openapi.json'" in client.get("/docs").text
    assert "/api/docs/oauth2-redirect" in client.get("/docs").text
    assert 'spec-url="/api/openapi.json"' in client.get("/redoc").text


def test_root_path_becomes_the_first_server_once() -> None:
    app = FastAPI(root_path="/api", servers=[{"url": "https://example.com"}])
    client = TestClient(app)
    for _ in range(2):
        assert client.get("/openapi.json").json()["servers"] == [
            {"url": "/api"},
            {"url": "https://example.com"},
        ]


def test_root_path_can_be_kept_out_of_servers() -> None:
    app = FastAPI(root_path="/api", root_path_in_servers=False)
    assert "servers" not in TestClient(app).get("/openapi.json").json()


def test_openapi_prefix_is_the_old_name_of_root_path(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="fastapi"):
        app = FastAPI(openapi_prefix="/api")
    assert app.root_path == "/api"
    assert '"openapi_prefix" has been deprecated in favor of "root_path"' in caplog.text


@pytest.mark.parametrize(("option", "message"), [("title", "A title must"), ("version", "A version must")])
def test_a_document_needs_title_and_version(option: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        FastAPI(**{option: ""})


def test_openapi_document_is_made_once() -> None:
    app = FastAPI()
    assert app.openapi() is app.openapi()


def test_unknown_keywords_are_kept_as_extra() -> None:
    assert FastAPI(colour="blue").extra == {"colour": "blue"}


@pytest.mark.parametrize("owner", [FastAPI, APIRouter])
@pytest.mark.parametrize("verb", VERBS)
def test_verbs_register_one_method_and_spell_their_options_out(owner: type, verb: str) -> None:
    app = owner()
    assert getattr(app, verb)("/x", tags=["t"], status_code=202)(answer) is answer
    route = app.routes[-1]
    assert (route.path, route.methods, route.tags, route.status_code) == ("/x", {verb.upper()}, ["t"], 202)
    parameters = list(inspect.signature(getattr(owner, verb)).parameters)
    assert parameters[:3] == ["self", "path", "response_model"]
    assert parameters[-3:] == ["callbacks", "openapi_extra", "generate_unique_id_function"]


@pytest.mark.parametrize("owner", [FastAPI, APIRouter])
def test_an_unknown_option_is_refused_by_name(owner: type) -> None:
    with pytest.raises(
        TypeError, match=rf"^{owner.__name__}\.get\(\) got an unexpected keyword argument 'respons_model'$"
    ):
        owner().get("/x", respons_model=int)


def test_api_route_registers_several_methods() -> None:
    app = FastAPI()
    app.api_route("/x", methods=["get", "POST"])(answer)
    app.add_api_route("/y", answer)
    client = TestClient(app)
    assert [client.get("/x").status_code, client.post("/x").status_code, client.put("/x").status_code] == [
        200,
        200,
        405,
    ]
    assert client.get("/y").json() == {"ok": True}


def test_plain_starlette_routes_can_be_registered() -> None:
    app = FastAPI()

    async def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.method)

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    with pytest.warns(DeprecationWarning, match="The `route` decorator is deprecated"):
        app.route("/plain", methods=["PUT"])(plain)
    app.websocket_route("/ws1")(echo)
    app.add_websocket_route("/ws2", echo, name="second")
    app.websocket("/ws3", name="third")(echo)
    client = TestClient(app)
    assert client.put("/plain").text == "PUT"
    for path in ("/ws1", "/ws2", "/ws3"):
        with client.websocket_connect(path) as session:
            session.send_text(path)
            assert session.receive_text() == path
    assert app.url_path_for("second") == "/ws2"


def test_event_handlers_run_around_the_service() -> None:
    seen = []
    with pytest.warns(DeprecationWarning, match="on_startup and on_shutdown parameters are deprecated"):
        app = FastAPI(on_startup=[lambda: seen.append("parameter")])

    async def started() -> None:
        seen.append("handler")

    app.add_event_handler("startup", started)
    with pytest.warns(DeprecationWarning, match="on_event is deprecated"):
        app.on_event("shutdown")(lambda: seen.append("shutdown"))
    with TestClient(app):
        assert seen == ["parameter", "handler"]
    assert seen == ["parameter", "handler", "shutdown"]


def test_middleware_wraps_requests_from_both_declarations() -> None:
    app = FastAPI(middleware=[Middleware(GZipMiddleware, minimum_size=1)])

    @app.middleware("http")
    async def stamp(request: Request, call_next):
        response = await call_next(request)
        response.headers["x-stamp"] = "1"
        return response

    app.get("/")(answer)
    response = TestClient(app).get("/")
    assert (response.headers["x-stamp"], response.headers["content-encoding"]) == ("1", "gzip")


def test_exception_handlers_by_class_status_and_500() -> None:
    async def teapot(request: Request, exc: Exception) -> JSONResponse:
        return JSONResponse({"error": type(exc).__name__}, status_code=418)

    app = FastAPI(exception_handlers={500: teapot, KeyError: teapot})
    app.exception_handler(404)(teapot)

    @app.get("/{kind}")
    def fail(kind: str) -> None:
        raise {"key": KeyError, "value": ValueError}[kind]()

    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/key").json() == {"error": "KeyError"}
    assert client.get("/value").json() == {"error": "ValueError"}
    assert client.get("/a/b").json() == {"error": "HTTPException"}


def test_include_router_passes_its_options_on() -> None:
    app, router = FastAPI(), APIRouter()
    router.get("/x", tags=["own"])(answer)
    app.include_router(router, prefix="/p", tags=["outer"], deprecated=True)
    route = app.routes[-1]
    assert (route.path, route.tags, route.deprecated) == ("/p/x", ["outer", "own"], True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'prefx'"):
        app.include_router(router, prefx="/p")
