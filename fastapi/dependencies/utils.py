"""The public home of the functions that analyse and solve dependencies.

Libraries import them from here, and some replace them here at run time. So the modules that hold them
call each other, and what they use from elsewhere that gets replaced, through this namespace.
"""

import anyio as anyio
from starlette.concurrency import run_in_threadpool as run_in_threadpool

from fastapi import params as params
from fastapi._compat import ModelField as ModelField
from fastapi._compat import lenient_issubclass as lenient_issubclass
from fastapi._public import rehome
from fastapi.background import BackgroundTasks as BackgroundTasks
from fastapi.concurrency import asynccontextmanager as asynccontextmanager
from fastapi.concurrency import contextmanager_in_threadpool as contextmanager_in_threadpool
from fastapi.dependencies.analysis import ParamDetails as ParamDetails
from fastapi.dependencies.analysis import (
    add_non_field_param_to_dependency as add_non_field_param_to_dependency,
)
from fastapi.dependencies.analysis import add_param_to_fields as add_param_to_fields
from fastapi.dependencies.analysis import analyze_param as analyze_param
from fastapi.dependencies.analysis import get_dependant as get_dependant
from fastapi.dependencies.analysis import get_parameterless_sub_dependant as get_parameterless_sub_dependant
from fastapi.dependencies.body import _extract_form_body as _extract_form_body
from fastapi.dependencies.body import _should_embed_body_fields as _should_embed_body_fields
from fastapi.dependencies.body import get_body_field as get_body_field
from fastapi.dependencies.body import is_union_of_base_models as is_union_of_base_models
from fastapi.dependencies.body import request_body_to_args as request_body_to_args
from fastapi.dependencies.flat import _get_flat_fields_from_params as _get_flat_fields_from_params
from fastapi.dependencies.flat import get_flat_dependant as get_flat_dependant
from fastapi.dependencies.flat import get_flat_params as get_flat_params
from fastapi.dependencies.models import Dependant as Dependant
from fastapi.dependencies.multipart import ensure_multipart_is_installed as ensure_multipart_is_installed
from fastapi.dependencies.multipart import (
    multipart_incorrect_install_error as multipart_incorrect_install_error,
)
from fastapi.dependencies.multipart import multipart_not_installed_error as multipart_not_installed_error
from fastapi.dependencies.signature import _get_signature as _get_signature
from fastapi.dependencies.signature import get_typed_annotation as get_typed_annotation
from fastapi.dependencies.signature import get_typed_return_annotation as get_typed_return_annotation
from fastapi.dependencies.signature import get_typed_signature as get_typed_signature
from fastapi.dependencies.solver import SolvedDependency as SolvedDependency
from fastapi.dependencies.solver import _solve_generator as _solve_generator
from fastapi.dependencies.solver import solve_dependencies as solve_dependencies
from fastapi.dependencies.values import _get_multidict_value as _get_multidict_value
from fastapi.dependencies.values import _validate_value_with_model_field as _validate_value_with_model_field
from fastapi.dependencies.values import get_validation_alias as get_validation_alias
from fastapi.dependencies.values import request_params_to_args as request_params_to_args
from fastapi.exceptions import DependencyScopeError as DependencyScopeError
from fastapi.logger import logger as logger
from fastapi.security.oauth2 import SecurityScopes as SecurityScopes
from fastapi.types import DependencyCacheKey as DependencyCacheKey
from fastapi.utils import create_model_field as create_model_field
from fastapi.utils import get_path_param_names as get_path_param_names

_NOUNS = ("analysis", "body", "flat", "multipart", "signature", "solver", "values")
rehome(globals(), *(f"fastapi.dependencies.{noun}" for noun in _NOUNS))
