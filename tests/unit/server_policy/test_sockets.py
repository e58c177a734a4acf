"""Where a server listens."""

import contextlib
import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fastapi.server import Config, ConfigError, sockets
from fastapi.server.sockets import address_of, bound, is_unix, listen, turn_away


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Paths of Unix sockets have some hundred bytes at most."""
    with tempfile.TemporaryDirectory(prefix="fs") as directory:
        yield Path(directory)


def test_a_free_port_is_taken_and_said() -> None:
    config = Config(app="", port=0)
    with bound(config) as [listener]:
        listen(config, listener)
        port = listener.getsockname()[1]
        assert address_of(config, listener) == f"http://127.0.0.1:{port}"
        assert not listener.getblocking()
        assert not is_unix(listener)
        with socket.create_connection(("127.0.0.1", port)):
            pass
    assert listener.fileno() == -1


def test_nobody_gets_in_before_it_listens() -> None:
    with bound(Config(app="", port=0)) as [listener], pytest.raises(ConnectionRefusedError):
        socket.create_connection(listener.getsockname())


def test_all_addresses_of_a_host_get_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    with bound(Config(app="", host="both", port=0)) as [first, second]:
        assert first.getsockname()[1] == second.getsockname()[1]


def test_ipv6_has_brackets() -> None:
    try:
        with bound(Config(app="", host="::1", port=0)) as [listener]:
            assert address_of(Config(app="", host="::1"), listener).startswith("http://[::1]:")
    except ConfigError:
        pytest.skip("no IPv6 here")


def test_a_family_that_the_kernel_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = [
        (socket.AddressFamily(socket.AF_INET6), socket.SocketKind(socket.SOCK_STREAM), 9999, "", ("::1", 0))
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: unknown)
    with pytest.raises(ConfigError, match="none of its addresses"), bound(Config(app="", port=0)):
        pass


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"host": "no such host"}, "--host no such host --port 8000: there is no such host"),
        (
            {"host": "203.0.113.1"},
            "--host 203.0.113.1 --port 8000: Cannot assign requested address. Take another",
        ),
        ({"uds": "/no/such/directory/s"}, "--uds /no/such/directory/s: No such file or directory. Check"),
        ({"uds": __file__}, "there is something else than a socket"),
        ({"fd": 9999}, "--fd 9999: is no open socket"),
    ],
)
def test_an_address_that_cannot_be_had_names_its_flag(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught, bound(Config(app="", **settings)):
        pass
    assert message in str(caught.value)


def test_a_port_that_somebody_listens_on_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = Config(app="", port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match="Address already in use"), bound(config):
            pass


def test_of_two_that_are_bound_the_first_to_listen_wins() -> None:
    with bound(Config(app="", port=0)) as [first]:
        config = Config(app="", port=first.getsockname()[1])
        with bound(config) as [second]:
            listen(config, first)
            with pytest.raises(ConfigError, match="cannot listen there: Address already in use"):
                listen(config, second)


def test_a_unix_socket_is_for_everybody_and_removed_at_the_end(short_path: Path) -> None:
    path = short_path / "s"
    config = Config(app="", uds=str(path))
    with bound(config) as [listener]:
        assert is_unix(listener)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        assert address_of(config, listener) == f"unix socket {path}"
    assert not path.exists()


def test_a_socket_that_nobody_listens_on_is_replaced_with_its_permissions(short_path: Path) -> None:
    path = short_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    path.chmod(0o600)
    with bound(Config(app="", uds=str(path))):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_socket_that_is_served_is_left_alone(short_path: Path) -> None:
    path = short_path / "s"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with (
            pytest.raises(ConfigError, match="another server is listening"),
            bound(Config(app="", uds=str(path))),
        ):
            pass
    assert path.exists()


def test_a_socket_whose_queue_is_full_is_served(short_path: Path) -> None:
    path = short_path / "s"
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(socket.socket(socket.AF_UNIX))
        other.bind(str(path))
        other.listen(0)
        with contextlib.suppress(BlockingIOError):
            for _ in range(100):
                waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
                waiting.setblocking(False)
                waiting.connect(str(path))
        with (
            pytest.raises(ConfigError, match="another server is listening"),
            bound(Config(app="", uds=str(path))),
        ):
            pass
    assert path.exists()


def test_a_path_that_somebody_else_took_is_not_removed(short_path: Path) -> None:
    path = short_path / "s"
    with bound(Config(app="", uds=str(path))):
        path.rename(short_path / "mine")
        path.write_text("theirs")
    assert path.read_text() == "theirs"


def test_an_inherited_socket_is_copied() -> None:
    with socket.create_server(("127.0.0.1", 0)) as parent:
        config = Config(app="", fd=parent.fileno())
        with bound(config) as [listener]:
            assert address_of(config, listener) == f"http://127.0.0.1:{parent.getsockname()[1]}"
        os.fstat(parent.fileno())


def test_an_inherited_datagram_socket_is_refused() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as parent,
        pytest.raises(ConfigError, match="is not a stream socket"),
        bound(Config(app="", fd=parent.fileno())),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="packet filters are Linux's")
def test_who_comes_too_late_is_turned_away_and_who_waits_is_not() -> None:
    config = Config(app="", port=0)
    with bound(config) as [listener]:
        listen(config, listener)
        with socket.create_connection(listener.getsockname()) as early:
            turn_away(listener)
            with pytest.raises(TimeoutError):
                socket.create_connection(listener.getsockname(), timeout=0.05)
            accepted, _ = listener.accept()
            with accepted:
                early.sendall(b"still here")
                assert accepted.recv(20) == b"still here"


@pytest.mark.parametrize(("platform", "number"), [("darwin", 26), ("linux", 9999)])
def test_without_packet_filters_nothing_happens(
    platform: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(sockets, "_SO_ATTACH_FILTER", number)
    config = Config(app="", port=0)
    with bound(config) as [listener]:
        listen(config, listener)
        turn_away(listener)
        socket.create_connection(listener.getsockname()).close()
