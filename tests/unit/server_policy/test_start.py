"""Which server a configuration means."""

import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from fastapi.server import Config, ConfigError, run, start


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was run, in place of running it."""
    done: list[Any] = []

    class Stand:
        started = True
        signals: list[int] = []

        def __init__(self, config: Config, listeners: Any = None) -> None:
            self.config = config

        def run(self, listeners: Any = None) -> int:
            done.append(type(self).__name__)
            return 0

    for name in ("Server", "Supervisor", "Reloader"):
        monkeypatch.setattr(start, name, type(name, (Stand,), {}))
    monkeypatch.setattr(start, "configure", lambda config: None)
    monkeypatch.setattr(start, "unavailable", lambda config: None)
    monkeypatch.setitem(sys.modules, "uvicorn", SimpleNamespace(run=lambda **options: done.append(options)))
    return done


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, "Server"), ({"workers": 2}, "Supervisor"), ({"reload": True}, "Reloader")],
)
def test_the_native_server_runs_in_one_process_or_in_many(
    settings: dict[str, Any], expected: str, ran: list[Any]
) -> None:
    assert run(Config(app="main:app", port=0, **settings)) == 0
    assert ran == [expected]


def test_an_application_that_did_not_start_has_a_status(
    ran: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.Server, "started", False)
    assert run(Config(app="main:app", port=0)) == 3


def test_an_interrupt_is_a_good_end(ran: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.Server, "signals", [signal.SIGINT])
    assert run(Config(app="main:app", port=0)) == 0


def test_uvicorn_is_told_what_was_said_and_no_more(ran: list[Any]) -> None:
    config = Config(app="main:app", server="uvicorn", port=1234, headers=["A: b"], limit_body_bytes=5)
    assert run(config) == 0
    [options] = ran
    assert options["port"] == 1234
    assert options["headers"] == [("A", "b")]
    assert options["timeout_keep_alive"] == 5
    assert not {"limit_body_bytes", "server", "uds", "ssl_ciphers", "log_config"} & set(options)


def test_uvicorn_restarts_when_the_schema_file_changes_or_watches_it_in_its_only_process(
    ran: list[Any],
) -> None:
    config = Config(
        app="main:app", server="uvicorn", watch_params=True, reload=True, reload_includes=["*.txt"]
    )
    assert run(config) == 0
    assert ran[0]["reload_includes"] == ["*.py", "params_schema.yaml", "params_schema.json", "*.txt"]
    assert run(Config(app="main:app", server="uvicorn", watch_params=True)) == 0
    assert "reload_includes" not in ran[1]
    with pytest.raises(ConfigError, match="its workers do not watch"):
        Config(app="main:app", server="uvicorn", watch_params=True, workers=2)


def test_every_setting_that_it_is_told_is_one_of_uvicorn(ran: list[Any]) -> None:
    import inspect

    del sys.modules["uvicorn"]
    uvicorn = pytest.importorskip("uvicorn")
    sys.modules["uvicorn"] = SimpleNamespace(run=lambda **options: ran.append(options))
    run(Config(app="main:app", server="uvicorn"))
    assert set(ran[0]) <= set(inspect.signature(uvicorn.run).parameters)


def test_the_exit_of_uvicorn_is_passed_on(ran: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(**options: Any) -> None:
        raise SystemExit(3)

    monkeypatch.setitem(sys.modules, "uvicorn", SimpleNamespace(run=leave))
    assert run(Config(app="main:app", server="uvicorn")) == 3


def test_uvicorn_stands_in_where_the_native_server_cannot_run(
    ran: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "unavailable", lambda config: "no reason")
    assert run(Config(app="main:app")) == 0
    assert ran[0]["app"] == "main:app"
    with pytest.raises(ConfigError, match=r"--server native: no reason\. Take --server uvicorn"):
        run(Config(app="main:app", server="native"))


def test_uvicorn_may_be_missing(ran: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ConfigError, match="--server uvicorn: is not installed"):
        run(Config(app="main:app", server="uvicorn"))
