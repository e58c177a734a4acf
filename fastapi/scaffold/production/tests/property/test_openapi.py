"""Whatever fits the OpenAPI document, and whatever does not, is answered as the document says, and never with 500."""

import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from app.core.config import Settings
from app.main import create_app
from tests.conftest import CHEAP
from tests.people import add_person

# Streams that go on, requests that leave, and what would end the administrator who asks.
LEFT_OUT = r"(sse/stream|/events/|/fetch|/logout|/password|/metrics|/content)$|/events/\{name\}"
app = create_app(Settings(_env_file=None, **CHEAP))
schema = (
    schemathesis.openapi.from_dict(app.openapi())
    .exclude(path_regex=LEFT_OUT)
    .exclude(path="/api/v1/files", method="POST")  # httpx cannot send every form that is made up here
)


@pytest.fixture(scope="module")
def served(
    migrated: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copy(migrated, folder / "app.db")
    changes: dict[str, Any] = {
        "database_url": f"sqlite:///{folder}/app.db",
        "upload_directory": folder / "uploads",
    }
    limits = {f"rate_limit_{name}": "1000000 per minute" for name in ("auth", "upload", "general")}
    app.state.settings = Settings(_env_file=None, **(CHEAP | changes | limits))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.portal is not None
        admin = client.portal.call(add_person, app.state.resources, "admin")
        yield client, admin.headers


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_answers_are_as_the_document_says(
    case: schemathesis.Case[Any], served: tuple[TestClient, dict[str, str]]
) -> None:
    client, token = served
    request = case.as_transport_kwargs(base_url="http://testserver", headers=token)
    request.pop("cookies", None)  # none are read
    if isinstance(request.get("data"), (bytes, str)):
        request["content"] = request.pop("data")
    response = client.request(**request)
    case.validate_response(
        response, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
    )
