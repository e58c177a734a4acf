"""Fields made from pydantic's ``FieldInfo``, and the JSON schemas of their types."""

from pydantic import GetJsonSchemaHandler as GetJsonSchemaHandler
from pydantic import PydanticSchemaGenerationError as PydanticSchemaGenerationError
from pydantic import PydanticUndefinedAnnotation as PydanticUndefinedAnnotation
from pydantic import ValidationError as ValidationError
from pydantic.fields import FieldInfo as FieldInfo
from pydantic.json_schema import GenerateJsonSchema as GenerateJsonSchema
from pydantic.json_schema import JsonSchemaValue as JsonSchemaValue
from pydantic_core import CoreSchema as CoreSchema
from pydantic_core import Url as Url
from pydantic_core.core_schema import with_info_plain_validator_function as with_info_plain_validator_function

from fastapi._compat.shared import lenient_issubclass as lenient_issubclass
from fastapi._compat.v2.definitions import get_compat_model_name_map as get_compat_model_name_map
from fastapi._compat.v2.definitions import get_definitions as get_definitions
from fastapi._compat.v2.definitions import get_flat_models_from_annotation as get_flat_models_from_annotation
from fastapi._compat.v2.definitions import get_flat_models_from_field as get_flat_models_from_field
from fastapi._compat.v2.definitions import get_flat_models_from_fields as get_flat_models_from_fields
from fastapi._compat.v2.definitions import get_flat_models_from_model as get_flat_models_from_model
from fastapi._compat.v2.definitions import get_model_name_map as get_model_name_map
from fastapi._compat.v2.definitions import get_schema_from_model_field as get_schema_from_model_field
from fastapi._compat.v2.definitions import normalize_name as normalize_name
from fastapi._compat.v2.field import BaseConfig as BaseConfig
from fastapi._compat.v2.field import ErrorWrapper as ErrorWrapper
from fastapi._compat.v2.field import ModelField as ModelField
from fastapi._compat.v2.field import RequiredParam as RequiredParam
from fastapi._compat.v2.field import Undefined as Undefined
from fastapi._compat.v2.field import UndefinedType as UndefinedType
from fastapi._compat.v2.field import Validator as Validator
from fastapi._compat.v2.field import _regenerate_error_with_loc as _regenerate_error_with_loc
from fastapi._compat.v2.field import asdict as asdict
from fastapi._compat.v2.field import copy_field_info as copy_field_info
from fastapi._compat.v2.field import create_body_model as create_body_model
from fastapi._compat.v2.field import get_cached_model_fields as get_cached_model_fields
from fastapi._compat.v2.field import get_missing_field_error as get_missing_field_error
from fastapi._compat.v2.field import get_model_fields as get_model_fields
from fastapi._compat.v2.field import is_bytes_field as is_bytes_field
from fastapi._compat.v2.field import is_bytes_sequence_field as is_bytes_sequence_field
from fastapi._compat.v2.field import is_scalar_field as is_scalar_field
from fastapi._compat.v2.field import is_scalar_sequence_field as is_scalar_sequence_field
from fastapi._compat.v2.field import is_sequence_field as is_sequence_field
from fastapi._compat.v2.field import serialize_sequence_value as serialize_sequence_value
from fastapi._compat.v2.forwardref import evaluate_forwardref as evaluate_forwardref
from fastapi._public import rehome

rehome(globals())
