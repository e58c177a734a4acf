"""What a plan asks of Python when something is raised.

Exceptions are handled by the same code as on the reference path: it is given an application that does
nothing but raise.
"""

from contextlib import AsyncExitStack
from copy import copy
from typing import IO, Any, Literal, NoReturn

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette.concurrency import run_in_threadpool
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from fastapi.dependencies.generators import GeneratorKind, push_generator

_CHUNK = 256 * 1024
"""Bytes of a file that are read at once."""

_STARTED: Message = {"type": "http.response.start"}
"""Tells whoever watches what is sent that a response has been started; it is not sent again."""


def _raising(error: BaseException, started: bool) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> NoReturn:
        if started:
            await send(_STARTED)
        raise error

    return app


def _sending(send: Send) -> Send:
    async def forward(message: Message) -> None:
        if message is not _STARTED:
            await send(message)

    return forward


async def recover(
    error: Exception, started: bool, conn: Request | WebSocket, receive: Receive, send: Send
) -> None:
    """Answer an exception of a route by the application's handlers, or raise it.

    Args:
        error: what was raised.
        started: whether a response has been started.
        conn: what the handlers are given.
        receive, send: what their response is given.

    Raises:
        RuntimeError: there is a handler, but the response has already started.
    """
    app = wrap_app_handling_exceptions(_raising(error, started), conn)
    await app(conn.scope, receive, _sending(send))


async def recover_outside(
    error: Exception, started: bool, middleware: Any, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer an exception that has left a route, by the application's middleware, or raise it.

    Args:
        error: what was raised.
        started: whether a response has been started.
        middleware: Starlette's ``ExceptionMiddleware``, or its ``ServerErrorMiddleware``, around that or
            around the user's.
        scope, receive, send: as the server gave them.
    """
    outer = inner = copy(middleware)
    if isinstance(getattr(middleware, "app", None), ExceptionMiddleware):
        inner = outer.app = copy(middleware.app)
    inner.app = _raising(error, started)
    await outer(scope, receive, _sending(send))


def replay(
    pieces: list[Message | tuple[IO[bytes], int, int]], error: Exception | None, receive: Receive
) -> Receive:
    """Return a ``receive`` that gives what has been received before, to read a body from its beginning.

    Args:
        pieces: messages that came, and bytes of the body that are in a file, from one offset to another.
        error: what was raised after that.
        receive: goes on after that.
    """
    failures = [] if error is None else [error]

    async def again() -> Message:
        if pieces:
            piece = pieces.pop(0)
            if not isinstance(piece, tuple):
                return piece
            file, start, end = piece
            stop = min(start + _CHUNK, end)
            if stop < end:
                pieces.insert(0, (file, stop, end))
            body = await run_in_threadpool(_read, file, start, stop - start)
            return {"type": "http.request", "body": body, "more_body": True}
        if failures:
            raise failures.pop()
        return await receive()

    return again


def _read(file: IO[bytes], start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


Exits = list[tuple[Literal["context manager"] | GeneratorKind, Any]]
"""What a request has to leave, the first one entered first."""


async def leave(exits: Exits, error: BaseException | None = None) -> None:
    """Leave everything, as an exit stack does; returns if an exception is swallowed.

    Args:
        exits: what is left.
        error: what was raised by the exit before these. It is not being handled, and so no context of what
            they raise.
    """
    async with AsyncExitStack() as stack:
        await _push(stack, exits)
        if error is not None:
            stack.callback(_raise, error)


def _raise(error: BaseException) -> NoReturn:
    raise error


async def unwind(exits: Exits, error: BaseException) -> None:
    """Leave everything with an exception; returns if it is swallowed."""
    async with AsyncExitStack() as stack:
        await _push(stack, exits)
        raise error


async def _push(stack: AsyncExitStack, exits: Exits) -> None:
    for kind, left in exits:
        if kind == "context manager":
            stack.push_async_exit(left)
        else:
            await push_generator(stack, kind, left)


async def did_not_stop(kind: GeneratorKind, generator: Any) -> None:
    """Fail as contextlib does when a generator yields once more."""
    async with AsyncExitStack() as stack:
        await push_generator(stack, kind, _Endless(generator))


class _Endless:
    """A generator that yields once more, and can be closed."""

    def __init__(self, generator: Any) -> None:
        self.close = getattr(generator, "close", None)
        self.aclose = getattr(generator, "aclose", None)

    def __aiter__(self) -> "_Endless":
        return self

    def __next__(self) -> None:
        return None

    async def __anext__(self) -> None:
        return None


def no_response() -> Any:
    """Fail as the reference path does when a dependency of scope "function" has swallowed the exception."""
    response = None
    del response
    return response  # noqa: F821


async def wait(awaitable: Any) -> Any:
    """Await what is not a plain coroutine."""
    return await awaitable
