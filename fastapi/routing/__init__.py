"""Routes and routers, and the reference path of a request from a route to its response.

``route`` and ``router`` hold the classes, ``handler`` and ``session`` what a route runs, ``body``, ``context`` and
``lifespan`` its parts, ``options`` the keyword options of path operations.
"""

import fastapi._collision  # noqa: F401, I001  # before anything that a mixture of two packages breaks

from starlette._exception_handler import wrap_app_handling_exceptions as wrap_app_handling_exceptions
from starlette._utils import is_async_callable as is_async_callable
from starlette.exceptions import HTTPException as HTTPException
from starlette.types import AppType as AppType
from starlette.types import ASGIApp as ASGIApp
from starlette.types import Lifespan as Lifespan
from starlette.types import Receive as Receive
from starlette.types import Scope as Scope
from starlette.types import Send as Send
from fastapi._compat import ModelField as ModelField
from fastapi._compat import Undefined as Undefined
from fastapi._compat import annotation_is_pydantic_v1 as annotation_is_pydantic_v1
from fastapi._compat import lenient_issubclass as lenient_issubclass
from fastapi.datastructures import Default as Default
from fastapi.datastructures import DefaultPlaceholder as DefaultPlaceholder
from fastapi.dependencies.utils import _should_embed_body_fields as _should_embed_body_fields
from fastapi.exceptions import EndpointContext as EndpointContext
from fastapi.exceptions import FastAPIError as FastAPIError
from fastapi.exceptions import PydanticV1NotSupportedError as PydanticV1NotSupportedError
from fastapi.exceptions import RequestValidationError as RequestValidationError
from fastapi.exceptions import ResponseValidationError as ResponseValidationError
from fastapi.exceptions import WebSocketRequestValidationError as WebSocketRequestValidationError
from fastapi.types import DecoratedCallable as DecoratedCallable
from fastapi.types import IncEx as IncEx
from fastapi.utils import create_cloned_field as create_cloned_field
from fastapi.utils import create_model_field as create_model_field
from fastapi.utils import get_value_or_default as get_value_or_default
from fastapi.utils import is_body_allowed_for_status_code as is_body_allowed_for_status_code
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.requests import Request as Request
from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import Response as Response
from starlette.routing import BaseRoute as BaseRoute
from starlette.routing import Match as Match
from starlette.routing import Mount as Mount
from starlette.routing import compile_path as compile_path
from starlette.routing import get_name as get_name
from starlette.websockets import WebSocket as WebSocket

from fastapi import params as params
from fastapi._public import rehome
from fastapi.dependencies.models import Dependant as Dependant
from fastapi.dependencies.utils import get_body_field as get_body_field
from fastapi.dependencies.utils import get_dependant as get_dependant
from fastapi.dependencies.utils import get_flat_dependant as get_flat_dependant
from fastapi.dependencies.utils import get_parameterless_sub_dependant as get_parameterless_sub_dependant
from fastapi.dependencies.utils import get_typed_return_annotation as get_typed_return_annotation
from fastapi.dependencies.utils import solve_dependencies as solve_dependencies
from fastapi.encoders import jsonable_encoder as jsonable_encoder
from fastapi.routing.content import _prepare_response_content as _prepare_response_content
from fastapi.routing.context import _extract_endpoint_context as _extract_endpoint_context
from fastapi.routing.handler import get_request_handler as get_request_handler
from fastapi.routing.handler import request_response as request_response
from fastapi.routing.handler import run_endpoint_function as run_endpoint_function
from fastapi.routing.handler import serialize_response as serialize_response
from fastapi.routing.lifespan import _merge_lifespan_context as _merge_lifespan_context
from fastapi.routing.route import APIRoute as APIRoute
from fastapi.routing.route import APIWebSocketRoute as APIWebSocketRoute
from fastapi.routing.router import APIRouter as APIRouter
from fastapi.routing.session import get_websocket_app as get_websocket_app
from fastapi.routing.session import websocket_session as websocket_session
from fastapi.utils import generate_unique_id as generate_unique_id

rehome(globals())
