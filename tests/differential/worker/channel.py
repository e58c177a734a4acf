"""Framed messages over a pair of pipes: four bytes of length, then a pickle of built-in types.

Pickle, because bytes, tuples, lone surrogates and NaN must arrive as they were sent; both ends are our own
processes.
"""

import pickle
import selectors
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">I")
_PROTOCOL = 4


class Closed(EOFError):
    """The other end went away in the middle of the conversation."""


def write(stream: BinaryIO, message: Any) -> None:
    frame = pickle.dumps(message, protocol=_PROTOCOL)
    stream.write(_LENGTH.pack(len(frame)) + frame)
    stream.flush()


def read(stream: BinaryIO, timeout: float | None = None) -> Any:
    """Return the next message.

    Args:
        timeout: seconds to wait for its first byte; ``None`` waits for ever. ``stream`` must be unbuffered.

    Raises:
        Closed: the stream ended.
        TimeoutError: nothing came in time.
    """
    if timeout is not None and not _is_readable(stream, timeout):
        raise TimeoutError(f"no answer within {timeout:g} s")
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return pickle.loads(_exactly(stream, length))


def _is_readable(stream: BinaryIO, timeout: float) -> bool:
    # Not select.select: it takes no descriptor over 1023.
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(timeout))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = stream.read(size - len(data))
        if not piece:
            raise Closed
        data += piece
    return bytes(data)
