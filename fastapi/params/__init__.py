"""The classes behind ``Path()``, ``Query()``, ``Depends()`` and the others, one module for each kind."""

import fastapi._collision  # noqa: F401, I001  # before anything that a mixture of two packages breaks

from pydantic import AliasChoices as AliasChoices
from pydantic import AliasPath as AliasPath
from pydantic.fields import FieldInfo as FieldInfo

from fastapi._compat import Undefined as Undefined
from fastapi._public import rehome
from fastapi.exceptions import FastAPIDeprecationWarning as FastAPIDeprecationWarning
from fastapi.openapi.example import Example as Example
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

rehome(globals())
