"""Serving an application: policy around the native server of the extension, or uvicorn in its place."""

from fastapi.server.config import Config as Config
from fastapi.server.config import ConfigError as ConfigError
from fastapi.server.server import Server as Server
from fastapi.server.start import run as run

__all__ = ["Config", "ConfigError", "Server", "run"]
