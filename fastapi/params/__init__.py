"""The classes behind ``Path()``, ``Query()``, ``Depends()`` and the others, one module for each kind."""

import fastapi._collision  # noqa: F401, I001  # before anything that a mixture of two packages breaks

from typing import TYPE_CHECKING

from pydantic import AliasChoices as AliasChoices
from pydantic import AliasPath as AliasPath
from pydantic.fields import FieldInfo as FieldInfo

from fastapi._compat import Undefined as Undefined
from fastapi._public import on_demand, rehome
from fastapi.exceptions import FastAPIDeprecationWarning as FastAPIDeprecationWarning
from fastapi.params.base import Depends as Depends
from fastapi.params.base import Param as Param
from fastapi.params.base import ParamTypes as ParamTypes
from fastapi.params.base import Security as Security
from fastapi.params.body import Body as Body
from fastapi.params.cookie import Cookie as Cookie
from fastapi.params.file import File as File
from fastapi.params.form import Form as Form
from fastapi.params.header import Header as Header
from fastapi.params.path import Path as Path
from fastapi.params.query import Query as Query

if TYPE_CHECKING:
    from fastapi.openapi.example import Example as Example
    from fastapi.params.schema import Entry as Entry
    from fastapi.params.schema import ParamsSchema as ParamsSchema
    from fastapi.params.schema import ParamsSchemaError as ParamsSchemaError
    from fastapi.params.schema import ParamsSchemaWarning as ParamsSchemaWarning
    from fastapi.params.schema import get_param_schema as get_param_schema
    from fastapi.params.schema import load_params_schema as load_params_schema
    from fastapi.params.schema import param_factory as param_factory
    from fastapi.params.schema import reload_params_schema as reload_params_schema
else:
    # Few applications have a schema file, whose models take long to make, or say what an example is.
    __getattr__ = on_demand(
        globals(),
        {
            "fastapi.params.schema": "Entry ParamsSchema ParamsSchemaError ParamsSchemaWarning"
            " get_param_schema load_params_schema param_factory reload_params_schema",
            "fastapi.openapi.example": "Example",
        },
    )

rehome(globals())
