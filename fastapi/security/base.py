"""What every security scheme is: a dependency that has a place in the OpenAPI document."""

from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.status import HTTP_401_UNAUTHORIZED

from fastapi.openapi.models import SecurityBase as SecurityBaseModel

Credentials = TypeVar("Credentials")
Error = TypeVar("Error", bound=HTTPException)


def not_authenticated(error: type[Error], headers: dict[str, str]) -> Error:
    """Make the answer to a request without usable credentials.

    Args:
        error: the class of the error; which one decides which exception handlers see it.
        headers: what the client gets to know; ``WWW-Authenticate`` is due (RFC 9110 §15.5.2).
    """
    return error(status_code=HTTP_401_UNAUTHORIZED, detail="Not authenticated", headers=headers)


class SecurityBase:
    """A security scheme: call it as a dependency to get the credentials of a request.

    Attributes:
        model: what the OpenAPI document says of the scheme.
        scheme_name: its key among the document's security schemes; the name of the class if not given.
        auto_error: whether a request without credentials is refused; otherwise the dependency is ``None``.
    """

    model: SecurityBaseModel
    scheme_name: str
    auto_error: bool

    def _declare(self, model: SecurityBaseModel, scheme_name: str | None, auto_error: bool) -> None:
        self.model = model
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error

    def make_not_authenticated_error(self) -> HTTPException:
        """Make the error for a request without usable credentials."""
        raise NotImplementedError

    def _required(self, credentials: Credentials | None) -> Credentials | None:
        """Pass credentials on; without any, refuse the request unless they are optional."""
        if credentials is None and self.auto_error:
            raise self.make_not_authenticated_error()
        return credentials
