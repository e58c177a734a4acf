"""Random trees of dependencies that write down what happens to them."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

from hypothesis import strategies as st

from fastapi import BackgroundTasks, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.concurrency import run_inline
from fastapi.routing import APIRoute

MARK: ContextVar[tuple[str, ...]] = ContextVar("mark", default=())

KINDS = ("async", "def", "class", "async yield", "yield", "instance", "inline", "inline yield")
PLACES = ("nowhere", "nowhere", "nowhere", "on the way in", "on the way out", "swallow")
ERRORS: dict[str, Callable[[], BaseException]] = {
    "http": lambda: HTTPException(418, "teapot", headers={"x-pot": "tea"}),
    "value": lambda: ValueError("no value"),
    "key": lambda: KeyError("no key"),
}


@dataclass(frozen=True)
class Node:
    """One dependency: how it runs, what it takes, where it raises."""

    kind: str
    children: tuple[int, ...]
    use_cache: bool
    scope: str | None
    takes: frozenset[str]
    fails: str
    error: str


def _nodes(number: int) -> st.SearchStrategy[Node]:
    return st.builds(
        Node,
        kind=st.sampled_from(KINDS),
        # Only on those before it, so that there is no cycle; twice the same is allowed.
        children=st.lists(st.integers(0, number - 1), max_size=3).map(tuple) if number else st.just(()),
        use_cache=st.booleans(),
        scope=st.sampled_from([None, "request", "function"]),
        takes=st.frozensets(
            st.sampled_from(["query", "header", "request", "response", "background"]), max_size=3
        ),
        fails=st.sampled_from(PLACES),
        error=st.sampled_from(sorted(ERRORS)),
    )


TREES = st.integers(1, 5).flatmap(lambda size: st.tuples(*(_nodes(number) for number in range(size))))

# A dependency by one before it, so that there is no cycle.
OVERRIDES = st.lists(
    st.integers(1, 4).flatmap(lambda number: st.tuples(st.just(number), st.integers(0, number - 1))),
    max_size=3,
)

REQUESTS = st.fixed_dictionaries(
    {
        "query": st.sampled_from([b"", b"n=1", b"n=x", b"n=", b"n=2&n=3"]),
        "headers": st.sampled_from([[], [(b"level", b"5")], [(b"level", b"high")]]),
    }
)


def _parameters(node: Node, calls: list[Callable[..., Any]], nodes: tuple[Node, ...]) -> dict[str, Any]:
    taken: dict[str, Any] = {
        f"d{position}": Annotated[
            Any,
            Depends(calls[child], use_cache=nodes[child].use_cache, scope=nodes[child].scope),
        ]
        for position, child in enumerate(node.children)
    }
    wanted = {
        "query": ("n", Annotated[int, Query()]),
        "header": ("level", Annotated[int, Header(le=9)]),
        "request": ("request", Request),
        "response": ("response", Response),
        "background": ("tasks", BackgroundTasks),
    }
    taken.update(wanted[name] for name in sorted(node.takes))
    return taken


def application(
    nodes: tuple[Node, ...], log: list[str], sees_scope: bool, route_class: type[APIRoute] = APIRoute
) -> FastAPI:
    """An application whose only route depends on the last node; its endpoint may look at the scope."""
    calls: list[Callable[..., Any]] = []
    for number, node in enumerate(nodes):
        calls.append(_callable(number, node, calls, nodes, log))
    app = FastAPI(openapi_url=None)
    app.state.calls = calls
    app.router.route_class = route_class

    @app.exception_handler(ValueError)
    def handle_value(request: Request, error: ValueError) -> Response:
        log.append(f"handles {error} at {request.url.path}")
        return Response(str(error), 409)

    @app.exception_handler(KeyError)
    async def handle_key(request: Request, error: KeyError) -> Response:
        log.append("handles a key, badly")
        raise RuntimeError("handler") from error

    last = nodes[-1]
    top = Depends(calls[-1], use_cache=last.use_cache, scope=last.scope)

    async def blind(value: Annotated[Any, top]) -> Any:
        log.append(f"endpoint {value} {MARK.get()}")
        return {"value": repr(value)}

    async def seeing(value: Annotated[Any, top], request: Request) -> Any:
        keys = sorted(key for key in request.scope if key.startswith("fastapi"))
        return {**await blind(value), "keys": keys}

    app.get("/", dependencies=[Depends(calls[0])])(seeing if sees_scope else blind)
    return app


def _callable(
    number: int, node: Node, calls: list[Callable[..., Any]], nodes: tuple[Node, ...], log: list[str]
) -> Callable[..., Any]:
    parameters = _parameters(node, calls, nodes)

    def enter(values: dict[str, Any]) -> str:
        shown = {name: value for name, value in values.items() if isinstance(value, int | str)}
        log.append(f"{number} in {shown}")
        MARK.set((*MARK.get(), str(number)))
        if "response" in values:
            values["response"].headers.append("x-node", str(number))
            values["response"].status_code = 200 + number
        if "tasks" in values:
            values["tasks"].add_task(log.append, f"{number} task")
        if node.fails == "on the way in":
            raise ERRORS[node.error]()
        return f"<{number}>"

    def leave(error: BaseException | None) -> bool:
        log.append(f"{number} out {error!r}")
        if node.fails == "on the way out":
            raise ERRORS[node.error]()
        return node.fails == "swallow"

    async def run_async(**values: Any) -> str:
        return enter(values)

    def run_def(**values: Any) -> str:
        return enter(values)

    async def run_async_yield(**values: Any) -> AsyncIterator[str]:
        entered = enter(values)
        try:
            yield entered
        except Exception as error:
            if not leave(error):
                raise
        else:
            leave(None)

    def run_yield(**values: Any) -> Iterator[str]:
        entered = enter(values)
        try:
            yield entered
        except Exception as error:
            if not leave(error):
                raise
        else:
            leave(None)

    class Made:
        def __init__(self, **values: Any) -> None:
            self.entered = enter(values)

        def __repr__(self) -> str:
            return self.entered

    class Instance:
        async def __call__(self, **values: Any) -> str:
            return enter(values)

    made = {
        "async": run_async,
        "def": run_def,
        "async yield": run_async_yield,
        "yield": run_yield,
        "class": Made,
        "instance": Instance(),
        "inline": run_def,
        "inline yield": run_yield,
    }[node.kind]
    if node.kind.startswith("inline"):
        run_inline(made)
    return _declared(made, parameters)


def _declared(call: Any, parameters: dict[str, Any]) -> Callable[..., Any]:
    signature = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
            for name, annotation in parameters.items()
        ]
    )
    call.__signature__ = signature
    result: Callable[..., Any] = call
    return result
