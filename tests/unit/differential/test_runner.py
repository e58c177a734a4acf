"""The differential runner finds what differs, and nothing else."""

import sys
from pathlib import Path

import pytest

from tests.differential import __main__ as main
from tests.differential import examples, generation
from tests.differential.comparison import Comparison
from tests.differential.request import Request
from tests.differential.side import Side

FOLDER = Path(__file__).parent / "applications"
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/items/{item_id}": {
            "post": {
                "parameters": [
                    {
                        "name": "item_id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 1},
                    },
                    {"name": "q", "in": "query", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                    {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "x-token", "in": "header", "schema": {"type": "string", "format": "uuid"}},
                    {"name": "session", "in": "cookie", "schema": {"enum": ["a", "b"]}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
                        "multipart/form-data": {"schema": {"$ref": "#/components/schemas/Item"}},
                        "application/x-www-form-urlencoded": {
                            "schema": {"$ref": "#/components/schemas/Item"}
                        },
                    }
                },
                "responses": {"200": {"description": "OK"}},
                "security": [{"basic": []}, {"key": []}],
            }
        }
    },
    "components": {
        "schemas": {
            "Item": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "size": {"type": "number"},
                    "child": {"$ref": "#/components/schemas/Item"},
                },
            }
        },
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "basic"},
            "key": {"type": "apiKey", "in": "query", "name": "key"},
        },
    },
}


@pytest.fixture(scope="module")
def sides():
    sides = [
        Side(
            name, sys.executable, FOLDER, {"SIDE": name, "DIFFERENTIAL_REQUEST_SECONDS": "0.2"}, silence=20.0
        )
        for name in ("reference", "other")
    ]
    yield sides
    for side in sides:
        side.stop()
        side.stderr.close()


@pytest.fixture
def comparison(sides):
    yield Comparison(*sides)
    for side in sides:
        side.loaded.clear()


def send(comparison: Comparison, *given) -> None:
    comparison.load("drifting")
    comparison.run("drifting", [examples.read(example) for example in given])


@pytest.mark.parametrize(
    ("path", "aspect"),
    [
        ("/status", "status"),
        ("/header-value", "headers"),
        ("/header-order", "headers"),
        ("/header-duplicate", "headers"),
        ("/header-case", "headers"),
        ("/header-type", "headers"),
        ("/body", "body"),
        ("/chunks", "chunks"),
        ("/trace", "trace"),
        ("/exception-type", "exception"),
        ("/exception-text", "exception"),
        ("/silent", "timeout"),
        ("/dead", "crash"),
    ],
)
def test_every_kind_of_difference_is_found_and_filed_under_its_aspect(comparison, path, aspect):
    send(comparison, "GET /echo", f"GET {path}", "GET /echo?after")
    assert dict(comparison.kinds) == {("drifting", aspect): 1}
    assert (comparison.sent, comparison.differing) == (3, 1)
    report = comparison.differences[0].report("command")
    assert report.startswith(f"=== drifting: {aspect} differs\nGET '{path}'")
    assert Request.from_token(report.split()[-1]).path == path.encode()


def test_equal_answers_are_no_difference(comparison):
    comparison.load("drifting")
    given = generation.Source("drifting", 1, ["GET /echo", {"request": "POST /echo", "json": [1]}], DOCUMENT)
    comparison.run("drifting", [*given.examples, *[one for some in given.draw(60).values() for one in some]])
    comparison.unload("drifting")
    assert comparison.differing == 0
    assert comparison.sent >= 60
    assert comparison.statuses == {200: comparison.sent}


def test_bytes_arrive_as_they_were_sent(comparison):
    request = examples.read(
        {
            "request": "POST /echo?%ff=\xff&a=%00",
            "headers": [("x-a", b"\xff\x00"), ("X-A", ""), ("x-a", b"\xff\x00")],
            "chunks": [b"\x00\xff", b"", b"\r\n"],
        }
    )
    comparison.load("drifting")
    answer, _, aspect = comparison.ask("drifting", Request.from_token(request.token()))
    assert aspect is None
    headers = [(b"host", b"testserver"), (b"x-a", b"\xff\x00"), (b"x-a", b""), (b"x-a", b"\xff\x00")]
    assert answer.aspects["body"] == repr(("POST", b"%ff=\xff&a=%00", headers, b"\x00\xff\r\n")).encode()


def test_the_report_holds_the_smallest_request(comparison):
    send(
        comparison,
        {
            "request": "POST /needle?b=2&a=1&c=3",
            "headers": {"accept": "*/*", "x-needle": "1", "x-other": "2"},
            "chunks": [b"noise " * 20, b"!", b" noise" * 20],
        },
    )
    request = comparison.differences[0].request
    assert (request.path, request.query, request.headers) == (b"/needle", b"a=1", ((b"x-needle", b"1"),))
    assert b"!" in request.body
    assert len(request.body) < 20


def test_only_the_first_difference_of_a_kind_is_reported_and_all_are_counted(comparison):
    send(comparison, "GET /status?1", "GET /status?2", "GET /body")
    assert dict(comparison.kinds) == {("drifting", "status"): 2, ("drifting", "body"): 1}
    assert len(comparison.differences) == 2


def test_websocket_messages_are_compared(comparison):
    send(
        comparison,
        {"websocket": "/", "receive": ["same", b"\xff"]},
        {"websocket": "/", "receive": ["same", "drift"]},
    )
    assert dict(comparison.kinds) == {("drifting", "messages"): 1}
    assert comparison.differences[0].request.receive == ("drift",)


def test_large_answers_to_a_batch_do_not_block_it(comparison):
    send(comparison, *[{"request": f"POST /large?{number}", "body": b"y" * 300_000} for number in range(6)])
    assert (comparison.sent, comparison.differing) == (6, 0)


def test_a_worker_that_died_is_replaced_and_the_rest_of_its_batch_is_answered(comparison):
    send(comparison, "GET /dead", "GET /echo", "GET /dead", "GET /echo")
    assert dict(comparison.kinds) == {("drifting", "crash"): 2}


def test_a_difference_that_hangs_on_state_is_reported_as_it_was_met(comparison):
    comparison.load("drifting")
    request = examples.read("GET /once?a=1&b=2")
    comparison.run("drifting", [request])
    assert comparison.differences[0].request == request
    assert comparison.differences[0].place == "[0]:\n  reference: 200\n  ours:      201"


def test_an_application_that_only_one_side_can_load_fails_with_all_its_requests(comparison):
    assert comparison.load("broken") == {}
    comparison.run("broken", [examples.read("GET /")] * 3)
    comparison.unload("broken")
    assert comparison.kinds["broken", "load exception"] == 1
    assert comparison.kinds["broken", "not loaded"] == 3
    assert "does not load" in comparison.differences[0].report("command")


def test_an_application_that_the_reference_cannot_load_is_an_error_of_the_suite(comparison):
    swapped = Comparison(comparison.ours, comparison.reference)
    with pytest.raises(RuntimeError, match="broken does not load on the reference side"):
        swapped.load("broken")


def test_a_worker_that_does_not_start_says_what_it_wrote(tmp_path):
    side = Side("reference", "/bin/false", tmp_path)
    with pytest.raises(RuntimeError, match="the reference worker failed"):
        side.hello()
    side.stderr.close()


def test_a_seed_draws_the_same_requests_every_time():
    first, second, other = (
        generation.Source("drifting", number, ["GET /echo"], DOCUMENT).draw(50) for number in (1, 1, 2)
    )
    assert first == second
    assert first != other
    assert {origin: bool(requests) for origin, requests in first.items()} == {
        "hypothesis": True,
        "schemathesis": True,
        "disturbed": True,
    }
    everything = [request for requests in first.values() for request in requests]
    assert len(everything) == len(set(everything)) == 50


def test_requests_go_to_the_documented_operation_with_every_kind_of_body():
    drawn = generation.Source("drifting", 3, [], DOCUMENT).draw(150)["hypothesis"]
    kinds = {dict(request.headers).get(b"content-type", b"").split(b";")[0] for request in drawn}
    assert {b"application/json", b"multipart/form-data", b"application/x-www-form-urlencoded"} <= kinds
    assert sum(request.path.startswith(b"/items/") for request in drawn) > 100
    assert any(b"cookie" in dict(request.headers) for request in drawn)
    assert any(b"authorization" in dict(request.headers) for request in drawn)
    assert any(b"key=" in request.query for request in drawn)


def test_a_source_without_documents_or_examples_draws_nothing():
    assert not any(generation.Source("drifting", 1, [], None).draw(10).values())


@pytest.mark.parametrize(
    ("example", "kind", "body"),
    [
        ({"request": "POST /", "json": {"a": 1}}, b"application/json", b'{"a": 1}'),
        ({"request": "POST /", "form": "a=1"}, b"application/x-www-form-urlencoded", b"a=1"),
        (
            {"request": "POST /", "multipart": [("a", "f", "t/x", b"1")]},
            b"multipart/form-data; boundary=----differential",
            b'------differential\r\nContent-Disposition: form-data; name="a"; filename="f"\r\nContent-Type: t/x'
            b"\r\n\r\n1\r\n------differential--\r\n",
        ),
        ({"request": "POST /", "json": 1, "headers": {"Content-Type": "text/x"}}, b"text/x", b"1"),
        ("POST /", None, b""),
    ],
)
def test_examples_are_put_on_the_wire(example, kind, body):
    request = examples.read(example)
    assert (dict(request.headers).get(b"content-type"), request.body) == (kind, body)


REAL = {
    "python": "3.11.7",
    "is_ours": False,
    "version": "0.128.0",
    "fastapi": "/real",
    "packages": {"starlette": "0.50.0"},
}
OURS = {**REAL, "is_ours": True, "version": None}


@pytest.mark.parametrize(
    ("reference", "ours", "twice", "problem"),
    [
        (REAL, OURS, False, None),
        (REAL, REAL, True, None),
        (REAL, REAL, False, "the interpreter under test has no fastapi-rs but /real"),
        (OURS, OURS, False, "the reference has fastapi None at /real, not 0.128.0"),
        (
            {**REAL, "version": "0.127.0"},
            OURS,
            False,
            "the reference has fastapi 0.127.0 at /real, not 0.128.0",
        ),
        (REAL, {**OURS, "python": "3.13.0"}, False, "different python: reference 3.11.7, ours 3.13.0"),
        (
            REAL,
            {**OURS, "packages": {}},
            False,
            "different packages: reference {'starlette': '0.50.0'}, ours {}",
        ),
    ],
)
def test_only_the_right_pair_of_environments_is_compared(reference, ours, twice, problem):
    assert main.problem(reference, ours, twice) == problem


@pytest.mark.parametrize(
    ("paths", "count", "status", "closing"),
    [
        (["GET /echo"], 1, 0, "1 passed, 0 failed"),
        (["GET /echo", "GET /status"], 2, 1, "1 passed, 1 failed"),
        (["GET /echo"], 2, 1, "1 passed, 0 failed"),
    ],
)
def test_the_run_ends_with_its_counts_and_fails_for_a_difference_or_too_few_requests(
    comparison, capsys, paths, count, status, closing
):
    send(comparison, *paths)
    assert main.conclude(comparison, 1, count, {"drawn": len(paths)}, 1.0) == status
    *_, summary, last = capsys.readouterr().out.splitlines()
    assert (
        summary
        == f"differential: {len(paths)} requests over 1 applications, {comparison.differing} differences"
    )
    assert last == closing


def test_a_whole_run_draws_until_there_are_enough(comparison):
    drawn = main.compare(comparison, ["drifting"], 1, 20)
    assert drawn["examples"] == 1
    assert drawn["drawn"] >= 20
    assert drawn["disturbed"] == drawn["drawn"]
    assert comparison.differing == 0


def test_a_reported_request_can_be_sent_again(comparison, capsys):
    token = examples.read("GET /status").token()
    assert main.replay(comparison, "drifting", token) == 1
    assert capsys.readouterr().out.endswith("--- status differs\n")


def test_every_application_of_the_suite_is_found():
    names = main.names(main.FOLDER)
    assert "items" in names
    assert not any(name.startswith("_") for name in names)
