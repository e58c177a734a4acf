"""Parameters in the query string."""

from typing import Any

from typing_extensions import Unpack

from fastapi._compat import Undefined
from fastapi.params.base import Param, ParamTypes
from fastapi.params.options import ParamClassOptions, declares


class Query(Param):  # type: ignore[misc]
    """A parameter of the query string."""

    in_ = ParamTypes.query

    @declares(ParamClassOptions)
    def __init__(self, default: Any = Undefined, **options: Unpack[ParamClassOptions]) -> None:
        super().__init__(default, **options)
