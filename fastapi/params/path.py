"""Parameters in the path."""

from typing import Any

from typing_extensions import Unpack

from fastapi.params.base import Param, ParamTypes
from fastapi.params.options import ParamClassOptions, declares


class Path(Param):  # type: ignore[misc]
    """A part of the path; always required.

    Raises:
        AssertionError: there is a default.
    """

    in_ = ParamTypes.path

    @declares(ParamClassOptions)
    def __init__(self, default: Any = ..., **options: Unpack[ParamClassOptions]) -> None:
        assert default is ..., "Path parameters cannot have a default value"
        super().__init__(default, **options)
