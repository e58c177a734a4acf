"""``fastapi run --ssl-*`` as a process."""

import asyncio
import http.client
from pathlib import Path
from typing import Any

import pytest

from fastapi import _rust
from tests.certificates import PASSWORD, Certificates, needs_openssl
from tests.integration.running import Start

pytestmark = [
    needs_openssl,
    pytest.mark.skipif(_rust.PURE, reason="the native server is part of the extension"),
    pytest.mark.timeout(60),
]

APP = """
from fastapi import FastAPI, Request, WebSocket

app = FastAPI()

@app.get("/")
async def home(request: Request):
    return str(request.url)

@app.websocket("/ws")
async def ws(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(str(websocket.url))
"""


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_connections_are_encrypted_by_one_process_or_by_many(
    start: Start, tmp_path: Path, certificates: Certificates, workers: tuple[str, ...]
) -> None:
    connect = pytest.importorskip("websockets.asyncio.client").connect

    async def greeting(url: str) -> Any:
        # `websockets.sync` uses a connection in two threads at once, which OpenSSL does not bear.
        async with connect(url, ssl=context) as peer:
            return await asyncio.wait_for(peer.recv(), 10)

    (tmp_path / "main.py").write_text(APP)
    key = certificates.rewritten("locked.pem", "-aes256", "-passout", f"pass:{PASSWORD}")
    server = start(
        "run", "--host", "127.0.0.1", "--port", "0", "--server", "native", *workers,
        "--ssl-certfile", str(certificates.chain), "--ssl-keyfile", str(key), "--ssl-keyfile-password", PASSWORD,
        "--ssl-cert-reqs", "2", "--ssl-ca-certs", str(certificates.authority),
    )  # fmt: skip
    context = certificates.trusting(certificates.client)
    port = server.port
    if workers:
        server.wait_for("Application startup complete", times=2)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b'"https://127.0.0.1:%d/"' % port
    connection.close()
    assert asyncio.run(greeting(f"wss://127.0.0.1:{port}/ws")) == f"wss://127.0.0.1:{port}/ws"
    server.stop()


def test_a_wrong_password_ends_the_command_before_it_starts(
    start: Start, tmp_path: Path, certificates: Certificates
) -> None:
    (tmp_path / "main.py").write_text("raise RuntimeError('must not be imported')")
    key = certificates.rewritten("locked.pem", "-aes256", "-passout", f"pass:{PASSWORD}")
    server = start(
        "run", "main:app", "--ssl-certfile", str(certificates.chain), "--ssl-keyfile", str(key),
        "--ssl-keyfile-password", "wrong",
    )  # fmt: skip
    assert server.process.wait(20) == 1
    server.wait_for("cannot be decrypted with --ssl-keyfile-password")
