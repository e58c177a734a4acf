"""Brokers carry events the same way: every process hears each of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from faststream.kafka import TestKafkaBroker
from structlog.testing import capture_logs

from app.core.events import Event, EventBus
from app.services.broker_service import (
    QUEUE_LENGTH,
    Broker,
    FastStreamBroker,
    InProcessBroker,
    connect,
    open_broker,
)
from app.utils.circuit_breaker import State
from tests.services import RabbitMQ

TOPIC = "tests.events"
pytestmark = pytest.mark.anyio


@pytest.fixture(params=["process", "rabbitmq", "nats", "kafka"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    if request.param == "process":
        opened: Broker = open_broker(None, TOPIC)
    elif request.param == "kafka":
        opened = open_broker("kafka://127.0.0.1:1", TOPIC)
        assert isinstance(opened, FastStreamBroker)
        # FastStream's own double: no server, its publishing and its parsing.
        opened.double = TestKafkaBroker  # type: ignore[attr-defined]
    else:
        opened = open_broker(request.getfixturevalue(f"{request.param}_url"), TOPIC)
    yield opened
    await opened.close()


async def started(broker: Broker, handler: Any, stack: contextlib.AsyncExitStack) -> None:
    if double := getattr(broker, "double", None):
        assert isinstance(broker, FastStreamBroker)

        async def receive(message: dict[str, Any]) -> None:
            await handler(message)

        broker.subscriber(receive)
        await stack.enter_async_context(double(broker.broker))
        return
    await broker.start(handler)
    if isinstance(broker, FastStreamBroker):
        assert broker.connecting is not None
        await asyncio.wait_for(broker.connecting, 30)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def test_what_is_published_is_handled(broker: Broker) -> None:
    heard: asyncio.Queue[Event] = asyncio.Queue()
    async with contextlib.AsyncExitStack() as stack:
        await started(broker, heard.put, stack)
        await broker.ping()
        message = {"name": "x", "event": {"a": [1, None, "ü"]}}
        await broker.publish(message)
        assert await asyncio.wait_for(heard.get(), 10) == message


@pytest.mark.parametrize("server", ["rabbitmq", "nats"])
async def test_two_processes_hear_each_other_and_not_themselves_twice(
    server: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{server}_url")
    heard: asyncio.Queue[tuple[str, Event]] = asyncio.Queue()
    brokers, buses = [], []

    def hearing(name: str) -> Callable[[Event], Awaitable[None]]:
        return lambda event: heard.put((name, event))

    for name in ("one", "two"):
        bus, broker = EventBus(), FastStreamBroker(url, TOPIC)
        bus.subscribe("user.created", hearing(name))
        await connect(bus, broker)
        assert broker.connecting is not None
        await asyncio.wait_for(broker.connecting, 30)
        brokers.append(broker)
        buses.append(bus)
    await buses[0].publish("user.created", {"user_id": 1})
    await buses[1].publish("user.created", {"user_id": 2})
    got = [await asyncio.wait_for(heard.get(), 10) for _ in range(4)]
    assert sorted((name, event["user_id"]) for name, event in got) == [
        ("one", 1),
        ("one", 2),
        ("two", 1),
        ("two", 2),
    ]
    for broker in brokers:
        await broker.close()
    assert heard.empty()


async def test_a_failing_handler_does_not_end_the_broker() -> None:
    heard: asyncio.Queue[Event] = asyncio.Queue()

    async def handle(message: Event) -> None:
        if not message:
            raise ValueError
        await heard.put(message)

    broker = InProcessBroker()
    await broker.start(handle)
    await broker.publish({})
    await broker.publish({"a": 1})
    assert await asyncio.wait_for(heard.get(), 5) == {"a": 1}
    await broker.close()


async def test_events_wait_for_a_broker_that_is_away_and_nobody_waits_for_them(
    rabbitmq_url: str, rabbitmq: RabbitMQ
) -> None:
    heard: asyncio.Queue[Event] = asyncio.Queue()
    broker = FastStreamBroker(rabbitmq_url, TOPIC)
    await broker.start(heard.put)
    assert broker.connecting is not None
    await asyncio.wait_for(broker.connecting, 30)
    await broker.publish({"number": 0})
    assert await asyncio.wait_for(heard.get(), 10) == {"number": 0}
    rabbitmq.crash()
    try:
        for number in range(1, 30):
            await asyncio.wait_for(broker.publish({"number": number}), 10)
    finally:
        rabbitmq.start()
    numbers: list[int] = []
    while len(numbers) < 29:
        number = (await asyncio.wait_for(heard.get(), 60))["number"]
        if number not in numbers:  # one whose fate was unknown came again
            numbers.append(number)
    assert numbers == list(range(1, 30))
    await broker.close()


async def test_too_many_events_for_a_broker_that_is_away_are_refused() -> None:
    broker = FastStreamBroker("amqp://127.0.0.1:1/", TOPIC)
    for number in range(QUEUE_LENGTH + 1):
        await broker.publish({"number": number})
    with pytest.raises(asyncio.QueueFull):
        await broker.publish({"number": -1})
    with capture_logs() as lines:
        await broker.close()
    assert {line["event"]: line["count"] for line in lines} == {"events_not_forwarded": QUEUE_LENGTH + 1}


async def test_without_its_broker_a_process_starts_and_events_stay_inside() -> None:
    bus, broker = EventBus(), FastStreamBroker("amqp://127.0.0.1:1/", TOPIC)
    await connect(bus, broker)
    heard: list[Event] = []
    bus.subscribe("x", heard.append)
    for number in range(4):
        assert await bus.publish("x", {"number": number}) == 1
    await asyncio.wait_for(until(lambda: broker.breaker.state is State.OPEN), 30)
    with pytest.raises(Exception):  # noqa: B017, PT011
        await broker.ping()
    await broker.close()


def test_other_brokers_are_refused() -> None:
    with pytest.raises(ValueError, match="amqp, nats or kafka"):
        open_broker("mqtt://somewhere", TOPIC)
