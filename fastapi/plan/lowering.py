"""From an operation to its plan."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from pydantic_core import SchemaValidator
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from fastapi import _rust
from fastapi._compat import ModelField, lenient_issubclass
from fastapi._rendering import response_writer
from fastapi.dependencies.extraction import param_extractor
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.renewal import declared as declared_in_file
from fastapi.dependencies.signature import get_typed_return_annotation
from fastapi.dependencies.solver import overridden
from fastapi.plan.body import BodyParams, body_params, is_form_field
from fastapi.plan.json_mode import json_validator
from fastapi.plan.model import Kind, Operation, RoutePlan, Step
from fastapi.plan.rendition import Rendition, reason, rendition
from fastapi.types import DependencyCacheKey

Handler = Callable[[Request], Awaitable[Response]]
"""What answers the request objects of a route."""

_LONGEST = 1000
"""A diamond of dependencies on dependencies unfolds to very many steps: those run on the reference path."""


def compiled(operation: Operation, reference: ASGIApp, pieces: "_rust.PlanPieces | None") -> ASGIApp:
    """Return the application that runs an operation's plan.

    Args:
        operation: what to lower at the first request, and again if it has changed since.
        reference: serves what no plan can be made for.
        pieces: see ``fastapi.plan.stock``; ``None`` where plans cannot be run.
    """
    return reference if pieces is None else _rust.PlannedApp(operation, lower, reference, pieces)


def compiled_handler(operation: Operation, reference: Handler, pieces: "_rust.PlanPieces | None") -> Handler:
    """Return the handler that runs an operation's plan between a request and a response object.

    Args:
        operation: as for ``compiled``.
        reference: answers what no plan can be made for.
        pieces: as for ``compiled``.
    """
    return reference if pieces is None else _rust.PlannedHandler(operation, lower, reference, pieces)


def lower(operation: Operation, has_overrides: bool = False) -> RoutePlan | None:
    """Work out the plan of an operation; ``None`` if only the reference path can serve it.

    Args:
        operation: what to lower.
        has_overrides: lower what its ``dependency_overrides`` put in the place of its dependencies.
    """
    steps: list[Step] = []
    slots: dict[DependencyCacheKey, int] = {}
    lowering = _Lowering(operation, steps, slots, has_overrides)
    try:
        lowering.add(operation.dependant, operation.dependant, is_endpoint=True)
    except (_Unplannable, TypeError):  # TypeError: a callable without a hash has no cache key
        return None
    except Exception:
        # What cannot be analysed fails each request that meets it.
        if has_overrides:
            return None
        raise
    writer = _writer(operation)
    known = rendition(operation.response_class)
    return RoutePlan(
        operation=operation,
        steps=steps,
        slots=len(slots),
        overrides=lowering.overrides if has_overrides else None,
        reads=_reads(operation),
        json_validator=_json_validator(operation, steps),
        rendition=known,
        writer=writer,
        is_open=any(_sees_request(step) for step in steps),
        reasons=tuple(_route_reasons(operation, known, writer)),
    )


def _reads(operation: Operation) -> Literal["nothing", "json", "form"]:
    if operation.body_field is None:
        return "nothing"
    return "form" if is_form_field(operation.body_field) else "json"


def _json_validator(operation: Operation, steps: list[Step]) -> SchemaValidator | None:
    """Return what validates the body from its bytes, where nobody sees or changes the objects in between."""
    bodies = [step for step in steps if step.body_params is not None]
    if len(bodies) != 1 or _reads(operation) != "json" or operation.embed_body_fields:
        return None
    if any(_sees_request(step) and not _is_security(step) for step in steps):
        return None
    return json_validator(bodies[0].dependant.body_params[0])


def _sees_request(step: Step) -> bool:
    return bool(step.dependant.request_param_name or step.dependant.http_connection_param_name)


def _is_security(step: Step) -> bool:
    """Whether the callable is one of this package's, which look at headers, the query and cookies only."""
    return type(step.dependant.call).__module__.startswith("fastapi.security.")


def _writer(operation: Operation) -> "_rust.ResponseWriter | None":
    field = operation.response_field
    if field is None or type(field) is not ModelField:
        return None
    return response_writer(field, **operation.serialization)


def _route_reasons(
    operation: Operation, known: Rendition | None, writer: "_rust.ResponseWriter | None"
) -> list[str]:
    reasons = []
    calls_class = known is None or known.body == "its own"
    if calls_class and not _returns_response(operation.dependant):
        reasons.append(reason(operation.response_class))
    if operation.response_field is not None:
        if known is not None and known.body == "text":
            if writer is None or not writer.keeps_text:
                reasons.append(f"pydantic serializes the content of {known.cls.__name__}")
        elif writer is None:
            reasons.append("the response model has a configuration of its own")
        elif writer.reason is not None:
            reasons.append(f"pydantic writes the response: {writer.reason}")
    return reasons


def _returns_response(endpoint: Dependant) -> bool:
    """Whether an endpoint says that it returns responses, so that no response class is needed."""
    assert endpoint.call is not None
    return lenient_issubclass(get_typed_return_annotation(endpoint.call), Response)


class _Unplannable(Exception):
    """Only the reference path can serve an operation."""


class _Lowering:
    def __init__(
        self,
        operation: Operation,
        steps: list[Step],
        slots: dict[DependencyCacheKey, int],
        has_overrides: bool,
    ) -> None:
        self.operation = operation
        self.steps = steps
        self.slots = slots
        self.has_overrides = has_overrides
        self.overrides: list[tuple[Any, Any]] = []

    def standing_for(self, declared: Dependant) -> Dependant:
        """Return what runs in place of a dependency."""
        if not self.has_overrides:
            return declared
        dependency = overridden(declared, self.operation.dependency_overrides_provider)
        if declared_in_file(dependency):
            raise _Unplannable("no plan of an override would notice another schema file")
        self.overrides.append((declared.call, dependency.call))
        return dependency

    def add(self, dependant: Dependant, declared: Dependant, *, is_endpoint: bool = False) -> int:
        """Add the steps for a dependant and return the number of its own.

        Args:
            dependant: what runs.
            declared: what it stands for, under whose key its result is kept.
            is_endpoint: whether it is the last step.
        """
        first = len(self.steps)
        arguments = []
        for dependency in dependant.dependencies:
            number = self.add(self.standing_for(dependency), dependency)
            if dependency.name is not None:
                arguments.append((dependency.name, number))
        if len(self.steps) >= _LONGEST:
            raise _Unplannable("too many steps")
        assert dependant.call is not None
        kind = kind_of(dependant, is_endpoint)
        in_body = body_params(
            dependant,
            embed=self.operation.embed_body_fields,
            is_form=is_form_field(self.operation.body_field),
        )
        self.steps.append(
            Step(
                dependant=dependant,
                declared=declared,
                name=getattr(dependant.call, "__name__", type(dependant.call).__name__),
                kind=kind,
                exits="function" if declared.scope == "function" else "request",
                first=first,
                arguments=arguments,
                # The endpoint keeps nothing: a slot of its own that nobody looks at.
                slot=self.slots.setdefault(
                    (None, (), "endpoint") if is_endpoint else declared.cache_key, len(self.slots)
                ),
                use_cache=declared.use_cache and not is_endpoint,
                extractor=param_extractor(dependant),
                body_params=in_body,
                reasons=tuple(_reasons(dependant, in_body)),
            )
        )
        return len(self.steps) - 1


def kind_of(dependant: Dependant, is_endpoint: bool) -> Kind:
    """Return how the callable of a dependant is run."""
    # What an endpoint yields is content like any other.
    if not is_endpoint and dependant.is_async_gen_callable:
        return "async generator"
    if not is_endpoint and dependant.is_gen_callable:
        return "inline generator" if dependant.runs_inline else "generator"
    if dependant.is_coroutine_callable:
        return "async"
    return "inline" if dependant.runs_inline else "thread"


def _reasons(dependant: Dependant, in_body: BodyParams | None) -> list[str]:
    extractor = param_extractor(dependant)
    reasons = [] if extractor is None else extractor.reasons
    if in_body is not None:
        reasons += in_body.reasons
    return reasons
