"""Parameters in the query string."""

from fastapi.params.base import Param, ParamTypes


class Query(Param):
    """A parameter of the query string."""

    in_ = ParamTypes.query

    __init__ = Param.__init__  # its own by name, as in the other kinds, for tools that list members
