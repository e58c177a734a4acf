"""The command ``fastapi``, without a server behind it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("typer")
from typer.testing import CliRunner, Result

from fastapi import _rust
from fastapi.cli import command, discovery, serving
from fastapi.cli.discovery import DiscoveryError, discover
from fastapi.cli.display import place
from fastapi.server import Config, ConfigError

APP = """
from fastapi import FastAPI, WebSocket
from functools import partial

app = FastAPI(title="Tested", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
other = FastAPI()
number = 1

@app.get("/items", name="items")
async def read_items() -> list[int]:
    return []

@app.websocket("/ws")
async def talk(websocket: WebSocket): ...

class Callable:
    async def __call__(self) -> int:
        return 1

app.get("/callable")(Callable())
app.add_api_route("/partial", partial(read_items), methods=["POST"])
app.mount("/sub", other, name="sub")
app.mount("/builtin", dict)
"""

PLANNED = """
from fastapi import Depends, FastAPI, WebSocket
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

class Own(APIRoute):
    def get_route_handler(self):
        handler = super().get_route_handler()
        async def own(request):
            return await handler(request)
        return own

class Unhashable:
    __hash__ = None
    def __call__(self): ...

async def found(number: int): ...

app = FastAPI()

@app.get("/read")
def read(number=Depends(found)): ...

class Page(JSONResponse):
    def render(self, content): ...

@app.get("/page", response_class=Page)
def page(): ...

@app.websocket("/ws/{number}")
async def talk(websocket: WebSocket, number=Depends(found)): ...

inner = FastAPI(openapi_url=None)
inner.get("/deep")(found)
app.mount("/inner", Starlette(routes=[Mount("/more", inner)]))
app.host("inner.example.org", inner)
app.router.routes.append(BaseRoute())

app.router.add_api_route("/own", read, route_class_override=Own)
app.get("/replaced")(read)
app.router.routes[-1].app = inner
app.get("/unhashable")(lambda nothing=Depends(Unhashable()): None)
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    for name in ("PORT", "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    configs: list[Config] = []

    def serve(config: Config) -> int:
        configs.append(config)
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    return configs


def call(*arguments: str) -> Result:
    return CliRunner().invoke(command.app, arguments, prog_name="fastapi")


def write(root: Path, *files: str, text: str = "from fastapi import FastAPI\napp = FastAPI()\n") -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


# --- finding the application ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", discovery.DEFAULT_PATHS)
def test_it_is_looked_for_where_people_put_it(name: str, project: Path) -> None:
    write(project, name)
    assert discover(None, None, None).import_string == f"{Path(name).stem}:app"


def test_a_package_is_imported_from_above_its_top(project: Path) -> None:
    write(project, "top/__init__.py", "top/deep/__init__.py", "top/deep/api.py")
    found = discover(Path("top/deep/api.py"), None, None)
    assert (found.import_string, found.directory) == ("top.deep.api:app", project)
    assert discover(Path("top/deep/__init__.py"), None, None).import_string == "top.deep:app"
    assert discover(Path("top"), None, None).import_string == "top:app"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("other, api, app = FastAPI(), FastAPI(), FastAPI()", "app"),
        ("other, api, app = FastAPI(), FastAPI(), 'no application'", "api"),
        ("zebra, other = FastAPI(), FastAPI()", "other"),
    ],
)
def test_the_variable_is_found(text: str, name: str, project: Path) -> None:
    write(project, "main.py", text=f"from fastapi import FastAPI\n{text}\n")
    assert discover(None, None, None).name == name


def test_the_variable_can_be_said(project: Path) -> None:
    write(project, "main.py", text=APP)
    assert discover(Path("main.py"), "other", None).import_string == "main:other"


def test_an_import_string_stands_for_a_path(project: Path) -> None:
    assert discover(Path("some.module:app"), None, None).import_string == "some.module:app"
    assert discover(None, None, "some.module:app").import_string == "some.module:app"
    assert sys.path[0] == str(project)


def test_the_project_can_say_it(project: Path) -> None:
    pytest.importorskip("tomllib")
    (project / "pyproject.toml").write_text('[tool.fastapi]\nentrypoint = "written.there:app"\n')
    assert discover(None, None, None).import_string == "written.there:app"
    (project / "pyproject.toml").write_text("[tool.other]\n")
    write(project, "main.py")
    assert discover(None, None, None).import_string == "main:app"


def test_a_python_without_toml_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    for name in ("tomllib", "tomli"):
        monkeypatch.setitem(sys.modules, name, None)
    (project / "pyproject.toml").write_text("[tool.fastapi]\n")
    monkeypatch.setattr(discovery, "_logger", SimpleNamespace(warning=told.append))
    assert discovery.configured_entrypoint() is None
    assert "pip install tomli" in told[0]


@pytest.mark.parametrize(
    ("arguments", "files", "message"),
    [
        ((None, None, None), {}, "Could not find a default file to run, please provide an explicit path"),
        ((Path("no.py"), None, None), {}, "Path does not exist no.py"),
        ((Path("a.py"), None, "a:b"), {}, "Cannot use --entrypoint together with path or --app arguments"),
        ((Path("a:b"), "c", None), {}, "Cannot use --app together with the import string a:b"),
        ((None, None, "main"), {}, "Import string must be in the format module.submodule:app_name"),
        ((None, "no", None), {"main.py": APP}, "Could not find app name no in main"),
        (
            (None, "number", None),
            {"main.py": APP},
            "The app name number in main doesn't seem to be a FastAPI app",
        ),
        ((None, None, None), {"main.py": ""}, "Could not find FastAPI app in module, try using --app"),
        (
            (None, None, None),
            {"pyproject.toml": "[tool.fastapi]\nentrypoint = 1"},
            "Invalid configuration in pyproject.toml: entrypoint: Input should be a valid string",
        ),
        ((None, None, None), {"pyproject.toml": "["}, "Invalid configuration in pyproject.toml: "),
    ],
)
def test_what_cannot_be_found_is_told(
    arguments: tuple[Any, Any, Any], files: dict[str, str], message: str, project: Path
) -> None:
    if "pyproject.toml" in files:
        pytest.importorskip("tomllib")
    for name, text in files.items():
        (project / name).write_text(text)
    with pytest.raises(DiscoveryError) as caught:
        discover(*arguments)
    assert str(caught.value).startswith(message)


def test_an_error_of_the_application_is_its_own(project: Path) -> None:
    write(project, "main.py", text="import not_installed_anywhere")
    with pytest.raises(ImportError, match="not_installed_anywhere"):
        discover(None, None, None)


# --- serving --------------------------------------------------------------------------------------------------


def test_run_is_for_production(project: Path, served: list[Config]) -> None:
    write(project, "main.py")
    result = call("run")
    assert result.exit_code == 0
    [config] = served
    assert (config.app, config.host, config.port, config.reload) == ("main:app", "0.0.0.0", 8000, False)
    assert "Starting production server" in result.stdout
    assert "Using import string main:app" in result.stdout
    assert "http://0.0.0.0:8000, documentation at http://0.0.0.0:8000/docs" in result.stdout


def test_dev_is_for_development(project: Path, served: list[Config]) -> None:
    write(project, "main.py")
    result = call("dev", "--reload-dir", ".", "--reload-include", "*.html")
    [config] = served
    assert (config.host, config.reload) == ("127.0.0.1", True)
    assert (config.reload_dirs, config.reload_includes) == (["."], ["*.html"])
    assert "for production use: fastapi run" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--port", "9"], "port", 9),
        (["--host", "::1"], "host", "::1"),
        (["--uds", "/s"], "uds", "/s"),
        (["--workers", "3"], "workers", 3),
        (["--reload"], "reload", True),
        (["--server", "uvicorn"], "server", "uvicorn"),
        (["--root-path", "/api"], "root_path", "/api"),
        (["--no-proxy-headers"], "proxy_headers", False),
        (["--forwarded-allow-ips", "*"], "forwarded_allow_ips", "*"),
        (["--no-access-log"], "access_log", False),
        (["--use-colors"], "use_colors", True),
        (["--log-level", "debug"], "log_level", "debug"),
        (["--lifespan", "on"], "lifespan", "on"),
        (["--header", "A: b", "--header", "C: d"], "headers", [("A", "b"), ("C", "d")]),
        (["--limit-body-bytes", "7"], "limit_body_bytes", 7),
        (["--timeout-keep-alive", "1.5"], "timeout_keep_alive", 1.5),
        (["--timeout-graceful-shutdown", "4"], "timeout_graceful_shutdown", 4),
    ],
)
def test_each_setting_is_an_option(
    arguments: list[str], name: str, value: Any, project: Path, served: list[Config]
) -> None:
    write(project, "main.py")
    assert call("run", "main:app", *arguments).exit_code == 0
    assert getattr(served[0], name) == value


def test_the_port_may_come_from_the_environment(
    project: Path, served: list[Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "1234")
    call("run", "main:app")
    assert served[0].port == 1234


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "no.py"], 1, "Path does not exist no.py"),
        (["run", "main:app", "--uds", "x", "--fd", "3"], 1, "--uds and --fd exclude each other"),
        (["run", "main:app", "--reload", "--workers", "2"], 1, "--reload and --workers exclude each other"),
        (["run", "main:app", "--port", "70000"], 2, "70000 is not in the range"),
        (["run", "main:app", "--lifespan", "never"], 2, "is not one of"),
        (["run", "main:app", "--no-such-flag"], 2, "No such option"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: list[str], status: int, message: str, served: list[Config]
) -> None:
    result = call(*arguments)
    assert result.exit_code == status
    assert message in result.output
    assert served == []


def test_what_the_server_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(config: Config) -> int:
        raise ConfigError("--port 80: Permission denied. Take another.")

    monkeypatch.setattr(serving, "serve", refuse)
    result = call("run", "main:app", "--host", "::1")
    assert result.exit_code == 1
    assert "--port 80: Permission denied. Take another." in result.stdout
    assert "http://[::1]:8000" in result.stdout


# --- looking at the application -------------------------------------------------------------------------------


def test_routes_are_shown(project: Path) -> None:
    write(project, "main.py", text=APP)
    result = call("routes", "main:app")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["GET", "/items", "items", "main.py:9"] in rows
    assert ["WEBSOCKET", "/ws", "talk", "main.py:13"] in rows
    assert ["POST", "/partial", "partial", "main.py:9"] in rows


def test_routes_are_described_to_programs(project: Path) -> None:
    write(project, "main.py", text=APP)
    described = {route["path"]: route for route in json.loads(call("routes", "main.py", "--json").stdout)}
    assert described["/items"].pop("plan")["native"] is not _rust.PURE
    assert described["/items"] == {
        "kind": "http",
        "methods": ["GET"],
        "path": "/items",
        "name": "items",
        "endpoint": {"name": "main.read_items", "file": str(project / "main.py"), "line": 9},
    }
    assert described["/callable"]["endpoint"]["name"] == "main.Callable"
    assert described["/sub"]["kind"] == "mount"
    assert described["/sub/docs"]["kind"] == "http"
    assert described["/builtin"]["endpoint"] == {"name": "builtins.dict", "file": None, "line": None}


@pytest.mark.skipif(_rust.PURE, reason="without the extension there are no plans")
def test_the_steps_of_a_route_are_explained(project: Path) -> None:
    write(project, "main.py", text=PLANNED)
    lines = call("routes", "main:app").stdout.splitlines()
    assert "    found (async): native" in lines
    assert "    read (thread): native" in lines
    assert "    found (async): called from Python" in lines
    assert (
        "    in Python: dependencies of WebSockets are resolved in Python; frames are the server's" in lines
    )
    assert "    in Python: a route of Starlette calls its endpoint itself" in lines
    assert "    in Python: hands its requests to another application" in lines
    assert "    in Python: is no route of FastAPI" in lines
    assert "    in Python: its handler, or a function that handlers call, was replaced" in lines
    assert "    in Python: no plan stands for its dependencies" in lines
    assert "    response: native" in lines
    assert "    response: a response object, for the handler of its class" in lines
    assert "    response: Page renders the body in Python, unless the endpoint returns a response" in lines
    described = {
        route["path"]: route["plan"] for route in json.loads(call("routes", "main.py", "--json").stdout)
    }
    assert described["/read"] == {
        "native": True,
        "reasons": [],
        "steps": [
            {"name": "found", "kind": "async", "native": True, "reasons": []},
            {"name": "read", "kind": "thread", "native": True, "reasons": []},
        ],
    }
    assert [(step["name"], step["native"]) for step in described["/ws/{number}"]["steps"]] == [
        ("found", False),
        ("talk", False),
    ]
    assert described["/inner/more/deep"]["native"]
    assert described["inner.example.org"]["steps"] == []


def test_without_the_extension_nothing_is_native(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "main.py", text=APP)
    monkeypatch.setattr(_rust, "PURE", True)
    assert "    in Python: FASTAPI_RS_PURE=1 leaves the extension out" in call("routes").stdout.splitlines()


def test_an_application_without_routes_shows_none(project: Path) -> None:
    write(project, "main.py", text="from fastapi import FastAPI\napp = FastAPI(openapi_url=None)\n")
    assert call("routes", "main:app").stdout == ""


def test_the_document_is_printed_or_written(project: Path) -> None:
    write(project, "main.py", text=APP)
    assert json.loads(call("openapi").stdout)["info"]["title"] == "Tested"
    assert call("openapi", "main:app", "--output", "out.json", "--indent", "0").exit_code == 0
    assert json.loads((project / "out.json").read_text())["info"]["title"] == "Tested"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("main:number", "The app name number in main doesn't seem to be a FastAPI app"),
        ("main:nothing", 'Attribute "nothing" not found in module "main".'),
        ("main", "Path does not exist main"),
    ],
)
def test_what_is_no_application_is_told(name: str, message: str, project: Path) -> None:
    write(project, "main.py", text=APP)
    result = call("openapi", name)
    assert result.exit_code == 1
    assert message in result.stdout


# --- the command itself ---------------------------------------------------------------------------------------


def test_versions_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    import fastapi

    assert f"API of FastAPI {fastapi.__version__}" in call("--version").stdout

    def not_installed(name: str) -> str:
        raise command.PackageNotFoundError

    monkeypatch.setattr(command, "version", not_installed)
    assert "FastAPI CLI" not in call("--version").stdout


def test_how_an_application_is_found_can_be_shown(project: Path, served: list[Config]) -> None:
    write(project, "main.py")
    assert f"Using path {project / 'main.py'}" in call("--verbose", "run").stdout
    assert "Using path" not in call("run").stdout


def test_main_runs_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["fastapi", "--help"])
    with pytest.raises(SystemExit) as caught:
        command.main()
    assert caught.value.code == 0
    assert "routes" in capsys.readouterr().out


def test_places_are_as_short_as_they_are_clear(project: Path) -> None:
    assert place(project / "main.py") == "main.py"
    assert place(Path("/elsewhere/main.py")) == "/elsewhere/main.py"
