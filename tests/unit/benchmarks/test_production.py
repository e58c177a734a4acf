"""The template production is measured as it ships, on either FastAPI."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from benchmarks.production import CHECKOUT, TEMPLATE, call, doors, settings
from benchmarks.servers import Server, ServerError


def test_both_doors_serve_the_template_and_only_the_path_says_which_fastapi() -> None:
    reference, native = doors(Path("/fastapi"), Path("/servers"), {"A": "b"})
    assert reference.variables == {"A": "b", "PYTHONPATH": f"{TEMPLATE}:/fastapi:/servers"}
    assert native.variables == {"A": "b", "PYTHONPATH": f"{TEMPLATE}:{CHECKOUT}:/servers"}
    assert (TEMPLATE / "app" / "main.py").exists()
    assert (CHECKOUT / "fastapi" / "applications.py").exists()
    server = Server(native, "python", "production")
    assert "app.main:app" in server.command
    assert server.environment["PYTHONPATH"] == native.variables["PYTHONPATH"]


def test_data_are_in_a_folder_unless_a_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert settings(Path("/x"))["DATABASE_URL"] == "sqlite:////x/app.db"
    monkeypatch.setenv("DATABASE_URL", "postgresql://there/app")
    assert settings(Path("/x"))["DATABASE_URL"] == "postgresql://there/app"


class Service(BaseHTTPRequestHandler):
    """Repeats the token that it is given, and refuses who has none."""

    def do_POST(self) -> None:
        token = self.headers["Authorization"]
        body = b'{"token": "%s"}' % (token or "").encode()
        self.send_response(200 if token else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_refused_call_ends_the_measurement() -> None:
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            assert call(server.server_port, "POST", "/items", {}, "t") == {"token": "Bearer t"}
            with pytest.raises(ServerError, match="POST /items is answered with 401"):
                call(server.server_port, "POST", "/items", {})
        finally:
            server.shutdown()
