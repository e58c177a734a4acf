"""With whom a server is shared while it is measured."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from benchmarks import fairness


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"hello":"world"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_idle_connections_have_been_answered_and_stay_open(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "IDLE", 3)
    opened: list[socket.socket] = []
    shipped = fairness.ask

    def ask(*arguments: object) -> list[socket.socket]:
        opened.extend(shipped(*arguments))  # type: ignore[arg-type]
        return opened

    monkeypatch.setattr(fairness, "ask", ask)
    with fairness.idle(port):
        assert [connection.fileno() >= 0 for connection in opened] == [True] * 3
    assert [connection.fileno() for connection in opened] == [-1] * 3
