"""API keys in a query parameter, a header or a cookie."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.security.base import SecurityBase, not_authenticated


class APIKeyBase(SecurityBase):
    """A key that the client sends under an agreed name.

    Args:
        location: the part of the request that holds the key.
        name: of the query parameter, header or cookie.
        description: shown in the OpenAPI document.
        scheme_name: the scheme's key in the document, by default the name of the class.
        auto_error: refuse a request without the key (401); otherwise the dependency is ``None``.
    """

    model: APIKey

    def __init__(
        self,
        location: APIKeyIn,
        name: str,
        description: str | None,
        scheme_name: str | None,
        auto_error: bool,
    ) -> None:
        model = APIKey.model_validate({"in": location, "name": name, "description": description})
        self._declare(model, scheme_name, auto_error)

    def make_not_authenticated_error(self) -> HTTPException:
        """Make the 401. Its challenge ``APIKey`` is no registered scheme: HTTP has none for API keys."""
        return not_authenticated(HTTPException, {"WWW-Authenticate": "APIKey"})

    def check_api_key(self, api_key: str | None) -> str | None:
        """Pass a key on; an empty or missing one is refused, or ``None`` where keys are optional."""
        return self._required(api_key or None)


class APIKeyQuery(APIKeyBase):
    """An API key in a query parameter; the dependency is the key. Arguments as in ``APIKeyBase``."""

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(APIKeyIn.query, name, description, scheme_name, auto_error)

    async def __call__(self, request: Request) -> str | None:
        return self.check_api_key(request.query_params.get(self.model.name))


class APIKeyHeader(APIKeyBase):
    """An API key in a header; the dependency is the key. Arguments as in ``APIKeyBase``."""

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(APIKeyIn.header, name, description, scheme_name, auto_error)

    async def __call__(self, request: Request) -> str | None:
        return self.check_api_key(request.headers.get(self.model.name))


class APIKeyCookie(APIKeyBase):
    """An API key in a cookie; the dependency is the key. Arguments as in ``APIKeyBase``."""

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(APIKeyIn.cookie, name, description, scheme_name, auto_error)

    async def __call__(self, request: Request) -> str | None:
        return self.check_api_key(request.cookies.get(self.model.name))
