"""The errors that applications raise and that this package raises."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import BaseModel as BaseModel
from pydantic import create_model as create_model
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException

from fastapi._public import on_demand

if TYPE_CHECKING:
    from fastapi._error_models import RequestErrorModel as RequestErrorModel
    from fastapi._error_models import WebSocketErrorModel as WebSocketErrorModel
else:
    __getattr__ = on_demand(globals(), {"fastapi._error_models": "RequestErrorModel WebSocketErrorModel"})


class EndpointContext(TypedDict, total=False):
    """Where an endpoint was written: its name, the route, the file and the line."""

    function: str
    path: str
    file: str
    line: int


class HTTPException(StarletteHTTPException):
    """An answer to the client instead of a result; for the client's errors, not for those of the server.

    Args:
        status_code: the HTTP status.
        detail: anything that can be written as JSON, sent under ``detail``; the name of the status if omitted.
        headers: headers to send with it.
    """

    def __init__(
        self, status_code: int, detail: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status_code=status_code, detail=detail, headers=headers)


class WebSocketException(StarletteWebSocketException):
    """Closes the websocket of the endpoint or dependency that raises it.

    Args:
        code: a closing code of RFC 6455, section 7.4.
        reason: UTF-8 text for the client, at most 123 bytes.
    """

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code=code, reason=reason)


class FastAPIError(RuntimeError):
    """An application that is declared wrongly."""


class DependencyScopeError(FastAPIError):
    """A dependency that would outlive another one it depends on."""


class ValidationException(Exception):
    """Data that does not fit its declaration.

    Args:
        errors: what is wrong, as pydantic describes it.
        endpoint_ctx: the endpoint whose declaration it is.
    """

    def __init__(self, errors: Sequence[Any], *, endpoint_ctx: EndpointContext | None = None) -> None:
        self._errors = errors
        self.endpoint_ctx = endpoint_ctx
        context: EndpointContext = endpoint_ctx or {}
        self.endpoint_function = context.get("function")
        self.endpoint_path = context.get("path")
        self.endpoint_file = context.get("file")
        self.endpoint_line = context.get("line")

    def errors(self) -> Sequence[Any]:
        """Return what is wrong, one entry for each error."""
        return self._errors

    def _format_endpoint_context(self) -> str:
        path = self.endpoint_path
        if self.endpoint_file and self.endpoint_line and self.endpoint_function:
            place = f'\n  File "{self.endpoint_file}", line {self.endpoint_line}, in {self.endpoint_function}'
            return f"{place}\n    {path}" if path else place
        return f"\n  Endpoint: {path}" if path else ""

    def __str__(self) -> str:
        count = len(self._errors)
        lines = [f"{count} validation error{'' if count == 1 else 's'}:\n"]
        lines += [f"  {error}\n" for error in self._errors]
        return ("".join(lines) + self._format_endpoint_context()).rstrip()


class RequestValidationError(ValidationException):
    """A request that does not fit its declaration; answered with 422 by default.

    Args:
        errors, endpoint_ctx: as in ``ValidationException``.
        body: what was received as the body.
    """

    def __init__(
        self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: EndpointContext | None = None
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class WebSocketRequestValidationError(ValidationException):
    """A websocket handshake that does not fit its declaration; closed with 1008 by default."""

    def __init__(self, errors: Sequence[Any], *, endpoint_ctx: EndpointContext | None = None) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)


class ResponseValidationError(ValidationException):
    """An endpoint's result that does not fit its response model: an error of the application.

    Args:
        errors, endpoint_ctx: as in ``ValidationException``.
        body: what the endpoint returned.
    """

    def __init__(
        self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: EndpointContext | None = None
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class PydanticV1NotSupportedError(FastAPIError):
    """A model of ``pydantic.v1``, which is not supported."""


class FastAPIDeprecationWarning(UserWarning):
    """Something that still works but should be replaced; a ``UserWarning``, so that it shows by default."""
