"""The authentication schemes of HTTP itself (RFC 9110 §11): Basic, Bearer, Digest and any other."""

from base64 import b64decode

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from fastapi.exceptions import HTTPException
from fastapi.openapi.models import HTTPBase as HTTPBaseModel
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase, not_authenticated
from fastapi.security.utils import get_authorization_scheme_param


def _described(description: str) -> ConfigDict:
    # An OpenAPI document that shows one of the models below must carry this text, whatever its docstring says.
    return ConfigDict(json_schema_extra={"description": description})


class HTTPBasicCredentials(BaseModel):
    """The user name and password that a client sent by HTTP Basic."""

    model_config = _described(
        "The HTTP Basic credentials given as the result of using `HTTPBasic` in a\ndependency.\n\n"
        "Read more about it in the\n"
        "[FastAPI docs for HTTP Basic Auth](https://fastapi.tiangolo.com/advanced/security/http-basic-auth/)."
    )

    username: str
    password: str


class HTTPAuthorizationCredentials(BaseModel):
    """The two parts of an ``Authorization`` header, as they were sent."""

    model_config = _described(
        "The HTTP authorization credentials in the result of using `HTTPBearer` or\n"
        "`HTTPDigest` in a dependency.\n\n"
        "The HTTP authorization header value is split by the first space.\n\n"
        "The first part is the `scheme`, the second part is the `credentials`.\n\n"
        "For example, in an HTTP Bearer token scheme, the client will send a header\nlike:\n\n"
        "```\nAuthorization: Bearer deadbeef12346\n```\n\n"
        "In this case:\n\n"
        '* `scheme` will have the value `"Bearer"`\n'
        '* `credentials` will have the value `"deadbeef12346"`'
    )

    scheme: str
    credentials: str


def _credentials(request: Request, scheme: str | None = None) -> HTTPAuthorizationCredentials | None:
    """Read the ``Authorization`` header; ``None`` without credentials or with those of another scheme."""
    sent, credentials = get_authorization_scheme_param(request.headers.get("Authorization"))
    if not sent or not credentials or scheme not in (None, sent.lower()):
        return None
    return HTTPAuthorizationCredentials(scheme=sent, credentials=credentials)


class HTTPBase(SecurityBase):
    """Any HTTP authentication scheme; the dependency is an ``HTTPAuthorizationCredentials``.

    Args:
        scheme: the name of the scheme, as in IANA's registry. Requests with another one pass too:
            only the subclasses tell them apart.
        scheme_name: the scheme's key in the OpenAPI document, by default the name of the class.
        description: shown in the document.
        auto_error: refuse a request without credentials (401); otherwise the dependency is ``None``.
    """

    model: HTTPBaseModel

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._declare(HTTPBaseModel(scheme=scheme, description=description), scheme_name, auto_error)

    def make_authenticate_headers(self) -> dict[str, str]:
        """Make the headers of a 401: the challenge is the name of the scheme."""
        return {"WWW-Authenticate": self.model.scheme.title()}

    def make_not_authenticated_error(self) -> HTTPException:
        """Make the 401 for a request without usable credentials."""
        return not_authenticated(HTTPException, self.make_authenticate_headers())

    async def __call__(self, request: Request) -> HTTPAuthorizationCredentials | None:
        return self._required(_credentials(request))


class HTTPBasic(HTTPBase):
    """HTTP Basic (RFC 7617); the dependency is an ``HTTPBasicCredentials``.

    Credentials that cannot be decoded are refused even where none are required.

    Args:
        realm: the name of the protected space, shown by the browser's login dialogue.
        scheme_name, description, auto_error: as in ``HTTPBase``.
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="basic", scheme_name=scheme_name, description=description, auto_error=auto_error
        )
        self.realm = realm

    def make_authenticate_headers(self) -> dict[str, str]:
        """Make the headers of a 401, with the realm if there is one."""
        return {"WWW-Authenticate": f'Basic realm="{self.realm}"' if self.realm else "Basic"}

    async def __call__(  # type: ignore[override]  # these credentials have other parts
        self, request: Request
    ) -> HTTPBasicCredentials | None:
        scheme, encoded = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "basic":
            return self._required(None)
        try:
            # Characters that are not of base64 are skipped, and those beyond ASCII refused.
            username, separator, password = b64decode(encoded).decode("ascii").partition(":")
        except ValueError as error:
            raise self.make_not_authenticated_error() from error
        if not separator:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username=username, password=password)


class HTTPBearer(HTTPBase):
    """HTTP Bearer (RFC 6750); the dependency is an ``HTTPAuthorizationCredentials``.

    Args:
        bearerFormat: a hint for readers of the OpenAPI document, such as ``JWT``.
        scheme_name, description, auto_error: as in ``HTTPBase``.
    """

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model = HTTPBearerModel(bearerFormat=bearerFormat, description=description)
        self._declare(model, scheme_name, auto_error)

    async def __call__(self, request: Request) -> HTTPAuthorizationCredentials | None:
        return self._required(_credentials(request, "bearer"))


class HTTPDigest(HTTPBase):
    """HTTP Digest (RFC 7616); the dependency is an ``HTTPAuthorizationCredentials``.

    Only the scheme is checked: the digest itself is for a subclass or a dependency to verify.

    Args:
        scheme_name, description, auto_error: as in ``HTTPBase``.
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error
        )

    async def __call__(self, request: Request) -> HTTPAuthorizationCredentials | None:
        return self._required(_credentials(request, "digest"))
