"""Who may do what: every route of the application, for everyone. A new route fails here until it is decided."""

import uuid
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute

from tests.people import Person

pytestmark = pytest.mark.anyio
EVERYONE = {"nobody", "user", "moderator", "admin"}
USERS = EVERYONE - {"nobody"}
MODERATORS = USERS - {"user"}
ADMINS = {"admin"}

PUBLIC = """
    GET /.well-known/jwks.json
    GET /health                     GET /health/live            GET /health/ready           GET /metrics
    GET /api/v1/health              GET /api/v1/health/live     GET /api/v1/health/ready    GET /api/v1/metrics
    POST /api/v1/auth/register      POST /api/v1/auth/login     POST /api/v1/auth/token     POST /api/v1/auth/refresh
    POST /api/v1/security/register  POST /api/v1/security/login
    POST /api/v1/security/token     POST /api/v1/security/refresh
    OPTIONS /api/v1/users           OPTIONS /api/v1/users/{user_id}
    OPTIONS /api/v1/items           OPTIONS /api/v1/items/{item_id}
    GET /api/v1/async-demo          GET /api/v1/blocking-demo   GET /api/v1/cached-demo
    GET /api/v1/stream              GET /api/v1/sse/stream
"""
SIGNED_IN = """
    POST /api/v1/auth/logout        POST /api/v1/auth/password
    GET /api/v1/auth/profile        PATCH /api/v1/auth/profile
    POST /api/v1/security/logout    POST /api/v1/security/password
    GET /api/v1/security/profile    PATCH /api/v1/security/profile
    GET /api/v1/statuses
    GET /api/v1/items               HEAD /api/v1/items          POST /api/v1/items
    GET /api/v1/items/{item_id}     HEAD /api/v1/items/{item_id}
    PUT /api/v1/items/{item_id}     PATCH /api/v1/items/{item_id}       DELETE /api/v1/items/{item_id}
    GET /api/v1/files               HEAD /api/v1/files          POST /api/v1/files
    GET /api/v1/files/{file_id}     HEAD /api/v1/files/{file_id}        DELETE /api/v1/files/{file_id}
    GET /api/v1/files/{file_id}/content     HEAD /api/v1/files/{file_id}/content
    POST /api/v1/background-demo    POST /api/v1/cpu-intensive  POST /api/v1/statistics
"""
FOR_MODERATORS = """
    GET /api/v1/users               HEAD /api/v1/users
    GET /api/v1/users/{user_id}     HEAD /api/v1/users/{user_id}
    POST /api/v1/events             GET /api/v1/events/{name}
"""
FOR_ADMINS = """
    POST /api/v1/users              PUT /api/v1/users/{user_id}
    PATCH /api/v1/users/{user_id}   DELETE /api/v1/users/{user_id}
    GET /health/detailed            GET /api/v1/health/detailed
    GET /api/v1/fetch               GET /api/v1/audit
"""


def routes_of(text: str) -> set[tuple[str, str]]:
    words = text.split()
    return set(zip(words[::2], words[1::2], strict=True))


DECIDED = {
    route: allowed
    for text, allowed in [
        (PUBLIC, EVERYONE),
        (SIGNED_IN, USERS),
        (FOR_MODERATORS, MODERATORS),
        (FOR_ADMINS, ADMINS),
    ]
    for route in routes_of(text)
}
# Those that would stream on; one event is enough.
QUERIES: dict[str, dict[str, Any]] = {"/api/v1/sse/stream": {"count": 1, "seconds": 0}}


def test_every_route_is_decided(usual_app: FastAPI) -> None:
    there = {
        (method, route.path)
        for route in usual_app.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert there == set(DECIDED)
    sockets = {route.path for route in usual_app.routes if isinstance(route, APIWebSocketRoute)}
    assert sockets == {"/api/v1/ws/chat"}


@pytest.mark.parametrize("role", sorted(EVERYONE))
async def test_the_others_are_refused_whatever_they_send(
    client: httpx.AsyncClient, user: Person, moderator: Person, admin: Person, role: str
) -> None:
    people = {"user": user, "moderator": moderator, "admin": admin}
    headers = people[role].headers if role in people else {}
    refused = 403 if role in people else 401
    for (method, template), allowed in sorted(DECIDED.items()):
        if template.endswith("/logout") or (role in allowed and template.endswith("/events/{name}")):
            continue
        path = template.replace("{name}", "a.b")
        for parameter in ("{user_id}", "{item_id}", "{file_id}"):
            path = path.replace(parameter, str(uuid.uuid4()))
        answer = await client.request(method, path, headers=headers, params=QUERIES.get(template))
        if role in allowed:
            assert answer.status_code < 500, (method, path, answer.text)
            assert answer.status_code != 403, (method, path)
            if role != "nobody":
                assert answer.status_code != 401, (method, path)
        else:
            assert answer.status_code == refused, (method, path, answer.status_code)


@pytest.mark.parametrize("prefix", ["/api/v1/auth", "/api/v1/security"])
async def test_only_who_signed_in_signs_out(client: httpx.AsyncClient, user: Person, prefix: str) -> None:
    assert (await client.post(f"{prefix}/logout")).status_code == 401
    assert (await client.post(f"{prefix}/logout", headers=user.headers)).status_code == 204
    assert (await client.post(f"{prefix}/logout", headers=user.headers)).status_code == 401
