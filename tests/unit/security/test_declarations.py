"""What security schemes declare for the OpenAPI document, and the form of OAuth 2.0's password flow."""

import inspect
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from fastapi import Depends, FastAPI
from fastapi.openapi.models import OAuthFlows
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    OpenIdConnect,
    SecurityScopes,
)
from fastapi.security.base import SecurityBase
from fastapi.security.http import HTTPBase
from fastapi.testclient import TestClient

CODE = OAuth2AuthorizationCodeBearer("auth", "token", refreshUrl="again")
CODE_FLOW = {"authorizationUrl": "auth", "tokenUrl": "token", "refreshUrl": "again", "scopes": {}}


@pytest.mark.parametrize(
    ("scheme", "declared"),
    [
        (APIKeyQuery(name="k"), {"type": "apiKey", "in": "query", "name": "k"}),
        (APIKeyHeader(name="k"), {"type": "apiKey", "in": "header", "name": "k"}),
        (
            APIKeyCookie(name="k", description="d"),
            {"type": "apiKey", "in": "cookie", "name": "k", "description": "d"},
        ),
        (HTTPBase(scheme="Hoba"), {"type": "http", "scheme": "Hoba"}),
        (HTTPBasic(realm="r"), {"type": "http", "scheme": "basic"}),
        (HTTPBearer(bearerFormat="JWT"), {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (HTTPDigest(description="d"), {"type": "http", "scheme": "digest", "description": "d"}),
        (OAuth2(), {"type": "oauth2", "flows": {}}),
        (OAuth2(flows=OAuthFlows()), {"type": "oauth2", "flows": {}}),
        (
            OAuth2(flows={"clientCredentials": {"tokenUrl": "t", "scopes": {"a": "b"}}}),
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "t", "scopes": {"a": "b"}}}},
        ),
        (
            OAuth2PasswordBearer("t", scopes={"a": "b"}),
            {"type": "oauth2", "flows": {"password": {"tokenUrl": "t", "scopes": {"a": "b"}}}},
        ),
        (CODE, {"type": "oauth2", "flows": {"authorizationCode": CODE_FLOW}}),
        (OpenIdConnect(openIdConnectUrl="u"), {"type": "openIdConnect", "openIdConnectUrl": "u"}),
    ],
)
def test_a_scheme_declares_itself_under_the_name_of_its_class(
    scheme: SecurityBase, declared: dict[str, Any]
) -> None:
    assert scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True) == declared
    assert scheme.scheme_name == type(scheme).__name__


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (APIKeyQuery, {"name": "k"}),
        (HTTPBase, {"scheme": "x"}),
        (HTTPBasic, {}),
        (HTTPBearer, {}),
        (OAuth2, {}),
    ],
)
def test_a_scheme_may_be_named(kind: Any, arguments: dict[str, Any]) -> None:
    assert kind(**arguments, scheme_name="own").scheme_name == "own"


def test_flows_that_openapi_does_not_know_the_form_of_are_refused() -> None:
    with pytest.raises(ValidationError):
        OAuth2(flows={"password": {"scopes": {}}})


@pytest.mark.parametrize(
    ("model", "start"),
    [
        (HTTPBasicCredentials, "The HTTP Basic credentials"),
        (HTTPAuthorizationCredentials, "The HTTP authorization"),
    ],
)
def test_credentials_in_a_document_keep_their_description(model: type[BaseModel], start: str) -> None:
    assert model.model_json_schema()["description"].startswith(start)


def form_client() -> TestClient:
    app = FastAPI()

    @app.post("/token")
    def token(form: OAuth2PasswordRequestForm = Depends()) -> dict[str, Any]:
        return vars(form)

    @app.post("/strict")
    def strict(form: OAuth2PasswordRequestFormStrict = Depends()) -> dict[str, Any]:
        return vars(form)

    return TestClient(app)


@pytest.mark.parametrize("path", ["/token", "/strict"])
def test_the_form_of_a_token_request_has_its_scopes_apart(path: str) -> None:
    sent = {
        "grant_type": "password",
        "username": "me",
        "password": "pw",
        "scope": "read  write",
        "client_id": "app",
    }
    assert form_client().post(path, data=sent).json() == {
        "grant_type": "password",
        "username": "me",
        "password": "pw",
        "scopes": ["read", "write"],
        "client_id": "app",
        "client_secret": None,
    }


@pytest.mark.parametrize(
    ("path", "grant_type", "status"),
    [
        ("/token", {}, 200),
        ("/token", {"grant_type": "code"}, 422),
        ("/strict", {}, 422),
        ("/strict", {"grant_type": "passwords"}, 422),
    ],
)
def test_the_grant_type_must_be_password_and_may_be_missing_unless_one_is_strict(
    path: str, grant_type: dict[str, str], status: int
) -> None:
    assert (
        form_client().post(path, data={"username": "me", "password": "pw", **grant_type}).status_code
        == status
    )


def test_the_strict_form_keeps_the_order_of_its_arguments() -> None:
    form = OAuth2PasswordRequestFormStrict("password", "me", "pw", "read", "app", "secret")
    assert vars(form) == {
        "grant_type": "password",
        "username": "me",
        "password": "pw",
        "scopes": ["read"],
        "client_id": "app",
        "client_secret": "secret",
    }


def test_the_flows_that_are_not_given_equal_the_empty_model() -> None:
    default = inspect.signature(OAuth2).parameters["flows"].default
    assert default == OAuthFlows()


def test_scopes_are_also_one_text() -> None:
    assert (SecurityScopes().scopes, SecurityScopes().scope_str) == ([], "")
    assert SecurityScopes(["a", "b"]).scope_str == "a b"
