"""Files that the server sends by itself look like those that Starlette reads, and harm nobody."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from fastapi import FastAPI
from fastapi.applications import _FRONT
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.plan.files import with_files
from fastapi.staticfiles import StaticFiles
from tests.certificates import Certificates, needs_openssl

from .conftest import Client, Running, Serve
from .test_requests import GET, LAST
from .test_tls import encrypted, secured

LARGE = 3_000_000


def sending(make: Callable[[], Any]) -> Any:
    """An application that answers with a response, the server's own way where that is possible."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        response = make()
        files = with_files(response, scope, send)
        assert files is not None
        await response(files[0], receive, files[1])

    return app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(os.urandom(LARGE))
    return path


def offsets(file: Path) -> dict[str, int]:
    """How far the descriptors of this process are that are open on a file."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(f"/proc/self/fd/{number}") == str(file):
                found[number] = int(Path(f"/proc/self/fdinfo/{number}").read_text().split()[1])
    return found


def open_files(file: Path) -> int:
    """How many descriptors of this process are open on a file."""
    return len(offsets(file))


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, LARGE])
def test_a_file_is_sent_whole_and_the_connection_goes_on(serve: Serve, file: Path, size: int) -> None:
    os.truncate(file, size)
    server = serve(sending(lambda: FileResponse(file)))
    with server.connect() as client:
        for _ in range(3):
            client.send(GET)
            status, fields, body = client.response()
            assert (status, body) == (200, file.read_bytes())
            assert ("content-length", str(size)) in fields
        client.send(GET + GET + LAST)
        assert client.rest().count(b"HTTP/1.1 200 OK") == 3
    assert server.errors.lines == []
    assert open_files(file) == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("wanted", ["bytes=1-5", "bytes=-3", "bytes=0-1,5-9", "bytes=9999999-", "lines=1"])
def test_ranges_and_heads_are_as_ever(serve: Serve, file: Path, method: str, wanted: str) -> None:
    async def plain(scope: Any, receive: Any, send: Any) -> None:
        await FileResponse(file)(scope, receive, send)

    def answer(app: Any) -> list[bytes]:
        request = f"{method} / HTTP/1.1\r\nHost: h\r\nRange: {wanted}\r\nConnection: close\r\n\r\n"
        lines = serve(app).ask(request.encode()).split(b"\r\n")
        # The boundary of several ranges is random.
        return [line for line in lines if b"boundary=" not in line and not line.startswith(b"--")]

    seen, expected = answer(sending(lambda: FileResponse(file))), answer(plain)
    assert len(b"".join(seen)) == len(b"".join(expected))
    assert seen[0] == expected[0]


def test_a_file_may_have_shrunk(serve: Serve, file: Path) -> None:
    response = FileResponse(file, stat_result=file.stat())
    os.truncate(file, 100)
    server = serve(sending(lambda: response))
    assert server.ask(GET).endswith(file.read_bytes())
    assert str(server.errors.exceptions[0]) == "Response content shorter than Content-Length"


def test_of_a_file_that_has_grown_is_sent_what_was_announced(serve: Serve, file: Path) -> None:
    before = file.read_bytes()
    response = FileResponse(file, stat_result=file.stat())
    with file.open("ab") as end:
        end.write(b"more")
    server = serve(sending(lambda: response))
    with server.connect() as client:
        client.send(GET)
        assert client.response()[2] == before


@pytest.mark.parametrize("becomes", ["nothing", "directory"])
def test_a_file_may_have_vanished(serve: Serve, file: Path, becomes: str) -> None:
    response = FileResponse(file, stat_result=file.stat())
    file.unlink()
    if becomes == "directory":
        file.mkdir()
    server = serve(sending(lambda: response))
    assert server.ask(GET).endswith(b"\r\n\r\n")
    error = server.errors.exceptions[0]
    with pytest.raises(OSError, match=str(file)) as expected:
        file.open()
    assert type(error) is expected.type
    assert str(error) == str(expected.value)


def test_a_background_task_runs_after_the_file(serve: Serve, file: Path) -> None:
    task = BackgroundTask(lambda: server.seen.put("done"))
    server: Running = serve(sending(lambda: FileResponse(file, background=task)))
    with server.connect() as client:
        client.send(GET)
        assert client.response()[2] == file.read_bytes()
    assert server.next() == "done"


def test_without_a_length_a_file_is_sent_in_chunks(serve: Serve, file: Path) -> None:
    def make() -> FileResponse:
        response = FileResponse(file, stat_result=file.stat())
        del response.headers["content-length"]
        return response

    server = serve(sending(make))
    with server.connect() as client:
        client.send(GET)
        _, fields, body = client.response()
        assert ("transfer-encoding", "chunked") in fields
        assert body == file.read_bytes()
    client_of_old = server.ask(GET.replace(b"1.1", b"1.0"))
    assert client_of_old.endswith(body)


@needs_openssl
def test_an_encrypted_file_is_read_in_pieces(serve: Serve, file: Path, certificates: Certificates) -> None:
    server = encrypted(serve, sending(lambda: FileResponse(file)), certificates)
    with secured(server, certificates.trusting()) as client:
        client.send(GET)
        assert client.response()[2] == file.read_bytes()


def test_a_unix_socket_takes_files_too(serve: Serve, file: Path, tmp_path: Path) -> None:
    server = serve(sending(lambda: FileResponse(file)))
    server.listen(str(tmp_path / "s"))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(tmp_path / "s"))
    with Client(connection) as client:
        client.send(GET)
        assert client.response()[2] == file.read_bytes()


def test_a_client_that_leaves_in_the_middle_leaves_no_file_open(serve: Serve, file: Path) -> None:
    os.truncate(file, 50_000_000)
    server = serve(sending(lambda: FileResponse(file)))
    for end in ("close", "reset"):
        client = server.connect()
        client.send(GET)
        client.until(b"\r\n\r\n")
        assert server.call(lambda: open_files(file)) == 1
        getattr(client, end)()
        server.until(lambda: server.server.counts()[:2] == (0, 0))
        assert open_files(file) == 0
    assert server.errors.lines == []


def test_a_client_that_takes_nothing_of_a_file_is_cut_off(serve: Serve, file: Path) -> None:
    os.truncate(file, 50_000_000)
    server = serve(sending(lambda: FileResponse(file)), timeout_write=0.1)
    with server.connect() as client:
        client.send(GET)
        client.until(b"\r\n\r\n")
        server.until(lambda: server.server.counts()[:2] == (0, 0))
    assert server.errors.lines == ["A response took too long to be taken."]
    assert open_files(file) == 0


def test_a_cancelled_application_breaks_the_file_off(serve: Serve, file: Path) -> None:
    os.truncate(file, 50_000_000)
    server = serve(sending(lambda: FileResponse(file)))
    with server.connect() as client:
        client.send(GET)
        client.until(b"\r\n\r\n")
        server.call(lambda: [task.cancel() for task in server.server.tasks()])
        assert len(client.rest()) < 50_000_000
    assert open_files(file) == 0


def test_others_have_their_turn_while_large_files_are_sent(serve: Serve, file: Path) -> None:
    size, turn = 20_000_000, 256 * 1024
    os.truncate(file, size)
    rounds: list[dict[str, int]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.create_task(sending(lambda: FileResponse(file))(scope, receive, send))
        while not task.done():
            rounds.append(offsets(file))
            await asyncio.sleep(0)

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        assert len(client.response()[2]) == size
    steps = [
        after[number] - at
        for before, after in pairwise(rounds)
        for number, at in before.items()
        if number in after
    ]
    # A connection may have more turns than one while others have theirs: one for each reason to look at it.
    assert 0 < max(steps) <= 4 * turn


def test_what_is_sent_before_the_head_or_twice_is_refused(serve: Serve, file: Path) -> None:
    message = {"type": "http.response.pathsend", "path": str(file)}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        files = with_files(FileResponse(file), scope, send)
        assert files is not None
        with pytest.raises(RuntimeError, match="before the head of a response, or after its end"):
            await files[1](message)
        await FileResponse(file)(files[0], receive, files[1])
        with pytest.raises(RuntimeError, match="before the head of a response, or after its end"):
            await files[1](message)
        # Nobody but such a response may send a path.
        await send(message)

    server = serve(app)
    with server.connect() as client:
        client.send(GET)
        assert client.response()[2] == file.read_bytes()
        server.until(lambda: bool(server.errors.exceptions))
    assert "Unexpected ASGI message 'http.response.pathsend'" in str(server.errors.exceptions[0])


class Own(FileResponse):
    pass


def test_only_what_is_stock_on_a_bare_connection_is_sent_by_the_server(
    serve: Serve, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock, own, patched = FileResponse(file), Own(file), FileResponse(file)
    patched.set_stat_headers = lambda stat_result: None  # type: ignore[method-assign]
    by_bytes = FileResponse(os.fsencode(file), media_type="text/plain")  # type: ignore[arg-type]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def wrapped(message: Any) -> None:
            await send(message)

        server.seen.put(
            [with_files(response, scope, send) is not None for response in (stock, own, patched, by_bytes)]
            + [with_files(stock, scope, wrapped) is not None]
        )
        with monkeypatch.context() as patch:
            patch.setattr(FileResponse, "_handle_simple", None)
            server.seen.put(with_files(stock, scope, send))
        await stock(scope, receive, send)

    server: Running = serve(app)
    assert server.ask(LAST).endswith(file.read_bytes())
    assert server.next() == [True, False, False, False, False]
    assert server.next() is None


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were sent by the server."""
    from fastapi.plan import files

    paths: list[str] = []
    channel = files.channel_of

    def watched(send: Any) -> Any:
        found = channel(send)
        if found is None:
            return None

        class Channel:
            @staticmethod
            def push_file(path: str) -> Any:
                paths.append(path)
                return found.push_file(path)

        return Channel

    monkeypatch.setattr(files, "channel_of", watched)
    return paths


def test_mounted_static_files_are_sent_by_the_server(serve: Serve, file: Path, pushed: list[str]) -> None:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=file.parent, html=True))
    (file.parent / "404.html").write_text("nowhere")
    server = serve(app)
    with server.connect() as client:
        client.send(GET.replace(b"/ ", b"/static/file.bin ", 1))
        _, fields, body = client.response()
        assert body == file.read_bytes()
        etag = dict(fields)["etag"].encode()
        client.send(b"GET /static/file.bin HTTP/1.1\r\nHost: h\r\nIf-None-Match: " + etag + b"\r\n\r\n")
        client.until(b"304 Not Modified")
        client.until(b"\r\n\r\n")
        client.send(GET.replace(b"/ ", b"/static/no.txt ", 1))
        assert client.response()[::2] == (404, b"nowhere")
    assert list(dict.fromkeys(pushed)) == [str(file), str(file.parent / "404.html")]
    assert server.errors.lines == []


@pytest.mark.parametrize("front", [None, _FRONT], ids=["asgi", "native"])
@pytest.mark.parametrize("kind", ["async", "thread", "class"])
def test_files_of_routes_are_sent_by_the_server(
    serve: Serve, file: Path, pushed: list[str], kind: str, front: Any
) -> None:
    app = FastAPI()

    if kind == "async":

        @app.get("/")
        async def answer() -> FileResponse:
            return FileResponse(file)
    elif kind == "thread":

        @app.get("/")
        def answer_from_thread() -> FileResponse:
            return FileResponse(file, filename="ä.bin", headers={"x-a": "b"})
    else:

        @app.get("/", response_class=FileResponse)
        async def answer_path() -> str:
            return str(file)

    server = serve(app, front=front)
    with server.connect() as client:
        client.send(GET)
        assert client.response()[2] == file.read_bytes()
    assert pushed[0] == str(file)
    file.unlink()
    assert b"500 Internal Server Error" in server.ask(LAST)
    server.until(lambda: bool(server.errors.exceptions))
    assert str(server.errors.exceptions[0]) == f"File at path {file} does not exist."


def test_middleware_sees_the_messages_of_every_server(serve: Serve, file: Path, pushed: list[str]) -> None:
    app = FastAPI()
    file.write_bytes(b"x" * 10_000)

    @app.get("/file")
    async def answer() -> FileResponse:
        return FileResponse(file)

    app.add_middleware(GZipMiddleware)
    app.mount("/static", StaticFiles(directory=file.parent))
    server = serve(app)
    for path in (b"/file", b"/static/file.bin"):
        answered = server.ask(
            b"GET " + path + b" HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        )
        assert b"content-encoding: gzip" in answered
    assert pushed == []
