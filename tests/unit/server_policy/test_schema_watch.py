"""When the schema file is put in force again."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakValueDictionary

import pytest

from fastapi import FastAPI
from fastapi.params import load_params_schema, param_factory, renewal
from fastapi.params.schema import loading
from fastapi.server import schema_watch
from fastapi.server.config import Config
from fastapi.server.schema_watch import SchemaWatch, watched_schema

FILE = "version: 1\nendpoints: {read: {params: {p: {in: query, type: integer, le: %d}}}}\n"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    for name, value in vars(loading._Loaded()).items():
        monkeypatch.setattr(loading.loaded, name, value)
    monkeypatch.setattr(renewal, "_known", WeakValueDictionary())
    path = Path("params_schema.yaml")
    path.write_text(FILE % 1)
    return path


def in_force() -> object:
    return load_params_schema().entry("read", "p").arguments["le"]


def test_a_change_counts_once_the_file_is_quiet(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "uvicorn.error")
    watch = SchemaWatch()
    watch.look()  # nothing is loaded yet
    assert in_force() == 1
    for limit in (2, 3):
        file.write_text(FILE % limit + "\n" * limit)
        watch.look()
        assert in_force() == 1
    watch.look()
    assert in_force() == 3
    assert caplog.messages == [
        f"The params schema params_schema.yaml is in force: {load_params_schema().digest}"
    ]


def test_what_says_the_same_as_before_is_no_change(file: Path) -> None:
    assert in_force() == 1
    schema, watch = load_params_schema(), SchemaWatch()
    for _ in range(3):
        watch.look()
    os.utime(file, (1, 1))
    for _ in range(3):
        watch.look()
    assert load_params_schema() is schema


def test_a_mistake_is_told_once_with_its_line(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert in_force() == 1
    watch = SchemaWatch()
    file.write_text("version: 3\n")
    for _ in range(5):
        watch.look()
    file.unlink()
    for _ in range(5):
        watch.look()
    assert caplog.messages == [
        'params schema params_schema.yaml:1: "version" is 3; only version 1 is known.\n'
        "The schema in force stays as it is.",
        "params schema params_schema.yaml: there is no such file. Create it, or name another in "
        "FASTAPI_PARAMS_SCHEMA.\nThe schema in force stays as it is.",
    ]
    assert in_force() == 1


def test_what_code_of_the_application_raises_does_not_end_the_watch(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = FastAPI()

    @app.get("/")
    def read(p: int = param_factory("read", "p")) -> None: ...

    def fail() -> None:
        raise ZeroDivisionError

    vars(app.routes[-1])["get_route_handler"] = fail
    watch = SchemaWatch()
    file.write_text(FILE % 2 + "\n")
    for _ in range(3):
        watch.look()
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
    assert in_force() == 1


@pytest.mark.timeout(20)
def test_the_thread_looks_until_the_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    monkeypatch.setattr(schema_watch.SchemaWatch, "look", lambda self: looked.set())
    with watched_schema(Config(app="main:app", watch_params=True, reload_delay=0.001)):
        assert looked.wait(10)
    with watched_schema(Config(app="main:app")):
        assert "fastapi-params" not in {thread.name for thread in threading.enumerate()}
