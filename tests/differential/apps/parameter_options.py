"""Aliases, documentation and the other options of parameters."""

from typing import Annotated, Any, Optional

from pydantic import AliasChoices, Field, WithJsonSchema

from fastapi import Body, Cookie, FastAPI, Header, Path, Query

app = FastAPI()

OPENAPI_EXAMPLES = {
    "normal": {"summary": "Normal", "description": "A **normal** one", "value": "x"},
    "external": {"externalValue": "http://example.com/x.json"},
}


@app.get("/alias")
def alias(value: Annotated[str, Query(alias="item-query")]):
    return value


@app.get("/validation-alias")
def validation_alias(value: Annotated[str, Query(validation_alias="val_alias")]):
    return value


@app.get("/both-aliases")
def both_aliases(
    value: Annotated[str, Query(alias="a", validation_alias="v", serialization_alias="s")] = "d",
):
    return value


@app.get("/serialization-alias")
def serialization_alias(value: Annotated[int, Query(serialization_alias="s")]):
    return value


@app.get("/alias-list")
def alias_list(value: Annotated[list[int], Query(alias="n", validation_alias="m")]):
    return value


@app.get("/header-alias")
def header_alias(
    value: Annotated[str, Header(alias="X-Odd_Name")], x_other: Annotated[Optional[str], Header()] = None
):
    return [value, x_other]


@app.get("/header-underscores")
def header_underscores(strange_header: Annotated[str | None, Header(convert_underscores=False)] = None):
    return strange_header


@app.get("/header-validation-alias")
def header_validation_alias(value: Annotated[str, Header(validation_alias="x-val")]):
    return value


@app.get("/cookie-alias")
def cookie_alias(
    value: Annotated[str, Cookie(alias="my.cookie")],
    other: Annotated[str, Cookie(validation_alias="v")] = "n",
):
    return [value, other]


@app.get("/documented/{item}")
def documented(
    item: Annotated[int, Path(title="T", description="D", examples=[1, 2], json_schema_extra={"x-a": 1})],
    q: Annotated[
        str | None,
        Query(
            title="Query string", description="Query *string*", deprecated=True, examples=["a"], min_length=1
        ),
    ] = None,
    e: Annotated[str, Query(openapi_examples=OPENAPI_EXAMPLES)] = "x",
    hidden: Annotated[str | None, Query(include_in_schema=False)] = None,
    h: Annotated[str | None, Header(openapi_examples=OPENAPI_EXAMPLES, deprecated=True, title="H")] = None,
    c: Annotated[str | None, Cookie(example="old-example")] = None,
    f: Annotated[int, Field(description="From Field", title="F")] = 3,
    j: Annotated[str, WithJsonSchema({"type": "string", "format": "odd"}), Query()] = "j",
):
    return [item, q, e, hidden, h, c, f, j]


@app.get("/deprecated-spellings")
def deprecated_spellings(value: str = Query("abc", regex="^abc", example="abcd", extra_key="kept")):
    return value


@app.get("/factory")
def factory(value: Annotated[int, Query(default_factory=lambda: 7, ge=8)]):
    return value


@app.get("/ellipsis")
def ellipsis(value: str = Query(...), other: str | None = Query(default=...)):
    return [value, other]


@app.get("/invalid-default")
def invalid_default(value: int = Query("not a number"), other: list[int] = Query(None)):
    return [value, other]


@app.get("/same-names")
def same_names(
    value: Annotated[int, Query()],
    in_header: Annotated[int, Header(alias="value")],
    in_cookie: Annotated[int, Cookie(alias="value")] = 0,
):
    return [value, in_header, in_cookie]


@app.get("/same-alias")
def same_alias(a: Annotated[int, Query(alias="x")], b: Annotated[str, Query(alias="x")]):
    return [a, b]


@app.get("/many")
def many(a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int = 1, i: int = 2, j: str = "j"):
    return [a, b, c, d, e, f, g, h, i, j]


@app.get("/keyword-only")
def keyword_only(*, item: int, q: str = "q", **_: Any):
    return [item, q]


@app.get("/positional-only")
def positional_only(item: int, /, q: str = "q"):
    return [item, q]


@app.post("/everywhere/{a}")
def everywhere(
    a: int,
    b: int,
    c: Annotated[int, Header()],
    d: Annotated[int, Cookie()],
    e: Annotated[int, Body()],
    f: Annotated[str, Body(alias="eff", max_length=3)] = "f",
):
    return [a, b, c, d, e, f]


@app.get("/choices")
def choices(value: Annotated[str, Query(validation_alias=AliasChoices("one", "two"))] = "none"):
    return value


EXAMPLES = [
    "GET /alias?item-query=1",
    "GET /alias?value=1",
    "GET /validation-alias?val_alias=1",
    "GET /validation-alias?value=1",
    "GET /both-aliases?a=1",
    "GET /both-aliases?v=1",
    "GET /both-aliases?s=1",
    "GET /serialization-alias?s=1",
    "GET /serialization-alias?value=1",
    "GET /alias-list?n=1&m=2",
    {"request": "GET /header-alias", "headers": [("x-odd_name", "a"), ("x-other", "b")]},
    {"request": "GET /header-alias", "headers": [("x-odd-name", "a"), ("x_other", "b")]},
    {"request": "GET /header-underscores", "headers": [("strange_header", "a")]},
    {"request": "GET /header-underscores", "headers": [("strange-header", "a")]},
    {"request": "GET /header-validation-alias", "headers": [("x-val", "a")]},
    {"request": "GET /cookie-alias", "headers": [("cookie", "my.cookie=1; v=2")]},
    "GET /documented/1?q=&hidden=h",
    "GET /documented/1?q=a&e=2&f=x",
    "GET /deprecated-spellings",
    "GET /deprecated-spellings?value=abcd",
    "GET /deprecated-spellings?value=x",
    "GET /factory",
    "GET /factory?value=9",
    "GET /ellipsis?value=1",
    "GET /ellipsis?value=1&other=",
    "GET /invalid-default",
    "GET /invalid-default?value=3&other=1",
    {"request": "GET /same-names?value=1", "headers": [("value", "2"), ("cookie", "value=3")]},
    "GET /same-names",
    "GET /same-alias?x=1",
    "GET /same-alias?x=y",
    "GET /many?a=1&b=2&c=3&d=4&e=5&f=6&g=7",
    "GET /many?a=x&c=y&g=z&h=w&i=v",
    "GET /keyword-only?item=1&q=2",
    "GET /positional-only?item=1",
    {
        "request": "POST /everywhere/1?b=2",
        "headers": [("c", "3"), ("cookie", "d=4")],
        "json": {"e": 5, "eff": "x"},
    },
    {
        "request": "POST /everywhere/x?b=y",
        "headers": [("c", "z"), ("cookie", "d=w")],
        "json": {"e": "v", "eff": "long"},
    },
    "POST /everywhere/x",
    "GET /choices?two=2",
]
