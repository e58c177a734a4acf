"""What can go wrong, by the status that tells the client (RFC 9457 for the body)."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.exceptions import HTTPException


class AppError(HTTPException):
    """An error that the client is told: its status, its ``code`` for programs, its ``detail`` for people."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    message: ClassVar[str] = "Something went wrong."

    def __init__(self, detail: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(self.status, detail or self.message, dict(headers) if headers else None)


class BadRequest(AppError):
    status, code, message = 400, "bad_request", "The request makes no sense."


class Unauthenticated(AppError):
    status, code, message = 401, "unauthenticated", "Sign in first."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, {"WWW-Authenticate": "Bearer"})


class InvalidCredentials(Unauthenticated):
    code, message = "invalid_credentials", "The name or the password is wrong."


class Forbidden(AppError):
    status, code, message = 403, "forbidden", "You may not do that."


class NotFound(AppError):
    status, code, message = 404, "not_found", "There is no such thing."


class Conflict(AppError):
    status, code, message = 409, "conflict", "It exists already, or has changed meanwhile."


class PreconditionFailed(AppError):
    status, code, message = 412, "precondition_failed", "It has changed since you read it."


class PayloadTooLarge(AppError):
    status, code, message = 413, "payload_too_large", "The body is too large."


class UnsupportedMediaType(AppError):
    status, code, message = 415, "unsupported_media_type", "Files of this type are not accepted."


class UnprocessableValue(AppError):
    status, code, message = 422, "unprocessable_value", "A value is not acceptable."


class RateLimited(AppError):
    status, code, message = 429, "rate_limited", "Too many requests; try again later."

    def __init__(self, limit: str, quota: int, window: int, retry_after: int) -> None:
        """The limit's name; so many calls in so many seconds; the seconds after which the next is allowed."""
        headers = {
            "Retry-After": str(retry_after),
            # draft-ietf-httpapi-ratelimit-headers-10
            "RateLimit-Policy": f'"{limit}";q={quota};w={window}',
            "RateLimit": f'"{limit}";r=0;t={retry_after}',
        }
        super().__init__(None, headers)


class Busy(AppError):
    status, code, message = 503, "busy", "Too much work is waiting; try again later."

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(None, {"Retry-After": str(retry_after)})


class Unavailable(AppError):
    status, code, message = 503, "unavailable", "Something this needs is out of reach; try again later."

    def __init__(self, detail: str | None = None, retry_after: int = 5) -> None:
        super().__init__(detail, {"Retry-After": str(retry_after)})


class BadGateway(AppError):
    status, code, message = 502, "bad_gateway", "The other service gave no usable answer."


class TimedOut(AppError):
    status, code, message = 504, "timed_out", "The answer took too long."


class NotModified(HTTPException):
    """The client has it already (RFC 9110 §15.4.5)."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(304, headers=dict(headers))
