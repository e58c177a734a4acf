"""What routes and the schema file must agree on, besides single parameters."""

import sys
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from starlette.routing import BaseRoute, Host, Mount

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.renewal import declared
from fastapi.utils import get_path_param_names

if TYPE_CHECKING:
    from fastapi.params.schema import ParamsSchema


class Place(NamedTuple):
    """Where a route is served, mounts included."""

    path: str = ""
    names: frozenset[str] = frozenset()

    def below(self, path: str) -> "Place":
        """Return the place of a path below this one."""
        return Place(self.path + path, self.names | get_path_param_names(path))


def is_in_use() -> bool:
    """Tell whether some parameter may be declared in a schema file; finding out more takes long imports."""
    return "fastapi.params.schema.loading" in sys.modules


def schema_of(flat: Dependant) -> "ParamsSchema | None":
    """Return the schema in force, if it declares some of the parameters of a flat dependant."""
    if not is_in_use() or not declared(flat):
        return None
    from fastapi.params.schema.loading import load_params_schema

    return load_params_schema()


def check_endpoint(flat: Dependant, methods: Collection[str], paths: Sequence[str], name: str) -> None:
    """Refuse parameters that the file has at another method and path than those of their route.

    Raises:
        ParamsSchemaError: there is one.
    """
    from fastapi.params.schema.binding import check_endpoint as check

    check((source for _, source in declared(flat)), methods, paths, name)


def check_place(flat: Dependant, place: Place) -> None:
    """Refuse parameters that the file has in the path, where the path of their route has not.

    Raises:
        ParamsSchemaError: there is one.
    """
    from fastapi.params.schema.binding import check_path

    check_path([(field.name, source) for field, source in declared(flat)], place.names, place.path)


def check_places(routes: Iterable[BaseRoute], place: Place = Place()) -> None:
    """Do so for all routes of an application, and those below it: only here are whole paths known.

    Raises:
        ParamsSchemaError: there is one.
    """
    if not is_in_use():
        return
    for route in routes:
        if isinstance(route, Mount):
            check_places(route.routes or (), place.below(route.path))
        elif isinstance(route, Host):
            check_places(route.routes or (), place.below(route.host))
        elif getattr(route, "params_schema", None) is not None:
            route.serve_at(place.below(route.path_format))  # type: ignore[attr-defined]
