"""Listening sockets: bound to an address, made at a path, or inherited.

The sockets are made once, by the process that starts the others, and inherited by the workers. `SO_REUSEPORT` would
spread connections more evenly, but the kernel drops what waits in the queue of a process that ends.
"""

import ctypes
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi.server.config import Config, ConfigError

_SO_ATTACH_FILTER: Final = 26
"""Of Linux; `socket` has no name for it."""
_DROP_SYN: Final = b"".join(
    struct.pack("=HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the byte of flags of the TCP header
        (0x45, 0, 1, 0x02),  # is SYN set?
        (0x06, 0, 0, 0),  # drop
        (0x06, 0, 0, 0xFFFFFFFF),  # pass
    )
)
"""A classic BPF program."""


@contextmanager
def bound(config: Config) -> Iterator[list[socket.socket]]:
    """Sockets at the addresses of a configuration, closed again at the end, the path of a Unix socket removed.

    They do not listen yet: who connects before the application has started is refused, as if nothing was there.

    Raises:
        ConfigError: the address cannot be had; the text says why.
    """
    if config.fd is not None:
        listeners = [_inherited(config.fd)]
    elif config.uds is not None:
        listeners = [_unix(config.uds)]
    else:
        listeners = _tcp(config.host, config.port)
    made = _identity(config.uds) if config.fd is None else None
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.close()
        if config.uds is not None and made is not None and _identity(config.uds) == made:
            os.unlink(config.uds)


def listen(config: Config, listener: socket.socket) -> None:
    """Lets connections in.

    Raises:
        ConfigError: another server has begun to listen there in the meantime.
    """
    try:
        listener.listen(config.backlog)
    except OSError as error:
        raise ConfigError(f"{address_of(config, listener)}: cannot listen there: {error.strerror}.") from None
    listener.setblocking(False)


def turn_away(listener: socket.socket) -> None:
    """Lets no new connection in, so that the queue of a socket can be emptied for good before it is closed.

    What connects between the last `accept` and `close` would be reset. Where the kernel has packet filters (Linux),
    one drops the packets that begin a connection; their senders try again, and are refused by then. Elsewhere it
    does nothing.
    """
    if sys.platform != "linux" or is_unix(listener):
        return
    program = ctypes.create_string_buffer(_DROP_SYN)
    pointer = struct.pack("@HP", len(_DROP_SYN) // 8, ctypes.addressof(program))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)
    except OSError:  # a kernel without filters
        pass


def is_unix(listener: socket.socket) -> bool:
    """Whether a socket is one of a path."""
    return hasattr(socket, "AF_UNIX") and listener.family == socket.AF_UNIX


def address_of(config: Config, listener: socket.socket) -> str:
    """Where a listening socket can be reached, as the log shows it."""
    if is_unix(listener):
        return f"unix socket {config.uds or listener.getsockname()}"
    host, port = listener.getsockname()[:2]
    if config.fd is None:
        host = config.host or "0.0.0.0"
    scheme = "https" if config.is_tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _identity(path: str | None) -> tuple[int, int] | None:
    """Which file a path leads to."""
    try:
        found = os.stat(path or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _tcp(host: str, port: int) -> list[socket.socket]:
    """Binds to every address that a host has, as asyncio does."""
    place = f"--host {host} --port {port}"
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ConfigError(f"{place}: there is no such host: {error.strerror}. Check its name.") from None
    sockets: list[socket.socket] = []
    for family, kind, protocol, _, address in dict.fromkeys(found):
        try:
            listener = socket.socket(family, kind, protocol)
        except OSError:  # a kernel without IPv6 still resolves to its addresses
            continue
        sockets.append(listener)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # With port 0 the kernel picks one for the first address, and the others take the same.
        chosen = sockets[0].getsockname()[1] if port == 0 and len(sockets) > 1 else port
        try:
            listener.bind((address[0], chosen, *address[2:]))
        except OSError as error:
            for opened in sockets:
                opened.close()
            raise ConfigError(f"{place}: {error.strerror}. Take another, or end what is using it.") from None
    if not sockets:
        raise ConfigError(
            f"{place}: none of its addresses is of a family that this system has. Take another."
        )
    return sockets


def _unix(path: str) -> socket.socket:
    """Makes a socket at a path, in place of one that nobody listens on any more."""
    permissions = 0o666
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found = os.stat(path)
    except OSError:
        pass
    else:
        if not stat.S_ISSOCK(found.st_mode):
            listener.close()
            raise ConfigError(f"--uds {path}: there is something else than a socket. Take another path.")
        permissions = stat.S_IMODE(found.st_mode)
        if _is_served(path):
            listener.close()
            raise ConfigError(
                f"--uds {path}: another server is listening there. End it, or take another path."
            )
        os.unlink(path)
    try:
        listener.bind(path)
        os.chmod(path, permissions)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"--uds {path}: {error.strerror or error}. Check the path and its permissions."
        ) from None
    return listener


def _is_served(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # its queue is full, or it is not for us: somebody is there
            return True
        return True


def _inherited(fd: int) -> socket.socket:
    """Takes over a copy of an inherited descriptor; the original stays as it is."""
    try:
        listener = socket.socket(fileno=os.dup(fd))
    except OSError:
        raise ConfigError(
            f"--fd {fd}: is no open socket. Let the parent process pass it on, as with pass_fds or systemd."
        ) from None
    if listener.type != socket.SOCK_STREAM:
        listener.close()
        raise ConfigError(f"--fd {fd}: is not a stream socket. Pass on one of TCP or of a Unix path.")
    return listener
