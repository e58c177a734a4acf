"""Servers under test start on a port of their own, whoever takes ports at the same time."""

import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import servers
from benchmarks.servers import Server, ServerError


def door(*options: str) -> Any:
    def arguments(*, python: str, app: str, port: int, workers: int) -> list[str]:
        return [python, "-m", "http.server", "--bind", "127.0.0.1", str(port), *options]

    return SimpleNamespace(name="plain", arguments=arguments, variables={})


def test_a_port_that_somebody_took_is_left_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = servers.free_port
    with socket.socket() as taking:  # as a connection to somewhere else does
        taking.bind(("127.0.0.1", 0))
        taken = taking.getsockname()[1]
        offered = [taken]
        monkeypatch.setattr(servers, "free_port", lambda: offered.pop() if offered else shipped())
        with Server(door(), sys.executable, "none") as server:
            assert offered == []
            assert server.port != taken
            socket.create_connection(("127.0.0.1", server.port), timeout=10).close()


def test_a_server_that_cannot_start_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Server] = []
    shipped = Server.start

    def start(server: Server) -> None:
        started.append(server)
        shipped(server)

    monkeypatch.setattr(Server, "start", start)
    server = Server(door("--no-such-option"), sys.executable, "none")
    with pytest.raises(ServerError, match="plain did not start"):
        server.__enter__()
    assert started == [server]
