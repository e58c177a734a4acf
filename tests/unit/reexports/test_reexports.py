"""The names that applications import, the extra responses, and the command."""

import importlib
import runpy
import sys
import warnings
from typing import Any

import anyio
import pytest

import fastapi
from fastapi import cli, responses
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "fastapi",
            "APIRouter BackgroundTasks Body Cookie Depends FastAPI File Form HTTPException Header Path Query Request"
            " Response Security UploadFile WebSocket WebSocketDisconnect WebSocketException status __version__",
        ),
        ("fastapi.requests", "HTTPConnection Request"),
        (
            "fastapi.responses",
            "FileResponse HTMLResponse JSONResponse ORJSONResponse PlainTextResponse RedirectResponse Response"
            " StreamingResponse UJSONResponse",
        ),
        ("fastapi.websockets", "WebSocket WebSocketDisconnect WebSocketState"),
        ("fastapi.staticfiles", "StaticFiles"),
        ("fastapi.templating", "Jinja2Templates"),
        ("fastapi.testclient", "TestClient"),
        ("fastapi.logger", "logger"),
        ("fastapi.types", "DecoratedCallable DependencyCacheKey IncEx ModelNameMap UnionType"),
        ("fastapi.concurrency", "asynccontextmanager iterate_in_threadpool run_until_first_complete"),
        ("fastapi.datastructures", "Address FormData Headers QueryParams State URL UploadFile"),
        ("fastapi.middleware", "Middleware"),
        ("fastapi.middleware.cors", "CORSMiddleware"),
        ("fastapi.middleware.gzip", "GZipMiddleware"),
        ("fastapi.middleware.httpsredirect", "HTTPSRedirectMiddleware"),
        ("fastapi.middleware.trustedhost", "TrustedHostMiddleware"),
        ("fastapi.middleware.wsgi", "WSGIMiddleware"),
    ],
)
def test_a_module_offers_its_names(module: str, names: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Starlette's, of its WSGI middleware
        imported = importlib.import_module(module)
    assert [name for name in names.split() if not hasattr(imported, name)] == []


def test_the_version_is_that_of_the_api() -> None:
    assert fastapi.__version__ == "0.128.0"


def test_ujson_and_orjson_write_json() -> None:
    pytest.importorskip("ujson")
    pytest.importorskip("orjson")
    assert responses.UJSONResponse({"a": "é"}).body == '{"a":"é"}'.encode()
    assert responses.ORJSONResponse({1: "é"}).body == '{"1":"é"}'.encode()


@pytest.mark.parametrize("name", ["ujson", "orjson"])
def test_a_missing_encoder_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, name, None)
    kind = getattr(responses, f"{name.upper()}Response")
    with pytest.raises(AssertionError, match=f"^{name} must be installed to use {kind.__name__}$"):
        kind({})


@pytest.mark.parametrize("name", ["ujson", "orjson"])
def test_the_encoders_are_optional(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(vars(responses), name, raising=False)
    assert getattr(responses, name) is None
    monkeypatch.delitem(vars(responses), name)


def test_the_stack_is_open_while_the_application_runs() -> None:
    order: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scope["stack"].callback(order.append, "closed")
        order.append("ran")

    anyio.run(AsyncExitStackMiddleware(application, context_name="stack"), {}, None, None)
    assert order == ["ran", "closed"]


def test_the_command_and_the_module_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(cli, "cli_main", lambda: calls.append("called"))
    cli.main()
    runpy.run_module("fastapi", run_name="__main__")
    assert calls == ["called", "called"]


def test_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "cli_main", None)
    with pytest.raises(RuntimeError) as caught:
        cli.main()
    message = str(caught.value)
    assert 'pip install "fastapi[standard]"' in message
    assert capsys.readouterr().out == f"{message}\n"


def test_the_command_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi.cli.command", None)
    assert runpy.run_path(cli.__file__)["cli_main"] is None
