"""A dependant with everything below it folded into one."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from fastapi._compat import ModelField, get_cached_model_fields, lenient_issubclass
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant
from fastapi.types import DependencyCacheKey

PARAMETERS = ("path_params", "query_params", "header_params", "cookie_params", "body_params")


def get_flat_dependant(
    dependant: Dependant,
    *,
    skip_repeats: bool = False,
    visited: list[DependencyCacheKey] | None = None,
    parent_oauth_scopes: list[str] | None = None,
) -> Dependant:
    """Return a copy of ``dependant`` that also has the parameters and dependencies of all below it.

    Args:
        skip_repeats: leave out dependencies whose cache key was met before.
        visited: the cache keys met so far; extended in place.
        parent_oauth_scopes: scopes required above ``dependant``.
    """
    if visited is None:
        visited = []
    visited.append(dependant.cache_key)
    copies: dict[str, Any] = {kind: list(getattr(dependant, kind)) for kind in PARAMETERS}
    flat = replace(
        dependant,
        **copies,
        dependencies=[],
        parent_oauth_scopes=[*(parent_oauth_scopes or ()), *dependant.oauth_scopes],
    )
    for dependency in dependant.dependencies:
        if skip_repeats and dependency.cache_key in visited:
            continue
        below = utils.get_flat_dependant(
            dependency, skip_repeats=skip_repeats, visited=visited, parent_oauth_scopes=flat.oauth_scopes
        )
        flat.dependencies += [below, *below.dependencies]
        for kind in PARAMETERS:
            getattr(flat, kind).extend(getattr(below, kind))
    return flat


def _get_flat_fields_from_params(fields: list[ModelField]) -> list[ModelField]:
    """Return the fields of a parameter model where it stands alone, else the fields themselves."""
    if len(fields) == 1 and lenient_issubclass(fields[0].type_, BaseModel):
        return get_cached_model_fields(fields[0].type_)
    return fields


def get_flat_params(dependant: Dependant) -> list[ModelField]:
    """Return every path, query, header and cookie parameter of ``dependant`` and all below it, in that order.

    A parameter model stands for its fields.
    """
    flat = utils.get_flat_dependant(dependant, skip_repeats=True)
    kinds = (flat.path_params, flat.query_params, flat.header_params, flat.cookie_params)
    return [field for fields in kinds for field in _get_flat_fields_from_params(fields)]
