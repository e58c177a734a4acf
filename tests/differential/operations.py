"""The operations that an OpenAPI document describes, flattened to what a request needs."""

import dataclasses
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclasses.dataclass(frozen=True)
class Parameter:
    """Where (``path``, ``query``, ``header``, ``cookie``), under which name, of which schema."""

    place: str
    name: str
    required: bool
    schema: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: dict[str, dict[str, Any]]
    schemes: tuple[dict[str, Any], ...]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


def read(document: dict[str, Any]) -> list[Operation]:
    """Return the operations of a document, in its order."""
    return list(_operations(document))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    defined = document.get("components", {}).get("securitySchemes", {})
    for path, methods in document.get("paths", {}).items():
        for method in METHODS:
            if method not in methods:
                continue
            details = methods[method]
            content = details.get("requestBody", {}).get("content", {})
            yield Operation(
                method=method.upper(),
                path=path,
                parameters=tuple(
                    Parameter(
                        entry["in"], entry["name"], entry.get("required", False), entry.get("schema", {})
                    )
                    for entry in details.get("parameters", ())
                ),
                bodies={kind: media.get("schema", {}) for kind, media in content.items()},
                schemes=tuple(
                    defined[name] for need in details.get("security", ()) for name in need if name in defined
                ),
            )
