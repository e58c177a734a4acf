"""``fastapi params``."""

from fastapi.cli.params.commands import params as params
