"""An application of its own for every test, on a copy of a database that was migrated once."""

import contextlib
import pathlib
import shutil
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.core.config import Settings
from app.database.postgres import migrate
from app.main import create_app
from app.services.resources import Resources
from tests.people import Person, add_person
from tests.services.fixtures import mongo_double as mongo_double
from tests.services.fixtures import mongo_url as mongo_url
from tests.services.fixtures import nats as nats
from tests.services.fixtures import nats_url as nats_url
from tests.services.fixtures import postgresql as postgresql
from tests.services.fixtures import postgresql_url as postgresql_url
from tests.services.fixtures import rabbitmq as rabbitmq
from tests.services.fixtures import rabbitmq_url as rabbitmq_url
from tests.services.fixtures import redis_server as redis_server
from tests.services.fixtures import redis_url as redis_url

TESTS = pathlib.Path(__file__).parent
CHEAP: dict[str, Any] = {
    "environment": "testing",
    "hash_memory_kib": 8,
    "hash_iterations": 1,
    "migrate_on_start": False,
    "log_level": "WARNING",
    "demo_seconds": 0.1,
    "redis_url": None,
    "mongo_url": None,
    "broker_url": None,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder: ``pytest -m unit``, ``pytest -m integration``."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in ("unit", "integration"):
            item.add_marker(folder)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A database with tables and nothing else."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def make_settings(migrated: pathlib.Path, tmp_path: pathlib.Path) -> Callable[..., Settings]:
    """Settings that follow no environment and no file but the test's own."""
    database = tmp_path / "app.db"
    shutil.copy(migrated, database)

    def make(**changes: Any) -> Settings:
        values = {"database_url": f"sqlite:///{database}", "upload_directory": tmp_path / "uploads"}
        return Settings(_env_file=None, **(CHEAP | values | changes))

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


@pytest.fixture(scope="session")
def usual_app() -> FastAPI:
    """An application that tests share, as its routes take long to build; what it works with is each test's own."""
    return create_app(Settings(_env_file=None, **CHEAP))


@contextlib.asynccontextmanager
async def serve(
    settings: Settings, app: FastAPI | None = None
) -> AsyncIterator[tuple[httpx.AsyncClient, FastAPI]]:
    """A client of an application with these settings, in this process."""
    app = app or create_app(settings)
    app.state.settings = settings
    # What nobody expected must reach the client as a problem, so it is not raised here.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("203.0.113.9", 50_000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://testserver") as client,
    ):
        yield client, app


@pytest.fixture
async def app_and_client(
    settings: Settings, usual_app: FastAPI
) -> AsyncIterator[tuple[httpx.AsyncClient, FastAPI]]:
    async with serve(settings, usual_app) as both:
        yield both


@pytest.fixture
def client(app_and_client: tuple[httpx.AsyncClient, FastAPI]) -> httpx.AsyncClient:
    return app_and_client[0]


@pytest.fixture
def app(app_and_client: tuple[httpx.AsyncClient, FastAPI]) -> FastAPI:
    return app_and_client[1]


@pytest.fixture
def resources(app: FastAPI) -> Resources:
    found: Resources = app.state.resources
    return found


@pytest.fixture
async def user(resources: Resources) -> Person:
    return await add_person(resources, "user")


@pytest.fixture
async def moderator(resources: Resources) -> Person:
    return await add_person(resources, "moderator")


@pytest.fixture
async def admin(resources: Resources) -> Person:
    return await add_person(resources, "admin")
