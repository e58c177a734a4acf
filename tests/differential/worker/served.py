"""An application behind a real server on the running loop: uvicorn beside FastAPI, the native server beside ours."""

import asyncio
import importlib.util
import logging
import socket
from typing import Any

errors: list[BaseException | str] = []
"""What the servers said against the application since the list was last emptied: one request is made at a time."""


class Errors(logging.Handler):
    """Keeps the exceptions that are logged, or what else is said as an error."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        errors.append(error or record.getMessage())


log = logging.getLogger("uvicorn.error")
log.propagate = False
log.handlers = [Errors(logging.ERROR)]


class Server:
    """A server of one application, listening on ``port`` of 127.0.0.1."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.port: int = self.listener.getsockname()[1]

    @property
    def is_busy(self) -> bool:
        """Whether the application is at work."""
        raise NotImplementedError

    async def ended(self) -> None:
        """Wait until the application is not at work any more."""
        while self.is_busy:
            await asyncio.sleep(0.001)


class Uvicorn(Server):
    """uvicorn as it is by default, but for its lifespan, which the worker plays itself."""

    @classmethod
    async def start(cls, app: Any, root_path: str, state: dict[str, Any]) -> "Uvicorn":
        import uvicorn

        self = cls()
        config = uvicorn.Config(app, root_path=root_path, lifespan="off", log_config=None, access_log=False)
        config.load()
        self.server = uvicorn.Server(config)
        self.server.lifespan = config.lifespan_class(config)
        self.server.lifespan.state = state
        await self.server.startup([self.listener])
        self.ticker = asyncio.ensure_future(self.server.main_loop())
        await asyncio.sleep(0)  # its first tick makes the headers that it sends with every response
        return self

    @property
    def is_busy(self) -> bool:
        return bool(self.server.server_state.tasks)


class Native(Server):
    """The native server with its default settings."""

    @classmethod
    async def start(cls, app: Any, root_path: str, state: dict[str, Any]) -> "Native":
        from fastapi.server import Config
        from fastapi.server.driver import choose
        from fastapi.server.native import native_server
        from fastapi.server.settings import NativeSettings

        self = cls()
        settings = NativeSettings.of(Config(app=app, root_path=root_path))
        self.native = native_server(app, settings, state, log, None)
        self.driver = choose(self.native, asyncio.get_running_loop())
        await self.driver.open([self.listener], 100)
        return self

    @property
    def is_busy(self) -> bool:
        return bool(self.native.counts()[1])


async def start(app: Any, root_path: str, state: dict[str, Any]) -> Server:
    """Serve ``app`` with the server that this interpreter's fastapi has."""
    server = Native if importlib.util.find_spec("fastapi._rust") else Uvicorn
    return await server.start(app, root_path, state)
