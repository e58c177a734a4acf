"""Files that the native server sends by itself: from the page cache to the socket, past Python.

Slow twin: ``FileResponse`` as Starlette has it, which reads a file in worker threads, 64 KiB at a time.
"""

from collections.abc import Callable
from pathlib import PosixPath
from types import FunctionType, MethodType
from typing import Any, Final

from starlette import responses, staticfiles
from starlette.responses import FileResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Scope, Send

from fastapi.plan.native import channel_of

_PATHSEND: Final = "http.response.pathsend"

_STOCK: Final[list[tuple[type, str, Any]]] = [
    (cls, name, function)
    for cls, home in ((FileResponse, responses), (StaticFiles, staticfiles))
    for name, function in vars(cls).items()
    if isinstance(function, FunctionType) and function.__globals__ is vars(home)
]
_HANDLE: Final = Mount.handle


def _is_stock(thing: object, cls: type) -> bool:
    """Whether an object is of a class itself, which is as it was shipped."""
    return type(thing) is cls and all(
        vars(owner).get(name) is function and name not in vars(thing)
        for owner, name, function in _STOCK
        if owner is cls
    )


def _offering(scope: Scope, send: Send) -> tuple[Scope, Send] | None:
    channel = channel_of(send)
    if channel is None:
        return None
    push_file: Callable[[Any], Any] = channel.push_file

    async def send_or_path(message: Message) -> None:
        if message["type"] == _PATHSEND:
            while (room := push_file(message["path"])) is not None:
                await room
        else:
            await send(message)

    return {**scope, "extensions": {**scope.get("extensions", {}), _PATHSEND: {}}}, send_or_path


def with_files(response: Any, scope: Scope, send: Send) -> tuple[Scope, Send] | None:
    """Return what to call a response with, so that the native server sends its file; ``None`` to call it as ever.

    Only Starlette's own ``FileResponse`` gets to see them: middleware and applications would see an extension of
    ASGI that uvicorn does not have.
    """
    if not _is_stock(response, FileResponse) or type(response.path) not in (str, PosixPath):
        return None
    return _offering(scope, send)


def with_static_files(destination: ASGIApp, scope: Scope, send: Send) -> tuple[Scope, Send] | None:
    """The same for what a router found, if it is mounted ``StaticFiles``."""
    if type(destination) is not MethodType or destination.__func__ is not _HANDLE:
        return None
    mount: Any = destination.__self__
    if Mount.handle is not _HANDLE or not _is_stock(mount.app, StaticFiles) or scope["type"] != "http":
        return None
    # The responses that these make are stock ones.
    if any(vars(cls).get(name) is not function for cls, name, function in _STOCK if cls is FileResponse):
        return None
    return _offering(scope, send)
