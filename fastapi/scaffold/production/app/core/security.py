"""Tokens (RFC 7519) and what each role may do."""

import datetime
import enum
import uuid
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from app.core.config import Settings
from app.core.keys import KeyRing

Kind = Literal["access", "refresh"]
REMEMBERED = 4096  # tokens whose signature is not verified anew each time
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti", "typ", "ver"]


class Role(str, enum.Enum):
    """What kind of user someone is."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Permission(str, enum.Enum):
    """One thing that a route may ask for."""

    ITEMS_READ = "items:read"
    ITEMS_WRITE = "items:write"
    ITEMS_WRITE_ANY = "items:write-any"
    FILES_READ = "files:read"
    FILES_WRITE = "files:write"
    FILES_READ_ANY = "files:read-any"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    EVENTS_PUBLISH = "events:publish"
    WORK_START = "work:start"
    REQUESTS_SEND = "requests:send"
    HEALTH_DETAILS = "health:details"
    AUDIT_READ = "audit:read"


_USER = frozenset(
    {
        Permission.ITEMS_READ,
        Permission.ITEMS_WRITE,
        Permission.FILES_READ,
        Permission.FILES_WRITE,
        Permission.WORK_START,
    }
)
_MODERATOR = _USER | {
    Permission.ITEMS_WRITE_ANY,
    Permission.FILES_READ_ANY,
    Permission.USERS_READ,
    Permission.EVENTS_PUBLISH,
}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.USER: _USER,
    Role.MODERATOR: _MODERATOR,
    Role.ADMIN: frozenset(Permission),
}


class InvalidToken(Exception):
    """The token is not ours, has ended or is of another kind."""


@dataclass(frozen=True)
class Claims:
    """What a token says."""

    subject: uuid.UUID
    token_id: uuid.UUID
    kind: Kind
    version: int
    expires_at: datetime.datetime
    family: uuid.UUID | None = None
    key_id: str = ""


class TokenCodec:
    """Writes and reads tokens; knows nothing of those that were taken back."""

    def __init__(self, settings: Settings, keys: KeyRing) -> None:
        self.keys = keys
        self.issuer = settings.jwt_issuer
        self.audience = settings.jwt_audience
        self.lifetimes: dict[Kind, datetime.timedelta] = {
            "access": datetime.timedelta(minutes=settings.access_token_minutes),
            "refresh": datetime.timedelta(days=settings.refresh_token_days),
        }
        self._verified: dict[str, tuple[Any, Claims]] = {}

    def issue(
        self, kind: Kind, subject: uuid.UUID, version: int, family: uuid.UUID | None = None
    ) -> tuple[str, Claims]:
        """A new token and what it says. ``version`` is the user's: a new password ends all tokens before it."""
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        kid, key = self.keys.signing_key()
        claims = Claims(subject, uuid.uuid4(), kind, version, now + self.lifetimes[kind], family, kid)
        payload: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "exp": claims.expires_at,
            "sub": str(subject),
            "jti": str(claims.token_id),
            "typ": kind,
            "ver": version,
        }
        if family:
            payload["fam"] = str(family)
        return jwt.encode(payload, key, self.keys.algorithm, headers={"kid": kid}), claims

    def read(self, token: str, kind: Kind) -> Claims:
        """What the token says.

        Raises:
            InvalidToken: for whatever reason; callers tell nobody which.
        """
        claims = self._known(token) or self._verify(token)
        if claims.kind != kind or claims.expires_at <= datetime.datetime.now(datetime.timezone.utc):
            raise InvalidToken
        return claims

    def _known(self, token: str) -> Claims | None:
        """What a token says whose signature was verified before, with a key that still verifies."""
        key, claims = self._verified.get(token, (None, None))
        return claims if claims and self.keys.verifying_key(claims.key_id) is key else None

    def _verify(self, token: str) -> Claims:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self.keys.verifying_key(kid) if isinstance(kid, str) else None
            if key is None:
                raise InvalidToken
            # The algorithm is ours to choose, never the token's (RFC 8725 §3.1).
            payload = jwt.decode(
                token,
                key,
                algorithms=[self.keys.algorithm],
                issuer=self.issuer,
                audience=self.audience,
                options={"require": REQUIRED},
            )
            claims = Claims(
                subject=uuid.UUID(payload["sub"]),
                token_id=uuid.UUID(payload["jti"]),
                kind=payload["typ"],
                version=int(payload["ver"]),
                expires_at=datetime.datetime.fromtimestamp(payload["exp"], datetime.timezone.utc),
                family=uuid.UUID(payload["fam"]) if "fam" in payload else None,
                key_id=str(kid),
            )
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise InvalidToken from error
        if len(self._verified) >= REMEMBERED:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = key, claims
        return claims
