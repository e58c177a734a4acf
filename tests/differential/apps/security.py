"""Every security class, with auto_error on and off."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    OpenIdConnect,
)
from fastapi.security.base import SecurityBase
from fastapi.security.http import HTTPBase
from fastapi.security.utils import get_authorization_scheme_param

app = FastAPI()

SCHEMES: dict[str, Any] = {
    "key_query": lambda **k: APIKeyQuery(name="api_key", **k),
    "key_query_described": lambda **k: APIKeyQuery(
        name="key2", scheme_name="Own", description="A *key*", **k
    ),
    "key_header": lambda **k: APIKeyHeader(name="X-API-Key", **k),
    "key_cookie": lambda **k: APIKeyCookie(name="session", **k),
    "basic": lambda **k: HTTPBasic(**k),
    "basic_realm": lambda **k: HTTPBasic(realm="the realm", description="With a realm", **k),
    "bearer": lambda **k: HTTPBearer(**k),
    "bearer_format": lambda **k: HTTPBearer(bearerFormat="JWT", scheme_name="Jwt", **k),
    "digest": lambda **k: HTTPDigest(**k),
    "base": lambda **k: HTTPBase(scheme="Other", **k),
    "oauth2": lambda **k: OAuth2(flows={"password": {"tokenUrl": "token", "scopes": {"a": "Read a"}}}, **k),
    "oauth2_flows": lambda **k: OAuth2(
        flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="cc")), **k
    ),
    "password": lambda **k: OAuth2PasswordBearer(
        tokenUrl="/token", scopes={"me": "Me", "items": "Items"}, **k
    ),
    "password_refresh": lambda **k: OAuth2PasswordBearer(
        "token", refreshUrl="refresh", scheme_name="Refresh", **k
    ),
    "code": lambda **k: OAuth2AuthorizationCodeBearer(
        authorizationUrl="auth", tokenUrl="token", scopes={"x": "X"}, **k
    ),
    "open_id": lambda **k: OpenIdConnect(openIdConnectUrl="/openid", **k),
}


def seen(value: Any) -> Any:
    if isinstance(value, (HTTPAuthorizationCredentials, HTTPBasicCredentials)):
        return [type(value).__name__, value]
    return [type(value).__name__, repr(value)]


for name, scheme in SCHEMES.items():
    strict, lenient = scheme(), scheme(auto_error=False)

    @app.get(f"/strict/{name}")
    def required(value: Annotated[Any, Depends(strict)]):
        return seen(value)

    @app.get(f"/lenient/{name}")
    async def optional(value: Any = Security(lenient)):
        return seen(value)

    @app.get(f"/parameterless/{name}", dependencies=[Security(strict)])
    def parameterless(q: int = 1):
        return q


@app.post("/token")
def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    return dict(vars(form))


@app.post("/token-strict")
async def token_strict(form: OAuth2PasswordRequestFormStrict = Depends()):
    return vars(form)


class OwnScheme(SecurityBase):
    def __init__(self) -> None:
        from fastapi.openapi.models import APIKey, APIKeyIn

        self.model = APIKey(**{"in": APIKeyIn.header}, name="x-own")
        self.scheme_name = "OwnScheme"

    async def __call__(self, request: Request) -> str:
        return request.headers.get("x-own", "none")


@app.get("/own")
def own(value: Annotated[str, Depends(OwnScheme())]):
    return value


class ShoutingBearer(HTTPBearer):
    async def __call__(self, request: Request) -> Any:
        found = await super().__call__(request)
        return found and found.credentials.upper()

    def make_not_authenticated_error(self):
        error = super().make_not_authenticated_error()
        error.headers["X-Shout"] = "1"
        return error


@app.get("/shouting")
def shouting(value: Annotated[Any, Depends(ShoutingBearer())]):
    return value


@app.get("/several")
def several(
    a: Annotated[Any, Depends(APIKeyQuery(name="a", auto_error=False))],
    b: Annotated[Any, Depends(HTTPBearer(auto_error=False))],
    c: Annotated[Any, Depends(APIKeyCookie(name="c"))],
):
    return [seen(a), seen(b), seen(c)]


@app.get("/parse")
def parse(value: str | None = None):
    return get_authorization_scheme_param(value)


VALUES = (
    "Bearer token",
    "bearer token",
    "Bearer",
    "Bearer ",
    "Bearer  two",
    "Bearer a b",
    "Basic dXNlcjpwYXNz",
    "basic dXNlcjpwYXNz",
    "Basic dXNlcg==",
    "Basic dXNlcjpwYXNz=",
    "Basic !!!!",
    "Basic",
    "Basic " + "w7w6w6k=",
    "Basic /////w==",
    "Basic OmE=",
    "Basic dXNlcjpwYTpzcw==",
    "Digest x",
    "Other y",
    "",
    " ",
    b"Bearer \xff",
)
HTTP = [name for name in SCHEMES if not name.startswith("key")]
EXAMPLES = (
    [
        {"request": f"GET /{kind}/{name}", "headers": {"authorization": value}}
        for kind, names in (("strict", HTTP), ("lenient", ("basic", "bearer", "digest", "password")))
        for name in names
        for value in VALUES
        if (name, kind) not in {("basic_realm", "lenient")} and (len(name) < 9 or len(value) % 3 == 0)
    ]
    + [f"GET /{kind}/{name}" for kind in ("strict", "lenient", "parameterless") for name in SCHEMES]
    + [
        f"GET /{kind}/key_query?api_key={value}"
        for kind in ("strict", "lenient")
        for value in ("k", "", "%20", "a&api_key=b")
    ]
    + [
        {"request": f"GET /{kind}/key_header", "headers": {"x-api-key": value}}
        for kind in ("strict", "lenient")
        for value in ("k", "", b"\xff")
    ]
    + [
        {"request": f"GET /{kind}/key_cookie", "headers": {"cookie": value}}
        for kind in ("strict", "lenient")
        for value in ("session=k", "session=", "session", "other=1")
    ]
    + [
        {"request": f"POST {path}", "form": form}
        for path in ("/token", "/token-strict")
        for form in (
            "username=u&password=p",
            "username=u&password=p&grant_type=password&scope=a%20b++c&client_id=i&client_secret=s",
            "username=u&password=p&grant_type=other",
            "username=u&password=p&grant_type=",
            "username=&password=&grant_type=password",
            "",
        )
    ]
    + [
        {"request": f"POST {path}", "json": {"username": "u", "password": "p"}}
        for path in ("/token", "/token-strict")
    ]
    + [
        {"request": "GET /own", "headers": {"x-own": "1"}},
        {"request": "GET /shouting", "headers": {"authorization": "Bearer quiet"}},
        "GET /shouting",
        {"request": "GET /several?a=1", "headers": {"authorization": "Bearer b", "cookie": "c=2"}},
        "GET /several",
        "GET /parse?value=Bearer%20x",
        "GET /parse?value=Bearer%20%20x%20y",
        "GET /parse?value=",
        "GET /parse",
    ]
)
