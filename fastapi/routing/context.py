"""Where an endpoint is defined: the context that validation errors carry and show."""

import inspect
from typing import Any

from starlette.requests import HTTPConnection

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import EndpointContext


def _extract_endpoint_context(func: Any) -> EndpointContext:
    """Return file, line and name of ``func``; empty for callables without source (builtins, C extensions)."""
    context: EndpointContext = {}
    try:
        if (source := inspect.getsourcefile(func)) is not None:
            context["file"] = source
        context["line"] = inspect.getsourcelines(func)[1]
        if (name := getattr(func, "__name__", None)) is not None:
            context["function"] = name
    except Exception:
        return {}
    return context


class EndpointLocation:
    """The context of one route's endpoint: its source is looked up once, its path is that of the request.

    The endpoint is the dependant's at the time: libraries wrap it after the route was made.
    """

    def __init__(self, dependant: Dependant) -> None:
        self.dependant = dependant
        self._source: EndpointContext | None = None
        self._source_of: Any = None

    def context(self, connection: HTTPConnection, verb: str) -> EndpointContext:
        """Return the context for one request; ``verb`` is its method, or ``WS``."""
        endpoint = self.dependant.call
        if self._source is None or self._source_of is not endpoint:
            self._source, self._source_of = _extract_endpoint_context(endpoint), endpoint
        context = self._source.copy()
        if self.dependant.path:
            mount_path = connection.scope.get("root_path", "").rstrip("/")
            context["path"] = f"{verb} {mount_path}{self.dependant.path}"
        return context
