"""The servers as fixtures of pytest: each is started for the first test that asks for it, and ended with the last.

Where one is not installed, its tests are skipped on a developer's machine and fail where ``CI`` is set.
"""

import os
from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.services import Missing, Nats, PostgreSQL, RabbitMQ, Redis, Service
from tests.services.mongo_double import MongoDouble

Started = TypeVar("Started", bound=Service)


def _started(kind: type[Started]) -> Iterator[Started]:
    try:
        service = kind()
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    with service:
        yield service


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """PostgreSQL, for all tests; `postgresql_url` is for one."""
    yield from _started(PostgreSQL)


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> str:
    """The address of an empty database."""
    return postgresql.create_database()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """Redis, for all tests; `redis_url` is for one."""
    yield from _started(Redis)


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """The address of an empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """RabbitMQ, for all tests."""
    yield from _started(RabbitMQ)


@pytest.fixture
def rabbitmq_url(rabbitmq: RabbitMQ) -> str:
    """The address of RabbitMQ. What a test declares must have a name of its own."""
    return rabbitmq.url


@pytest.fixture(scope="session")
def nats() -> Iterator[Nats]:
    """NATS, for all tests."""
    yield from _started(Nats)


@pytest.fixture
def nats_url(nats: Nats) -> str:
    """The address of NATS. What a test listens to must have a name of its own."""
    return nats.url


@pytest.fixture
def mongo_double() -> Iterator[MongoDouble]:
    """The double of MongoDB, empty."""
    with MongoDouble() as double:
        yield double


@pytest.fixture
def mongo_url(request: pytest.FixtureRequest) -> str:
    """The address of the MongoDB that ``MONGO_URL`` names, otherwise of the double."""
    given = os.environ.get("MONGO_URL")
    return given or str(request.getfixturevalue("mongo_double").url)
