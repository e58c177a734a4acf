"""OpenID Connect, found by its discovery document."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from fastapi.openapi.models import OpenIdConnect as OpenIdConnectModel
from fastapi.security.base import SecurityBase, not_authenticated


class OpenIdConnect(SecurityBase):
    """An OpenID Connect provider for the OpenAPI document; the dependency is the ``Authorization`` header.

    Nothing here checks the header's token: subclass it, or check in a dependency of your own.

    Args:
        openIdConnectUrl: where the provider's discovery document is.
        scheme_name: the scheme's key in the OpenAPI document, by default the name of the class.
        description: shown in the document.
        auto_error: refuse a request without the header (401); otherwise the dependency is ``None``.
    """

    def __init__(
        self,
        *,
        openIdConnectUrl: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model = OpenIdConnectModel(openIdConnectUrl=openIdConnectUrl, description=description)
        self._declare(model, scheme_name, auto_error)

    def make_not_authenticated_error(self) -> HTTPException:
        """Make the 401 that asks for a bearer token."""
        return not_authenticated(HTTPException, {"WWW-Authenticate": "Bearer"})

    async def __call__(self, request: Request) -> str | None:
        return self._required(request.headers.get("Authorization") or None)
