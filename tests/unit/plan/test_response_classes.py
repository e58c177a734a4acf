"""What a plan makes of content for a response class, and how response objects are sent."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import PlainSerializer
from starlette import responses
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi import BackgroundTasks, FastAPI, Response
from fastapi.plan.rendition import reason, rendition
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
    UJSONResponse,
)
from fastapi.routing import APIRoute
from tests.unit.plan.requests import Handing, Outcome, content, on_reference_path, send


class Api(JSONResponse):
    """JSON of another media type."""

    media_type = "application/vnd.api+json"


class TextJson(JSONResponse):
    media_type = "text/json"


class Xml(Response):
    media_type = "application/xml"


class Nameless(PlainTextResponse):
    media_type = None


class Latin(PlainTextResponse):
    charset = "latin-1"


class Both(HTMLResponse, JSONResponse):
    """Writes JSON, and calls it HTML."""


class Enveloped(JSONResponse):
    def render(self, content: Any) -> bytes:
        return super().render({"data": content})


class Restless(JSONResponse):
    """Changes itself while it renders, by what it renders."""

    def render(self, content: Any) -> Any:
        match content:
            case "":
                self.status_code = 299
            case None:
                self.media_type = "text/none"
            case 1:
                self.background = None
            case b"bytes":
                raise ValueError("not rendered")
            case {"a": _}:
                return bytearray(b"array")
            case "text":
                return "text"
            case "view":
                return memoryview(b"view")
            case "state":
                self.state = 1
            case "bare":
                del self.background
        return repr(content).encode()


class Teapot(JSONResponse):
    def __init__(self, content: Any, status_code: int = 418, **options: Any) -> None:
        super().__init__(content, status_code, headers={"x-pot": "tea"}, **options)


class Signed(PlainTextResponse):
    def init_headers(self, headers: Any = None) -> None:
        super().init_headers(headers)
        self.raw_headers.insert(0, (b"x-signed", b"%d" % len(self.body)))


class Loud(HTMLResponse):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["x-scope"] = " ".join(sorted(key for key in scope if key.startswith("fastapi")))
        await super().__call__(scope, receive, send)


class Computed(PlainTextResponse):
    """Its body is not what it holds."""

    @property
    def body(self) -> bytes:  # type: ignore[override]
        return self._held.upper()

    @body.setter
    def body(self, body: bytes) -> None:
        self._held = body


class Odd(PlainTextResponse):
    media_type = "text/odd\x7f"


class Unsendable(PlainTextResponse):
    media_type = "text/€"


class Meta(type):
    def __call__(cls, *args: Any, **options: Any) -> Any:
        response = super().__call__(*args, **options)
        response.headers["x-meta"] = "1"
        return response


class Made(JSONResponse, metaclass=Meta):
    """Its class does something itself."""


class Documented(JSONResponse):
    """Has an attribute that takes no part, which nobody can know."""

    example: ClassVar[dict[str, int]] = {"a": 1}


KNOWN = [JSONResponse, HTMLResponse, PlainTextResponse, Response, Api, TextJson, Xml, Nameless, Both]
RENDERING = [ORJSONResponse, UJSONResponse, Enveloped, Restless]
UNKNOWN = [
    *(Latin, Teapot, Signed, Loud, Computed, Odd, Made, Documented),
    *(RedirectResponse, FileResponse, StreamingResponse, Unsendable),
]
MADE_OF_CONTENT = [*KNOWN, *RENDERING, *UNKNOWN[:8], Unsendable]


@pytest.mark.parametrize("cls", KNOWN, ids=lambda cls: cls.__name__)
def test_a_class_that_changes_at_most_the_media_type_is_known(cls: type[Response]) -> None:
    known = rendition(cls)
    assert known is not None
    made = cls("1")
    expected = {name: value for name, value in made.raw_headers if name != b"content-length"}
    assert ({} if known.content_type is None else {b"content-type": known.content_type}) == expected
    assert {"text": b"1", "json": b'"1"'}[known.body] == made.body


@pytest.mark.parametrize("cls", RENDERING, ids=lambda cls: cls.__name__)
def test_a_class_that_renders_its_body_is_known_by_its_headers(cls: type[Response]) -> None:
    known = rendition(cls)
    assert known is not None
    assert (known.body, known.content_type) == ("its own", b"application/json")


@pytest.mark.parametrize("cls", UNKNOWN, ids=lambda cls: cls.__name__)
def test_a_class_that_does_anything_by_itself_is_not(cls: type[Response]) -> None:
    assert rendition(cls) is None


REASONS = [
    (ORJSONResponse, "ORJSONResponse renders the body in Python, unless the endpoint returns a response"),
    (
        Teapot,
        "Teapot has its own __init__, and makes the response in Python, unless the endpoint returns one",
    ),
    (Latin, "Latin has its own charset, and makes the response in Python, unless the endpoint returns one"),
    (Made, "Made makes the response in Python, unless the endpoint returns one"),
]


@pytest.mark.parametrize(("cls", "expected"), REASONS, ids=lambda part: getattr(part, "__name__", ""))
def test_the_reason_names_what_a_class_does_by_itself(cls: type[Response], expected: str) -> None:
    assert reason(cls) == expected


class Passing:
    """A middleware of the user's, which looks at messages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-status", repr(message["status"]).encode()))
            await send(message)

        await self.app(scope, receive, adding)


def passing(app: FastAPI) -> None:
    app.add_middleware(Passing)


def dispatching(app: FastAPI) -> None:
    @app.middleware("http")
    async def add(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-added"] = "1"
        return response


CONTENTS = [
    "",
    "<p>é\u2028</p>",
    "\ud800",
    b"bytes",
    b"\xff",
    None,
    1,
    {"a": [1.5, None]},
    float("nan"),
    [{"é": ""}],
]


def answer(
    *,
    cls: type[Response],
    content: Any,
    status_code: int | None,
    returns: str,
    model: Any,
    injects: bool,
    runs_task: bool,
    route_class: type[APIRoute],
    behind: Callable[[FastAPI], None] | None,
    reference: bool,
) -> tuple[Outcome, list[str]]:
    """What is sent and done for a request of a route with all that."""
    log: list[str] = []
    app = FastAPI(openapi_url=None)
    app.router.route_class = route_class

    def made(tasks: BackgroundTasks) -> Any:
        if returns == "content":
            return content
        response = cls(content, status_code or 200, headers={"X-One": "1", "content-length": "7"})
        if returns == "response with task":
            response.background = BackgroundTasks()
            response.background.add_task(log.append, "own task")
        if returns == "changed response":
            response.raw_headers = tuple(response.raw_headers)  # type: ignore[assignment]
        return response

    async def injecting(response: Response, tasks: BackgroundTasks) -> Any:
        response.headers["x-injected"] = "1"
        response.set_cookie("a", "b")
        response.status_code = 203
        return await plain(tasks)

    async def plain(tasks: BackgroundTasks) -> Any:
        if runs_task:
            tasks.add_task(log.append, "task")
        return made(tasks)

    app.add_api_route(
        "/",
        injecting if injects else plain,
        response_class=cls,
        response_model=model,
        status_code=status_code,
    )
    if behind is not None:
        behind(app)
    return send(on_reference_path(app) if reference else app, "/"), log


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cls=st.sampled_from(MADE_OF_CONTENT),
    content=st.sampled_from(CONTENTS) | st.text(max_size=9),
    status_code=st.sampled_from([None, 200, 201, 418, 100, 204, 205, 304, 999, 1000]),
    returns=st.sampled_from(["content", "content", "response", "response with task", "changed response"]),
    model=st.sampled_from([None, None, str, Any, str | None, Annotated[str, PlainSerializer(str.upper)]]),
    injects=st.booleans(),
    runs_task=st.booleans(),
    route_class=st.sampled_from([APIRoute, Handing]),
    behind=st.sampled_from([None, passing, dispatching]),
)
def test_each_class_answers_as_on_the_reference_path(**case: Any) -> None:
    if case["status_code"] in (100, 204, 205, 304):
        case["model"] = None
    assert answer(**case, reference=False) == answer(**case, reference=True)


def one_route(cls: type[Response], endpoint: Callable[[], Any]) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/", endpoint, response_class=cls, response_model=None)
    return app


def content_type(outcome: Outcome) -> bytes:
    return dict(outcome.messages[0]["headers"])[b"content-type"]  # type: ignore[no-any-return]


def test_what_is_changed_on_a_class_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Page(HTMLResponse):
        pass

    app = one_route(Page, lambda: "é")
    assert content(send(app, "/")) == "é".encode()
    monkeypatch.setattr(Page, "media_type", "text/other")
    assert content_type(send(app, "/")) == b"text/other; charset=utf-8"
    monkeypatch.undo()
    assert content_type(send(app, "/")) == b"text/html; charset=utf-8"
    monkeypatch.setattr(Response, "charset", "latin-1")
    outcome = send(app, "/")
    assert (content(outcome), content_type(outcome)) == (b"\xe9", b"text/html; charset=latin-1")
    monkeypatch.undo()
    monkeypatch.setattr(HTMLResponse, "render", lambda self, content: b"rendered", raising=False)
    assert content(send(app, "/")) == b"rendered"
    monkeypatch.undo()
    assert content(send(app, "/")) == "é".encode()


@pytest.mark.parametrize("returned", ["content", HTMLResponse("held")], ids=["content", "response"])
@pytest.mark.parametrize("cls", [Response, HTMLResponse])
def test_a_class_that_is_taught_to_send_otherwise_is_called(
    cls: type[Response], returned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = one_route(HTMLResponse, lambda: returned)
    before = send(app, "/")
    seen: list[str] = []
    shipped = Response.__call__

    async def watching(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(type(self).__name__)
        await shipped(self, scope, receive, send)

    monkeypatch.setattr(cls, "__call__", watching)
    assert send(app, "/") == before
    assert seen == ["HTMLResponse"]
    monkeypatch.undo()
    assert send(app, "/") == before
    assert len(seen) == 1


def test_json_of_a_known_class_is_written_by_a_replaced_module(monkeypatch: pytest.MonkeyPatch) -> None:
    app = one_route(Api, lambda: {"a": 1})
    assert content(send(app, "/")) == b'{"a":1}'
    monkeypatch.setattr(responses, "json", SimpleNamespace(dumps=lambda content, **options: "replaced"))
    assert content(send(app, "/")) == b"replaced"


def test_many_classes_take_turns() -> None:
    classes = [type(f"Page{number}", (HTMLResponse,), {}) for number in range(40)]
    turn = iter(classes * 3)
    app = one_route(JSONResponse, lambda: next(turn)("page"))
    for _ in range(120):
        outcome = send(app, "/")
        assert (content(outcome), content_type(outcome)) == (b"page", b"text/html; charset=utf-8")


def test_headers_that_nothing_can_send_are_refused_as_when_the_response_is_called() -> None:
    def endpoint() -> Response:
        response = PlainTextResponse("")
        response.raw_headers.append(["x-list", "text"])  # type: ignore[arg-type]
        return response

    app, reference = one_route(JSONResponse, endpoint), on_reference_path(one_route(JSONResponse, endpoint))
    assert send(app, "/") == send(reference, "/")
