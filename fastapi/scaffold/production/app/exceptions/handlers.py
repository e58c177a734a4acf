"""Every error has one body: the problem details of RFC 9457, with a code and the id of the request."""

import http
from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg import exceptions as asyncpg  # type: ignore[import-untyped]
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from app.core.context import request_id
from app.core.logger import get_logger
from app.exceptions.custom_exceptions import AppError, Unavailable

MEDIA_TYPE = "application/problem+json"
logger = get_logger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one value; the value itself is not repeated, it may be a secret."""

    location: list[str | int]
    message: str
    type: str


class Problem(BaseModel):
    """The body of every error."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["There is no such thing."])
    request_id: str
    errors: list[FieldProblem] | None = None


def problem(
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldProblem] | None = None,
) -> JSONResponse:
    """The response that tells of an error."""
    body = Problem(
        title=http.HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        request_id=request_id.get(),
        errors=list(errors) if errors else None,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def http_problem(error: HTTPException) -> Response:
    """The response for an error that knows its status."""
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    status = http.HTTPStatus(error.status_code)
    code = error.code if isinstance(error, AppError) else status.phrase.lower().replace(" ", "_")
    return problem(status, code, str(error.detail), error.headers)


# What asyncpg raises while it connects reaches us as it is: SQLAlchemy has no connection yet to speak for.
CONNECTING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)


def is_database_outage(error: BaseException) -> bool:
    """Whether the database is out of reach, rather than the statement wrong."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
    return isinstance(error, (PoolTimeout, ConnectionError, *CONNECTING))


def unexpected_problem(error: Exception) -> Response:
    """The response for an error that nobody foresaw: it tells nothing of it; the log does."""
    if is_database_outage(error):
        logger.error("database_unavailable", error=type(error).__name__)
        return http_problem(Unavailable())
    logger.error("unexpected_error", exc_info=error)
    return problem(500, AppError.code, AppError.message)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        error = HTTPException(error.status_code, error.detail, _all_allowed(request, error.headers))
    return http_problem(error)


def _all_allowed(request: Request, headers: Mapping[str, str] | None) -> dict[str, str]:
    """The methods of every route of the path (RFC 9110 §15.5.6): the router tells those of the first alone."""
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return dict(headers or {}) | ({"Allow": ", ".join(sorted(methods))} if methods else {})


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found: list[dict[str, Any]] = list(error.errors())
    errors = [
        FieldProblem(location=list(each["loc"]), message=str(each["msg"]), type=str(each["type"]))
        for each in found
    ]
    return problem(422, "validation_error", "The request does not fit its description.", errors=errors)


def add_exception_handlers(app: FastAPI) -> None:
    """Answer every foreseen error with a problem; RequestContext answers the others."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
