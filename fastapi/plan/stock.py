"""What must be as it was shipped for a plan to stand for the reference path.

Tools replace functions of FastAPI, Starlette and ``json`` at run time. A plan calls past them, so that a
request runs on the reference path as long as one of them is not what it was.
"""

import json
import sys
from contextlib import AsyncExitStack
from io import BytesIO
from tempfile import SpooledTemporaryFile
from types import FunctionType, ModuleType
from typing import Any, Final, NamedTuple

import anyio.to_thread
from pydantic import TypeAdapter
from starlette import formparsers, requests, responses
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from fastapi import _rust, exception_handlers
from fastapi._compat import ModelField
from fastapi._parsing import loads_parts
from fastapi._rendering import json_parts, written_response
from fastapi.background import BackgroundTasks
from fastapi.dependencies import body as body_fields
from fastapi.dependencies import solver, utils, values
from fastapi.dependencies.generators import enter_generator
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import FastAPIError, HTTPException, RequestValidationError
from fastapi.plan import body, files, recovery
from fastapi.plan.sources import has_known_names
from fastapi.plan.streaming import stream
from fastapi.plan.threads import Threads
from fastapi.security.scopes import SecurityScopes
from fastapi.utils import is_body_allowed_for_status_code, is_json_content_type

Part = tuple[Any, str, Any]
"""A module or a class, a name in it, and what stands there as shipped."""

RESPONSE_NOT_AWAITED: Final = (
    "Response not awaited. There's a high chance that the application code is raising an exception and "
    "a dependency with yield has a block with a bare except, or a block with except Exception, and is "
    "not raising the exception again. Read more about it in the docs: "
    "https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/"
    "#dependencies-with-yield-and-except"
)


class Handlers(NamedTuple):
    """The exceptions that are answered without calling their handlers, where these are the stock ones."""

    validation_error: Any = RequestValidationError
    on_validation_error: Any = exception_handlers.request_validation_exception_handler
    http_error: Any = StarletteHTTPException
    own_http_error: Any = HTTPException
    on_http_error: Any = exception_handlers.http_exception_handler


class FormPieces(NamedTuple):
    """The objects that forms need besides."""

    parts: list[Part]
    form_data: Any = FormData
    upload_file: Any = UploadFile
    headers: Any = Headers
    spooled_file: Any = SpooledTemporaryFile
    bytes_io: Any = BytesIO


class Pieces(NamedTuple):
    """The objects that the extension takes from Python."""

    parts: list[Part]
    form: FormPieces | None
    request: Any = Request
    response: Any = Response
    blank_response: Any = solver._blank_response
    background_tasks: Any = BackgroundTasks
    security_scopes: Any = SecurityScopes
    exit_stack: Any = AsyncExitStack
    threads: Threads = Threads()
    handlers: Handlers = Handlers()
    run_in_threadpool: Any = utils.run_in_threadpool
    file_response: Any = FileResponse
    with_files: Any = files.with_files
    request_body_to_args: Any = body_fields.request_body_to_args
    validate_value: Any = values._validate_value_with_model_field
    absent: Any = body.absent
    located: Any = body.located
    jsonable_encoder: Any = jsonable_encoder
    json_loads: Any = json.loads
    is_json_content_type: Any = is_json_content_type
    response_call: Any = None
    written_response: Any = written_response
    streaming_response: Any = StreamingResponse
    stream: Any = stream
    recover: Any = recovery.recover
    recover_outside: Any = recovery.recover_outside
    replay: Any = recovery.replay
    enter_generator: Any = enter_generator
    leave: Any = recovery.leave
    unwind: Any = recovery.unwind
    did_not_stop: Any = recovery.did_not_stop
    no_response: Any = recovery.no_response
    fastapi_error: Any = FastAPIError
    response_not_awaited: Any = RESPONSE_NOT_AWAITED


_MEBIBYTE: Final = 1024 * 1024
"""Starlette's limits as shipped, which the extension knows."""

_SENDING: Final = frozenset("_wrap_websocket_denial_send background body raw_headers status_code".split())
"""All that ``Response.__call__`` names in Starlette 0.50 to 1.10."""

_STREAMING: Final = ("__call__", "stream_response", "listen_for_disconnect")
_REQUEST: Final = ("__init__", "body", "json", "form", "stream")
_CONNECTION: Final = ("path_params", "query_params", "headers", "cookies")

_OURS: Final = (
    solver.solve_dependencies,
    solver._solve_generator,
    body_fields.request_body_to_args,
    body_fields._extract_form_body,
    values.request_params_to_args,
    values._validate_value_with_model_field,
    values._get_multidict_value,
)


def pieces(called: list[Part]) -> "_rust.PlanPieces | None":
    """Return the objects that the extension needs, and list what plans call past.

    Args:
        called: further parts, of the modules that build on this one.

    Returns:
        ``None`` if some of Starlette's parts were replaced before they could be looked at: then it is not
        known what they are when nobody has.
    """
    rendering, parsing = json_parts(), loads_parts()
    functions = [getattr(Request, name) for name in _REQUEST]
    if (
        rendering is None
        or parsing is None
        or any(not _is_written_in(requests, function) for function in functions)
    ):
        return None
    parts: list[Part] = [
        *rendering,
        *parsing,
        *zip((Request,) * len(_REQUEST), _REQUEST, functions, strict=True),
        (Response, "__call__", Response.__call__),
        *((StreamingResponse, name, getattr(StreamingResponse, name)) for name in _STREAMING),
        *((HTTPConnection, name, getattr(HTTPConnection, name)) for name in _CONNECTION),
        *((utils, function.__name__, function) for function in _OURS),
        (utils, "run_in_threadpool", utils.run_in_threadpool),
        (utils, "contextmanager_in_threadpool", utils.contextmanager_in_threadpool),
        (anyio.to_thread, "run_sync", anyio.to_thread.run_sync),
        (exception_handlers, "JSONResponse", JSONResponse),
        (exception_handlers, "jsonable_encoder", jsonable_encoder),
        (exception_handlers, "is_body_allowed_for_status_code", is_body_allowed_for_status_code),
        (RequestValidationError, "__init__", RequestValidationError.__init__),
        (RequestValidationError, "errors", RequestValidationError.errors),
        (ModelField, "validate", ModelField.validate),
        (ModelField, "serialize", ModelField.serialize),
        (TypeAdapter, "validate_python", TypeAdapter.validate_python),
        *called,
    ]
    sends_plainly = has_known_names(Response.__call__, responses, _SENDING)
    call = Response.__call__ if sends_plainly else None
    return _rust.PlanPieces(Pieces(parts, _form_pieces(), response_call=call))


def _form_pieces() -> FormPieces | None:
    """Return what forms need; ``None`` if somebody reads them in a way of their own already."""
    multipart = vars(formparsers)["multipart"]
    if multipart is None:
        return None
    methods: list[Part] = [
        (owner, name, value)
        for owner in (formparsers.FormParser, formparsers.MultiPartParser)
        for name, value in vars(owner).items()
        if isinstance(value, FunctionType)
    ]
    methods += [(UploadFile, name, vars(UploadFile)[name]) for name in ("__init__", "write", "seek")]
    methods.append((Request, "_get_form", Request._get_form))
    names: list[Part] = [
        (requests, "FormParser", formparsers.FormParser),
        (requests, "MultiPartParser", formparsers.MultiPartParser),
        (requests, "FormData", FormData),
        (formparsers, "FormData", FormData),
        (formparsers, "Headers", Headers),
        (formparsers, "UploadFile", UploadFile),
        (formparsers, "SpooledTemporaryFile", SpooledTemporaryFile),
        (formparsers, "multipart", multipart),
    ]
    limits = [
        (formparsers.MultiPartParser, name, getattr(formparsers.MultiPartParser, name))
        for name in ("max_part_size", "spool_max_size")
    ]
    is_stock = (
        all(_is_written_in(sys.modules[owner.__module__], method) for owner, _, method in methods)
        and all(owner.__module__.startswith("starlette.") for owner, _, _ in methods)
        and all(getattr(owner, name) is shipped for owner, name, shipped in names)
        and all(limit == _MEBIBYTE for _, _, limit in limits)
    )
    parsers = [
        (multipart, name, getattr(multipart, name)) for name in ("MultipartParser", "QuerystringParser")
    ]
    return FormPieces([*methods, *names, *limits, *parsers]) if is_stock else None


def _is_written_in(home: ModuleType, function: Any) -> bool:
    # A wrapper made with functools.wraps looks like the wrapped, but for its globals.
    return getattr(function, "__globals__", None) is vars(home)
