"""CORS and gzip middleware: what goes past them is what Starlette's own code would have sent."""

import asyncio
import copy
import gzip as gzip_module
import re
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.middleware import Middleware, cors, gzip
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from fastapi import FastAPI, Response, _rust
from fastapi.plan import cors_middleware, gzip_middleware, shortcuts
from fastapi.plan.coroutines import run_through
from fastapi.responses import PlainTextResponse, StreamingResponse
from tests.unit.plan.requests import Outcome, content, exchange

NATIVE = pytest.mark.skipif(_rust.PURE, reason="there are no shortcuts on the reference path")

Sent = list[dict[str, Any]]


class Script:
    """An application that sends what it is told to."""

    def __init__(self, messages: Sent) -> None:
        self.messages = messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for message in copy.deepcopy(self.messages):
            await send(message)


def application(middleware: list[Middleware], messages: Sent | None = None) -> FastAPI:
    app = FastAPI(openapi_url=None, middleware=middleware)

    @app.get("/")
    async def hello(response: Response, size: int = 3, vary: str | None = None) -> str:
        if vary is not None:
            response.headers["Vary"] = vary
        return "x" * size

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a" * 600, "b"]))

    @app.get("/text")
    async def text() -> PlainTextResponse:
        return PlainTextResponse("x", headers={"Access-Control-Allow-Origin": "https://own"})

    @app.get("/error")
    async def error() -> None:
        raise ValueError("no")

    if messages is not None:
        app.mount("/script", Script(messages))
    return app


def same_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of compression would be in the bytes."""
    if "gzip" in vars(gzip):

        def file(**options: Any) -> Any:
            return gzip_module.GzipFile(**options, mtime=0)

        monkeypatch.setattr(gzip, "gzip", SimpleNamespace(GzipFile=file))


def both(make: Callable[[], FastAPI], path: str, **options: Any) -> Outcome:
    """Send a request with and without shortcuts."""
    with pytest.MonkeyPatch.context() as patch:
        same_gzip(patch)
        outcome = asyncio.run(exchange(make(), path, **options))
        patch.setattr(shortcuts, "known", list)
        expected = asyncio.run(exchange(make(), path, **options))
    assert outcome == expected
    return outcome


POLICIES: list[dict[str, Any]] = [
    {},
    {"allow_origins": ["https://a"]},
    {"allow_origins": ("https://a", "https://b"), "allow_credentials": True},
    {"allow_origins": ["*"]},
    {"allow_origins": ["*"], "allow_credentials": True, "expose_headers": ["X-A", "X-B"]},
    {"allow_origin_regex": "https://.", "allow_methods": ["*"], "allow_headers": ["*"]},
    {"allow_origins": {"https://a"}},
]
ORIGINS = [None, b"https://a", b"https://b", b"https://\xe9", b"null", b"https://" + b"a" * 300]
PATHS = ["/", "/missing", "/stream", "/text", "/error"]


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_cors_headers_are_those_of_starlette(policy: dict[str, Any]) -> None:
    for origin in ORIGINS:
        for more in [[], [(b"cookie", b"a=b")]]:
            headers = more if origin is None else [(b"origin", origin), *more]
            for path in PATHS:
                both(lambda: application([Middleware(CORSMiddleware, **policy)]), path, headers=headers)


def test_a_policy_may_change_at_any_time() -> None:
    origins = ["https://a"]
    app = application([Middleware(CORSMiddleware, allow_origins=origins)])

    def allowed(origin: bytes) -> bool:
        outcome = asyncio.run(exchange(app, "/", headers=[(b"origin", origin)]))
        return (b"access-control-allow-origin", origin) in outcome.messages[0]["headers"]

    assert allowed(b"https://a")
    assert allowed(b"https://a")
    assert not allowed(b"https://b")
    origins[0] = "https://b"
    assert allowed(b"https://b")
    assert not allowed(b"https://a")
    origins.append("https://a")
    assert allowed(b"https://a")
    stack: Any = app.middleware_stack
    middleware = stack.app if _rust.PURE else stack.app.app
    middleware.allow_origin_regex = re.compile("https://c")
    assert allowed(b"https://c")
    middleware.simple_headers["X-More"] = "1"
    outcome = asyncio.run(exchange(app, "/", headers=[(b"origin", b"https://a")]))
    assert (b"x-more", b"1") in outcome.messages[0]["headers"]


def test_many_origins_are_answered_each_by_its_own() -> None:
    app = application([Middleware(CORSMiddleware, allow_origin_regex=".*")])
    for number in [*range(600), 0]:
        origin = b"https://%d" % number
        headers = asyncio.run(exchange(app, "/", headers=[(b"origin", origin)])).messages[0]["headers"]
        assert (b"access-control-allow-origin", origin) in headers


def test_preflight_requests_are_answered_by_the_middleware() -> None:
    headers = [(b"origin", b"https://a"), (b"access-control-request-method", b"GET")]
    policy = [Middleware(CORSMiddleware, allow_origins=["https://a"])]
    outcome = both(lambda: application(policy), "/", method="OPTIONS", headers=headers)
    assert content(outcome) == b"OK"


START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
BODY = {"type": "http.response.body", "body": b"x"}

MESSAGES: list[Sent] = [
    [START, BODY],
    [START, {"type": "http.response.body"}],
    [START, BODY, BODY],
    [START, BODY, {"type": "http.response.trailers", "headers": []}],
    [START, {**BODY, "more_body": True}, BODY],
    [START, {**BODY, "more_body": 0}],
    [START, {**BODY, "body": b"x" * 500}],
    [START, {**BODY, "body": b"x" * 499}],
    [START, {**BODY, "body": bytearray(b"x")}],
    [START, START, BODY],
    [START, {"type": "http.response.pathsend", "path": "/"}],
    [BODY],
    [{**START, "status": 206}, BODY],
    [{**START, "status": "200"}, BODY],
    [{**START, "headers": []}, BODY],
    [{**START, "headers": ()}, BODY],
    [{**START, "headers": [[b"content-type", b"text/plain"]]}, BODY],
    [{**START, "headers": [(b"content-type", b"text/event-stream")]}, BODY],
    [{**START, "headers": [(b"content-type", b"text/plain"), (b"content-encoding", b"br")]}, BODY],
    [{**START, "headers": [(b"content-type", b"text/plain"), (b"vary", b"A"), (b"vary", b"B")]}, BODY],
    [{"type": "http.response.start", "status": 200}, BODY],
    [{"status": 200}],
]


@pytest.mark.parametrize("messages", MESSAGES, ids=str)
@pytest.mark.parametrize("encoding", [b"gzip, br", b"identity"])
def test_messages_come_out_as_from_starlette(messages: Sent, encoding: bytes) -> None:
    headers = [(b"accept-encoding", encoding), (b"origin", b"https://a")]
    gzipped, shared = Middleware(GZipMiddleware), Middleware(CORSMiddleware, allow_origins=["*"])
    for chain in [[gzipped], [shared], [gzipped, shared], [shared, gzipped], [gzipped, gzipped]]:
        both(lambda chain=chain: application(chain, messages), "/script", headers=headers)  # type: ignore[misc]


TOKENS = st.sampled_from([b"vary", b"Vary", b"x", b"content-encoding", b"access-control-allow-origin"])
HEADERS = st.lists(st.tuples(TOKENS, st.sampled_from([b"", b"Origin", b"*", b"\xff"])), max_size=4)
BODIES = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=3)


@settings(max_examples=60)
@given(headers=HEADERS, bodies=BODIES, policy=st.sampled_from(POLICIES), minimum=st.integers(0, 40))
def test_any_response_comes_out_as_from_starlette(
    headers: list[tuple[bytes, bytes]], bodies: list[tuple[int, bool]], policy: dict[str, Any], minimum: int
) -> None:
    start = {**START, "headers": [(b"content-type", b"application/json"), *headers]}
    parts = [{"type": "http.response.body", "body": b"x" * size, "more_body": more} for size, more in bodies]
    chain = [Middleware(CORSMiddleware, **policy), Middleware(GZipMiddleware, minimum_size=minimum)]
    both(
        lambda: application(chain, [start, *parts]),
        "/script",
        headers=[(b"origin", b"https://a"), (b"accept-encoding", b"gzip")],
    )


def test_a_compressed_response_can_be_read() -> None:
    headers = [(b"accept-encoding", b"gzip")]
    outcome = both(lambda: application([Middleware(GZipMiddleware)]), "/", query=b"size=900", headers=headers)
    assert zlib.decompress(content(outcome), 31) == b'"' + b"x" * 900 + b'"'


@pytest.mark.parametrize("minimum", [0, 1.5, True, None])
def test_settings_of_other_types_are_starlettes_affair(minimum: Any) -> None:
    def make() -> FastAPI:
        return application([Middleware(GZipMiddleware, minimum_size=minimum)])

    both(make, "/", headers=[(b"accept-encoding", b"gzip")])


def test_what_a_middleware_excludes_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for excluded in [("application/json",), ["text/plain"], ("video/*",)]:
        monkeypatch.setattr(GZipMiddleware, "exclude_content_types", excluded, raising=False)
        both(lambda: application([Middleware(GZipMiddleware)]), "/")


def test_scopes_of_other_types_pass() -> None:
    chain = [Middleware(GZipMiddleware), Middleware(CORSMiddleware)]
    both(lambda: application(chain, [BODY]), "/script", scope={"type": "websocket"})
    both(lambda: application(chain), "/", scope={"headers": ((b"origin", b"https://a"),)})


@NATIVE
@pytest.mark.parametrize("cls", [CORSMiddleware, GZipMiddleware])
def test_subclasses_and_changed_classes_are_called_themselves(cls: Any) -> None:
    app: Any = FastAPI()
    assert isinstance(shortcuts.shortcut(cls(app), None), _rust.Shortcut)
    assert type(shortcuts.shortcut(type("Own", (cls,), {})(app), None)).__name__ == "Own"


def test_a_coroutine_without_a_loop_must_not_wait() -> None:
    waiting = asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="the coroutine waits"):
        run_through(waiting)
    waiting.close()


def test_code_that_is_not_known_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def newer(self: Any, scope: Scope, receive: Receive, send: Send) -> None: ...

    assert cors_middleware.cors_parts() is not None
    assert gzip_middleware.gzip_parts() is not None
    monkeypatch.setattr(CORSMiddleware, "send", newer)
    monkeypatch.setattr(gzip.IdentityResponder, "__call__", newer)
    assert cors_middleware.cors_parts() is None
    assert gzip_middleware.gzip_parts() is None
    shortcuts.known.cache_clear()
    assert [row.cls.__name__ for row in shortcuts.known()] == ["BaseHTTPMiddleware"]
    shortcuts.known.cache_clear()


@pytest.mark.parametrize("owner", [CORSMiddleware, cors], ids=["class", "module"])
def test_a_part_that_a_tool_replaces_is_used(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    name = "is_allowed_origin" if owner is CORSMiddleware else "MutableHeaders"
    shipped = getattr(owner, name)

    def watched(*args: Any, **options: Any) -> Any:
        calls.append(name)
        return shipped(*args, **options)

    app = application([Middleware(CORSMiddleware, allow_origins=["https://a"])])
    for _ in range(2):
        asyncio.run(exchange(app, "/", headers=[(b"origin", b"https://a")]))
    monkeypatch.setattr(owner, name, watched)
    asyncio.run(exchange(app, "/", headers=[(b"origin", b"https://a")]))
    assert calls
