"""Dependants whose parameters the schema file declares, analysed again."""

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi._compat import ModelField
from fastapi.dependencies import utils
from fastapi.dependencies.flat import PARAMETERS
from fastapi.dependencies.models import Dependant

if TYPE_CHECKING:
    from fastapi.params.schema.factory import Source


def declared(dependant: Dependant) -> "list[tuple[ModelField, Source]]":
    """Return the parameters of a dependant itself that the schema file declares, and where."""
    fields = [field for kind in PARAMETERS for field in getattr(dependant, kind)]
    found = ((field, getattr(field.field_info, "source", None)) for field in fields)
    return [(field, source) for field, source in found if source is not None]


def renewed(dependant: Dependant) -> Dependant:
    """Return a dependant with the parameters that the schema has now: itself, if it has none of them.

    What was added to it or to its dependencies after the analysis is kept.

    Raises:
        ParamsSchemaError: the schema and the code contradict each other.
    """
    below = [renewed(dependency) for dependency in dependant.dependencies]
    if declared(dependant):
        assert dependant.path is not None
        assert dependant.call is not None
        fresh = utils.get_dependant(path=dependant.path, call=dependant.call, name=dependant.name)
        parameters = {kind: getattr(fresh, kind) for kind in PARAMETERS}
        return replace(dependant, dependencies=below, **parameters)
    if all(new is old for new, old in zip(below, dependant.dependencies, strict=True)):
        return dependant
    return replace(dependant, dependencies=below)
