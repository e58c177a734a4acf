"""Events to and from other processes: over RabbitMQ, NATS or Kafka, inside this process where there is none."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from faststream.kafka import KafkaBroker
from faststream.nats import NatsBroker
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue

from app.core.events import Event, EventBus
from app.core.logger import get_logger
from app.utils.circuit_breaker import CircuitBreaker
from app.utils.concurrency import end

Handler = Callable[[Event], Awaitable[None]]
QUEUE_LENGTH = 1000
RETRY_SECONDS = 1.0
SEND_SECONDS = 5.0  # after which a message is sent again
PATIENCE_SECONDS = 0.25  # for which an answer waits until the broker has its message
logger = get_logger(__name__)


class Broker(Protocol):
    """Whatever is published reaches the handler of every process."""

    async def start(self, handler: Handler) -> None:
        """Hand what comes to the handler from now on; does not wait for a broker that is out of reach."""

    async def publish(self, message: Event) -> None:
        """Tell all processes."""

    async def ping(self) -> None:
        """Raise where the broker is out of reach."""

    async def close(self) -> None:
        """End."""


class InProcessBroker:
    """A broker for one process: messages wait in memory."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE_LENGTH)
        self._worker: asyncio.Task[None] | None = None

    async def start(self, handler: Handler) -> None:
        self._worker = asyncio.create_task(self._work(handler))

    async def _work(self, handler: Handler) -> None:
        while True:
            message = await self._queue.get()
            try:
                await handler(message)
            except Exception:
                logger.exception("message_handler_failed")

    async def publish(self, message: Event) -> None:
        await self._queue.put(message)

    async def ping(self) -> None:
        return

    async def close(self) -> None:
        await end(self._worker)


class FastStreamBroker:
    """A broker elsewhere, by the scheme of its address: ``amqp``, ``nats`` or ``kafka``.

    Messages are sent one after the other, in their order, each until the broker has it. Whoever publishes waits for
    that while the broker keeps up, so that what was acknowledged outlives this process; while it does not, messages
    wait here and nobody waits for them. A message whose fate is unknown is sent again, so that it may come twice.
    """

    def __init__(self, url: str, topic: str) -> None:
        self.broker, self.subscriber, self._target = _open(url, topic)
        self.breaker = CircuitBreaker("broker", threshold=3, recovery=2.0)
        self.connecting: asyncio.Task[None] | None = None  # ends when the broker has been reached
        self._waiting: asyncio.Queue[tuple[Event, asyncio.Event]] = asyncio.Queue(QUEUE_LENGTH)
        self._sending: asyncio.Task[None] | None = None
        self._behind = False

    async def start(self, handler: Handler) -> None:
        async def receive(message: dict[str, Any]) -> None:
            await handler(message)

        self.subscriber(receive)
        self.connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        while True:
            try:
                await self.broker.start()
            except Exception as error:
                logger.warning("broker_unavailable", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def publish(self, message: Event) -> None:
        """Tell all processes.

        Raises:
            asyncio.QueueFull: too many messages wait for the broker.
        """
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        sent = asyncio.Event()
        self._waiting.put_nowait((message, sent))
        if not self._behind:
            try:
                await asyncio.wait_for(sent.wait(), PATIENCE_SECONDS)
            except asyncio.TimeoutError:
                self._behind = True

    async def _send(self) -> None:
        while True:
            message, sent = await self._waiting.get()
            while not sent.is_set():
                try:
                    await self.breaker.call(lambda: asyncio.wait_for(self._hand_over(message), SEND_SECONDS))  # noqa: B023
                except Exception as error:
                    logger.warning("event_waits_for_broker", error=type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    sent.set()
            self._waiting.task_done()
            self._behind = not self._waiting.empty() and self._behind

    async def _hand_over(self, message: Event) -> None:
        await self.broker.publish(message, **self._target)

    async def ping(self) -> None:
        if not await self.broker.ping(2.0):
            raise ConnectionError("the broker does not answer")

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._waiting.join(), 0 if self._behind else SEND_SECONDS)
        except asyncio.TimeoutError:
            logger.error("events_not_forwarded", count=self._waiting.qsize() + 1)
        await end(self._sending)
        await end(self.connecting)
        with contextlib.suppress(Exception):
            await self.broker.stop()


def _open(url: str, topic: str) -> tuple[Any, Any, dict[str, Any]]:
    """The broker, what makes a function its subscriber in this process, and where to publish."""
    scheme, _, rest = url.partition("://")
    if scheme in ("amqp", "amqps"):
        rabbit = RabbitBroker(url, logger=None)
        exchange = RabbitExchange(topic, type=ExchangeType.FANOUT, durable=True)
        own = RabbitQueue(f"{topic}-{uuid.uuid4().hex}", exclusive=True, auto_delete=True)
        return rabbit, rabbit.subscriber(own, exchange), {"exchange": exchange}
    if scheme in ("nats", "tls"):
        nats = NatsBroker(url, logger=None, connect_timeout=2)
        return nats, nats.subscriber(topic), {"subject": topic}
    if scheme == "kafka":
        kafka = KafkaBroker(rest, logger=None)
        return kafka, kafka.subscriber(topic), {"topic": topic}
    raise ValueError(f"BROKER_URL begins with amqp, nats or kafka, not with {scheme}")


def open_broker(url: str | None, topic: str) -> InProcessBroker | FastStreamBroker:
    """The broker at an address; ``topic`` is what processes that hear each other have in common."""
    return FastStreamBroker(url, topic) if url else InProcessBroker()


async def connect(bus: EventBus, broker: Broker) -> None:
    """Forward the events of this process to the others, and theirs to this one."""
    origin = uuid.uuid4().hex

    async def forward(name: str, event: Event) -> None:
        await broker.publish({"origin": origin, "name": name, "event": event})

    async def receive(message: Event) -> None:
        if message.get("origin") != origin:
            await bus.deliver(str(message["name"]), message["event"])

    bus.forward = forward
    await broker.start(receive)
