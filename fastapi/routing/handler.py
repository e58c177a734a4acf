"""From an endpoint and its dependant to an ASGI application: the reference path of a request.

Tracing tools replace functions of ``fastapi.routing`` at run time, so the calls between them go
through that namespace.
"""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from functools import cache, cached_property, partial
from typing import Any

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette._utils import is_async_callable
from starlette.background import BackgroundTasks
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

import fastapi.routing as routing
from fastapi import _rust
from fastapi._compat import ModelField
from fastapi._rendering import json_response
from fastapi.datastructures import Default, DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.solver import exit_stack, solve_dependencies
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import (
    EndpointContext,
    FastAPIError,
    RequestValidationError,
    ResponseValidationError,
)
from fastapi.plan import compiled
from fastapi.plan.lowering import Handler, compiled_handler
from fastapi.plan.stock import RESPONSE_NOT_AWAITED, pieces
from fastapi.routing.body import read_body
from fastapi.routing.context import EndpointLocation
from fastapi.types import IncEx
from fastapi.utils import is_body_allowed_for_status_code


@cache
def _pieces() -> "_rust.PlanPieces | None":
    return pieces(
        [
            (routing, "solve_dependencies", solve_dependencies),
            (routing, "run_endpoint_function", run_endpoint_function),
            (routing, "serialize_response", serialize_response),
        ]
    )


def request_response(func: Callable[[Request], Awaitable[Response] | Response]) -> ASGIApp:
    """Turn ``func(request) -> response`` into an ASGI application.

    Dependencies of scope "function" exit before the response is sent, those of scope "request" after.

    Raises:
        FastAPIError: (while serving) a dependency swallowed the exception, so that there is no response.
    """
    operation = getattr(func, "__self__", None)
    if not (isinstance(operation, RouteOperation) and func == operation.app):
        operation = None
    answer = func if operation is None else operation.answer
    handler: Callable[[Request], Awaitable[Response]] = (
        answer if is_async_callable(answer) else partial(run_in_threadpool, answer)  # type: ignore[call-arg]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)

        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            sent = False
            async with AsyncExitStack() as request_stack:
                scope["fastapi_inner_astack"] = request_stack
                async with AsyncExitStack() as function_stack:
                    scope["fastapi_function_astack"] = function_stack
                    response = await handler(request)
                await response(scope, receive, send)
                sent = True
            if not sent:
                raise FastAPIError(RESPONSE_NOT_AWAITED)

        await wrap_app_handling_exceptions(respond, request)(scope, receive, send)

    return app if operation is None else compiled(operation, app, _pieces())


async def serialize_response(
    *,
    field: ModelField | None = None,
    response_content: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    is_coroutine: bool = True,
    endpoint_ctx: EndpointContext | None = None,
) -> Any:
    """Validate what an endpoint returned against its response model and make it JSON-able.

    Without a model it is only made JSON-able. The content of a ``def`` endpoint is validated in a
    worker thread, as its validators may block.

    Raises:
        ResponseValidationError: the content does not fit the model.
    """
    if field is None:
        return jsonable_encoder(response_content)
    if is_coroutine:
        value, errors = field.validate(response_content, {}, loc=("response",))
    else:
        value, errors = await run_in_threadpool(field.validate, response_content, {}, loc=("response",))
    if errors:
        raise ResponseValidationError(errors=errors, body=response_content, endpoint_ctx=endpoint_ctx or {})
    return field.serialize(
        value,
        include=include,
        exclude=exclude,
        by_alias=by_alias,
        exclude_unset=exclude_unset,
        exclude_defaults=exclude_defaults,
        exclude_none=exclude_none,
    )


async def run_endpoint_function(*, dependant: Dependant, values: dict[str, Any], is_coroutine: bool) -> Any:
    """Call the endpoint with its solved arguments: awaited, in a worker thread, or as ``run_inline`` says."""
    assert dependant.call is not None, "dependant.call must be a function"
    if is_coroutine:
        return await dependant.call(**values)
    if dependant.runs_inline:
        return dependant.call(**values)
    return await run_in_threadpool(dependant.call, **values)


def get_request_handler(
    dependant: Dependant,
    body_field: ModelField | None = None,
    status_code: int | None = None,
    response_class: type[Response] | DefaultPlaceholder = Default(JSONResponse),
    response_field: ModelField | None = None,
    response_model_include: IncEx | None = None,
    response_model_exclude: IncEx | None = None,
    response_model_by_alias: bool = True,
    response_model_exclude_unset: bool = False,
    response_model_exclude_defaults: bool = False,
    response_model_exclude_none: bool = False,
    dependency_overrides_provider: Any | None = None,
    embed_body_fields: bool = False,
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """Return the coroutine function that answers a request for one route.

    Raises:
        RequestValidationError: (while serving) a parameter or the body is not valid.
        ResponseValidationError: (while serving) the result does not fit the response model.
    """
    chosen: type[Response] = (
        response_class.value if isinstance(response_class, DefaultPlaceholder) else response_class
    )
    return RouteOperation(
        dependant=dependant,
        body_field=body_field,
        embed_body_fields=embed_body_fields,
        status_code=status_code,
        response_class=chosen,
        response_field=response_field,
        serialization={
            "include": response_model_include,
            "exclude": response_model_exclude,
            "by_alias": response_model_by_alias,
            "exclude_unset": response_model_exclude_unset,
            "exclude_defaults": response_model_exclude_defaults,
            "exclude_none": response_model_exclude_none,
        },
        dependency_overrides_provider=dependency_overrides_provider,
    ).app


class RouteOperation:
    """What answers the requests for one route: ``app`` as a whole, the other methods in pieces.

    Args:
        response_class: the class itself, whether it was declared or is the default.
        serialization: the options of ``serialize_response``.
        others: as for ``get_request_handler``.
    """

    def __init__(
        self,
        *,
        dependant: Dependant,
        body_field: ModelField | None,
        embed_body_fields: bool,
        status_code: int | None,
        response_class: type[Response],
        response_field: ModelField | None,
        serialization: dict[str, Any],
        dependency_overrides_provider: Any | None,
    ) -> None:
        assert dependant.call is not None, "dependant.call must be a function"
        self.dependant = dependant
        self.body_field = body_field
        self.embed_body_fields = embed_body_fields
        self.status_code = status_code
        self.response_field = response_field
        self.serialization = serialization
        self.dependency_overrides_provider = dependency_overrides_provider
        self.is_coroutine = dependant.is_coroutine_callable
        self.validates_in_thread = not self.is_coroutine and not dependant.runs_inline
        self.response_class = response_class
        self._make_response: Callable[..., Response] = (
            json_response if response_class is JSONResponse else response_class
        )
        self._location = EndpointLocation(dependant)

    async def app(self, request: Request) -> Response:
        """Answer a request object: what a handler of the user's hands on."""
        return await self._handler(request)

    @cached_property
    def _handler(self) -> Handler:
        return compiled_handler(self, self.answer, _pieces())

    async def answer(self, request: Request) -> Response:
        """Read the body, solve the dependencies, call the endpoint and make the response: the reference."""
        body = await self.read(request)
        solved = await routing.solve_dependencies(
            request=request,
            dependant=self.dependant,
            body=body,
            dependency_overrides_provider=self.dependency_overrides_provider,
            async_exit_stack=exit_stack(request, "fastapi_inner_astack"),
            embed_body_fields=self.embed_body_fields,
        )
        if solved.errors:
            raise self.refusal(request, solved.errors, body)
        result = await routing.run_endpoint_function(
            dependant=self.dependant, values=solved.values, is_coroutine=self.is_coroutine
        )
        if isinstance(result, Response):
            if result.background is None:
                result.background = solved.background_tasks
            return result
        content = await self.content(request, result)
        return self.response(content, solved.response, solved.background_tasks)

    async def read(self, request: Request) -> Any:
        """Return the body, ``None`` if there is none or nothing takes it."""
        file_stack = exit_stack(request, "fastapi_middleware_astack")
        if self.body_field is None:
            return None
        return await read_body(request, self.body_field, file_stack, self._context(request))

    def refusal(self, request: Request, errors: list[Any], body: Any) -> RequestValidationError:
        """Return the exception for a request that is not valid."""
        return RequestValidationError(errors, body=body, endpoint_ctx=self._context(request))

    async def content(self, request: Request, result: Any) -> Any:
        """Return what the endpoint returned as JSON-able data, by way of the response model."""
        return await routing.serialize_response(
            field=self.response_field,
            response_content=result,
            is_coroutine=not self.validates_in_thread,
            endpoint_ctx=self._context(request),
            **self.serialization,
        )

    def response_refusal(
        self, request: Request, errors: list[dict[str, Any]], result: Any
    ) -> ResponseValidationError:
        """Return the exception for a result that does not fit the response model."""
        return ResponseValidationError(errors=errors, body=result, endpoint_ctx=self._context(request))

    def response(
        self, content: Any, injected: Response | None, background: BackgroundTasks | None
    ) -> Response:
        """Return the response to content, with what was set on the one that was injected, if it was."""
        options: dict[str, Any] = {"background": background}
        # A status code set on the injected response wins over the declared one; 0 only where none is declared.
        on_injected = None if injected is None else injected.status_code
        code = on_injected or self.status_code or on_injected
        if code is not None:
            options["status_code"] = code
        return self.completed(self._make_response(content, **options), injected)

    def completed(self, response: Response, injected: Response | None) -> Response:
        """Return a response without a body that its status forbids, and with what was set on the injected one."""
        if not is_body_allowed_for_status_code(response.status_code):
            response.body = b""
        if injected is not None:
            response.headers.raw.extend(injected.headers.raw)
        return response

    def _context(self, request: Request) -> EndpointContext:
        return self._location.context(request, request.method)
