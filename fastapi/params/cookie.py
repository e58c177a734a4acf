"""Parameters in cookies."""

from fastapi.params.base import Param, ParamTypes


class Cookie(Param):
    """A cookie."""

    in_ = ParamTypes.cookie

    __init__ = Param.__init__  # its own by name, as in the other kinds, for tools that list members
