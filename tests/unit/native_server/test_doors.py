"""A request that goes past ASGI is the same request, and has the same answer, as one that does not."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.convertors import Convertor
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from fastapi import FastAPI
from fastapi.applications import _FRONT
from fastapi.routing import APIRoute
from tests.unit.native_server.conftest import Client, Running, Serve, uvloop
from tests.unit.native_server.doors import application
from tests.unit.plan import dispatches


class Doors:
    """The same application behind both doors: through ASGI, and past it."""

    def __init__(self, serve: Serve, make: Callable[..., FastAPI] = application, **options: Any) -> None:
        settings = {key: options.pop(key) for key in ("root_path", "headers") if key in options}
        own = {"root_path": options.pop("app_root_path")} if "app_root_path" in options else {}
        self.seen: list[list[Any]] = [[], []]
        self.apps = [make(seen, **own, **options) for seen in self.seen]
        self.servers = [
            serve(app, front=front, **settings) for app, front in zip(self.apps, (None, _FRONT), strict=True)
        ]

    def observe(self, talk: Callable[[Client], Any]) -> list[Any]:
        """All that can be seen of a conversation, at each of the doors."""
        outcomes = []
        for server, seen in zip(self.servers, self.seen, strict=True):
            seen.clear()
            with server.connect() as client:
                said = talk(client)
            server.until(lambda server=server: server.server.counts()[1] == 0)
            outcomes.append(
                {
                    "said": said,
                    "seen": list(seen),
                    "access": [line.partition(" - ")[2] for line in server.access.lines],
                    "errors": list(server.errors.lines),
                    "exceptions": [repr(error) for error in server.errors.exceptions],
                }
            )
            for record in (server.access.lines, server.errors.lines, server.errors.exceptions):
                record.clear()
        return outcomes

    def agree(self, talk: Callable[[Client], Any]) -> Any:
        """What both doors show, which has to be the same."""
        through, past = self.observe(talk)
        assert past == through
        return past

    def ask(self, request: bytes) -> Any:
        return self.agree(lambda client: (client.send(request), client.rest())[1])


def request(line: str, *fields: str, body: bytes = b"") -> bytes:
    length = [f"content-length: {len(body)}"] if body else []
    head = [f"{line} HTTP/1.1", "host: test", "connection: close", *fields, *length, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


JSON = "content-type: application/json"
FORM = "content-type: application/x-www-form-urlencoded"

REQUESTS = {
    "plain": request("GET /"),
    "head": request("HEAD /"),
    "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "HTTP/1.0 that stays": b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    "two at once": b"GET /items/1 HTTP/1.1\r\nhost: test\r\n\r\n" + request("GET /items/2"),
    "body that nobody reads": request("GET /", body=b"unread"),
    "absolute form": request("GET http://test/items/3?q=%C3%A9"),
    "parameters": request("GET /items/42?q=a%20b+c&limit=20"),
    "invalid parameters": request("GET /items/x?limit=0"),
    "repeated parameters": request(
        "GET /path/a/b%2Fc?q=1&q=&q=%ff", "x-a: 1", "X-A: 2", "user-agent: Me", "cookie: a=b; session=s"
    ),
    "several cookies": request("GET /path/x", "cookie: session=1", 'cookie: session="2"'),
    "bytes beyond ASCII": request("GET /path/%E9%C3%A9", "x-a: \xe9"),
    "not found": request("GET /nowhere"),
    "not allowed": request("POST /"),
    "not allowed head": request("HEAD /items/1"),
    "not found below": request("GET /items/1/2/3"),
    "not found head": request("HEAD /nowhere"),
    "not found with a body": request("POST /nowhere", body=b"unread"),
    "not found and a line feed": request("GET /no%0Awhere"),
    "only a slash": request("GET //"),
    "not allowed anywhere": request("DELETE /methods"),
    "not allowed, of a parameter": request("PUT /items/x"),
    "slash": request("GET /items/1/?q=1"),
    "head of a route for it": request("HEAD /methods"),
    "put": request("PUT /methods"),
    "odd method": request("BREW /methods"),
    "no content": request("GET /empty"),
    "model": request(
        "POST /people", JSON, "x-a: 3", body=b'{"name":"Ada","age":36,"address":{"city":"London"}}'
    ),
    "invalid model": request("POST /people", JSON, body=b'{"name":1,"age":-1}'),
    "invalid JSON": request("POST /people", JSON, body=b'{"name":'),
    "no body": request("POST /people", JSON),
    "JSON of another type": request("POST /people", "content-type: application/problem+json", body=b"{}"),
    "JSON without a type": request("POST /people", body=b"{}"),
    "not Unicode": request("POST /people", JSON, body=b'"\xff"'),
    "embedded": request("POST /embedded", JSON, body=b'{"person":{"name":"Ada","age":1},"number":2}'),
    "anything": request("POST /anything", JSON, body=b'[1, 2.5, null, "\\u00e9"]'),
    "anything but JSON": request("POST /anything", "content-type: text/plain", body=b"text"),
    "nothing": request("POST /anything"),
    "chunks": request("POST /anything", JSON, "transfer-encoding: chunked")
    + b"2\r\n[1\r\n3\r\n,2]\r\n0\r\n\r\n",
    "form": request("POST /form", FORM, body=b"name=Ada+L&age=36"),
    "invalid form": request("POST /form", FORM, body=b"name=Ada"),
    "stream": request("POST /stream", body=b"streamed"),
    "scope": request("GET /scope/a%20b?q=1", "x-a: 1", "X-B:  2 "),
    "scope with a body": request("GET /scope/a", body=b"12"),
    "scope that changes": request("GET /changed/a?q=1"),
    "dependencies": request("GET /depends", "x-token: secret"),
    "injected": request("GET /injected?value=v&code=202"),
    "injected nonsense": request("GET /injected?value=a%0d%0ab"),
    "injected text": request("GET /injected?value=%E2%82%AC"),
    "injected without content": request("GET /injected?code=304"),
    "injected status": request("GET /injected?code=99"),
    "HTTP exception": request("GET /raises/http", "x-token: t"),
    "exception with a handler": request("GET /raises/handled"),
    "exception without a handler": request("GET /raises/unhandled"),
    "cancelled": request("GET /raises/cancelled"),
    "result that is no JSON": request("GET /raises/unserializable"),
    "breaks in the middle": request("GET /breaks"),
    "sends by itself": request("GET /sends/whole"),
    "starts by itself": request("GET /sends/start"),
    "starts by itself and raises": request("GET /sends/raises"),
    "response": request("GET /plain"),
    "thread": request("GET /thread?q=2"),
    "task": request("GET /task?set_to=mine"),
    "receives": request("GET /receives"),
    "mounted": request("GET /mounted/inner/x"),
}


@pytest.fixture
def doors(serve: Serve) -> Doors:
    return Doors(serve)


def test_every_request_is_the_same_at_both_doors(doors: Doors) -> None:
    for name, sent in REQUESTS.items():
        through, past = doors.observe(lambda client, sent=sent: (client.send(sent), client.rest())[1])
        assert past == through, name


@pytest.mark.parametrize("root_path", ["/api", "/items"])
@pytest.mark.parametrize("where", ["root_path", "app_root_path"])
def test_root_paths_are_the_same_at_both_doors(serve: Serve, where: str, root_path: str) -> None:
    doors = Doors(serve, **{where: root_path})
    for path in ("/scope/a", "/api/scope/a", "/items/1", "/items/items/1", "/apiscope/a", "/api", "/"):
        doors.ask(request(f"GET {path}"))


def test_an_application_that_shows_tracebacks_is_the_same_at_both_doors(serve: Serve) -> None:
    doors = Doors(serve, debug=True)
    for path in ("/raises/unhandled", "/raises/handled", "/breaks", "/"):
        through, past = doors.observe(
            lambda client, path=path: (client.send(request(f"GET {path}")), client.rest())[1]
        )
        assert past["said"][:40] == through["said"][:40]
        assert {**past, "said": None} == {**through, "said": None}


@pytest.mark.parametrize(
    "scenario",
    # Some wait for a client that goes away.
    [
        one
        for one in dispatches.SCENARIOS
        if one not in (dispatches.cancelled_outside, dispatches.body_streamed_inside)
    ],
    ids=lambda scenario: scenario.__name__,
)
def test_middleware_is_the_same_at_both_doors(serve: Serve, scenario: Callable[[list[Any]], Any]) -> None:
    doors = Doors(serve, scenario)
    for line in ("GET /?q=1", "GET /", "HEAD /", "POST /", "GET /nowhere"):
        body = b"body" if line.startswith("POST") else b""
        doors.ask(request(line, body=body))


def test_middleware_and_tools_see_every_request(serve: Serve) -> None:
    doors = Doors(serve)
    calls: list[str] = []

    def count(app: FastAPI) -> None:
        async def middleware(request: Any, call_next: Any) -> Any:
            calls.append(request.url.path)
            return await call_next(request)

        app.middleware_stack = None
        app.middleware("http")(middleware)

    doors.ask(request("GET /"))
    for app in doors.apps:
        count(app)
    doors.ask(request("GET /items/1"))
    assert calls == ["/items/1"] * 2


def test_a_call_that_a_tool_replaces_is_called(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    doors = Doors(serve)
    calls: list[str] = []
    shipped = FastAPI.__call__

    async def watched(self: FastAPI, *args: Any) -> None:
        calls.append("call")
        await shipped(self, *args)

    for number in range(20):
        with monkeypatch.context() as patch:
            patch.setattr(FastAPI, "__call__", watched)
            doors.ask(request("GET /"))
            assert len(calls) == 2 * (number + 1)
        doors.ask(request("GET /"))
        assert len(calls) == 2 * (number + 1)


async def _elsewhere(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"elsewhere"})


class _Doubling(Convertor[str]):
    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return value * 2

    def to_string(self, value: str) -> str:
        return value


class _Sub(FastAPI):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await _elsewhere(scope, receive, send)


def _route(app: FastAPI) -> Any:
    return next(route for route in app.routes if getattr(route, "path", "") == "/items/{item_id}")


async def _handle(scope: Any, receive: Any, send: Any) -> None:
    await _elsewhere(scope, receive, send)


def _same_attributes(instance: Any, **others: Any) -> None:
    instance.__dict__ = {**vars(instance), **others}


CHANGES: dict[str, Callable[[FastAPI], Any]] = {
    "methods": lambda app: _route(app).methods.clear() or _route(app).methods.add("PUT"),
    "no methods": lambda app: _route(app).methods.clear(),
    "the application of a route": lambda app: setattr(_route(app), "app", _elsewhere),
    "the application of a route, in its dictionary": lambda app: vars(_route(app)).update(app=_elsewhere),
    "the dictionary of a route": lambda app: _same_attributes(_route(app), app=_elsewhere),
    "the way a route is called": lambda app: setattr(_route(app), "handle", _handle),
    "the class of a route": lambda app: setattr(
        _route(app), "__class__", type("Other", (APIRoute,), {"handle": lambda self, *args: _handle(*args)})
    ),
    "a convertor": lambda app: _route(app).param_convertors.update(item_id=_Doubling()),
    "all convertors": lambda app: setattr(_route(app), "param_convertors", {"item_id": _Doubling()}),
    "no routes": lambda app: app.router.routes.clear(),
    "another route in front": lambda app: app.router.routes.insert(0, Mount("/items", app=_elsewhere)),
    "other routes": lambda app: setattr(app.router, "routes", [Mount("/", app=_elsewhere)]),
    "the root path": lambda app: setattr(app, "root_path", "/items"),
    "no middleware stack": lambda app: setattr(app, "middleware_stack", None),
    "another middleware stack": lambda app: setattr(app, "middleware_stack", _elsewhere),
    "the application of a middleware": lambda app: setattr(app.middleware_stack, "app", _elsewhere),
    "the innermost middleware": lambda app: setattr(app.middleware_stack.app.app, "app", _elsewhere),  # type: ignore[union-attr]
    "the dictionary of the application": lambda app: _same_attributes(app, middleware_stack=_elsewhere),
    "the class of the application": lambda app: setattr(app, "__class__", _Sub),
    "the middleware of the router": lambda app: setattr(app.router, "middleware_stack", _elsewhere),
    "the default of the router": lambda app: setattr(app.router, "default", _elsewhere),
    "the method that is the default of the router": lambda app: setattr(app.router, "not_found", _elsewhere)
    or setattr(app.router, "default", app.router.not_found),
    "a handler for HTTP errors": lambda app: app.middleware_stack.app._exception_handlers.update(  # type: ignore[union-attr]
        {StarletteHTTPException: lambda request, error: PlainTextResponse("handled")}
    ),
    "a handler": lambda app: app.middleware_stack.app._status_handlers.update(  # type: ignore[union-attr]
        {404: lambda request, error: PlainTextResponse("handled")}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_between_two_requests_is_seen_by_the_second(doors: Doors, change: str) -> None:
    asked = request("GET /items/12?q=1"), request("GET /nowhere"), request("PUT /items/12")
    before = [doors.ask(sent)["said"] for sent in asked * 2]
    for app in doors.apps:
        CHANGES[change](app)
    after = [doors.ask(sent)["said"] for sent in asked * 2]
    assert after != before or change == "no middleware stack"


def _under_items(self: FastAPI, name: str) -> Any:
    return "/items" if name == "root_path" else object.__getattribute__(self, name)


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (APIRoute, "handle", lambda self, *args: _elsewhere(*args)),
        (APIRoute, "app", property(lambda self: _elsewhere)),
        (APIRoute, "methods", property(lambda self: {"PUT"})),
        (ServerErrorMiddleware, "app", property(lambda self: _elsewhere)),
        (ServerErrorMiddleware, "__call__", lambda self, *args: _elsewhere(*args)),
        (FastAPI, "middleware_stack", property(lambda self: _elsewhere)),
        (FastAPI, "root_path", property(lambda self: "/items")),
        (
            FastAPI,
            "__getattribute__",
            lambda self, name: "/items" if name == "root_path" else object.__getattribute__(self, name),
        ),
    ],
    ids=lambda part: getattr(part, "__name__", None) or (part if isinstance(part, str) else "value"),
)
def test_what_a_tool_changes_in_a_class_is_seen(
    doors: Doors, owner: type, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = request("GET /items/12")
    before = doors.ask(sent)
    for _ in range(3):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, value, raising=False)
            assert doors.ask(sent) != before
        assert doors.ask(sent) == before


def test_a_request_goes_past_asgi_where_nobody_else_is_on_the_way(serve: Serve) -> None:
    class Sub(FastAPI):
        pass

    for cls in (FastAPI, Sub):
        for front, expected in ((None, "coroutine"), (_FRONT, "_Run")):
            app = cls(openapi_url=None)

            @app.get("/")
            async def endpoint() -> str:
                return type(asyncio.current_task().get_coro()).__name__  # type: ignore[union-attr]

            server = serve(app, front=front)
            server.ask(request("GET /"))  # makes the middleware stack
            assert server.ask(request("GET /")).endswith(f'"{expected}"'.encode())


def test_a_class_with_a_call_of_its_own_is_called(serve: Serve) -> None:
    class Own(FastAPI):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                scope["query_string"] = b"q=own"
            await super().__call__(scope, receive, send)

    app = Own(openapi_url=None)

    @app.get("/")
    async def endpoint(q: str = "other") -> str:
        return q

    assert serve(app, front=_FRONT).ask(request("GET /")).endswith(b'"own"')


def test_context_variables_end_with_the_request(doors: Doors) -> None:
    def talk(client: Client) -> list[bytes]:
        answers = []
        for set_to in ("?set_to=a", "", "?set_to=b", ""):
            client.send(f"GET /task{set_to} HTTP/1.1\r\nhost: test\r\n\r\n".encode())
            answers.append(client.response()[2])
        return answers

    said = doors.agree(talk)["said"]
    assert [json.loads(answer)[0] for answer in said] == ["unset"] * 4


def test_a_client_that_expects_100_continue_gets_it_when_the_body_is_asked_for(doors: Doors) -> None:
    def talk(client: Client) -> tuple[bytes, bytes]:
        client.send(request("POST /people", JSON, "expect: 100-continue", "content-length: 22"))
        told = client.until(b"\r\n\r\n")
        client.send(b'{"name":"A')
        client.send(b'da","age":1}')
        return told, client.rest()

    told, answer = doors.agree(talk)["said"]
    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.endswith(b'{"name":"Ada","age":1,"address":null}')


def test_a_body_that_arrives_in_parts_is_read_whole(doors: Doors) -> None:
    body = json.dumps({"name": "A" * 300_000, "age": 1}).encode()

    def talk(client: Client) -> bytes:
        head = request("POST /people", JSON, f"content-length: {len(body)}")
        client.send(head)
        for at in range(0, len(body), 50_000):
            client.send(body[at : at + 50_000])
        return client.rest()

    assert b"A" * 300_000 in doors.agree(talk)["said"]


@pytest.mark.parametrize("path", ["/people", "/anything", "/stream", "/form"])
@pytest.mark.parametrize("part", [b"", b'{"name":'])
def test_a_client_that_leaves_while_its_body_is_read(doors: Doors, path: str, part: bytes) -> None:
    def talk(client: Client) -> None:
        client.send(request(f"POST {path}", JSON, "content-length: 1000") + part)
        client.close()

    doors.agree(talk)


def test_a_slow_reader_holds_a_response_back(serve: Serve) -> None:
    """A pipelined response waits where the one before it has not been taken."""
    doors = Doors(serve)
    for app in doors.apps:

        @app.get("/large")
        async def large() -> str:
            return "x" * 5_000_000

    def talk(client: Client) -> list[int]:
        client.send(b"GET /large HTTP/1.1\r\nhost: test\r\n\r\n" * 3)
        return [len(client.response()[2]) for _ in range(3)]

    assert doors.agree(talk)["said"] == [5_000_002] * 3


@pytest.fixture(scope="module")
def shared() -> Iterator[Doors]:
    with _running() as serve:
        yield Doors(serve)


class _running:
    """Servers for a whole module, on uvloop."""

    def __enter__(self) -> Serve:
        self.running: list[Running] = []

        def serve(app: Any, **settings: Any) -> Running:
            server = Running(app, uvloop.new_event_loop, **settings)
            self.running.append(server.__enter__())
            return server

        return serve

    def __exit__(self, *error: object) -> None:
        for server in self.running:
            server.__exit__(None, None, None)


_WORDS = st.text(st.sampled_from("ab1 /.+%&=;?~\xe9€\x00"), max_size=12)
_QUOTED = st.one_of(
    _WORDS.map(lambda word: "".join(f"%{byte:02X}" if byte % 3 else chr(byte) for byte in word.encode())),
    st.text(st.sampled_from("ab1/.+%&=;~"), max_size=12),
    st.just("%ff%fe"),
).map(lambda text: "".join(letter for letter in text if 0x21 <= ord(letter) <= 0x7E and letter != "#"))
_FIELD = st.text(st.sampled_from('ab1 ;=,"\\\xe9\t'), max_size=12)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/path/", "/items/", "/", "/scope/"]),
    rest=_QUOTED,
    query=st.lists(st.tuples(st.sampled_from(["q", "limit", "x", "q%20"]), _QUOTED), max_size=4),
    fields=st.lists(
        st.tuples(st.sampled_from(["x-a", "X-A", "user-agent", "cookie", "x-b"]), _FIELD), max_size=4
    ),
)
def test_whatever_is_asked_is_the_same_at_both_doors(
    shared: Doors, path: str, rest: str, query: list[tuple[str, str]], fields: list[tuple[str, str]]
) -> None:
    target = path + rest.replace("?", "")
    if query:
        target += "?" + "&".join(f"{name}={value}" for name, value in query)
    shared.ask(request(f"GET {target}", *(f"{name}: {value}" for name, value in fields)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/people", "/embedded", "/anything", "/form", "/stream"]),
    kind=st.sampled_from([JSON, "content-type: application/json; charset=utf-8", FORM, "x-none: 1"]),
    body=st.one_of(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "age", "address", "person", "number"]), inner, max_size=4
            ),
            max_leaves=6,
        ).map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=20),
        st.sampled_from([b"name=a&age=1", b'{"name":"a","age":1}', b""]),
    ),
    chunked=st.booleans(),
)
def test_whatever_is_sent_is_the_same_at_both_doors(
    shared: Doors, path: str, kind: str, body: bytes, chunked: bool
) -> None:
    if chunked:
        chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in body) + b"0\r\n\r\n"
        shared.ask(request(f"POST {path}", kind, "transfer-encoding: chunked") + chunks)
    else:
        shared.ask(request(f"POST {path}", kind, body=body))
