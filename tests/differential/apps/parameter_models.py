"""Models whose fields are query, header and cookie parameters."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from fastapi import Cookie, FastAPI, Header, Query

app = FastAPI()


class Filter(BaseModel):
    limit: int = Field(100, gt=0, le=100)
    offset: int = Field(0, ge=0)
    order_by: Literal["created_at", "updated_at"] = "created_at"
    tags: list[str] = []


class Strict(Filter):
    model_config = ConfigDict(extra="forbid")


class Open(Filter):
    model_config = ConfigDict(extra="allow")


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    item_id: int = Field(alias="itemId")
    kind: str = Field("k", validation_alias="theKind")
    shown: str = Field("s", serialization_alias="isShown")
    either: int | None = Field(None, validation_alias=AliasChoices("one", "two"))


class Checked(BaseModel):
    a: int
    b: int = 0

    @field_validator("a")
    @classmethod
    def not_thirteen(cls, value: int) -> int:
        if value == 13:
            raise ValueError("unlucky")
        return value

    @model_validator(mode="after")
    def ordered(self):
        if self.b and self.b < self.a:
            raise ValueError("b before a")
        return self


class CommonHeaders(BaseModel):
    host: str
    save_data: bool = False
    if_modified_since: str | None = None
    traceparent: str | None = None
    x_tag: list[str] = []


class StrictHeaders(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str
    x_key: int


class Cookies(BaseModel):
    session_id: str
    fatebook_tracker: str | None = None
    count: int = 0


class StrictCookies(Cookies):
    model_config = ConfigDict(extra="forbid")


@app.get("/query/filter")
def query_filter(query: Annotated[Filter, Query()]):
    return [query, sorted(query.model_fields_set)]


@app.get("/query/old")
async def query_old(query: Filter = Query()):
    return query


@app.get("/query/strict")
def query_strict(query: Annotated[Strict, Query()]):
    return query


@app.get("/query/open")
def query_open(query: Annotated[Open, Query()]):
    return query


@app.get("/query/aliased")
def query_aliased(query: Annotated[Aliased, Query()]):
    return query


@app.get("/query/aliased-by-name", response_model_by_alias=False)
def query_aliased_by_name(query: Annotated[Aliased, Query()]):
    return query


@app.get("/query/checked")
def query_checked(query: Annotated[Checked, Query()]):
    return query


@app.get("/query/mixed/{path_id}")
def query_mixed(
    path_id: int,
    query: Annotated[Filter, Query()],
    x_key: Annotated[str, Header()],
    c: Annotated[int, Cookie()] = 0,
):
    return [path_id, query, x_key, c]


@app.get("/header/common")
def header_common(headers: Annotated[CommonHeaders, Header()]):
    return headers


@app.get("/header/underscores")
def header_underscores(headers: Annotated[CommonHeaders, Header(convert_underscores=False)]):
    return headers


@app.get("/header/strict")
def header_strict(headers: Annotated[StrictHeaders, Header()]):
    return headers


@app.get("/cookie/cookies")
def cookie_cookies(cookies: Annotated[Cookies, Cookie()]):
    return cookies


@app.get("/cookie/strict")
def cookie_strict(cookies: Annotated[StrictCookies, Cookie()]):
    return cookies


@app.get("/all")
def everything(
    query: Annotated[Filter, Query()],
    headers: Annotated[CommonHeaders, Header()],
    cookies: Annotated[Cookies, Cookie()],
):
    return [query, headers, cookies]


EXAMPLES = [
    "GET /query/filter",
    "GET /query/filter?limit=5&tags=a&tags=b&unknown=1",
    "GET /query/filter?limit=500&offset=-1&order_by=x&tags=",
    "GET /query/strict?limit=5&tool=plumbus",
    "GET /query/open?limit=5&tool=plumbus&tool=again&x=1",
    "GET /query/aliased?itemId=3&theKind=a&one=1&two=2",
    "GET /query/aliased?item_id=3&kind=a",
    "GET /query/aliased?itemId=x",
    "GET /query/aliased",
    "GET /query/aliased-by-name?itemId=3&shown=z&isShown=y",
    "GET /query/checked?a=13",
    "GET /query/checked?a=5&b=3",
    "GET /query/checked?b=3",
    {"request": "GET /query/mixed/1?limit=3", "headers": [("x-key", "k"), ("cookie", "c=4")]},
    "GET /query/mixed/x?limit=y",
    {"request": "GET /header/common", "headers": [("save-data", "true"), ("x-tag", "a"), ("x-tag", "b")]},
    {"request": "GET /header/common", "headers": [("save_data", "true"), ("x_tag", "a")]},
    {
        "request": "GET /header/underscores",
        "headers": [("save_data", "true"), ("x_tag", "a"), ("x-tag", "b")],
    },
    {"request": "GET /header/strict", "headers": [("x-key", "3")]},
    {"request": "GET /header/strict", "headers": [("x-key", "x"), ("accept", "a"), ("accept", "b")]},
    {
        "request": "GET /cookie/cookies",
        "headers": [("cookie", "session_id=a; fatebook_tracker=b; count=3; x=1")],
    },
    {"request": "GET /cookie/cookies", "headers": [("cookie", "count=x")]},
    {"request": "GET /cookie/strict", "headers": [("cookie", "session_id=a; extra=b")]},
    "GET /cookie/strict",
    {"request": "GET /all?limit=0", "headers": [("cookie", "count=x"), ("save-data", "x")]},
]
