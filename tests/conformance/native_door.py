"""A pytest plugin: every request of a ``TestClient`` goes over TCP to the native server.

Loaded with ``-p native_door``. The server runs on the event loop on which ``TestClient`` would have called the
application, and is given that application itself, so lifespan, overrides and whatever else a test does to it count.
What ``TestClient`` promises besides is kept: what the server logs as the application's exception is raised in the
test, a response is there when the application has ended, and what it still does after its WebSocket is cancelled.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
from starlette import testclient
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

LIMIT: Final = 10.0
"""Seconds that a request, or a message of a WebSocket, may take."""

GRACE: Final = 0.2
"""Seconds that an application has to end by itself after its WebSocket has closed."""

HANDSHAKE: Final = frozenset(
    "connection date host upgrade sec-websocket-accept sec-websocket-extensions sec-websocket-key "
    "sec-websocket-protocol sec-websocket-version".split()
)
"""What the two ends of a WebSocket say to each other, not the test to its application."""

served = 0
"""Requests and WebSockets that native servers of this process were asked."""

in_process = testclient._TestClientTransport.handle_request


class Door(logging.Handler):
    """A native server on the event loop of the thread that makes it, and what it logged."""

    def __init__(self, app: Any, root_path: str, state: dict[str, Any]) -> None:
        # Imported late: the suite imports fastapi itself, under its own warning filters.
        from fastapi.server import Config
        from fastapi.server.driver import Watched
        from fastapi.server.native import native_server
        from fastapi.server.settings import NativeSettings

        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []
        log = logging.Logger("native door")
        log.addHandler(self)
        config = Config(app=app, root_path=root_path, date_header=False, server_header=False)
        self.loop = asyncio.get_running_loop()
        self.server = native_server(app, NativeSettings.of(config), state, log, None)
        self.driver = Watched(self.server, self.loop)
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.port: int = listener.getsockname()[1]
        self.server.listen(listener.detach(), False)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what the server says of an application."""
        error = record.exc_info[1] if record.exc_info else None
        self.errors.append(error or AssertionError(record.getMessage()))

    async def ended(self, limit: float) -> bool:
        """Wait until no application is at work; false when one still is after ``limit`` seconds."""
        until = self.loop.time() + limit
        while self.server.counts()[1]:
            if self.loop.time() > until:
                return False
            await asyncio.sleep(0.001)
        return True

    async def shut(self) -> None:
        """Cancel what is at work and close."""
        global served
        served += self.server.counts()[2]
        known = len(self.errors)
        for task in self.server.tasks():
            task.cancel()
        self.server.abort()
        await self.ended(LIMIT)
        self.driver.close()
        del self.errors[known:]
        del self.server, self.driver  # it ends on its own thread


@contextlib.contextmanager
def opened(client: Any) -> Iterator[tuple[Door, Callable[..., Any]]]:
    """A door to the application of a transport, and what calls a function on its event loop."""
    owner = client.portal_factory.__self__
    before = owner.portal
    with client.portal_factory() as portal:
        # What else the test sends meanwhile meets the same event loop, as at a server.
        owner.portal = portal

        async def make() -> Door:
            return Door(client.app, client.root_path, client.app_state)

        door = portal.call(make)
        try:
            yield door, portal.call
        finally:
            owner.portal = before
            portal.call(door.shut)


def behind_proxy(url: httpx.URL, root_path: str) -> httpx.URL:
    """The URL as it comes from a proxy that takes off its prefix, which the server puts back."""
    prefix = root_path.rstrip("/")
    raw_path = url.raw_path.decode()
    return url.copy_with(raw_path=raw_path.removeprefix(prefix).encode()) if prefix else url


def handle_request(self: Any, request: httpx.Request) -> httpx.Response:
    """Do ``_TestClientTransport.handle_request`` over TCP."""
    if request.url.scheme in ("ws", "wss"):
        raise testclient._Upgrade(WebSocketSession(self, request))
    headers = request.headers.raw
    if "transfer-encoding" in request.headers:
        # httpx may have put both there; it is the transport that chooses.
        headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    if request.url.scheme == "https":
        # Encryption is the affair of a proxy in front.
        headers = [*headers, (b"x-forwarded-proto", b"https")]
    body = bytearray()
    with opened(self) as (door, call), httpx.HTTPTransport() as transport:
        url = behind_proxy(request.url, self.root_path).copy_with(
            scheme="http", host="127.0.0.1", port=door.port
        )
        sent = httpx.Request(
            # In one piece, as ``TestClient`` hands it to the application.
            request.method, url, headers=headers, stream=httpx.ByteStream(request.read()),
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), LIMIT)},
        )  # fmt: skip
        response = broken = None
        try:
            response = transport.handle_request(sent)
            for chunk in response.stream:  # type: ignore[union-attr]
                body += chunk
        except httpx.TransportError as error:
            broken = error
        if not call(door.ended, LIMIT):
            raise TimeoutError(f"the application still ran {LIMIT} s after {request.method} {request.url}")
        if door.errors and self.raise_server_exceptions:
            raise door.errors[0]
        if response is None or (broken and not door.errors):
            raise AssertionError(f"the server did not answer: {broken!r}") from broken
    return httpx.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=httpx.ByteStream(bytes(body)),
        request=request,
    )


class WebSocketSession(testclient.WebSocketTestSession):
    """``WebSocketTestSession`` over TCP."""

    def __init__(self, client: Any, request: httpx.Request) -> None:
        self.client = client
        self.request = request

    def __enter__(self) -> "WebSocketSession":
        with contextlib.ExitStack() as stack:
            self.door, self.call = stack.enter_context(opened(self.client))
            stack.callback(self.raise_error)
            self.connection = self.connect()
            self.accepted_subprotocol = self.connection.subprotocol
            answer = self.connection.response.headers.raw_items()
            self.extra_headers = [
                (name.encode(), value.encode()) for name, value in answer if name.lower() not in HANDSHAKE
            ]
            stack.callback(self.close, 1000)
            self.exit_stack = stack.pop_all()
            return self

    def connect(self) -> Any:
        """Do the handshake, or say as ``TestClient`` does how it was refused."""
        url = behind_proxy(self.request.url, self.client.root_path)
        own = [(name, value) for name, value in self.request.headers.multi_items() if name not in HANDSHAKE]
        protocols = self.request.headers.get("sec-websocket-protocol")
        try:
            return connect(
                str(url.copy_with(scheme="ws")),
                sock=socket.create_connection(("127.0.0.1", self.door.port), LIMIT),
                additional_headers=own,
                subprotocols=protocols and [protocol.strip() for protocol in protocols.split(",")],
                user_agent_header=None, proxy=None, open_timeout=LIMIT, close_timeout=LIMIT, max_size=None,
            )  # fmt: skip
        except InvalidStatus as refused:
            answer = refused.response
            self.raise_error()
            if answer.status_code == 403 and not answer.body:
                raise WebSocketDisconnect(1006) from None
            headers = list(answer.headers.raw_items())
            raise testclient.WebSocketDenialResponse(
                status_code=answer.status_code, headers=headers, content=bytes(answer.body)
            ) from None

    def raise_error(self) -> None:
        """Raise what the application raised, once it ended or had the time to."""
        self.call(self.door.ended, GRACE)
        if self.door.errors:
            raise self.door.errors[0]

    def send(self, message: Any) -> None:
        """Send, or close; what comes too late is dropped, as in the process."""
        if message["type"] == "websocket.disconnect":
            self.connection.close(message.get("code", 1000), message.get("reason") or "")
            return
        with contextlib.suppress(ConnectionClosed):
            text = message.get("text")
            self.connection.send(message["bytes"] if text is None else text)

    def receive(self) -> Any:
        """The next message, or that the application closed."""
        try:
            data = self.connection.recv(LIMIT)
        except ConnectionClosed as closed:
            self.raise_error()
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            return {"type": "websocket.close", "code": code, "reason": reason}
        return {"type": "websocket.send", "text" if isinstance(data, str) else "bytes": data}


testclient._TestClientTransport.handle_request = handle_request  # type: ignore[method-assign]
