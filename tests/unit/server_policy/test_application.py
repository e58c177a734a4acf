"""From a name to an application."""

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from fastapi.server import Config, ConfigError
from fastapi.server.application import import_name, load


async def application(scope: Any, receive: Any, send: Any) -> None: ...


def factory() -> Any:
    return application


def greedy(argument: int) -> Any: ...


def test_an_application_is_served_as_it_is() -> None:
    assert load(Config(app=application)) is application


def test_a_name_is_imported_and_may_have_dots() -> None:
    assert import_name("pathlib:Path.cwd") == Path.cwd


def test_a_factory_is_called() -> None:
    assert load(Config(app=factory, factory=True)) is application


def test_a_factory_is_recognised_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "uvicorn.error"):
        assert load(Config(app=factory)) is application
    assert "ASGI app factory detected" in caplog.text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("main", 'Import string "main" must be in format "<module>:<attribute>".'),
        ("no_such_module:app", 'Could not import module "no_such_module".'),
        ("email.no_such_module:app", 'Could not import module "email.no_such_module".'),
        ("pathlib:nothing", 'Attribute "nothing" not found in module "pathlib".'),
    ],
)
def test_a_name_that_leads_nowhere_is_told(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        import_name(name)
    assert str(caught.value) == message


def test_a_module_that_the_application_misses_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wanting.py").write_text("import not_installed_anywhere")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        import_name("wanting:app")


def test_a_factory_with_arguments_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--factory: .* cannot be called without arguments"):
        load(Config(app=greedy, factory=True))


def test_the_application_is_found_in_its_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lies_there.py").write_text("app = 'found'")
    monkeypatch.setattr(sys, "path", sys.path.copy())
    assert load(Config(app="lies_there:app", app_dir=str(tmp_path))) == "found"


def test_the_environment_is_read_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dotenv")
    (tmp_path / "env").write_text("FROM_FILE=yes")
    (tmp_path / "reads.py").write_text("import os\napp = os.environ['FROM_FILE']")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("FROM_FILE", "")
    monkeypatch.delenv("FROM_FILE")
    assert load(Config(app="reads:app", env_file=str(tmp_path / "env"))) == "yes"


def test_reading_the_environment_needs_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "env").touch()
    monkeypatch.setitem(sys.modules, "dotenv", None)
    with pytest.raises(ConfigError, match="pip install python-dotenv"):
        load(Config(app=application, env_file=str(tmp_path / "env")))
