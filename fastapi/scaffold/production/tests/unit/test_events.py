"""The event bus."""

import pytest

from app.core.events import Event, EventBus

pytestmark = pytest.mark.anyio


async def test_events_reach_their_subscribers_and_those_of_all() -> None:
    bus = EventBus()
    seen: list[tuple[str, int]] = []

    async def slow(event: Event) -> None:
        seen.append(("slow", event["id"]))

    bus.subscribe("user.created", slow)
    bus.subscribe("*", lambda event: seen.append(("all", event["id"])))
    assert await bus.publish("user.created", {"id": 1}) == 2
    assert await bus.publish("other", {"id": 2}) == 1
    assert seen == [("slow", 1), ("all", 1), ("all", 2)]


async def test_whoever_unsubscribed_hears_nothing() -> None:
    bus = EventBus()
    seen: list[Event] = []
    unsubscribe = bus.subscribe("x", seen.append)
    unsubscribe()
    unsubscribe()
    assert await bus.publish("x", {}) == 0
    assert seen == []


async def test_a_failing_handler_or_broker_harms_nobody_else() -> None:
    seen: list[Event] = []

    async def broken_broker(name: str, event: Event) -> None:
        raise ConnectionError

    def broken(event: Event) -> None:
        raise ValueError

    bus = EventBus(broken_broker)
    bus.subscribe("x", broken)
    bus.subscribe("x", seen.append)
    assert await bus.publish("x", {"a": 1}) == 1
    assert seen == [{"a": 1}]


async def test_a_bus_that_is_disconnected_tells_its_process_only() -> None:
    forwarded: list[str] = []

    async def broker(name: str, event: Event) -> None:
        forwarded.append(name)

    bus = EventBus(broker)
    await bus.publish("x", {})
    bus.disconnect()
    await bus.publish("y", {})
    assert forwarded == ["x"]
