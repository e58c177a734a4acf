"""``json_response`` builds what Starlette's ``JSONResponse`` builds, also after somebody changed that."""

import importlib
import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from types import ModuleType
from typing import Any

import pytest
from starlette import responses
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from fastapi import _rendering
from fastapi._rendering import json_response

CONTENT = {"id": 1, "name": "Zoë", "price": 1e-05, "tags": ["a", "b"], "note": None}


@pytest.mark.parametrize("content", [CONTENT, [], "text", None, 1.0, True, HTTPStatus.OK, [HTTPStatus.OK]])
@pytest.mark.parametrize("status_code", [200, 201, 100, 204, 205, 304, 404, HTTPStatus.CREATED])
def test_a_response_has_the_attributes_of_the_reference(content: Any, status_code: int) -> None:
    task = BackgroundTask(print)
    ours = json_response(content, status_code, task)
    theirs = JSONResponse(content, status_code, background=task)
    assert type(ours) is JSONResponse
    assert list(vars(ours).items()) == list(vars(theirs).items())
    assert ours.headers.raw == theirs.headers.raw


def test_a_response_does_not_share_its_headers() -> None:
    json_response(CONTENT).headers["x-mark"] = "1"
    assert "x-mark" not in json_response(CONTENT).headers


def test_the_defaults_are_those_of_the_class() -> None:
    assert vars(json_response(CONTENT)) == vars(JSONResponse(CONTENT))


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (float("nan"), ValueError, "Out of range float values are not JSON compliant"),
        (object(), TypeError, "Object of type object is not JSON serializable"),
        ("\ud800", UnicodeEncodeError, "surrogates not allowed"),
    ],
)
def test_the_reference_words_the_error(content: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        json_response(content)


def marked(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        calls.append(function)
        return function(*args, **kwargs)

    return wrapper


calls: list[Any] = []


@pytest.fixture(autouse=True)
def forget_calls() -> Iterator[None]:
    calls.clear()
    yield
    calls.clear()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (json, "dumps"),
        (json.JSONEncoder, "__init__"),
        (json.JSONEncoder, "encode"),
        (json.JSONEncoder, "iterencode"),
        (JSONResponse, "__init__"),
        (JSONResponse, "render"),
        (JSONResponse, "init_headers"),
        (Response, "__init__"),
        (Response, "init_headers"),
    ],
)
def test_a_replaced_function_is_called(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, name, marked(getattr(owner, name)))
    json_response(CONTENT)
    assert calls


def test_a_replaced_encoder_class_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shouting(json.JSONEncoder):
        def encode(self, o: Any) -> str:
            return super().encode(o).upper()

    monkeypatch.setattr(json, "JSONEncoder", Shouting)
    assert json_response({"a": "b"}).body == b'{"A":"B"}'


def test_a_replaced_json_module_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("other")
    other.dumps = lambda content, **options: "other"  # type: ignore[attr-defined]
    monkeypatch.setattr(responses, "json", other)
    assert json_response(CONTENT).body == b"other"


def test_a_replaced_media_type_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JSONResponse, "media_type", "application/vnd.api+json")
    assert json_response(CONTENT).headers["content-type"] == "application/vnd.api+json"


def test_a_wrapper_that_was_there_first_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(JSONResponse, "render", marked(JSONResponse.render))
        importlib.reload(_rendering).json_response(CONTENT)
        assert calls
    importlib.reload(_rendering)
