"""A group of tasks, as ``anyio.create_task_group`` makes it, for what ``BaseHTTPMiddleware`` does with one.

A task that is started for a request runs at once, up to where it first waits. Most requests are answered by then, so
that nobody has to wait for anybody, and no cancel scope is made before a task waits: nobody could cancel it.
"""

import asyncio
import sys
from asyncio import CancelledError, Future, Handle, Task, _get_running_loop, get_running_loop
from collections.abc import Callable, Coroutine, Generator
from math import inf
from typing import Any, Final

from anyio import CancelScope, current_effective_deadline
from typing_extensions import Self

from fastapi import _rust

try:
    from anyio._backends._asyncio import CancelScope as _Scope
    from anyio._backends._asyncio import _task_states
except ImportError:  # another anyio
    _task_states = None  # type: ignore[assignment]

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup  # type: ignore[import-not-found, unused-ignore]


# Until CPython 3.12 the function is written in Python.
_task_of: Final = (
    asyncio.current_task if sys.version_info >= (3, 12) else asyncio.tasks._current_tasks.get  # type: ignore[attr-defined, unused-ignore]
)

# Attributes of an object or, since anyio 4.16, slots.
_IS_KNOWN: Final = _task_states is not None and all(
    hasattr(_Scope(), name) for name in ("_child_scopes", "_parent_scope", "_tasks")
)
"""Whether a scope may be entered outside of those that a task is in."""

starting: "Final[list[Child]]" = []
"""The tasks that take their first step, of the loops of all threads. Whoever hands work to a thread lets them enter."""


class Child:
    """A task of a group: awaits a coroutine, in a cancel scope that is entered when the coroutine first waits.

    Args:
        coroutine: what the task does.
        deadline: of the scope. If there is one, or scopes are not as they are known, it is entered at once.
    """

    __slots__ = ("_coroutine", "_deadline", "_has_entered", "_scope", "runner")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], deadline: float) -> None:
        self._coroutine = coroutine
        self._deadline = deadline
        self._has_entered = False
        self._scope: CancelScope | None = None
        self.runner: Coroutine[Any, Any, None] | None = None

    def cancel(self) -> None:
        """Cancel the task."""
        if self._scope is None:
            self._scope = CancelScope(deadline=self._deadline)
        self._scope.cancel()

    def enter(self) -> None:
        """Enter the scope, outside of those that the task has entered in its first step."""
        task = asyncio.current_task()
        # Tasks that it starts take steps within its first one, too.
        if self._has_entered or task is None or task.get_coro() is not self.runner:
            return
        self._has_entered = True
        scope: Any = self._scope
        if scope is None:
            self._scope = scope = CancelScope(deadline=self._deadline)
        state: Any = _task_states.get(task) if _IS_KNOWN else None
        innermost = None if state is None else state.cancel_scope
        if innermost is None:
            scope.__enter__()
            return
        outermost = innermost
        while outermost._parent_scope is not None:
            outermost = outermost._parent_scope
        state.cancel_scope = None
        scope.__enter__()
        # A task is a member of its innermost scope alone.
        scope._tasks.discard(task)
        scope._child_scopes.add(outermost)
        outermost._parent_scope = scope
        state.cancel_scope = innermost

    def __await__(self) -> Generator[Any, Any, None]:
        coroutine = self._coroutine
        try:
            if self._scope is not None or self._deadline != inf or not _IS_KNOWN:
                self.enter()
            starting.append(self)
            try:
                awaited = coroutine.send(None)
            finally:
                starting.remove(self)
            self.enter()
            while True:
                try:
                    value = yield awaited
                except BaseException as error:
                    awaited = coroutine.throw(error)
                else:
                    awaited = coroutine.send(value)
        except StopIteration:
            if self._has_entered:
                self._scope.__exit__(None, None, None)  # type: ignore[union-attr]
        except BaseException as error:
            if not self._has_entered or not self._scope.__exit__(type(error), error, error.__traceback__):  # type: ignore[union-attr]
                raise


class Group:
    """Tasks that end before the block ends that they were started in."""

    __slots__ = ("_children", "_deadline", "_deferred", "_errors", "_left", "_scope")

    def __init__(self) -> None:
        self._children: set[Child] = set()
        # Few tasks are in a scope, and to ask anyio takes long.
        is_free = _IS_KNOWN and _task_of(get_running_loop()) not in _task_states
        self._deadline = inf if is_free else current_effective_deadline()
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
        for child in tuple(self._children):
            child.cancel()
        if self._scope is not None and self._children:
            self._scope.cancel()

    @property
    def has_failed(self) -> bool:
        """Whether a task has raised something."""
        return bool(self._errors)

    def start_soon(
        self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any, name: str | None = None
    ) -> None:
        """Start a task.

        Args:
            function: what to run, at once; with ``args``, not before the block waits for something.
            args: what it is called with.
            name: of the task; that of the function if omitted.
        """
        if not args:
            name = name or f"{function.__module__}.{function.__qualname__}"
            start_now(self._runner(function), name)
            return
        # Whoever races with the block may have to cancel it.
        self._scope = CancelScope()
        self._scope.__enter__()
        self._deferred.append(get_running_loop().call_soon(self._start, function, args))

    def _start(self, function: Callable[..., Coroutine[Any, Any, Any]], args: tuple[Any, ...]) -> None:
        self._deferred.clear()
        get_running_loop().create_task(self._runner(function, *args))

    def _runner(
        self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any
    ) -> Coroutine[Any, Any, None]:
        child = Child(function(*args), self._deadline)
        self._children.add(child)
        child.runner = self._run(child)
        return child.runner

    async def _run(self, child: Child) -> None:
        try:
            await child
        except (CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self._errors.append(error)
        finally:
            self._children.discard(child)
            if self._left is not None and not self._children and not self._left.done():
                self._left.set_result(None)


def runs_in_task() -> bool:
    """Whether this is a task of asyncio."""
    loop = _get_running_loop()
    return loop is not None and _task_of(loop) is not None


def start_now(coroutine: Coroutine[Any, Any, Any], name: str) -> "Task[Any]":
    """Make a task and take its first step, in a copy of the current context.

    Where the loop makes its tasks in a way of its own, that step is left to the loop.
    """
    loop = get_running_loop()
    task: Task[Any] | None = _rust.start_now(loop, coroutine, name)
    return loop.create_task(coroutine, name=name) if task is None else task
