"""A params schema with every reference resolved and every value of its type: what the rest of the package reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.params.schema.checks import Wanted
from fastapi.params.schema.document import Declaration
from fastapi.params.schema.errors import ParamsSchemaError, Problem, listed, suggestion
from fastapi.params.schema.node import Node


@dataclass(frozen=True)
class Entry:
    """One parameter of one endpoint.

    Args:
        place: what its ``in`` says.
        arguments: of the class of that place, without the default.
        wanted: its type and constraints.
        node: where it stands in the file.
    """

    endpoint: str
    param: str
    place: str
    declaration: Declaration
    arguments: Mapping[str, Any]
    wanted: Wanted
    node: Node

    @property
    def has_default(self) -> bool:
        return "default" in self.declaration.model_fields_set


@dataclass(frozen=True)
class ParamsSchema:
    """All that one file says; it never changes.

    Args:
        file: the path that it was read from.
        version: of the format.
        digest: of the file's bytes.
        endpoints: the parameters of each endpoint.
        lines: where each endpoint stands.
    """

    file: str
    version: int
    digest: str
    endpoints: Mapping[str, Mapping[str, Entry]]
    lines: Mapping[str, int]

    def entry(self, endpoint: str, param: str) -> Entry:
        """Find a parameter.

        Raises:
            ParamsSchemaError: there is no such endpoint, or it has no such parameter.
        """
        method, space, path = endpoint.partition(" ")
        key = f"{method.upper()} {path}" if space else endpoint
        if key not in self.endpoints:
            text = (
                f"no such endpoint in the file (declared: {listed(self.endpoints)})."
                f"{suggestion(key, self.endpoints)}"
            )
            raise ParamsSchemaError(self.file, Problem(text, None, endpoint, param))
        params = self.endpoints[key]
        if param not in params:
            text = f"no such parameter of it in the file (declared: {listed(params)}).{suggestion(param, params)}"
            raise ParamsSchemaError(self.file, Problem(text, self.lines[key], endpoint, param))
        return params[param]
