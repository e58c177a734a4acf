"""Where an endpoint is defined: the context that validation errors carry and show."""

import inspect
from collections.abc import Callable
from typing import Any

from starlette.requests import HTTPConnection

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
    """The context of one endpoint: its source is looked up once, its path is that of the request."""

    def __init__(self, endpoint: Callable[..., Any], path: str | None) -> None:
        self.endpoint = endpoint
        self.path = path
        self._source: EndpointContext | None = None

    def context(self, connection: HTTPConnection, verb: str) -> EndpointContext:
        """Return the context for one request; ``verb`` is its method, or ``WS``."""
        if self._source is None:
            self._source = _extract_endpoint_context(self.endpoint)
        context = self._source.copy()
        if self.path:
            mount_path = connection.scope.get("root_path", "").rstrip("/")
            context["path"] = f"{verb} {mount_path}{self.path}"
        return context
