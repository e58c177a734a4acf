"""A group of tasks, as ``anyio.create_task_group`` makes it, for what ``BaseHTTPMiddleware`` does with one.

A task that is started for a request runs at once, up to where it first waits. Most requests are answered by then, so
that nobody has to wait for anybody.
"""

import asyncio
import sys
from asyncio import CancelledError, Future, Handle, Task, get_running_loop
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from anyio import CancelScope, current_effective_deadline
from typing_extensions import Self

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup  # type: ignore[import-not-found, unused-ignore]


class Group:
    """Tasks that end before the block ends that they were started in."""

    __slots__ = ("_children", "_deadline", "_deferred", "_errors", "_left", "_scope")

    def __init__(self) -> None:
        self._children: set[CancelScope] = set()
        self._deadline = current_effective_deadline()
        self._deferred: list[Handle] = []
        self._errors: list[BaseException] = []
        self._left: Future[None] | None = None
        self._scope: CancelScope | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        """Wait for the tasks, which are cancelled if the block has failed.

        Raises:
            BaseExceptionGroup: what the block or its tasks have raised.
        """
        raised = error
        if error is not None:
            self.cancel()
            if not isinstance(error, CancelledError):
                self._errors.append(error)
        while self._children:
            self._left = get_running_loop().create_future()
            try:
                await self._left
            except CancelledError as cancelled:
                self.cancel()
                raised = raised or cancelled
        try:
            if self._errors:
                raise BaseExceptionGroup("unhandled errors in a TaskGroup", self._errors) from None
            if raised is not None:
                raise raised
        except BaseException as leaving:
            if self._scope is not None and self._scope.__exit__(
                type(leaving), leaving, leaving.__traceback__
            ):
                return True
            if leaving is error:
                return False
            raise
        if self._scope is not None:
            self._scope.__exit__(None, None, None)
        return False

    @property
    def cancel_scope(self) -> Self:
        """What can be cancelled: the tasks, and the block if one of them asks for it."""
        return self

    def cancel(self) -> None:
        """Cancel the tasks and, unless it is the one that asks, the block."""
        while self._deferred:
            self._deferred.pop().cancel()
        for scope in tuple(self._children):
            scope.cancel()
        if self._scope is not None and self._children:
            self._scope.cancel()

    @property
    def has_failed(self) -> bool:
        """Whether a task has raised something."""
        return bool(self._errors)

    def start_soon(
        self, function: Callable[..., Awaitable[Any]], *args: Any, name: str | None = None
    ) -> None:
        """Start a task.

        Args:
            function: what to run, at once; with ``args``, not before the block waits for something.
            args: what it is called with.
            name: of the task; that of the function if omitted.
        """
        scope = CancelScope(deadline=self._deadline)
        if not args:
            name = name or f"{function.__module__}.{function.__qualname__}"
            self._children.add(scope)
            start_now(self._run(scope, function), name)
            return
        # Whoever races with the block may have to cancel it.
        self._scope = CancelScope()
        self._scope.__enter__()
        self._deferred.append(get_running_loop().call_soon(self._start, scope, function, args))

    def _start(
        self, scope: CancelScope, function: Callable[..., Awaitable[Any]], args: tuple[Any, ...]
    ) -> None:
        self._deferred.clear()
        self._children.add(scope)
        get_running_loop().create_task(self._run(scope, function, *args))

    async def _run(self, scope: CancelScope, function: Callable[..., Awaitable[Any]], *args: Any) -> None:
        try:
            with scope:
                await function(*args)
        except (CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self._errors.append(error)
        finally:
            self._children.discard(scope)
            if self._left is not None and not self._children and not self._left.done():
                self._left.set_result(None)


def start_now(coroutine: Coroutine[Any, Any, Any], name: str) -> "Task[Any]":
    """Make a task and take its first step, in a copy of the current context.

    Where the loop makes its tasks in a way of its own, that step is left to the loop.
    """
    loop = get_running_loop()
    if loop.get_task_factory() is not None:
        return loop.create_task(coroutine, name=name)
    if sys.version_info >= (3, 12):
        return Task(coroutine, loop=loop, name=name, eager_start=True)
    return _start_now(coroutine, name, loop)


def _start_now(
    coroutine: Coroutine[Any, Any, Any], name: str, loop: asyncio.AbstractEventLoop
) -> "Task[Any]":
    # The constructor of a task hands its first step to the loop, from where it is taken.
    taken: list[Any] = []

    def take(step: Callable[..., Any], *args: Any, context: Any = None) -> None:
        taken.append((context, step, args))

    own = getattr(loop, "__dict__", None)
    if own is None or "call_soon" in own:
        return loop.create_task(coroutine, name=name)
    own["call_soon"] = take
    try:
        task = Task(coroutine, loop=loop, name=name)
    finally:
        del own["call_soon"]
    ((context, step, args),) = taken
    current = asyncio.current_task(loop)
    if current is None:
        context.run(step, *args)
        return task
    asyncio.tasks._leave_task(loop, current)
    try:
        context.run(step, *args)
    finally:
        asyncio.tasks._enter_task(loop, current)
    return task
