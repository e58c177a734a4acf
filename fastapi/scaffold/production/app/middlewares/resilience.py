"""No request takes for ever."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.exceptions.custom_exceptions import TimedOut
from app.exceptions.handlers import http_problem


class TimeoutMiddleware:
    """Gives up on an answer that has not begun after ``seconds``; one that has begun may stream on."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        task = asyncio.current_task()
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = True
            if task is not None:
                task.cancel()

        timer = asyncio.get_running_loop().call_later(self.seconds, expire)

        async def send_begun(message: Message) -> None:
            timer.cancel()
            await send(message)

        try:
            await self.app(scope, receive, send_begun)
        except asyncio.CancelledError:
            if not expired:
                raise
            if task is not None and hasattr(task, "uncancel"):  # Python 3.11
                task.uncancel()
            await http_problem(TimedOut())(scope, receive, send)
        finally:
            timer.cancel()
