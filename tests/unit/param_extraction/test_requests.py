"""A whole request has the values and the errors of the reference path, however it is written."""

import copy
import os
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Annotated, Any, Literal
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel
from starlette.datastructures import Headers, QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from fastapi import Cookie, Header, Path, Query, _rust
from fastapi.dependencies import extraction, utils, values
from fastapi.dependencies.extraction import extract_params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))

needs_extension = pytest.mark.skipif(
    _rust.PURE, reason="without the extension everything is on the reference path"
)


def refuse_three(value: int) -> int:
    if value == 3:
        raise ValueError("three")
    return value


class Page(BaseModel):
    limit: int = 10
    tags: list[str] = []
    x_token: str | None = None


def everything(
    number: int,
    name: str,
    q: str,
    limit: Annotated[int, Query(ge=0, le=100)] = 10,
    tags: Annotated[list[str], Query(max_length=3)] = [],  # noqa: B006
    flags: Annotated[set[bool] | None, Query()] = None,
    odd: Annotated[int, AfterValidator(refuse_three), Query(alias="odd one")] = 1,
    when: datetime | None = None,
    sort: Literal["up", "down"] = "up",
    made: list[int] = Query(default_factory=list),
    wrong_default: int = "x",  # type: ignore[assignment]
    x_token: Annotated[str | None, Header()] = None,
    x_numbers: Annotated[list[int], Header()] = [1, 2],  # noqa: B006
    raw_name: Annotated[float, Header(convert_underscores=False)] = 0.5,
    host: Annotated[str, Header()] = "nobody",
    session: Annotated[str | None, Cookie()] = None,
    visits: Annotated[int, Cookie()] = 0,
    several: Annotated[list[str] | None, Cookie()] = None,
) -> None: ...


def cookies(
    session: Annotated[str | None, Cookie()] = None,
    visits: Annotated[int, Cookie()] = 0,
    q: Annotated[int | str, Cookie()] = "none",
    odd: Annotated[int, AfterValidator(refuse_three), Query()] = 3,
    either: Annotated[list[int] | str, Query(alias="tags")] = "none",
) -> None: ...


def scalars(
    number: Annotated[float, Path()], name: Annotated[Any, Path()], q: str = "", limit: bool = False
) -> None: ...
def page(page: Annotated[Page, Query()], number: int) -> None: ...
def page_in_headers(page: Annotated[Page, Header()]) -> None: ...
def page_in_cookies(page: Annotated[Page, Cookie()], q: int = 1) -> None: ...
def page_beside_others(page: Annotated[Any, Query()], q: Annotated[int, Query()]) -> None: ...
def outside_ascii(
    a: Annotated[str, Query(alias="grün")], b: Annotated[str | None, Header(alias="X-Grün")] = None
) -> None: ...
def nothing() -> None: ...


CALLS = [
    everything,
    cookies,
    scalars,
    page,
    page_in_headers,
    page_in_cookies,
    page_beside_others,
    outside_ascii,
    nothing,
]


def dependant_of(call: Callable[..., Any]) -> Dependant:
    return get_dependant(path="/{number}/{name}", call=call)


def outcome(
    read: Callable[..., tuple[dict[str, Any], list[Any]]], dependant: Dependant, request: HTTPConnection
) -> Any:
    """Return the values, their order and types, and the errors; or the error that was raised."""
    try:
        taken, errors = read(dependant, request)
    except (KeyError, TypeError, ValueError, AttributeError, UnicodeError) as error:
        return type(error), str(error)
    return [(name, type(value), repr(value)) for name, value in taken.items()], repr(errors)


def assert_same(dependant: Dependant, scope: dict[str, Any], kind: type[HTTPConnection] = Request) -> Any:
    """Compare the two paths, each with a scope of its own, and return the outcome."""
    fast = outcome(extract_params, dependant, kind(copy.deepcopy(scope)))
    assert fast == outcome(values.request_values, dependant, kind(copy.deepcopy(scope)))
    return fast


def scope_of(**parts: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "query_string": b"",
        "headers": [],
        "path_params": {"number": 1, "name": "n"},
        **parts,
    }


KEYS = ["q", "limit", "tags", "flags", "odd one", "when", "sort", "made", "page", "grün", "x_token", "Q", ""]
TEXTS = st.one_of(
    st.sampled_from(
        ["", "1", "3", "-1", "true", "up", "x", "2024-02-29T00:00Z", "1e3", " 1", "é", "a b", "%31"]
    ),
    st.text(max_size=6),
    st.integers(-5, 200).map(str),
)
PIECES = st.one_of(
    st.builds(
        lambda key, text: f"{quote_plus(key)}={quote_plus(text)}".encode(), st.sampled_from(KEYS), TEXTS
    ),
    st.sampled_from(
        [b"", b"=", b"q", b"q=%", b"q=%zz", b"q=%C3", b"q=%e2%82%ac", b"q=a+b", b"q=1;limit=2", b"li%6Dit=7"]
    ),
    st.binary(max_size=8),
    st.builds(lambda raw: b"q=" + raw, st.binary(max_size=8)),
)
QUERIES = st.lists(PIECES, max_size=6).map(b"&".join)
LATIN = st.one_of(TEXTS.map(lambda text: text.encode("utf-8")), st.binary(max_size=8))
COOKIES = st.lists(
    st.one_of(
        st.builds(
            lambda key, text: key + b"=" + text,
            st.sampled_from([b"session", b" visits", b"several ", b"q"]),
            LATIN,
        ),
        st.sampled_from(
            [b"", b"=", b'session="a"', b'visits="1"', b'session="\\073"', b"visits=1 ", b'x="', b"session"]
        ),
        st.binary(max_size=6),
    ),
    max_size=4,
).map(b"; ".join)
HEADERS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(
                [b"x-token", b"x-numbers", b"raw_name", b"host", b"limit", b"tags", b"x_token", b"X-Token"]
            ),
            LATIN,
        ),
        st.tuples(st.just(b"cookie"), COOKIES),
        st.tuples(st.binary(max_size=6), st.binary(max_size=6)),
    ),
    max_size=6,
)
PATHS = st.fixed_dictionaries(
    {},
    optional={
        "number": st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.uuids(), st.none()),
        "name": st.one_of(TEXTS, st.integers(), st.sampled_from(["\ud800", b"raw"])),
    },
)


@pytest.mark.parametrize("call", CALLS)
def test_any_request_has_the_outcome_of_the_reference_path(call: Callable[..., Any]) -> None:
    dependant = dependant_of(call)

    @settings(max_examples=EXAMPLES)
    @given(QUERIES, HEADERS, PATHS, st.sampled_from(["query_params", "headers", "cookies", None]))
    @example(b"q=a&limit=5&tags=a&tags=b", [(b"cookie", b"visits=3")], {"number": "1", "name": "n"}, None)
    @example(b"q=a", [(b"cookie", b"several=")], {"number": "1", "name": "n"}, None)
    def check(query: bytes, headers: list[Any], path: dict[str, Any], read_before: str | None) -> None:
        scope = scope_of(query_string=query, headers=headers, path_params=path)

        def read(kind: Dependant, request: Request) -> Any:
            if read_before:
                getattr(request, read_before)
            return extract_params(kind, request)

        expected = outcome(values.request_values, dependant, Request(copy.deepcopy(scope)))
        assert outcome(read, dependant, Request(scope)) == expected

    check()


SCOPES = [
    {"type": "http"},
    scope_of(path_params=None),
    scope_of(path_params=[("number", "1")]),
    scope_of(query_string="q=1&limit=2"),
    scope_of(query_string=None),
    scope_of(query_string=bytearray(b"q=1")),
    scope_of(headers=((b"x-token", b"t"), (b"cookie", b"visits=1"))),
    scope_of(headers=[[b"x-token", b"t"]]),
    scope_of(headers=[(bytearray(b"x-token"), b"t")]),
    scope_of(headers=[(b"x-token", b"t", b"more")]),
    scope_of(headers=[("x-token", "t")]),
    scope_of(headers=[b"ab"]),
    scope_of(headers={b"x-token": b"t"}),
    scope_of(headers=None),
]


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: str(list(scope.values())[1:]))
@pytest.mark.parametrize("call", CALLS)
def test_odd_scopes_have_the_outcome_of_the_reference_path(
    call: Callable[..., Any], scope: dict[str, Any]
) -> None:
    assert_same(dependant_of(call), scope)


@needs_extension
def test_a_plain_request_is_read_without_starlette() -> None:
    scope = scope_of(
        query_string=b"q=a%20b&limit=yes&tags=a",
        headers=[(b"host", b"h"), (b"x-numbers", b"7"), (b"cookie", b"visits=3; session=abc")],
    )
    request = Request(scope)
    extract_params(dependant_of(scalars), request)
    assert not {"_query_params", "_headers", "_cookies"} & vars(request).keys()


def test_lists_by_default_are_new_ones_every_time() -> None:
    dependant = dependant_of(everything)
    first, second = (extract_params(dependant, Request(scope_of(query_string=b"q=")))[0] for _ in range(2))
    assert first["tags"] == second["tags"] == []
    assert first["tags"] is not second["tags"]
    assert first["x_numbers"] == second["x_numbers"] == [1, 2]
    assert first["x_numbers"] is not second["x_numbers"]


def test_websockets_are_read_too() -> None:
    scope = scope_of(type="websocket", query_string=b"q=1&limit=7")
    ran = []

    class Socket(WebSocket):
        def __init__(self, scope: dict[str, Any]) -> None:
            super().__init__(scope, receive=ran.append, send=ran.append)  # type: ignore[arg-type]

    assert "('limit', <class 'int'>, '7')" in repr(assert_same(dependant_of(everything), scope, Socket))


class Shouting(Request):
    """Changes what it read."""

    @property
    def query_params(self) -> QueryParams:
        return QueryParams({key: text.upper() for key, text in super().query_params.items()})


class Blind(Request):
    headers = property(lambda self: Headers({"x-token": "own"}))  # type: ignore[assignment]


class Baked(Request):
    cookies = property(lambda self: {"visits": "8"})  # type: ignore[assignment]


class Elsewhere(Request):
    path_params = property(lambda self: {"number": "4", "name": "own"})  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("kind", "expected"), [(Shouting, "'A'"), (Blind, "'own'"), (Baked, "'8'"), (Elsewhere, "'own'")]
)
def test_requests_with_readers_of_their_own_are_asked(kind: type[Request], expected: str) -> None:
    scope = scope_of(query_string=b"q=a", headers=[(b"cookie", b"visits=1")])
    assert expected.strip("'") in repr(assert_same(dependant_of(everything), scope, kind))


@pytest.mark.parametrize(
    ("name", "replacement"),
    [
        ("_query_params", QueryParams("q=replaced&limit=9")),
        ("_query_params", type("Own", (QueryParams,), {"get": lambda self, key, default=None: "own"})("q=1")),
        ("_headers", Headers({"x-token": "replaced"})),
        ("_headers", type("Own", (Headers,), {"get": lambda self, key, default=None: "own"})({"host": "h"})),
        ("_cookies", {"session": "replaced"}),
        ("_cookies", type("Own", (dict,), {"get": lambda self, key, default=None: "own"})(session="s")),
        ("_cookies", {"session": 5}),
    ],
)
def test_what_a_request_has_read_already_counts(name: str, replacement: Any) -> None:
    dependant = dependant_of(everything)
    outcomes = []
    for read in (extract_params, values.request_values):
        request = Request(scope_of(query_string=b"q=scope", headers=[(b"cookie", b"session=scope")]))
        setattr(request, name, replacement)
        outcomes.append(outcome(read, dependant, request))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "changes", [{"q": "changed"}, {"limit": "7"}, {"limit": None}, {"limit": 7}, {"tags": "c"}, {"new": "x"}]
)
def test_what_was_changed_in_the_query_that_was_read_counts(changes: dict[str, Any]) -> None:
    dependant = dependant_of(everything)
    outcomes = []
    for read in (extract_params, values.request_values):
        request = Request(scope_of(query_string=b"q=scope&tags=a&tags=b"))
        request.query_params._dict.update(changes)
        outcomes.append(outcome(read, dependant, request))
    assert outcomes[0] == outcomes[1]
    assert all(f"{changes.get(name)!r}" in repr(outcomes[0]) for name in {"q", "limit"} & changes.keys())


def test_what_only_looks_like_a_request_is_asked() -> None:
    likeness = SimpleNamespace(
        path_params={"number": "1", "name": "n"},
        query_params=QueryParams("q=1"),
        headers=Headers({}),
        cookies={},
    )
    dependant = dependant_of(everything)
    assert outcome(extract_params, dependant, likeness) == outcome(values.request_values, dependant, likeness)


def test_a_scope_that_is_no_plain_dictionary_is_asked() -> None:
    class Scope(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return b"q=own" if key == "query_string" else super().__getitem__(key)

    assert "'own'" in repr(assert_same(dependant_of(everything), Scope(scope_of())))


def test_a_replaced_function_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    dependant = dependant_of(everything)
    monkeypatch.setattr(
        utils, "request_params_to_args", lambda fields, received: ({"replaced": len(fields)}, [])
    )
    taken, _ = extract_params(dependant, Request(scope_of(query_string=b"q=1")))
    assert taken == {"replaced": 3}


def test_a_reader_replaced_on_starlettes_class_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    dependant = dependant_of(scalars)
    monkeypatch.setattr(HTTPConnection, "query_params", property(lambda self: QueryParams("q=patched")))
    taken, _ = extract_params(dependant, Request(scope_of(query_string=b"q=1")))
    assert taken["q"] == "patched"


def test_fields_that_are_added_or_removed_are_noticed() -> None:
    dependant, other = dependant_of(scalars), dependant_of(everything)
    request = Request(scope_of(query_string=b"q=1&sort=down"))
    assert "sort" not in extract_params(dependant, request)[0]
    dependant.query_params.append(other.query_params[6])
    assert extract_params(dependant, request)[0]["sort"] == "down"
    del dependant.query_params[0]
    assert "q" not in extract_params(dependant, request)[0]


def test_dependants_that_were_used_are_copied_and_pickled() -> None:
    dependant = dependant_of(scalars)
    scope = scope_of(query_string=b"q=1")
    expected = extract_params(dependant, Request(scope))
    for twin in (copy.copy(dependant), copy.deepcopy(dependant), pickle.loads(pickle.dumps(dependant))):
        assert extract_params(twin, Request(scope)) == expected


def test_fields_with_a_configuration_or_a_class_of_their_own_are_asked() -> None:
    dependant = dependant_of(scalars)
    field = dependant.query_params[0]
    field.config = {"str_to_upper": True}
    field.__post_init__()
    assert "'A'" in repr(assert_same(dependant, scope_of(query_string=b"q=a")))

    class Own(type(field)):  # type: ignore[misc]
        def validate(self, value: Any, values: dict[str, Any] = {}, *, loc: Any = ()) -> Any:  # noqa: B006
            return "own", None

    dependant.query_params[0] = Own(field.field_info, "q")
    assert "'own'" in repr(assert_same(dependant, scope_of(query_string=b"q=a")))


@pytest.fixture
def offsets() -> Iterator[None]:
    extraction.pydantic_timezone.cache_clear()
    yield
    extraction.pydantic_timezone.cache_clear()


@pytest.mark.usefixtures("offsets")
@pytest.mark.parametrize("text", ["Z", "+00:00", "+05:30", "-23:59", "+23:59"])
def test_timezones_are_those_of_pydantic(text: str) -> None:
    scope = scope_of(query_string=b"q=&when=2024-02-29T00:00:00" + text.replace("+", "%2B").encode())
    dependant = dependant_of(everything)
    (fast, _), (slow, _) = (
        read(dependant, Request(scope)) for read in (extract_params, values.request_values)
    )
    zones = fast["when"].tzinfo, slow["when"].tzinfo
    assert zones[0] == zones[1]
    assert type(zones[0]) is type(zones[1])
    assert fast["when"].isoformat() == slow["when"].isoformat()
