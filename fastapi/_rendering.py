"""JSON responses: what ``JSONResponse(content)`` builds, with the body written in Rust."""

import json
from typing import TYPE_CHECKING, Any, Final

from starlette import responses
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from fastapi._compat.v2.adapters import complete
from fastapi._rust import ResponseWriter, json_dumps
from fastapi._shipped import Shipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi._compat import ModelField
    from fastapi.types import IncEx

_CONTENT_TYPE = b"application/json"


def _makes_plain_json(media_type: Any, encoder: Any, module: Any) -> bool:
    return media_type == "application/json" and encoder is json.encoder.JSONEncoder and module is json


_RESPONSE: Final = Shipped(
    [
        (JSONResponse, "__init__", responses),
        (JSONResponse, "init_headers", responses),
        (JSONResponse, "render", responses),
        (Response, "__init__", responses),
        (json, "dumps", json),
        (json.JSONEncoder, "__init__", json.encoder),
        (json.JSONEncoder, "encode", json.encoder),
        (json.JSONEncoder, "iterencode", json.encoder),
    ],
    [(JSONResponse, "media_type"), (json, "JSONEncoder"), (responses, "json")],
    _makes_plain_json,
)
"""What takes part in making a JSON response."""

json_parts: Final = _RESPONSE.parts


def json_response(content: Any, status_code: int = 200, background: BackgroundTask | None = None) -> Response:
    """Return ``JSONResponse(content, status_code, background=background)`` of Starlette.

    The class itself is called whenever it, or the ``json`` module that it uses, is not as it was shipped,
    and for content that Rust does not accept.

    Raises:
        TypeError, ValueError: ``json.dumps`` refuses the content.
    """
    body = json_dumps(content) if _RESPONSE.hold() else None
    if body is None:
        return JSONResponse(content, status_code=status_code, background=background)
    return written_response(body, status_code, background)


def written_response(
    body: bytes,
    status_code: int,
    background: BackgroundTask | None,
    more: "Iterable[tuple[bytes, bytes]] | None" = None,
    cls: type[Response] | None = None,
    content_type: bytes | None = None,
) -> Response:
    """Return what a response class makes of a content, with ``more`` headers after its own.

    Args:
        body: the content as the class writes it.
        cls: one of which a ``fastapi.plan.rendition`` is known; ``None`` is ``JSONResponse`` as shipped.
        content_type: the one of that class.
    """
    if cls is None:
        cls, content_type = JSONResponse, _CONTENT_TYPE
    response = cls.__new__(cls)
    response.status_code = status_code
    response.background = background
    response.body = body
    response.raw_headers = []
    if not (status_code < 200 or status_code in (204, 304)):
        response.raw_headers.append((b"content-length", b"%d" % len(body)))
    if content_type is not None:
        response.raw_headers.append((b"content-type", content_type))
    if more is not None:
        response.raw_headers.extend(more)
    return response


_DUMPS: Final[dict[str, Any]] = {
    "ensure_ascii": False,
    "allow_nan": False,
    "indent": None,
    "separators": (",", ":"),
}
"""How Starlette's ``JSONResponse`` calls ``json.dumps``."""


def response_writer(
    field: "ModelField",
    *,
    include: "IncEx | None" = None,
    exclude: "IncEx | None" = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
) -> "ResponseWriter | None":
    """Compile the twin of ``response_body`` for a response field and the options of its route.

    ``field`` is one whose class validates and serializes as it was shipped, which the caller knows.

    Its ``write(value)`` returns the body or, if that is not certain, ``None``; its ``reason`` says why if that
    is so for every value. Its ``accepts_unvalidated(value)`` tells whether ``field.validate(value)`` would
    return an equal value without running any code of the application.

    Returns:
        The writer, or ``None`` if the process runs on the reference path alone or the field has a
        configuration of its own.
    """
    if field.config is not None:
        return None
    complete(field._type_adapter)
    return ResponseWriter(
        field._type_adapter.core_schema,
        include,
        exclude,
        by_alias,
        exclude_unset,
        exclude_defaults,
        exclude_none,
    )


def response_body(field: "ModelField", value: Any, **options: Any) -> bytes:
    """Write what ``field.validate`` returned as the body of a JSON response: the slow twin of a writer.

    Raises:
        ValueError: the value has a number that is not finite, or text that UTF-8 cannot carry.
        PydanticSerializationError: pydantic cannot serialize the value.
    """
    return json.dumps(field.serialize(value, **options), **_DUMPS).encode("utf-8")
