"""The OpenAPI document and its pages with everything that can be said in them."""

from enum import Enum
from typing import Annotated, Any

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field

from fastapi import APIRouter, Body, FastAPI, Path, Query, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.routing import APIRoute


class Invoice(BaseModel):
    id: str
    title: str | None = None
    total: float


class Event(BaseModel):
    description: str
    paid: bool


class Received(BaseModel):
    ok: bool


class Kind(str, Enum):
    """Which kind it is."""

    ONE = "one"
    TWO = "two"


class Documented(BaseModel):
    """A documented model.

    With *markdown*.
    """

    model_config = ConfigDict(
        title="The Documented",
        json_schema_extra={"examples": [{"a": 1}], "x-own": {"deep": [1]}},
        str_max_length=99,
    )

    a: int = Field(1, title="A", description="The a", ge=0, le=9, examples=[3], deprecated=True)
    kind: Kind = Kind.ONE
    any_thing: Any = None
    mapping: dict[str, list[int | None]] = {}
    nested: "Documented | None" = None
    write_only: str = Field("w", json_schema_extra={"writeOnly": True})


callbacks = APIRouter()


@callbacks.post("{$callback_url}/invoices/{$request.body.id}", response_model=Received)
def invoice_notification(body: Event):
    """Called back."""


@callbacks.get("{$callback_url}/ping", responses={204: {"description": "Fine"}})
def ping(q: int):
    pass


def unique(route: APIRoute) -> str:
    return f"{route.name}_of_{len(route.path)}"


app = FastAPI(
    title="Documented",
    summary="A *summary*",
    description="A description with `code` & <tags>",
    version="1.2.3-ü",
    terms_of_service="http://example.com/terms/",
    contact={"name": "C", "url": "http://x.example.com/contact/", "email": "c@example.com"},
    license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
    openapi_tags=[
        {"name": "users", "description": "U", "externalDocs": {"description": "E", "url": "https://e.x"}},
        {"name": "x"},
    ],
    openapi_external_docs={"description": "External", "url": "https://e.x/docs"},
    servers=[{"url": "https://stag.example.com", "description": "Staging"}, {"url": "/v1"}],
    generate_unique_id_function=unique,
    swagger_ui_parameters={
        "deepLinking": False,
        "syntaxHighlight": {"theme": "obsidian"},
        "layout": "</script><b>",
    },
    swagger_ui_init_oauth={"clientId": "id", "scopes": "a b", "usePkceWithAuthorizationCodeGrant": True},
    responses={429: {"description": "Too many"}},
    separate_input_output_schemas=True,
    root_path="/behind",
    callbacks=None,
    deprecated=None,
    webhooks=APIRouter(),
)


@app.webhooks.post("new-subscription", tags=["hooks"])
def new_subscription(body: Event, q: Annotated[str, Query(max_length=3)] = "q") -> Received:
    """A webhook."""


@app.webhooks.get("hidden", include_in_schema=False)
def hidden_webhook():
    pass


@app.post("/invoices/", callbacks=callbacks.routes, tags=["users", Kind.ONE])
def create_invoice(invoice: Invoice, callback_url: AnyHttpUrl | None = None):
    """Create an invoice.

    This will (let's imagine) work.
    """
    return {"msg": "Invoice received"}


@app.get(
    "/responses/{id}",
    response_model=Documented,
    response_description="The answer",
    responses={
        200: {"content": {"image/png": {}}, "description": "An image too"},
        201: {"model": Invoice, "headers": {"X-Rate": {"schema": {"type": "integer"}}}},
        "4XX": {"description": "Client", "content": {"application/json": {"example": {"a": 1}}}},
        "default": {"model": Event, "description": "Any"},
        404: {"model": Received, "links": {"self": {"operationId": "x"}}},
    },
    openapi_extra={
        "x-extra": {"a": [1, 2]},
        "requestBody": {"content": {"text/x": {"schema": {"type": "string"}}}},
    },
)
def responses(id: Annotated[str, Path(pattern="^a")]):
    return PlainTextResponse(id)


@app.get(
    "/summary",
    summary="Own summary",
    description="Own *description*",
    operation_id="own_id",
    deprecated=True,
    name="n",
)
def summary():
    """Not this."""


@app.get("/no-schema", include_in_schema=False)
def no_schema():
    pass


@app.put("/input-output", response_model=list[Documented])
def input_output(value: Documented, other: Annotated[Documented, Body(title="Other", description="O")]):
    return [value]


@app.get("/text", response_class=PlainTextResponse)
def text() -> str:
    return "text"


@app.get("/class-without-media-type", response_class=Response)
def no_media_type():
    return Response()


@app.api_route("/two-methods", methods=["GET", "POST"], response_model=None)
def two_methods():
    pass


@app.patch("/status", status_code=204)
def status() -> None:
    pass


@app.get("/many-tags", tags=["a", "b", "a", "users"])
def many_tags(request: Request):
    pass


@app.get("/custom-docs", include_in_schema=False)
def custom_docs():
    return get_swagger_ui_html(
        openapi_url="/o.json",
        title="T & <t>",
        oauth2_redirect_url="/r",
        swagger_js_url="/js",
        swagger_css_url="/css",
        swagger_favicon_url="/f",
        init_oauth={"a": "<b>"},
        swagger_ui_parameters={"dom_id": "#x", "a": None},
    )


@app.get("/custom-redoc", include_in_schema=False)
def custom_redoc(with_google_fonts: bool = True):
    return get_redoc_html(
        openapi_url="/o",
        title="T",
        redoc_js_url="/js",
        redoc_favicon_url="/f",
        with_google_fonts=with_google_fonts,
    )


@app.get("/custom-redirect", include_in_schema=False)
def custom_redirect():
    return get_swagger_ui_oauth2_redirect_html()


@app.get("/custom-openapi", include_in_schema=False)
def custom_openapi():
    return JSONResponse(
        get_openapi(
            title="T",
            version="1",
            routes=app.routes,
            tags=[{"name": "t"}],
            openapi_version="3.0.2",
            separate_input_output_schemas=False,
        )
    )


EXAMPLES = [
    "GET /custom-docs",
    "GET /custom-redoc",
    "GET /custom-redoc?with_google_fonts=0",
    "GET /custom-redirect",
    "GET /custom-openapi",
    {"request": "GET /openapi.json", "root_path": "/other"},
    {"request": "GET /openapi.json", "root_path": "/behind"},
    {"request": "GET /docs", "root_path": "/behind/"},
    {"request": "GET /redoc", "root_path": "/x"},
    "GET /openapi.json",
    "GET /docs/",
    "OPTIONS /docs",
]
