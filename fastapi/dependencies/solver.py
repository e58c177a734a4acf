"""Solving a dependant for one request: the reference path from a request to the arguments of a call."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from fastapi.background import BackgroundTasks
from fastapi.dependencies import utils
from fastapi.dependencies.extraction import extract_params
from fastapi.dependencies.generators import GeneratorKind, enter_generator
from fastapi.dependencies.models import Dependant
from fastapi.params import renewal
from fastapi.security.scopes import SecurityScopes
from fastapi.types import DependencyCacheKey


@dataclass
class SolvedDependency:
    """The arguments for a call, or what is wrong with the request, and what its dependencies left behind.

    ``values`` are complete only if ``errors`` is empty. ``response`` carries the headers and the status
    code that dependencies set.
    """

    values: dict[str, Any]
    errors: list[Any]
    background_tasks: StarletteBackgroundTasks | None
    response: Response
    dependency_cache: dict[DependencyCacheKey, Any]


def exit_stack(request: HTTPConnection, key: str) -> AsyncExitStack:
    """Return the exit stack that the scope of a request holds under ``key``."""
    stack = request.scope.get(key)
    assert isinstance(stack, AsyncExitStack), f"{key} not found in request scope"
    return stack


def _blank_response() -> Response:
    """Return a response for dependencies to write on; it has no length and no status code of its own."""
    response = Response()
    del response.headers["content-length"]
    response.status_code = None  # type: ignore[assignment]
    return response


def overridden(dependant: Dependant, provider: Any) -> Dependant:
    """Return what runs in place of ``dependant``, as the provider's ``dependency_overrides`` have it.

    While there are overrides, every dependency is analysed anew, with the scopes above it merged into one
    list. The last analysis is kept with ``dependant``: it costs far more than a request.
    """
    if not provider or not provider.dependency_overrides:
        return dependant
    original = dependant.call
    call = provider.dependency_overrides.get(original, original)
    previous: Dependant | None = vars(dependant).get("_override")
    if previous is None or previous.call is not call or vars(previous)["_generation"] != renewal.generation():
        previous = utils.get_dependant(
            path=dependant.path,  # type: ignore[arg-type]
            call=call,
            name=dependant.name,
            parent_oauth_scopes=dependant.oauth_scopes,
            scope=dependant.scope,
        )
        vars(previous)["_generation"] = renewal.generation()
        vars(dependant)["_override"] = previous
    return previous


async def _solve_generator(*, dependant: Dependant, stack: AsyncExitStack, sub_values: dict[str, Any]) -> Any:
    """Run a generator up to its ``yield`` and leave the rest to ``stack``."""
    assert dependant.call is not None
    kind: GeneratorKind = "generator"
    if dependant.is_async_gen_callable:
        kind = "async generator"
    elif dependant.runs_inline:
        kind = "inline generator"
    return await enter_generator(stack, kind, dependant.call(**sub_values))


async def solve_dependencies(
    *,
    request: Request | WebSocket,
    dependant: Dependant,
    body: dict[str, Any] | FormData | None = None,
    background_tasks: StarletteBackgroundTasks | None = None,
    response: Response | None = None,
    dependency_overrides_provider: Any | None = None,
    dependency_cache: dict[DependencyCacheKey, Any] | None = None,
    async_exit_stack: AsyncExitStack,
    embed_body_fields: bool,
) -> SolvedDependency:
    """Run everything that ``dependant`` depends on, and collect its arguments. It is not called itself.

    Dependencies run in the order of the signature, each after its own; one that has errors below it does
    not run. ``def`` functions and classes are called in a worker thread, unless ``run_inline`` marks them.

    Args:
        request: its scope holds the exit stacks on which generators are left:
            ``fastapi_inner_astack`` and, for those of scope "function", ``fastapi_function_astack``.
        body: the parsed body, of which each dependant takes its own fields.
        background_tasks, response, dependency_cache: shared by all dependants of one request; made if
            there are none.
        dependency_overrides_provider: an object with ``dependency_overrides``, such as the application.
        async_exit_stack: kept for callers; the stacks of the scope are used.
        embed_body_fields: whether body fields are keys of the body; see ``get_body_field``.

    Returns:
        The arguments and the validation errors, as in a 422 response.
    """
    request_stack = exit_stack(request, "fastapi_inner_astack")
    function_stack = exit_stack(request, "fastapi_function_astack")
    if response is None:
        response = _blank_response()
    if dependency_cache is None:
        dependency_cache = {}
    values: dict[str, Any] = {}
    errors: list[Any] = []
    for declared in dependant.dependencies:
        dependency = overridden(declared, dependency_overrides_provider)
        below = await utils.solve_dependencies(
            request=request,
            dependant=dependency,
            body=body,
            background_tasks=background_tasks,
            response=response,
            dependency_overrides_provider=dependency_overrides_provider,
            dependency_cache=dependency_cache,
            async_exit_stack=async_exit_stack,
            embed_body_fields=embed_body_fields,
        )
        background_tasks = below.background_tasks
        if below.errors:
            errors += below.errors
            continue
        assert dependency.call is not None
        # An override answers under the key of what it replaces.
        key = declared.cache_key
        if declared.use_cache and key in dependency_cache:
            solved = dependency_cache[key]
        elif dependency.is_gen_callable or dependency.is_async_gen_callable:
            solved = await utils._solve_generator(
                dependant=dependency,
                stack=function_stack if declared.scope == "function" else request_stack,
                sub_values=below.values,
            )
        elif dependency.is_coroutine_callable:
            solved = await dependency.call(**below.values)
        elif dependency.runs_inline:
            solved = dependency.call(**below.values)
        else:
            solved = await utils.run_in_threadpool(dependency.call, **below.values)
        if declared.name is not None:
            values[declared.name] = solved
        dependency_cache.setdefault(key, solved)
    taken, refused = extract_params(dependant, request)
    values |= taken
    errors += refused
    if dependant.body_params:
        taken, refused = await utils.request_body_to_args(
            body_fields=dependant.body_params, received_body=body, embed_body_fields=embed_body_fields
        )
        values |= taken
        errors += refused
    if dependant.background_tasks_param_name and background_tasks is None:
        background_tasks = BackgroundTasks()
    values |= _injected(dependant, request, background_tasks, response)
    return SolvedDependency(values, errors, background_tasks, response, dependency_cache)


def _injected(
    dependant: Dependant,
    request: Request | WebSocket,
    background_tasks: StarletteBackgroundTasks | None,
    response: Response,
) -> dict[str, Any]:
    """Return the arguments that are objects of the request itself."""
    values: dict[str, Any] = {}
    if dependant.http_connection_param_name:
        values[dependant.http_connection_param_name] = request
    if dependant.request_param_name and isinstance(request, Request):
        values[dependant.request_param_name] = request
    elif dependant.websocket_param_name and isinstance(request, WebSocket):
        values[dependant.websocket_param_name] = request
    if dependant.background_tasks_param_name:
        values[dependant.background_tasks_param_name] = background_tasks
    if dependant.response_param_name:
        values[dependant.response_param_name] = response
    if dependant.security_scopes_param_name:
        values[dependant.security_scopes_param_name] = SecurityScopes(scopes=dependant.oauth_scopes)
    return values
