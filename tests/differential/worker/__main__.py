"""Serve applications to the runner: started by the interpreter under test as a folder, talks frames on its pipes.

A worker answers ``("hello",)``, ``("load", application)``, ``("request", application, request)`` and
``("unload", application)``; a frame holds a list of them, and each gets its own answer. Whatever an
application prints goes to standard error.
"""

import asyncio
import importlib
import importlib.metadata
import importlib.util
import os
import re
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import channel
import served
import wire

REQUEST_SECONDS = float(os.environ.get("DIFFERENTIAL_REQUEST_SECONDS", "10"))
OVER_TCP = os.environ.get("DIFFERENTIAL_DOOR") == "native"
PACKAGES = ("starlette", "pydantic", "pydantic-core", "anyio", "python-multipart", "orjson", "ujson")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Application:
    """A loaded application module with its lifespan running."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        module = importlib.import_module(f"{folder.name}.{name}")
        self.app = module.app
        self.examples = getattr(module, "EXAMPLES", [])
        self.trace: list[str] = getattr(module, "trace", [])
        self.state: dict[str, Any] = {}
        self.lifespan = Lifespan(self)
        self.servers: dict[str, served.Server] = {}

    def routes(self) -> list[tuple[Any, ...]]:
        return [
            (
                f"{type(route).__module__}.{type(route).__qualname__}",
                getattr(route, "path", None),
                getattr(route, "name", None),
                sorted(getattr(route, "methods", None) or ()),
            )
            for route in getattr(self.app, "routes", ())
        ]

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request to a server of the application and describe everything that came back."""
        root_path = request["root_path"]
        if root_path not in self.servers:
            self.servers[root_path] = await served.start(self.app, root_path, self.state)
        server = self.servers[root_path]
        served.errors.clear()
        self.trace.clear()
        messages: list[dict[str, Any]] = []
        try:
            await asyncio.wait_for(wire.exchange(server, request, messages), REQUEST_SECONDS)
        except asyncio.TimeoutError:
            return {"timeout": True, "messages": messages}
        return {
            "messages": messages,
            "exception": [
                error if isinstance(error, str) else describe(error, self.folder) for error in served.errors
            ],
            "trace": list(self.trace),
        }

    async def respond(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one request to its end (or its time limit) and describe everything that came out."""
        conversation = websocket if request["receive"] is not None else http
        self.trace.clear()
        sent: list[dict[str, Any]] = []
        scope, receive, send = conversation(request, sent, self.trace)
        if self.lifespan.has_state:
            scope["state"] = dict(self.state)
        task = asyncio.ensure_future(self.app(scope, receive, send))
        done, _ = await asyncio.wait({task}, timeout=REQUEST_SECONDS)
        if not done:
            task.cancel()
            await asyncio.wait({task}, timeout=1.0)
            return {"timeout": True, "messages": [plain(message) for message in sent]}
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        return {
            "messages": [plain(message) for message in sent],
            "exception": error and describe(error, self.folder),
            "trace": list(self.trace),
        }


class Lifespan:
    """The lifespan conversation of one application, kept open between startup and shutdown."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.has_state = False
        self.sent: list[dict[str, Any]] = []
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.changed = asyncio.Event()
        self.task: asyncio.Future[Any] | None = None

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.application.state,
        }
        try:
            await self.application.app(scope, self.incoming.get, self._send)
        finally:
            self.changed.set()

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.changed.set()

    async def step(self, event: str) -> dict[str, Any]:
        """Send ``startup`` or ``shutdown`` and return what the application answered."""
        application = self.application
        application.trace.clear()
        self.sent, self.changed = [], asyncio.Event()
        if self.task is None:
            self.task = asyncio.ensure_future(self._run())
        if not self.task.done():
            self.incoming.put_nowait({"type": f"lifespan.{event}"})
            await asyncio.wait_for(self.changed.wait(), REQUEST_SECONDS)
            if event == "shutdown":
                await asyncio.wait({self.task}, timeout=REQUEST_SECONDS)
        self.has_state = bool(application.state)
        error = self.task.exception() if self.task.done() and not self.task.cancelled() else None
        messages = [plain(message) for message in self.sent]
        for message in messages:
            # A whole traceback: only its last line is the same in another environment.
            message.update(
                {"message": message["message"].strip().rpartition("\n")[2]} if "message" in message else {}
            )
        return {
            "messages": messages,
            "exception": error and describe(error, application.folder),
            "trace": list(application.trace),
        }


def http(request: dict[str, Any], sent: list[Any], trace: list[str]) -> tuple[dict[str, Any], Any, Any]:
    """Return scope, receive and send for an HTTP exchange whose messages are kept in ``sent``."""
    chunks = list(request["chunks"])
    finished = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if chunks:
            body = chunks.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(chunks) or request["disconnect"]}
        if not request["disconnect"]:
            await finished.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        trace.append(f"send {message['type']}")
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            finished.set()

    scope = _scope(request, "http") | {"method": request["method"]}
    return scope, receive, send


def websocket(request: dict[str, Any], sent: list[Any], trace: list[str]) -> tuple[dict[str, Any], Any, Any]:
    """Return scope, receive and send for a WebSocket session: connect, the frames, disconnect."""
    frames = [{"type": "websocket.connect"}]
    for frame in request["receive"]:
        frames.append({"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame})

    async def receive() -> dict[str, Any]:
        return frames.pop(0) if frames else {"type": "websocket.disconnect", "code": 1000, "reason": ""}

    async def send(message: dict[str, Any]) -> None:
        trace.append(f"send {message['type']}")
        sent.append(message)

    scope = _scope(request, "websocket") | {"subprotocols": list(request["subprotocols"])}
    if request["denial"]:
        scope["extensions"] = {"websocket.http.response": {}}
    return scope, receive, send


def _scope(request: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("testserver", 80),
        "client": ("testclient", 50000),
        "scheme": "http" if kind == "http" else "ws",
        "root_path": request["root_path"],
        "path": request["root_path"] + unquote(request["path"].decode("ascii")),
        "raw_path": request["root_path"].encode() + request["path"],
        "query_string": request["query"],
        "headers": list(request["headers"]),
    }


def plain(value: Any) -> Any:
    """Return ``value`` in built-in types; what no ASGI message may hold becomes its ``repr``."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    return _ADDRESS.sub("0x", repr(value))


def describe(error: BaseException, folder: Path) -> dict[str, Any]:
    """Return type, text, causes and the application's own frames of an exception."""
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        # Where exactly the stack ends is nobody's business.
        "text": "" if isinstance(error, RecursionError) else _ADDRESS.sub("0x", str(error)),
        "frames": [
            (Path(frame.filename).name, frame.name, frame.lineno)
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).parent == folder
        ],
        "causes": [
            f"{type(cause).__module__}.{type(cause).__qualname__}"
            for cause in (error.__cause__, *getattr(error, "exceptions", ()))
            if cause is not None
        ],
    }


class Worker:
    """The applications of one folder, loaded on request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = asyncio.new_event_loop()
        self.loaded: dict[str, Application] = {}
        self.commands: dict[str, Callable[..., Any]] = {
            "hello": self.hello,
            "load": self.load,
            "request": self.request,
            "unload": self.unload,
        }

    def hello(self) -> dict[str, Any]:
        spec = importlib.util.find_spec("fastapi")
        return {
            "python": ".".join(map(str, sys.version_info[:3])),
            "fastapi": spec.origin if spec else None,
            "is_ours": spec is not None and importlib.util.find_spec("fastapi._rust") is not None,
            "packages": {name: version for name in PACKAGES if (version := installed(name))},
            "version": installed("fastapi"),
        }

    def load(self, name: str) -> dict[str, Any]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                # asyncio.Event and Queue bind to the running loop on 3.10 as well when made inside it.
                application = self.loop.run_until_complete(self._import(name))
                lifespan = self.loop.run_until_complete(application.lifespan.step("startup"))
            except BaseException as error:
                return {"exception": describe(error, self.folder), "examples": []}
        self.loaded[name] = application
        return {
            "exception": None,
            "lifespan": lifespan,
            "examples": application.examples,
            "routes": application.routes(),
            "warnings": [
                (entry.category.__name__, str(entry.message), Path(entry.filename).name, entry.lineno)
                if Path(entry.filename).parent == self.folder
                else (entry.category.__name__, str(entry.message))
                for entry in caught
            ],
        }

    async def _import(self, name: str) -> Application:
        return Application(self.folder, name)

    def request(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        application = self.loaded[name]
        conversation = application.answer if OVER_TCP else application.respond
        return self.loop.run_until_complete(conversation(request))

    def unload(self, name: str) -> dict[str, Any]:
        return self.loop.run_until_complete(self.loaded.pop(name).lifespan.step("shutdown"))


def installed(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Take the two pipes away from everybody else, then answer commands until the runner closes its end."""
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    folder = Path(sys.argv[1]).resolve()
    package = sys.modules[folder.name] = types.ModuleType(folder.name)
    package.__path__ = [str(folder)]
    worker = Worker(folder)
    while True:
        try:
            commands = channel.read(incoming)
        except channel.Closed:
            return
        for command, *arguments in commands:
            channel.write(outgoing, worker.commands[command](*arguments))


if __name__ == "__main__":
    main()
