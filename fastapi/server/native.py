"""The native server of an application."""

import asyncio
from logging import Logger
from typing import TYPE_CHECKING, Any

from fastapi import _rust
from fastapi.applications import _FRONT, FastAPI
from fastapi.server.settings import NativeSettings

if TYPE_CHECKING:
    from fastapi._rust import HttpServer


def native_server(
    app: Any, settings: NativeSettings, state: dict[str, Any], error_log: Logger, access_log: Logger | None
) -> "HttpServer":
    """Makes a native server on the running event loop; a :mod:`~fastapi.server.driver` lets connections in."""
    running = asyncio.get_running_loop()
    # Applications of other frameworks have no other way than ASGI.
    front = _FRONT if isinstance(app, FastAPI) else None
    native = _rust.HttpServer(app, running, settings, state, error_log, access_log, front)
    native.set_ready(native.ready)
    return native
