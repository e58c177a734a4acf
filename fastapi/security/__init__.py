"""Security schemes: dependencies that read credentials and document themselves.

Each is imported when it is first used, as each takes models of the OpenAPI document, which take long to make.
"""

from typing import TYPE_CHECKING

from fastapi._public import on_demand
from fastapi.security.scopes import SecurityScopes as SecurityScopes

if TYPE_CHECKING:
    from fastapi.security.api_key import APIKeyCookie as APIKeyCookie
    from fastapi.security.api_key import APIKeyHeader as APIKeyHeader
    from fastapi.security.api_key import APIKeyQuery as APIKeyQuery
    from fastapi.security.http import HTTPAuthorizationCredentials as HTTPAuthorizationCredentials
    from fastapi.security.http import HTTPBasic as HTTPBasic
    from fastapi.security.http import HTTPBasicCredentials as HTTPBasicCredentials
    from fastapi.security.http import HTTPBearer as HTTPBearer
    from fastapi.security.http import HTTPDigest as HTTPDigest
    from fastapi.security.oauth2 import OAuth2 as OAuth2
    from fastapi.security.oauth2 import OAuth2AuthorizationCodeBearer as OAuth2AuthorizationCodeBearer
    from fastapi.security.oauth2 import OAuth2PasswordBearer as OAuth2PasswordBearer
    from fastapi.security.oauth2 import OAuth2PasswordRequestForm as OAuth2PasswordRequestForm
    from fastapi.security.oauth2 import OAuth2PasswordRequestFormStrict as OAuth2PasswordRequestFormStrict
    from fastapi.security.open_id_connect_url import OpenIdConnect as OpenIdConnect
else:
    __getattr__ = on_demand(
        globals(),
        {
            "fastapi.security.api_key": "APIKeyCookie APIKeyHeader APIKeyQuery",
            "fastapi.security.base": "",
            "fastapi.security.http": (
                "HTTPAuthorizationCredentials HTTPBasic HTTPBasicCredentials HTTPBearer HTTPDigest"
            ),
            "fastapi.security.oauth2": (
                "OAuth2 OAuth2AuthorizationCodeBearer OAuth2PasswordBearer OAuth2PasswordRequestForm"
                " OAuth2PasswordRequestFormStrict"
            ),
            "fastapi.security.open_id_connect_url": "OpenIdConnect",
            "fastapi.security.utils": "",
        },
    )
