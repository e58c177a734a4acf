"""The Example Object of OpenAPI, which declarations of parameters mention: apart from the other models, so that
importing those waits until a document is made."""

from typing import Any

from pydantic import AnyUrl
from typing_extensions import TypedDict


class Example(TypedDict, total=False):
    summary: str | None
    description: str | None
    value: Any | None
    externalValue: AnyUrl | None

    __pydantic_config__ = {"extra": "allow"}  # type: ignore[misc]  # no item: pydantic reads it


Example.__module__ = "fastapi.openapi.models"
