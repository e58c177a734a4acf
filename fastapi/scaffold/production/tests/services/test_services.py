"""The servers: they serve, keep what they acknowledged over a crash, and leave nothing behind."""

import http.client
import http.server
import os
import pathlib
import socket
import subprocess
import sys
import threading

import pytest

from tests.services import Missing, Nats, Nginx, NotReady, PostgreSQL, RabbitMQ, Redis, Service
from tests.services.__main__ import main
from tests.services.service import HOST, find

KINDS: list[type[Service]] = [PostgreSQL, Redis, RabbitMQ, Nats]


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_serves_again_after_a_crash_and_leaves_nothing(kind: type[Service]) -> None:
    with kind() as service:
        url, first = service.url, service.pid
        service.crash()
        assert service.pid is None
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset
            service.answers()
        service.start()
        assert service.url == url
        assert service.pid != first
        service.stop()
        folder = service.folder
    assert not folder.exists()


def test_postgresql_keeps_what_was_committed() -> None:
    with PostgreSQL() as server:
        server.psql("app", "CREATE TABLE notes (text text); INSERT INTO notes VALUES ('kept')")
        server.crash()
        server.start()
        assert server.psql("app", "SELECT text FROM notes").strip() == "kept"
        assert server.create_database() != server.create_database()


def test_redis_keeps_what_was_acknowledged() -> None:
    with Redis() as server:
        assert server.say("SET key kept") == "+OK"
        server.crash()
        server.start()
        assert server.say("EXISTS key") == ":1"
        server.flush()
        assert server.say("EXISTS key") == ":0"


def test_nginx_hands_requests_to_the_servers_in_turn() -> None:
    class Named(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(self.server.server_port).encode())  # type: ignore[attr-defined]

        def log_message(self, *_: object) -> None: ...

    servers = [http.server.ThreadingHTTPServer((HOST, 0), Named) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    ports = {server.server_port for server in servers}
    with Nginx(sorted(ports)) as nginx:
        seen = set()
        for _ in range(4):
            connection = http.client.HTTPConnection(HOST, nginx.port, timeout=10)
            connection.request("GET", "/")
            seen.add(int(connection.getresponse().read()))
            connection.close()
    for server in servers:
        server.shutdown()
        server.server_close()
    assert seen == ports


def test_a_server_that_ends_at_once_is_told_with_its_log() -> None:
    with socket.socket() as taken:
        server = Redis()
        taken.bind((HOST, server.port))
        taken.listen()
        taken.close()
        server.command = lambda: [find("sh"), "-c", "echo no luck; exit 1"]  # type: ignore[method-assign]
        with pytest.raises(NotReady, match="no luck"):
            server.start()
        server.close()


def test_a_server_that_is_not_installed_is_told_with_the_way_out() -> None:
    with pytest.raises(Missing, match=r"python -m tests\.services install"):
        find("no-such-server", "/nowhere/*")


def test_a_command_runs_with_the_addresses(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.services.__main__.SERVICES", {"REDIS_URL": Redis})
    file = tmp_path / "env"
    show = f"import os; print(os.environ['REDIS_URL']); print(open({str(file)!r}).read())"
    assert main(["--env", str(file), "--", sys.executable, "-c", show]) == 0
    url, line = capfd.readouterr().out.split()[:2]
    assert line == f"REDIS_URL={url}"
    assert not file.exists()
    assert main(["--", "false"]) == 1


def test_the_addresses_are_good_until_it_is_interrupted() -> None:
    command = [sys.executable, "-c", SHOW_REDIS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("# Ctrl-C")
        url = process.stdout.readline().strip().removeprefix("export REDIS_URL=redis://127.0.0.1:")
        port = int(url.partition("/")[0])
        socket.create_connection((HOST, port), timeout=5).close()
        process.terminate()
        assert process.wait(30) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)


SHOW_REDIS = """
import tests.services.__main__ as program
program.SERVICES = {"REDIS_URL": program.Redis}
raise SystemExit(program.main([]))
"""


def test_installing_again_does_nothing() -> None:
    for program in (("initdb", "/usr/lib/postgresql/*/bin"), ("redis-server",), ("nginx",)):
        find(*program)
    assert main(["install"]) == 0
