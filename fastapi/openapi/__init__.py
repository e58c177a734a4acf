"""The OpenAPI document of an application, and the pages that show it."""

from typing import TYPE_CHECKING

from fastapi._public import on_demand

if not TYPE_CHECKING:
    __getattr__ = on_demand(globals(), {"fastapi.openapi.models": ""})
