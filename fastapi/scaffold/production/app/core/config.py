"""The settings: read from the environment and from ``.env``, checked once at start."""

import enum
import functools
import multiprocessing
import pathlib
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from typing_extensions import Self

DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105 # nosec B105
MINIMUM_SECRET_BYTES = 32  # RFC 7518 §3.2: a key of HS256 has at least the size of the hash
MINIMUM_HASH_KIB = 19_456  # OWASP Password Storage: Argon2id with 19 MiB and 2 iterations at least
MEBIBYTE = 1024 * 1024

Names = Annotated[list[str], NoDecode]


class Environment(str, enum.Enum):
    """Where the service runs; decides which defaults and which refusals apply."""

    DEVELOPMENT = "development"
    TESTING = "testing"
    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def strict(self) -> bool:
        """Whether real users may depend on it."""
        return self in (Environment.STAGING, Environment.PRODUCTION)


def _started_workers() -> int:
    """How many processes serve at least: a server that has started this one as its child starts others too.

    uvicorn tells its workers no number; the native server tells it in ``WEB_CONCURRENCY``.
    """
    return 1 if multiprocessing.parent_process() is None else 2


class Settings(BaseSettings):
    """Every setting, by the name of its environment variable in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    app_name: str = "production-service"
    environment: Environment = Environment.DEVELOPMENT
    debug: bool = False
    workers: int = Field(
        default_factory=_started_workers, ge=1, validation_alias=AliasChoices("workers", "web_concurrency")
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # Where data is. Whatever is not set has a twin inside the process.
    database_url: str = Field(default="sqlite:///app.db", repr=False)
    database_pool_size: int = Field(default=10, ge=1)
    migrate_on_start: bool | None = None
    redis_url: str | None = Field(default=None, repr=False)
    mongo_url: str | None = Field(default=None, repr=False)
    broker_url: str | None = Field(default=None, repr=False)
    upload_directory: pathlib.Path = pathlib.Path("uploads")

    # Who may call, and through what.
    allowed_hosts: Names = ["*"]
    cors_origins: Names = ["*"]
    trusted_proxies: Annotated[list[IPvAnyNetwork], NoDecode] = []

    # Tokens and passwords.
    secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    secret_key_fallbacks: Annotated[list[SecretStr], NoDecode] = []
    jwt_algorithm: Literal["HS256", "RS256"] = "HS256"
    jwt_issuer: str = "production-service"
    jwt_audience: str = "production-service"
    keys_directory: pathlib.Path = pathlib.Path("keys")
    access_token_minutes: int = Field(default=15, ge=1)
    refresh_token_days: int = Field(default=7, ge=1)
    hash_memory_kib: int = Field(default=65_536, ge=8)
    hash_iterations: int = Field(default=3, ge=1)
    hash_workers: int = Field(default=2, ge=1)
    hash_queue: int = Field(default=64, ge=1)
    chat_requires_login: bool | None = None

    # Limits. Texts are those of the library limits: "5 per 5 minutes".
    rate_limit_auth: str | None = None
    rate_limit_upload: str | None = None
    rate_limit_general: str | None = None
    rate_limit_chat: str | None = None
    max_body_bytes: int = Field(default=MEBIBYTE, ge=1024)
    max_upload_bytes: int = Field(default=10 * MEBIBYTE, ge=1024)
    request_timeout_seconds: float = Field(default=30, gt=0)
    thread_workers: int = Field(default=8, ge=1)
    thread_queue: int = Field(default=64, ge=1)
    process_workers: int = Field(default=2, ge=1)
    process_queue: int = Field(default=8, ge=1)
    demo_seconds: float = Field(default=1, ge=0)  # how long the demonstrations of waiting wait

    # What watches the service.
    metrics_token: SecretStr | None = None
    otlp_endpoint: str | None = None

    @field_validator(
        "allowed_hosts", "cors_origins", "trusted_proxies", "secret_key_fallbacks", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        if not self.environment.strict:
            return self
        secret = self.secret_key.get_secret_value()
        wrong = {
            "DEBUG is on": self.debug,
            "SECRET_KEY is the default": secret == DEVELOPMENT_SECRET,
            f"SECRET_KEY is shorter than {MINIMUM_SECRET_BYTES} bytes": len(secret.encode())
            < MINIMUM_SECRET_BYTES,
            "ALLOWED_HOSTS contains *": "*" in self.allowed_hosts,
            "CORS_ORIGINS contains *": "*" in self.cors_origins,
            "JWT_ALGORITHM is not RS256": self.environment is Environment.PRODUCTION
            and self.jwt_algorithm != "RS256",
            "passwords are hashed too cheaply": self.hash_memory_kib < MINIMUM_HASH_KIB
            or self.hash_iterations < 2,
            "several WORKERS share no REDIS_URL": self.workers > 1 and self.redis_url is None,
        }
        if found := [reason for reason, holds in wrong.items() if holds]:
            raise ValueError(f"{self.environment.value} refuses to start: " + "; ".join(found))
        return self

    @property
    def async_database_url(self) -> str:
        """The address of the database, naming the asynchronous driver."""
        scheme, separator, rest = self.database_url.partition("://")
        drivers = {
            "sqlite": "sqlite+aiosqlite",
            "postgres": "postgresql+asyncpg",
            "postgresql": "postgresql+asyncpg",
        }
        return drivers.get(scheme, scheme) + separator + rest

    @property
    def migrates_on_start(self) -> bool:
        """Whether a start brings the tables up to date; in production a job of its own does."""
        return not self.environment.strict if self.migrate_on_start is None else self.migrate_on_start

    @property
    def chat_needs_login(self) -> bool:
        """Whether the chat hears nobody before they have said who they are."""
        return self.environment.strict if self.chat_requires_login is None else self.chat_requires_login

    @property
    def limits(self) -> dict[str, str]:
        """How often one client may call, by the name of the limit."""
        if self.environment.strict:
            defaults = {
                "auth": "5 per 5 minutes",
                "upload": "10 per 5 minutes",
                "general": "100 per 60 seconds",
                "chat": "60 per 60 seconds",
            }
        else:
            defaults = {
                "auth": "50 per 5 minutes",
                "upload": "100 per 5 minutes",
                "general": "10000 per 60 seconds",
                "chat": "600 per 60 seconds",
            }
        given = {
            "auth": self.rate_limit_auth,
            "upload": self.rate_limit_upload,
            "general": self.rate_limit_general,
            "chat": self.rate_limit_chat,
        }
        return {name: given[name] or default for name, default in defaults.items()}

    @property
    def proxies(self) -> list[IPv4Network | IPv6Network]:
        """The networks whose word about the client's address is taken."""
        return list(self.trusted_proxies)


@functools.cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
