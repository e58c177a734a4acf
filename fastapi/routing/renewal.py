"""Routes whose parameters the schema file declares: held to it, and made again when it has changed."""

from collections.abc import Collection
from copy import copy
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, get_name
from starlette.types import ASGIApp

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.renewal import renewed
from fastapi.exceptions import FastAPIError
from fastapi.params.renewal import follow
from fastapi.routing.schema_file import Place, check_endpoint, check_place, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.params.schema import ParamsSchema


class RenewableRoute(BaseRoute):
    """A route of which only what depends on its parameters is made again.

    ``params_schema`` is the schema that declares some of them, ``None`` if they are all declared in code.
    """

    path: str
    path_format: str
    endpoint: "Callable[..., Any]"
    app: ASGIApp
    dependant: Dependant
    dependency_overrides_provider: Any | None
    params_schema: "ParamsSchema | None" = None
    _flat_dependant: Dependant
    _own_app: ASGIApp
    _place: Place | None = None

    def _compile(self) -> None:
        """Make from the dependant whatever depends on it; the last step is ``_heed_schema``."""
        raise NotImplementedError

    def _heed_schema(self) -> None:
        """Find out whether the schema file declares something here, and hold both to it."""
        schema = schema_of(self._flat_dependant)
        if schema is None:
            return
        self.params_schema, self._own_app = schema, self.app
        if self.dependency_overrides_provider is not None:
            # A route of the application: the path of one that a router prepares may not be whole yet.
            methods: Collection[str] = getattr(self, "methods", ["WEBSOCKET"])
            paths = self.path, self.path_format
            check_endpoint(self._flat_dependant, methods, paths, get_name(self.endpoint))
        if self._place is not None:
            check_place(self._flat_dependant, self._place)

    def _follow_schema(self) -> None:
        if self.params_schema is not None:
            follow(self)

    def serve_at(self, place: Place) -> None:
        """Note where the application serves this route, mounts included.

        Raises:
            ParamsSchemaError: the schema file has a parameter in the path that is not there.
        """
        check_place(self._flat_dependant, place)
        self._place = place

    def renewed(self) -> dict[str, Any]:
        """Return the attributes as the schema in force has them.

        Raises:
            ParamsSchemaError: the schema contradicts the route.
            FastAPIError: the application of this route is another than its own, so that it cannot be replaced.
        """
        if self.app is not self._own_app:
            raise FastAPIError(
                f"params schema: the app of the route {self.path} was replaced. Start anew instead."
            )
        twin = copy(self)
        twin.dependant = renewed(self.dependant)
        twin._compile()
        return {name: value for name, value in vars(twin).items() if value is not vars(self).get(name)}
