"""Parameters declared in a file: limits that operators change without touching code.

``load_params_schema`` reads it, ``param_factory`` declares a parameter by it, and the routes check what both say.
"""

from fastapi._public import rehome
from fastapi.params.schema.errors import ParamsSchemaError as ParamsSchemaError
from fastapi.params.schema.errors import ParamsSchemaWarning as ParamsSchemaWarning
from fastapi.params.schema.factory import param_factory as param_factory
from fastapi.params.schema.loading import get_param_schema as get_param_schema
from fastapi.params.schema.loading import load_params_schema as load_params_schema
from fastapi.params.schema.reloading import reload_params_schema as reload_params_schema
from fastapi.params.schema.resolved import Entry as Entry
from fastapi.params.schema.resolved import ParamsSchema as ParamsSchema

rehome(globals())
