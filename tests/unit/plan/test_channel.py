"""The channel between two tasks does what anyio's stream does, but for what comes first and what comes last."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from fastapi.plan.channel import Channel

Play = Callable[[Any, Any, list[Any]], Awaitable[None]]


async def all_that_is_sent_arrives(sending: Any, receiving: Any, events: list[Any]) -> None:
    async def sender() -> None:
        with sending:
            for number in range(3):
                await sending.send(number)
                events.append(f"sent {number}")

    async with anyio.create_task_group() as group:
        group.start_soon(sender)
        async for number in receiving:
            events.append(f"received {number}")


async def senders_wait_in_line(sending: Any, receiving: Any, events: list[Any]) -> None:
    async def sender(number: int) -> None:
        await sending.send(number)
        events.append(f"sent {number}")

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(sender, number)
        await anyio.wait_all_tasks_blocked()
        received = [await receiving.receive() for _ in range(3)]
    events.append(received)


async def receivers_wait_in_line(sending: Any, receiving: Any, events: list[Any]) -> None:
    async def receiver(name: str) -> None:
        events.append((name, await receiving.receive()))

    async with anyio.create_task_group() as group:
        group.start_soon(receiver, "first")
        group.start_soon(receiver, "second")
        await anyio.wait_all_tasks_blocked()
        await sending.send(1)
        await sending.send(2)


async def a_receiver_that_is_gone_takes_nothing(sending: Any, receiving: Any, events: list[Any]) -> None:
    gone = asyncio.ensure_future(receiving.receive())
    kept = asyncio.ensure_future(receiving.receive())
    await anyio.wait_all_tasks_blocked()
    gone.cancel()
    await sending.send("message")
    events.append((await kept, gone.cancelled()))


async def a_sender_that_is_gone_has_sent_nothing(sending: Any, receiving: Any, events: list[Any]) -> None:
    gone = asyncio.ensure_future(sending.send("gone"))
    await anyio.wait_all_tasks_blocked()
    gone.cancel()
    await anyio.wait_all_tasks_blocked()
    kept = asyncio.ensure_future(sending.send("kept"))
    events.append((await receiving.receive(), await kept))


async def a_closed_receiver_breaks_sending(sending: Any, receiving: Any, events: list[Any]) -> None:
    waiting = asyncio.ensure_future(sending.send(1))
    await anyio.wait_all_tasks_blocked()
    receiving.close()
    receiving.close()
    for attempt in (waiting, sending.send(2), receiving.receive()):
        with pytest.raises((anyio.BrokenResourceError, anyio.ClosedResourceError)) as refused:
            await attempt
        events.append(refused.type.__name__)


async def a_closed_sender_ends_receiving(sending: Any, receiving: Any, events: list[Any]) -> None:
    waiting = asyncio.ensure_future(receiving.receive())
    gone = asyncio.ensure_future(receiving.receive())
    await anyio.wait_all_tasks_blocked()
    gone.cancel()
    sending.close()
    for attempt in (waiting, receiving.receive(), sending.send(1)):
        with pytest.raises((anyio.EndOfStream, anyio.ClosedResourceError)) as refused:
            await attempt
        events.append(refused.type.__name__)
    with pytest.raises(StopAsyncIteration):
        await receiving.__anext__()


async def sending_to_nobody_gives_others_a_turn(sending: Any, receiving: Any, events: list[Any]) -> None:
    asyncio.get_running_loop().call_soon(events.append, "other")
    receiving.close()
    with pytest.raises(anyio.BrokenResourceError):
        await sending.send(1)
    events.append("sent")


PLAYS: list[tuple[Play, list[Any]]] = [
    (
        all_that_is_sent_arrives,
        ["sent 0", "received 0", "received 1", "sent 1", "sent 2", "received 2"],
    ),
    (senders_wait_in_line, ["sent 0", "sent 1", "sent 2", [0, 1, 2]]),
    (receivers_wait_in_line, [("first", 1), ("second", 2)]),
    (a_receiver_that_is_gone_takes_nothing, [("message", True)]),
    (a_sender_that_is_gone_has_sent_nothing, [("kept", None)]),
    (a_closed_receiver_breaks_sending, ["BrokenResourceError", "BrokenResourceError", "ClosedResourceError"]),
    (a_closed_sender_ends_receiving, ["EndOfStream", "EndOfStream", "ClosedResourceError"]),
    (sending_to_nobody_gives_others_a_turn, ["other", "sent"]),
]


@pytest.mark.parametrize("make", [Channel[dict], anyio.create_memory_object_stream], ids=["ours", "anyio"])
@pytest.mark.parametrize(("play", "expected"), PLAYS, ids=lambda value: getattr(value, "__name__", ""))
def test_channel(play: Play, expected: list[Any], make: Any) -> None:
    events: list[Any] = []

    async def run() -> None:
        sending, receiving = make()
        with sending, receiving, anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(sending.send, "first")
                assert await receiving.receive() == "first"
            await play(sending, receiving, events)

    asyncio.run(run())
    assert events == expected


def test_nobody_waits_with_the_first_message() -> None:
    async def run() -> None:
        sending, receiving = Channel()
        await sending.send({"type": "first"})
        assert await receiving.receive() == {"type": "first"}

    asyncio.run(asyncio.wait_for(run(), 10))


def test_nobody_waits_with_the_last_messages() -> None:
    async def run() -> None:
        sending, receiving = Channel()
        gone = asyncio.ensure_future(receiving.receive())
        waiting = asyncio.ensure_future(receiving.receive())
        await anyio.wait_all_tasks_blocked()
        gone.cancel()
        sending.finish({"type": "start"}, {"type": "body"})
        sending.close()
        assert [await waiting, *[message async for message in receiving]] == [
            {"type": "start"},
            {"type": "body"},
        ]
        sending.finish({"type": "late"})

    asyncio.run(asyncio.wait_for(run(), 10))
