"""Starlette's responses, and two that write JSON with a faster encoder."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse as FileResponse
from starlette.responses import HTMLResponse as HTMLResponse
from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import PlainTextResponse as PlainTextResponse
from starlette.responses import RedirectResponse as RedirectResponse
from starlette.responses import Response as Response
from starlette.responses import StreamingResponse as StreamingResponse


def _encoder(name: str) -> Any:
    """Import one of the faster encoders when it is first asked for; it is ``None`` if it is not installed."""
    known = globals()
    if name not in known:
        try:
            known[name] = import_module(name)
        except ImportError:
            known[name] = None
    return known[name]


if TYPE_CHECKING:
    ujson: Any
    orjson: Any
else:

    def __getattr__(name: str) -> Any:
        if name not in ("ujson", "orjson"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return _encoder(name)


class UJSONResponse(JSONResponse):
    """JSON written by ``ujson``, which is less careful with edge cases than the standard library."""

    def render(self, content: Any) -> bytes:
        ujson = _encoder("ujson")
        assert ujson is not None, "ujson must be installed to use UJSONResponse"
        text: str = ujson.dumps(content, ensure_ascii=False)
        return text.encode("utf-8")


class ORJSONResponse(JSONResponse):
    """JSON written by ``orjson``: keys need not be strings, and numpy's types are known."""

    def render(self, content: Any) -> bytes:
        orjson = _encoder("orjson")
        assert orjson is not None, "orjson must be installed to use ORJSONResponse"
        encoded: bytes = orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
        return encoded
