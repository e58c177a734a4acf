"""What the exceptions hold and say."""

import pickle
from typing import Any

import pytest
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException

from fastapi import HTTPException, WebSocketException, exceptions
from fastapi.exceptions import (
    EndpointContext,
    RequestValidationError,
    ResponseValidationError,
    ValidationException,
    WebSocketRequestValidationError,
)

PLACE = '\n  File "/app/main.py", line 7, in read'


def test_an_http_exception_is_starlettes_with_any_detail() -> None:
    error = HTTPException(404, detail={"a": 1}, headers={"x-a": "b"})
    assert isinstance(error, StarletteHTTPException)
    assert (error.status_code, error.detail, error.headers) == (404, {"a": 1}, {"x-a": "b"})
    assert HTTPException(404).detail == "Not Found"
    assert repr(HTTPException(404)) == "HTTPException(status_code=404, detail='Not Found')"


def test_a_websocket_exception_is_starlettes() -> None:
    error = WebSocketException(1008)
    assert isinstance(error, StarletteWebSocketException)
    assert (error.code, error.reason) == (1008, "")
    assert WebSocketException(1008, reason="no").reason == "no"


@pytest.mark.parametrize(
    ("errors", "context", "text"),
    [
        ([], None, "0 validation errors:"),
        (["a"], None, "1 validation error:\n  a"),
        ([{"b": 1}, "c"], None, "2 validation errors:\n  {'b': 1}\n  c"),
        (["a"], {"path": "GET /x"}, "1 validation error:\n  a\n\n  Endpoint: GET /x"),
        (["a"], {"file": "/app/main.py", "path": "GET /x"}, "1 validation error:\n  a\n\n  Endpoint: GET /x"),
        (["a"], {"file": "/app/main.py", "line": 7}, "1 validation error:\n  a"),
        (
            ["a"],
            {"file": "/app/main.py", "line": 7, "function": "read"},
            f"1 validation error:\n  a\n{PLACE}",
        ),
        (
            ["a"],
            {"file": "/app/main.py", "line": 7, "function": "read", "path": "GET /x"},
            f"1 validation error:\n  a\n{PLACE}\n    GET /x",
        ),
    ],
)
def test_a_validation_error_lists_errors_and_says_where(
    errors: list[Any], context: EndpointContext | None, text: str
) -> None:
    assert str(ValidationException(errors, endpoint_ctx=context)) == text


@pytest.mark.parametrize(
    "kind", [RequestValidationError, ResponseValidationError, WebSocketRequestValidationError]
)
def test_a_validation_error_keeps_what_it_was_given(kind: type[ValidationException]) -> None:
    errors = [{"loc": ("a",)}]
    error = kind(errors, endpoint_ctx={"function": "read", "path": "p", "file": "f", "line": 1})
    assert error.errors() is errors
    assert (error.endpoint_function, error.endpoint_path) == ("read", "p")
    assert (error.endpoint_file, error.endpoint_line) == ("f", 1)
    assert kind(errors).endpoint_ctx is None
    assert kind(errors).endpoint_line is None


@pytest.mark.parametrize("kind", [RequestValidationError, ResponseValidationError])
def test_the_body_is_kept(kind: Any) -> None:
    assert kind([], body={"a": 1}).body == {"a": 1}
    assert kind([]).body is None


def test_wrong_declarations_are_runtime_errors_and_deprecations_are_seen() -> None:
    for kind in (exceptions.DependencyScopeError, exceptions.PydanticV1NotSupportedError):
        assert issubclass(kind, exceptions.FastAPIError)
    assert issubclass(exceptions.FastAPIError, RuntimeError)
    assert issubclass(exceptions.FastAPIDeprecationWarning, UserWarning)


def test_the_error_models_have_the_names_of_what_they_describe() -> None:
    assert exceptions.RequestErrorModel.__name__ == "Request"
    assert exceptions.WebSocketErrorModel.__name__ == "WebSocket"


def test_validation_errors_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(RequestValidationError(["a"])))
    assert error.errors() == ["a"]
