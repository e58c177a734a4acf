"""Declarations that must be refused, and the words in which they are: every one has its own address."""

import dataclasses
from typing import Annotated, Any, Union

from pydantic import BaseModel

from fastapi import (
    APIRouter,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Path,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
    WebSocket,
    params,
)
from fastapi.exceptions import FastAPIError
from fastapi.responses import JSONResponse

app = FastAPI()
REFUSED: dict[str, Any] = {}


def refused(function):
    REFUSED[function.__name__] = function
    return function


class Item(BaseModel):
    a: int


class Opaque:
    pass


def function_scoped():
    yield 1


@refused
def path_with_default(app):
    @app.get("/{x}")
    def endpoint(x: int = Path(3)): ...


@refused
def path_annotated_with_default(app):
    @app.get("/{x}")
    def endpoint(x: Annotated[int, Path()] = 3): ...


@refused
def query_in_path(app):
    @app.get("/{x}")
    def endpoint(x: int = Query()): ...


@refused
def body_in_path(app):
    @app.get("/{x}")
    def endpoint(x: Item): ...


@refused
def header_model_in_path(app):
    @app.get("/{x}")
    def endpoint(x: Annotated[list[int], Path()]): ...


@refused
def query_of_dict(app):
    @app.get("/")
    def endpoint(x: dict[str, int] = Query()): ...


@refused
def query_of_list_of_models(app):
    @app.get("/")
    def endpoint(x: Annotated[list[Item], Query()]): ...


@refused
def cookie_of_dict(app):
    @app.get("/")
    def endpoint(x: dict = Cookie()): ...


@refused
def two_defaults(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query(1)] = 2): ...


@refused
def default_in_annotated(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query(1)]): ...


@refused
def default_and_factory(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query(default_factory=int)] = 2): ...


@refused
def two_annotations(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query(), Body()]): ...


@refused
def depends_twice(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Depends(function_scoped)] = Depends(function_scoped)): ...


@refused
def depends_and_query(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query()] = Depends(function_scoped)): ...


@refused
def annotated_and_default_parameter(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query()] = Query()): ...


@refused
def query_and_depends_annotated(app):
    @app.get("/")
    def endpoint(x: Annotated[int, Query(), Depends(function_scoped)]): ...


@refused
def depends_on_request(app):
    @app.get("/")
    def endpoint(x: Request = Depends(function_scoped)): ...


@refused
def request_with_query(app):
    @app.get("/")
    def endpoint(x: Request = Query()): ...


@refused
def unsupported_type(app):
    @app.get("/")
    def endpoint(x: Opaque): ...


@refused
def unsupported_response(app):
    @app.get("/")
    def endpoint() -> Opaque: ...


@refused
def unsupported_response_union(app):
    @app.get("/")
    def endpoint() -> Union[Response, None]: ...


@refused
def unsupported_response_model(app):
    app.get("/", response_model=Opaque)(lambda: None)


@refused
def unsupported_extra_response(app):
    app.get("/", responses={400: {"model": Opaque}})(lambda: None)


@refused
def no_content_with_model(app):
    app.get("/", status_code=204, response_model=Item)(lambda: None)


@refused
def no_content_with_annotation(app):
    @app.get("/", status_code=304)
    def endpoint() -> Item: ...


@refused
def extra_no_content_with_model(app):
    app.get("/", responses={204: {"model": Item}})(lambda: None)


@refused
def request_on_function_scope(app):
    def parent(x: Annotated[int, Depends(function_scoped, scope="function")]):
        yield x

    @app.get("/")
    def endpoint(x: Annotated[int, Depends(parent, scope="request")]): ...


@refused
def default_on_function_scope(app):
    def parent(x: Annotated[int, Depends(function_scoped, scope="function")]):
        yield x

    @app.get("/")
    def endpoint(x: Annotated[int, Depends(parent)]): ...


@refused
def dependency_not_callable(app):
    app.get("/", dependencies=[Depends(3)])(lambda: None)


@refused
def dependency_missing(app):
    app.get("/", dependencies=[Depends()])(lambda: None)


@refused
def parameterless_not_depends(app):
    app.get("/", dependencies=[function_scoped])(lambda: None)


@refused
def form_and_body(app):
    @app.post("/")
    def endpoint(a: Annotated[str, Form()], b: Annotated[Item, Body()]): ...


@refused
def file_and_body(app):
    @app.post("/")
    def endpoint(a: UploadFile, b: Item): ...


@refused
def upload_in_query(app):
    @app.post("/")
    def endpoint(a: UploadFile = Query()): ...


@refused
def file_of_int(app):
    @app.post("/")
    def endpoint(a: Annotated[int, File()]): ...


@refused
def prefix_without_slash(app):
    APIRouter(prefix="no-slash")


@refused
def prefix_with_trailing_slash(app):
    APIRouter(prefix="/trailing/")


@refused
def include_prefix_without_slash(app):
    app.include_router(APIRouter(), prefix="no-slash")


@refused
def include_empty_path(app):
    router = APIRouter()
    router.get("")(lambda: None)
    app.include_router(router)


@refused
def path_without_slash(app):
    app.get("no-slash")(lambda: None)


@refused
def duplicate_path_parameter(app):
    app.get("/{x}/{x}")(lambda: None)


@refused
def unknown_convertor(app):
    app.get("/{x:unknown}")(lambda: None)


@refused
def no_title(app):
    FastAPI(title="")


@refused
def no_version(app):
    FastAPI(version="")


@refused
def include_itself(app):
    router = APIRouter()
    router.include_router(router)


@refused
def duplicate_operation_ids(app):
    app.get("/a", operation_id="same")(lambda: None)
    app.get("/b", operation_id="same")(lambda: None)
    app.openapi()


@refused
def regex_and_pattern(app):
    @app.get("/")
    def endpoint(x: str = Query(regex="^a", pattern="^b")): ...

    app.openapi()


@refused
def invalid_pattern(app):
    @app.get("/")
    def endpoint(x: str = Query(pattern="(")): ...


@refused
def inapplicable_constraint(app):
    @app.get("/")
    def endpoint(x: bool = Query(max_length=3)): ...


@refused
def discriminator_without_union(app):
    @app.post("/")
    def endpoint(x: Annotated[Item, Body(discriminator="a")]): ...


@refused
def status_code_text(app):
    app.get("/", status_code="201")(lambda: None)
    return [route.status_code for route in app.routes if getattr(route, "status_code", None)]


@refused
def response_code_text(app):
    app.get("/", responses={"banana": {"model": Item}})(lambda: None)
    app.openapi()


@refused
def websocket_in_http(app):
    @app.get("/")
    def endpoint(websocket: WebSocket): ...


@refused
def unresolvable_forward_reference(app):
    @app.get("/")
    def endpoint(x: "Nowhere"): ...  # noqa: F821


@refused
def frozen_depends(app):
    dependency = Depends(function_scoped)
    try:
        dependency.use_cache = False
    except dataclasses.FrozenInstanceError as error:
        return str(error)


@refused
def representations(app):
    values = [
        Depends(function_scoped.__name__),
        Security("x", scopes=["a"], use_cache=False),
        Query(1, alias="x"),
        Path(),
        Body(embed=True),
        Form(),
        File(),
        Header(None),
        Cookie("c"),
        params.Depends(scope="function"),
        app.router.prefix,
        FastAPIError("x"),
    ]
    return [repr(value) for value in values]


@refused
def equality(app):
    return [
        Depends(function_scoped) == Depends(function_scoped),
        hash(Depends(function_scoped)) == hash(Depends(function_scoped)),
        Depends(function_scoped) == Depends(function_scoped, use_cache=False),
        Depends(function_scoped) == Security(function_scoped),
    ]


@refused
def add_after_start(app):
    app.build_middleware_stack()
    app.middleware_stack = app.build_middleware_stack()
    app.add_middleware(Opaque)


@refused
def middleware_kind(app):
    app.middleware("websocket")(lambda request, call_next: None)


@refused
def unknown_argument(app):
    app.get("/", unknown=1)(lambda: None)


@refused
def extra_application_argument(app):
    return FastAPI(own=1, other="x").extra


@app.get("/declaration/{name}")
def declaration(name: str):
    try:
        return {"accepted": REFUSED[name](FastAPI())}
    except BaseException as error:
        context = error.__cause__ or error.__context__
        return JSONResponse(
            {
                "type": f"{type(error).__module__}.{type(error).__qualname__}",
                "text": str(error),
                "context": type(context).__name__,
            }
        )


EXAMPLES = [f"GET /declaration/{name}" for name in REFUSED]
