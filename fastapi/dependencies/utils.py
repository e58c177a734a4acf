"""The public home of the functions that analyse and solve dependencies.

Libraries import them from here, and some replace them here at run time. So the modules that hold them
call each other, and what they use from elsewhere that gets replaced, through this namespace.
"""

import anyio as anyio
from pydantic import BaseModel as BaseModel
from pydantic.fields import FieldInfo as FieldInfo
from starlette.background import BackgroundTasks as StarletteBackgroundTasks  # noqa: F401
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.datastructures import FormData as FormData
from starlette.datastructures import Headers as Headers
from starlette.datastructures import ImmutableMultiDict as ImmutableMultiDict
from starlette.datastructures import QueryParams as QueryParams
from starlette.datastructures import UploadFile as UploadFile
from starlette.requests import HTTPConnection as HTTPConnection
from starlette.requests import Request as Request
from starlette.responses import Response as Response
from starlette.websockets import WebSocket as WebSocket

from fastapi import params as params
from fastapi._compat import ModelField as ModelField
from fastapi._compat import RequiredParam as RequiredParam
from fastapi._compat import Undefined as Undefined
from fastapi._compat import _regenerate_error_with_loc as _regenerate_error_with_loc
from fastapi._compat import copy_field_info as copy_field_info
from fastapi._compat import create_body_model as create_body_model
from fastapi._compat import evaluate_forwardref as evaluate_forwardref
from fastapi._compat import field_annotation_is_scalar as field_annotation_is_scalar
from fastapi._compat import get_cached_model_fields as get_cached_model_fields
from fastapi._compat import get_missing_field_error as get_missing_field_error
from fastapi._compat import is_bytes_field as is_bytes_field
from fastapi._compat import is_bytes_sequence_field as is_bytes_sequence_field
from fastapi._compat import is_scalar_field as is_scalar_field
from fastapi._compat import is_scalar_sequence_field as is_scalar_sequence_field
from fastapi._compat import is_sequence_field as is_sequence_field
from fastapi._compat import (
    is_uploadfile_or_nonable_uploadfile_annotation as is_uploadfile_or_nonable_uploadfile_annotation,
)
from fastapi._compat import is_uploadfile_sequence_annotation as is_uploadfile_sequence_annotation
from fastapi._compat import lenient_issubclass as lenient_issubclass
from fastapi._compat import sequence_types as sequence_types
from fastapi._compat import serialize_sequence_value as serialize_sequence_value
from fastapi._compat import value_is_sequence as value_is_sequence
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
from fastapi.security.scopes import SecurityScopes as SecurityScopes
from fastapi.types import DependencyCacheKey as DependencyCacheKey
from fastapi.utils import create_model_field as create_model_field
from fastapi.utils import get_path_param_names as get_path_param_names

_NOUNS = ("analysis", "body", "flat", "multipart", "signature", "solver", "values")
rehome(globals(), *(f"fastapi.dependencies.{noun}" for noun in _NOUNS))
