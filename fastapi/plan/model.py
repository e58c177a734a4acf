"""What a plan is."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from pydantic_core import SchemaValidator
from starlette.background import BackgroundTasks
from starlette.requests import Request
from starlette.responses import Response

from fastapi._compat import ModelField
from fastapi.dependencies.extraction import ParamExtractor
from fastapi.dependencies.generators import GeneratorKind
from fastapi.dependencies.models import Dependant
from fastapi.plan.body import BodyParams
from fastapi.plan.rendition import Rendition

if TYPE_CHECKING:
    from fastapi._rust import ResponseWriter

Kind = Literal["async", "thread", "inline"] | GeneratorKind
"""How a callable is run: awaited, in a worker thread, on the loop, or up to its ``yield`` and from there later."""


class Operation(Protocol):
    """What answers the requests for one route: the reference path as a whole and in pieces."""

    dependant: Dependant
    body_field: ModelField | None
    embed_body_fields: bool
    status_code: int | None
    response_field: ModelField | None
    serialization: dict[str, Any]
    response_class: type[Response]
    dependency_overrides_provider: Any
    validates_in_thread: bool

    async def app(self, request: Request) -> Response:
        """Answer a request, by its plan if that can be."""
        ...

    async def answer(self, request: Request) -> Response:
        """Answer a request: the slow twin of every plan."""
        ...

    def read(self, request: Request) -> Coroutine[Any, Any, Any]:
        """Read the body."""
        ...

    def refusal(self, request: Request, errors: list[Any], body: Any) -> Exception:
        """Return the exception for a request that is not valid."""
        ...

    def response_refusal(self, request: Request, errors: list[dict[str, Any]], result: Any) -> Exception:
        """Return the exception for a result that does not fit the response model."""
        ...

    def response(
        self, content: Any, injected: Response | None, background: BackgroundTasks | None
    ) -> Response:
        """Make the response."""
        ...

    def completed(self, response: Response, injected: Response | None) -> Response:
        """Finish a response that has been made."""
        ...


class Step(NamedTuple):
    """One callable of a plan: a dependency or, as the last one, the endpoint.

    Args:
        dependant: where it comes from.
        declared: what it stands for; the same unless it is an override.
        name: how it is called, for people.
        kind: how it is run.
        exits: for a generator, whether it exits after the endpoint or after the response.
        first: the number of the first step that only runs for this one; itself if it depends on nothing.
        arguments: names of parameters, and the numbers of the steps whose results they receive.
        slot: where its result is kept for steps that are the same dependency.
        use_cache: whether it takes the result that is kept there.
        extractor: takes the parameters from path, query, headers and cookies; ``None`` if there are none.
        body_params: takes the parameters from the body; ``None`` if there are none.
        reasons: what is left to Python, in words.
    """

    dependant: Dependant
    declared: Dependant
    name: str
    kind: Kind
    exits: Literal["function", "request"]
    first: int
    arguments: list[tuple[str, int]]
    slot: int
    use_cache: bool
    extractor: ParamExtractor | None
    body_params: BodyParams | None
    reasons: tuple[str, ...]


class RoutePlan(NamedTuple):
    """The steps for one route in the order in which they run, and the response.

    Args:
        operation: what the plan stands for.
        steps: dependencies, each after its own, then the endpoint.
        slots: how many results are kept.
        overrides: what each dependency is, and what runs in its place; ``None`` while nothing is overridden.
        reads: the body as which kind of thing.
        json_validator: validates the whole body as soon as it has been read; ``None`` if the steps have to do it.
        rendition: what the response class makes of content; ``None`` if it has to be called.
        writer: writes valid results of the endpoint as JSON, where it is certain.
        is_open: whether the user's code can look at the scope of the request.
        reasons: what of body and response is left to Python, in words.
    """

    operation: Operation
    steps: list[Step]
    slots: int
    overrides: list[tuple[Any, Any]] | None
    reads: Literal["nothing", "json", "form"]
    json_validator: SchemaValidator | None
    rendition: Rendition | None
    writer: "ResponseWriter | None"
    is_open: bool
    reasons: tuple[str, ...]
