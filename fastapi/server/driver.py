"""How the native server hears of its sockets: by a descriptor that the event loop watches, or from asyncio.

Both drive the same engines. The first costs less; the second serves loops that cannot watch a descriptor.
"""

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from fastapi.server import sockets

if TYPE_CHECKING:
    from fastapi._rust import HttpServer


class Driver(Protocol):
    """What stands between a loop and a native server."""

    async def open(self, listeners: Sequence[socket.socket], backlog: int) -> None:
        """Takes over listening sockets and lets connections in."""
        ...

    def stop(self) -> None:
        """Lets no more in."""
        ...

    def close(self) -> None:
        """Leaves the loop."""
        ...


class Watched:
    """The server owns the sockets, behind one descriptor that ``loop.add_reader`` watches."""

    def __init__(self, native: "HttpServer", event_loop: asyncio.AbstractEventLoop) -> None:
        event_loop.add_reader(native.fileno(), native.ready)
        self.native = native
        self.event_loop = event_loop

    async def open(self, listeners: Sequence[socket.socket], backlog: int) -> None:
        for listener in listeners:
            unix = sockets.is_unix(listener)
            self.native.listen(listener.detach(), unix)

    def stop(self) -> None:
        """Does nothing: ``HttpServer.stop`` closes the sockets."""

    def close(self) -> None:
        self.event_loop.remove_reader(self.native.fileno())


class Transported:
    """The loop owns the sockets; each connection is a transport with an ``asyncio.Protocol``."""

    def __init__(self, native: "HttpServer", event_loop: asyncio.AbstractEventLoop) -> None:
        self.native = native
        self.event_loop = event_loop
        self.servers: list[asyncio.AbstractServer] = []

    async def open(self, listeners: Sequence[socket.socket], backlog: int) -> None:
        for listener in listeners:
            unix = sockets.is_unix(listener)
            create = self.event_loop.create_unix_server if unix else self.event_loop.create_server
            self.servers.append(await create(self.native.protocol, sock=listener, backlog=backlog))

    def stop(self) -> None:
        for server in self.servers:
            server.close()

    def close(self) -> None:
        self.stop()


def choose(native: "HttpServer", event_loop: asyncio.AbstractEventLoop) -> Driver:
    """Return the driver that costs least on a loop."""
    try:
        return Watched(native, event_loop)
    except NotImplementedError:
        return Transported(native, event_loop)
