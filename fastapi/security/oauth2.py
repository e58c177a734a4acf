"""OAuth 2.0 (RFC 6749): its flows as security schemes, and the form of its password flow."""

from typing import Annotated, Any, TypeAlias

from starlette.requests import Request

from fastapi.exceptions import HTTPException
from fastapi.openapi.models import OAuth2 as OAuth2Model
from fastapi.openapi.models import OAuthFlows as OAuthFlowsModel
from fastapi.param_functions import Form
from fastapi.security.base import SecurityBase, not_authenticated
from fastapi.security.scopes import SecurityScopes as SecurityScopes
from fastapi.security.utils import get_authorization_scheme_param

_Text: TypeAlias = Annotated[str, Form()]
_OptionalText: TypeAlias = Annotated[str | None, Form()]
_SHOWN_AS_PASSWORD: dict[str, Any] = {"format": "password"}


class OAuth2PasswordRequestForm:
    """The form of a token request in the password flow (RFC 6749 §4.3.2), used as a dependency.

    ``grant_type`` may be missing: ``OAuth2PasswordRequestFormStrict`` insists on it.

    Attributes:
        grant_type: ``"password"`` or ``None``.
        username, password: as the client sent them, under exactly these names.
        scopes: the scopes asked for: the form's ``scope``, split at white space.
        client_id, client_secret: where the client sent them in the form. RFC 6749 §2.3.1 prefers HTTP Basic.
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: _Text,
        password: Annotated[str, Form(json_schema_extra=_SHOWN_AS_PASSWORD)],
        scope: _Text = "",
        client_id: _OptionalText = None,
        client_secret: Annotated[str | None, Form(json_schema_extra=_SHOWN_AS_PASSWORD)] = None,
    ) -> None:
        self.grant_type = grant_type
        self.username = username
        self.password = password
        self.scopes = scope.split()
        self.client_id = client_id
        self.client_secret = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """The same form, whose ``grant_type`` must be sent as RFC 6749 demands."""

    def __init__(
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: _Text,
        password: _Text,
        scope: _Text = "",
        client_id: _OptionalText = None,
        client_secret: _OptionalText = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


class OAuth2(SecurityBase):
    """OAuth 2.0 with any flows; the dependency is the whole ``Authorization`` header.

    Args:
        flows: the flows for the OpenAPI document, as a model or as its dict.
        scheme_name: the scheme's key in the document, by default the name of the class.
        description: shown in the document.
        auto_error: refuse a request without credentials (401); otherwise the dependency is ``None``.
    """

    def __init__(
        self,
        *,
        # Made without validation, which would build the model's validator at import.
        flows: OAuthFlowsModel | dict[str, dict[str, Any]] = OAuthFlowsModel.model_construct(),
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model = OAuth2Model.model_validate({"flows": flows, "description": description})
        self._declare(model, scheme_name, auto_error)

    def make_not_authenticated_error(self) -> HTTPException:
        """Make the 401 that asks for a bearer token, the kind that OAuth 2.0 nearly always uses."""
        return not_authenticated(HTTPException, {"WWW-Authenticate": "Bearer"})

    async def __call__(self, request: Request) -> str | None:
        return self._required(request.headers.get("Authorization") or None)


def _flow(name: str, **flow: Any) -> OAuthFlowsModel:
    return OAuthFlowsModel.model_validate({name: {**flow, "scopes": flow["scopes"] or {}}})


def _bearer_token(request: Request) -> str | None:
    """Read the token of an ``Authorization: Bearer`` header; it may be empty."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    return token if scheme.lower() == "bearer" else None


class OAuth2PasswordBearer(OAuth2):
    """OAuth 2.0's password flow (RFC 6749 §4.3); the dependency is the bearer token.

    Args:
        tokenUrl: where tokens are issued: the path operation that takes ``OAuth2PasswordRequestForm``.
        scopes: the scopes that the application knows, with what each allows.
        refreshUrl: where tokens are renewed.
        scheme_name, description, auto_error: as in ``OAuth2``.
    """

    def __init__(
        self,
        tokenUrl: str,
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,
    ) -> None:
        super().__init__(
            flows=_flow("password", tokenUrl=tokenUrl, refreshUrl=refreshUrl, scopes=scopes),
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )

    async def __call__(self, request: Request) -> str | None:
        return self._required(_bearer_token(request))


class OAuth2AuthorizationCodeBearer(OAuth2):
    """OAuth 2.0's authorization code flow (RFC 6749 §4.1); the dependency is the bearer token.

    Args:
        authorizationUrl: where the user grants access.
        tokenUrl: where the code is exchanged for a token.
        refreshUrl: where tokens are renewed.
        scopes: the scopes that the application knows, with what each allows.
        scheme_name, description, auto_error: as in ``OAuth2``.
    """

    def __init__(
        self,
        authorizationUrl: str,
        tokenUrl: str,
        refreshUrl: str | None = None,
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            flows=_flow(
                "authorizationCode",
                authorizationUrl=authorizationUrl,
                tokenUrl=tokenUrl,
                refreshUrl=refreshUrl,
                scopes=scopes,
            ),
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )

    async def __call__(self, request: Request) -> str | None:
        return self._required(_bearer_token(request))
