"""Documents under other addresses, a document of one's own, one schema for input and output, pages switched off."""

from typing import Any

from pydantic import BaseModel, Field

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

app = FastAPI(
    openapi_url="/api/v1/openapi.json",
    docs_url="/documentation",
    redoc_url=None,
    swagger_ui_oauth2_redirect_url="/documentation/back",
    separate_input_output_schemas=False,
    root_path="/root",
    root_path_in_servers=False,
    openapi_prefix="",
)


class Item(BaseModel):
    name: str
    sub: dict[str, int] = Field(default_factory=dict)
    note: str = "n"


@app.post("/items")
def items(item: Item) -> Item:
    return item


def own_openapi() -> dict[str, Any]:
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title="Own", version="2.5", description="Own schema", routes=app.routes, servers=app.servers
    )
    schema["info"]["x-logo"] = {"url": "https://x/logo.png"}
    app.openapi_schema = schema
    return schema


app.openapi = own_openapi
app.openapi_version = "3.0.3"
none = FastAPI(openapi_url=None)
docs_only = FastAPI(redoc_url=None, swagger_ui_oauth2_redirect_url=None, title="Only")
redoc_only = FastAPI(docs_url=None)
empty = FastAPI(openapi_url="")
for path, child in {
    "/none": none,
    "/docs-only": docs_only,
    "/redoc-only": redoc_only,
    "/empty": empty,
}.items():
    app.mount(path, child)

EXAMPLES = [
    f"GET {prefix}{path}"
    for prefix in ("", "/none", "/docs-only", "/redoc-only", "/empty")
    for path in ("/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect")
] + [
    "GET /api/v1/openapi.json",
    "GET /documentation",
    "GET /documentation/back",
    {"request": "POST /items", "json": {"name": "n", "sub": {"a": "x"}}},
    {"request": "POST /items", "json": {"name": "n"}},
]
