"""Parameters in headers."""

from typing import Any

from typing_extensions import Unpack

from fastapi._compat import Undefined
from fastapi.params.base import Param, ParamTypes
from fastapi.params.options import HeaderClassOptions, declares


class Header(Param):  # type: ignore[misc]
    """A header, named by hyphens where the parameter has underscores."""

    in_ = ParamTypes.header

    @declares(HeaderClassOptions)
    def __init__(self, default: Any = Undefined, **options: Unpack[HeaderClassOptions]) -> None:
        self.convert_underscores = options.pop("convert_underscores", True)
        super().__init__(default, **options)  # type: ignore[misc]  # what is popped is left in the type
