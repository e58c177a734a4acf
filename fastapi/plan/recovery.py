"""What a plan asks of Python when something is raised.

Exceptions are handled by the same code as on the reference path: it is given an application that does
nothing but raise.
"""

from contextlib import AsyncExitStack
from copy import copy
from typing import Any, NoReturn

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


async def recover(error: Exception, started: bool, request: Request, send: Send) -> None:
    """Answer an exception of a route by the application's handlers, or raise it.

    Args:
        error: what was raised.
        started: whether a response has been started.
        request: what the handlers are given.
        send: where their response goes.

    Raises:
        RuntimeError: there is a handler, but the response has already started.
    """
    app = wrap_app_handling_exceptions(_raising(error, started), request)
    await app(request.scope, request.receive, _sending(send))


async def recover_outside(
    error: Exception, started: bool, middleware: Any, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer an exception that has left a route, by the application's middleware, or raise it.

    Args:
        error: what was raised.
        started: whether a response has been started.
        middleware: Starlette's ``ExceptionMiddleware``, or its ``ServerErrorMiddleware`` around that.
        scope, receive, send: as the server gave them.
    """
    outer = inner = copy(middleware)
    if isinstance(middleware, ServerErrorMiddleware):
        inner = outer.app = copy(middleware.app)
    inner.app = _raising(error, started)
    await outer(scope, receive, _sending(send))


def replay(messages: list[Message], error: Exception | None, receive: Receive) -> Receive:
    """Return a ``receive`` that gives what has been received before, to read a body from its beginning.

    Args:
        messages: what came.
        error: what was raised after that.
        receive: goes on after that.
    """
    failures = [] if error is None else [error]

    async def again() -> Message:
        if messages:
            return messages.pop(0)
        if failures:
            raise failures.pop()
        return await receive()

    return again


async def unwind(stack: AsyncExitStack, error: BaseException) -> None:
    """Leave an exit stack with an exception; returns if the stack swallows it."""
    async with stack:
        raise error


def no_response() -> Any:
    """Fail as the reference path does when a dependency of scope "function" has swallowed the exception."""
    response = None
    del response
    return response  # noqa: F821


async def wait(awaitable: Any) -> Any:
    """Await what is not a plain coroutine."""
    return await awaitable
