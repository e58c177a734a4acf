"""The scopes of OAuth 2.0 (RFC 6749 §3.3) as something that a dependency asks for."""


class SecurityScopes:
    """The scopes that a dependency and all that depend on it require, as a parameter of the dependency.

    Attributes:
        scopes: all of them, outermost first.
        scope_str: the same, separated by spaces, as OAuth 2.0 writes them.
    """

    def __init__(self, scopes: list[str] | None = None) -> None:
        self.scopes: list[str] = scopes or []
        self.scope_str: str = " ".join(self.scopes)


SecurityScopes.__module__ = "fastapi.security.oauth2"
