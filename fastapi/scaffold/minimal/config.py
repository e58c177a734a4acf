"""The settings, from the environment or from `.env`."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs between one deployment and another. Start-up fails when a required setting is missing."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    api_key: SecretStr = Field(min_length=16)
    """What callers send as `X-API-Key` to change anything."""

    database: Path = Path("minimal-service.sqlite")
    """The file of the SQLite database."""


@lru_cache
def get_settings() -> Settings:
    """Returns the settings, read once."""
    return Settings()
