"""From an endpoint and its dependant to the ASGI application of a websocket route.

The calls between these functions go through ``fastapi.routing``; see ``fastapi.routing.handler``.
"""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

import fastapi.routing as routing
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.solver import exit_stack
from fastapi.exceptions import WebSocketRequestValidationError
from fastapi.plan.recovery import recover, recover_outside
from fastapi.plan.websockets import cover, uncover
from fastapi.routing.context import EndpointLocation


class WebSocketSession:
    """An ASGI application that runs ``func(websocket)`` with the exit stacks of its dependencies."""

    def __init__(self, func: Callable[[WebSocket], Awaitable[None]]) -> None:
        self.func = func

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket."""
        session = WebSocket(scope, receive=receive, send=send)
        is_covered = cover(session, receive, send)

        async def converse(scope: Scope, receive: Receive, send: Send) -> None:
            async with AsyncExitStack() as request_stack:
                scope["fastapi_inner_astack"] = request_stack
                async with AsyncExitStack() as function_stack:
                    scope["fastapi_function_astack"] = function_stack
                    await self.func(session)

        try:
            await wrap_app_handling_exceptions(converse, session)(scope, receive, send)
        finally:
            if is_covered:
                uncover(session)

    async def serve(self, middleware: Any, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket as the stock middleware around the routes would; ``fastapi.plan.front`` knows when.

        Every coroutine between a task and the endpoint costs each message that is waited for. So here is
        one that does the work of all. Slow twin: the middleware, the router, the route and ``__call__``.

        Args:
            middleware: the outermost of what is not called.
            scope: as the router leaves it.
            receive, send: as the server gave them.
        """
        try:
            async with AsyncExitStack() as outer_stack:
                scope["fastapi_middleware_astack"] = outer_stack
                session = WebSocket(scope, receive=receive, send=send)
                is_covered = cover(session, receive, send)
                try:
                    async with AsyncExitStack() as request_stack:
                        scope["fastapi_inner_astack"] = request_stack
                        async with AsyncExitStack() as function_stack:
                            scope["fastapi_function_astack"] = function_stack
                            await self.func(session)
                except Exception as error:
                    await recover(error, False, session, receive, send)
                finally:
                    if is_covered:
                        uncover(session)
        except Exception as error:
            await recover_outside(error, False, middleware, scope, receive, send)


def websocket_session(func: Callable[[WebSocket], Awaitable[None]]) -> ASGIApp:
    """Turn ``func(websocket)`` into an ASGI application, with the exit stacks of its dependencies."""
    return WebSocketSession(func)


def get_websocket_app(
    dependant: Dependant,
    dependency_overrides_provider: Any | None = None,
    embed_body_fields: bool = False,
) -> Callable[[WebSocket], Coroutine[Any, Any, Any]]:
    """Return the coroutine function that serves a websocket for one route.

    Raises:
        WebSocketRequestValidationError: (while serving) a parameter is not valid.
    """
    assert dependant.call is not None, "dependant.call must be a function"
    location = EndpointLocation(dependant)

    async def app(websocket: WebSocket) -> None:
        solved = await routing.solve_dependencies(
            request=websocket,
            dependant=dependant,
            dependency_overrides_provider=dependency_overrides_provider,
            async_exit_stack=exit_stack(websocket, "fastapi_inner_astack"),
            embed_body_fields=embed_body_fields,
        )
        if solved.errors:
            raise WebSocketRequestValidationError(
                solved.errors, endpoint_ctx=location.context(websocket, "WS")
            )
        assert dependant.call is not None, "dependant.call must be a function"
        await dependant.call(**solved.values)

    return app
