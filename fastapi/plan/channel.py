"""A stream of messages between two tasks, as ``anyio.create_memory_object_stream`` makes it, on asyncio alone.

Nothing is kept on the way: whoever sends waits until somebody receives. What is saved are events, queues and entries
for those who wait and turns of the event loop, which cost more than the rest of a short request.
"""

from asyncio import Future, get_running_loop, sleep
from collections import deque
from typing import Any, Final

from anyio import BrokenResourceError, ClosedResourceError, EndOfStream
from starlette.types import Message
from typing_extensions import Self

_END: Final = object()
"""What those who wait are told when the other end has closed."""


class _State:
    __slots__ = ("has_finished", "is_new", "receivers", "receiving_closed", "senders", "sending_closed")

    def __init__(self) -> None:
        self.is_new = True
        self.has_finished = False
        self.sending_closed = False
        self.receiving_closed = False
        self.senders: deque[tuple[Future[Any] | None, Message]] = deque()
        self.receivers: deque[Future[Any]] = deque()


class _End:
    __slots__ = ("_state",)

    def __init__(self, state: _State) -> None:
        self._state = state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the other end know that this one is over."""


class Sending(_End):
    """The end that sends."""

    __slots__ = ()

    async def send(self, message: Message) -> None:
        """Send a message, when somebody receives.

        Raises:
            ClosedResourceError: this end has been closed.
            BrokenResourceError: the other one has.
        """
        state = self._state
        if state.sending_closed:
            raise ClosedResourceError
        if state.receiving_closed:
            # Whoever goes on sending must not keep the loop from everything else.
            await sleep(0)
            raise BrokenResourceError
        while state.receivers:
            receiver = state.receivers.popleft()
            if not receiver.done():
                state.is_new = False
                receiver.set_result(message)
                return
        if state.is_new:
            # Whoever has started the task that sends goes on to receive, if the task has not had to wait before.
            state.is_new = False
            state.senders.append((None, message))
            return
        taken: Future[Any] = get_running_loop().create_future()
        waiting = (taken, message)
        state.senders.append(waiting)
        try:
            outcome = await taken
        except BaseException:
            if waiting in state.senders:
                state.senders.remove(waiting)
            raise
        if outcome is _END:
            raise BrokenResourceError

    def finish(self, *messages: Message) -> None:
        """Send the last messages, after which the task that sends them has nothing else to do."""
        state = self._state
        if state.sending_closed or state.receiving_closed:
            return
        state.has_finished = True
        for message in messages:
            while state.receivers:
                receiver = state.receivers.popleft()
                if not receiver.done():
                    receiver.set_result(message)
                    break
            else:
                state.senders.append((None, message))

    def close(self) -> None:
        """Tell those who wait for messages that there are no more."""
        state = self._state
        state.sending_closed = True
        while state.receivers:
            _tell(state.receivers.popleft(), _END)


class Receiving(_End):
    """The end that receives."""

    __slots__ = ()

    async def receive(self) -> Message:
        """Return the next message.

        Raises:
            ClosedResourceError: this end has been closed.
            EndOfStream: the other one has.
        """
        state = self._state
        if state.receiving_closed:
            raise ClosedResourceError
        if state.senders:
            taken, message = state.senders.popleft()
            _tell(taken, None)
            return message
        if state.sending_closed:
            raise EndOfStream
        receiver: Future[Any] = get_running_loop().create_future()
        state.receivers.append(receiver)
        received = await receiver
        if received is _END:
            raise EndOfStream
        return received  # type: ignore[no-any-return]

    def whole(self) -> bytes | None:
        """Return the body of a response that is there as a whole; ``None``: it is not, or whoever receives knows."""
        state = self._state
        if len(state.senders) != 1 or not state.has_finished or state.receiving_closed:
            return None
        message = state.senders[0][1]
        if message["type"] != "http.response.body" or message.get("more_body"):
            return None
        body = message.get("body", b"")
        return body if type(body) is bytes else None

    def take(self) -> None:
        """Take the message that is there."""
        self._state.senders.popleft()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        try:
            return await self.receive()
        except EndOfStream:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Refuse the messages of those who wait to send."""
        state = self._state
        state.receiving_closed = True
        while state.senders:
            _tell(state.senders.popleft()[0], _END)


class Channel:
    """The two ends of a new stream: ``sending, receiving = Channel()``."""

    def __new__(cls) -> tuple[Sending, Receiving]:  # type: ignore[misc]
        """Return the ends."""
        state = _State()
        return Sending(state), Receiving(state)

    def __class_getitem__(cls, item: object) -> type[Self]:
        """Name the type of the messages, as with anyio's stream."""
        return cls


def _tell(waiting: "Future[Any] | None", outcome: object) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(outcome)
