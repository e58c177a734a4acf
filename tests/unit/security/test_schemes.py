"""Every security scheme: the credentials it reads, and how it refuses a request without them."""

import asyncio
import base64
from typing import Any

import pytest
import starlette.exceptions
from starlette.requests import Request

import fastapi
from fastapi import FastAPI, Security
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
    OpenIdConnect,
)
from fastapi.security.base import SecurityBase
from fastapi.security.http import HTTPBase
from fastapi.testclient import TestClient

SCHEMES: dict[str, tuple[type[SecurityBase], dict[str, Any]]] = {
    "query": (APIKeyQuery, {"name": "key"}),
    "header": (APIKeyHeader, {"name": "key"}),
    "cookie": (APIKeyCookie, {"name": "key"}),
    "any": (HTTPBase, {"scheme": "hoba"}),
    "basic": (HTTPBasic, {}),
    "bearer": (HTTPBearer, {}),
    "digest": (HTTPDigest, {}),
    "oauth2": (OAuth2, {}),
    "password": (OAuth2PasswordBearer, {"tokenUrl": "token"}),
    "code": (OAuth2AuthorizationCodeBearer, {"authorizationUrl": "auth", "tokenUrl": "token"}),
    "openid": (OpenIdConnect, {"openIdConnectUrl": "openid"}),
}


def scheme(name: str, **options: Any) -> Any:
    kind, arguments = SCHEMES[name]
    return kind(**arguments, **options)


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "query_string": query.encode(), "headers": raw})


def credentials(scheme: Any, request: Request) -> Any:
    return asyncio.run(scheme(request))


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("name", "request_", "expected"),
    [
        ("query", request("key=a%20b"), "a b"),
        ("header", request(key="secret"), "secret"),
        ("cookie", request(cookie="other=1; key=secret"), "secret"),
        (
            "any",
            request(authorization="Hoba a b"),
            HTTPAuthorizationCredentials(scheme="Hoba", credentials="a b"),
        ),
        (
            "any",
            request(authorization="Other x"),
            HTTPAuthorizationCredentials(scheme="Other", credentials="x"),
        ),
        (
            "basic",
            request(authorization=basic("me:a:b")),
            HTTPBasicCredentials(username="me", password="a:b"),
        ),
        ("basic", request(authorization="bAsIc Og=="), HTTPBasicCredentials(username="", password="")),
        ("basic", request(authorization="Basic O*g*=="), HTTPBasicCredentials(username="", password="")),
        (
            "bearer",
            request(authorization="bearer t"),
            HTTPAuthorizationCredentials(scheme="bearer", credentials="t"),
        ),
        (
            "digest",
            request(authorization="Digest t"),
            HTTPAuthorizationCredentials(scheme="Digest", credentials="t"),
        ),
        ("oauth2", request(authorization="anything at all"), "anything at all"),
        ("password", request(authorization="Bearer token"), "token"),
        ("password", request(authorization="BEARER"), ""),
        ("code", request(authorization="Bearer token"), "token"),
        ("openid", request(authorization="anything at all"), "anything at all"),
    ],
)
def test_a_scheme_reads_its_credentials(name: str, request_: Request, expected: Any) -> None:
    assert credentials(scheme(name), request_) == expected


NOT_ENOUGH = [
    ("query", request("other=1"), "APIKey"),
    ("query", request("key="), "APIKey"),
    ("header", request(), "APIKey"),
    ("cookie", request(cookie="other=1"), "APIKey"),
    ("any", request(), "Hoba"),
    ("any", request(authorization="Hoba"), "Hoba"),
    ("any", request(authorization=" x"), "Hoba"),
    ("basic", request(), "Basic"),
    ("basic", request(authorization="Bearer x"), "Basic"),
    ("bearer", request(), "Bearer"),
    ("bearer", request(authorization="Bearer"), "Bearer"),
    ("bearer", request(authorization="Basic x"), "Bearer"),
    ("digest", request(authorization="Basic x"), "Digest"),
    ("oauth2", request(), "Bearer"),
    ("oauth2", request(authorization=""), "Bearer"),
    ("password", request(), "Bearer"),
    ("password", request(authorization="Basic x"), "Bearer"),
    ("code", request(authorization="Basic x"), "Bearer"),
    ("openid", request(), "Bearer"),
]


@pytest.mark.parametrize(("name", "request_", "challenge"), NOT_ENOUGH)
def test_a_request_without_usable_credentials_is_refused_with_a_challenge(
    name: str, request_: Request, challenge: str
) -> None:
    with pytest.raises(starlette.exceptions.HTTPException) as refused:
        credentials(scheme(name), request_)
    assert (refused.value.status_code, refused.value.detail) == (401, "Not authenticated")
    assert refused.value.headers == {"WWW-Authenticate": challenge}


@pytest.mark.parametrize(("name", "request_", "challenge"), NOT_ENOUGH)
def test_where_credentials_are_optional_such_a_request_has_none(
    name: str, request_: Request, challenge: str
) -> None:
    assert credentials(scheme(name, auto_error=False), request_) is None


@pytest.mark.parametrize(
    "authorization", ["Basic x", "Basic ", "Basic é", basic("no separator"), basic("é:x")]
)
@pytest.mark.parametrize("auto_error", [True, False])
def test_basic_credentials_that_cannot_be_read_are_always_refused(
    authorization: str, auto_error: bool
) -> None:
    with pytest.raises(fastapi.HTTPException) as refused:
        credentials(
            scheme("basic", realm="shop", auto_error=auto_error), request(authorization=authorization)
        )
    assert refused.value.headers == {"WWW-Authenticate": 'Basic realm="shop"'}


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (["query", "header", "cookie", "openid"], starlette.exceptions.HTTPException),
        (["any", "basic", "bearer", "digest", "oauth2", "password", "code"], fastapi.HTTPException),
    ],
)
def test_exception_handlers_see_the_same_class_of_error_as_ever(
    names: list[str], error: type[Exception]
) -> None:
    for name in names:
        assert type(scheme(name).make_not_authenticated_error()) is error


def test_a_subclass_may_word_the_refusal() -> None:
    class Hidden(HTTPBearer):
        def make_authenticate_headers(self) -> dict[str, str]:
            return {"WWW-Authenticate": 'Bearer realm="x"', "X-Hint": "log in"}

    class Forbidden(APIKeyHeader):
        def make_not_authenticated_error(self) -> starlette.exceptions.HTTPException:
            return starlette.exceptions.HTTPException(status_code=403)

    app = FastAPI()

    @app.get("/hidden")
    def hidden(token: Any = Security(Hidden())) -> None: ...

    @app.get("/forbidden")
    def forbidden(key: Any = Security(Forbidden(name="key"))) -> None: ...

    client = TestClient(app)
    assert client.get("/hidden").headers["x-hint"] == "log in"
    assert client.get("/forbidden").status_code == 403


def test_a_scheme_of_ones_own_has_to_say_how_it_refuses() -> None:
    with pytest.raises(NotImplementedError):
        SecurityBase().make_not_authenticated_error()
