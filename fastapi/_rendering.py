"""JSON responses: what ``JSONResponse(content)`` builds, with the body written in Rust."""

import json
from types import ModuleType
from typing import Any

from starlette import responses
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from fastapi._rust import json_dumps

_CONTENT_TYPE = (b"content-type", b"application/json")


def _parts() -> tuple[Any, ...]:
    """List what takes part in making a JSON response and can be replaced at run time."""
    return (
        JSONResponse.__init__,
        JSONResponse.init_headers,
        JSONResponse.render,
        Response.__init__,
        json.dumps,
        json.JSONEncoder.__init__,
        json.JSONEncoder.encode,
        json.JSONEncoder.iterencode,
        JSONResponse.media_type,
        json.JSONEncoder,
        vars(responses)["json"],
    )


def _are_stock(parts: tuple[Any, ...]) -> bool:
    """Tell whether the parts are those that Starlette and Python bring: a tool may have come before us.

    A function's globals are looked at because ``functools.wraps`` makes a wrapper look like the wrapped.
    """
    homes: tuple[ModuleType, ...] = (responses,) * 4 + (json,) + (json.encoder,) * 3
    functions, (media_type, encoder, module) = parts[: len(homes)], parts[len(homes) :]
    return (
        all(
            getattr(function, "__globals__", None) is vars(home)
            for function, home in zip(functions, homes, strict=True)
        )
        and media_type == "application/json"
        and encoder is json.encoder.JSONEncoder
        and module is json
    )


_STOCK = _parts() if _are_stock(_parts()) else None


def json_response(
    content: Any, status_code: int = 200, background: BackgroundTask | None = None
) -> JSONResponse:
    """Return ``JSONResponse(content, status_code, background=background)`` of Starlette.

    The class itself is called whenever it, or the ``json`` module that it uses, is not as it was shipped,
    and for content that Rust does not accept.

    Raises:
        TypeError, ValueError: ``json.dumps`` refuses the content.
    """
    body = json_dumps(content) if _parts() == _STOCK else None
    if body is None:
        return JSONResponse(content, status_code=status_code, background=background)
    response = JSONResponse.__new__(JSONResponse)
    response.status_code = status_code
    response.background = background
    response.body = body
    if status_code < 200 or status_code in (204, 304):
        response.raw_headers = [_CONTENT_TYPE]
    else:
        response.raw_headers = [(b"content-length", b"%d" % len(body)), _CONTENT_TYPE]
    return response
