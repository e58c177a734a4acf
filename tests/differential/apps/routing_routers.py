"""include_router: prefixes, tags, dependencies, responses, classes and flags, nested three deep."""

import enum
from typing import Annotated

from pydantic import BaseModel

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute

trace: list[str] = []


class Tags(enum.Enum):
    users = "users"
    items = "items"


class Message(BaseModel):
    message: str


class OtherJSON(JSONResponse):
    media_type = "application/x-other+json"


def noted(name: str):
    def dependency():
        trace.append(name)

    return dependency


async def token(x_token: Annotated[str, Header()] = "fine"):
    trace.append("token")
    if x_token != "fine":
        raise HTTPException(400, "X-Token header invalid")


def unique(route: APIRoute) -> str:
    return f"{'-'.join(map(str, route.tags))}--{route.name}"


app = FastAPI(
    dependencies=[Depends(noted("app"))],
    responses={404: {"description": "App 404"}, "5XX": {"model": Message, "description": "App 5XX"}},
)
inner = APIRouter(
    prefix="/inner/{inner_id}",
    tags=[Tags.items, "inner"],
    dependencies=[Depends(noted("inner"))],
    responses={402: {"model": Message}, 404: {"description": "Inner 404"}},
    default_response_class=OtherJSON,
)
outer = APIRouter(prefix="/outer", tags=[Tags.users], dependencies=[Depends(noted("outer"))], deprecated=True)
bare = APIRouter()
hidden = APIRouter(include_in_schema=False, prefix="/hidden")
named = APIRouter(prefix="/named", generate_unique_id_function=unique, tags=["named"])
no_redirect = APIRouter(prefix="/no-redirect", redirect_slashes=False)


@inner.get(
    "/things/{thing_id}",
    dependencies=[Depends(noted("route"))],
    tags=["own"],
    responses={403: {"description": "No"}},
)
def thing(inner_id: int, thing_id: str, outer_query: str | None = None):
    trace.append("endpoint")
    return {"inner": inner_id, "thing": thing_id, "q": outer_query}


@inner.get("/", summary="Root of the inner one", response_description="It")
def inner_root(inner_id: int):
    """Read the *inner* root.

    With a longer text.
    \f
    That is cut off here.
    """
    return ["inner", inner_id]


@inner.get("/html", response_class=HTMLResponse)
def inner_html(inner_id: str):
    return f"<p>{inner_id}</p>"


@inner.post(
    "/things", status_code=201, operation_id="create_the_thing", deprecated=False, include_in_schema=True
)
def create(inner_id: int, message: Message) -> Message:
    return message


@outer.get("")
def outer_root():
    return "outer"


@outer.get("/plain", response_class=PlainTextResponse, response_model=None)
def outer_plain():
    return "plain"


@bare.get("/one")
def one():
    return 1


@bare.get("/two", name="the second")
def two(request: Request):
    return [str(request.url_for("the second")), request.scope["route"].name]


@hidden.get("/x")
def hidden_x():
    return "hidden"


@hidden.get("/y", include_in_schema=True)
def hidden_y():
    return "hidden too"


@named.get("/n")
def n():
    return "n"


@named.get("/m", operation_id="own_id")
def m():
    return "m"


@no_redirect.get("/slash/")
def no_redirect_slash():
    return "slash"


@app.get("/outer/first")
def first():
    return "registered before the routers"


outer.include_router(inner, prefix="/in", tags=["included"], dependencies=[Depends(noted("include inner"))])
outer.include_router(bare, prefix="/bare")
app.include_router(
    outer, prefix="/api", dependencies=[Depends(token)], responses={418: {"description": "Teapot"}}
)
app.include_router(
    inner,
    prefix="/again",
    deprecated=False,
    include_in_schema=True,
    default_response_class=JSONResponse,
    tags=["again"],
)
app.include_router(bare)
app.include_router(bare, prefix="/b2", include_in_schema=False)
app.include_router(bare, prefix="/b3/{b3}", generate_unique_id_function=unique, tags=["b3"])
app.include_router(hidden)
app.include_router(named)
app.include_router(named, prefix="/v2")
app.include_router(no_redirect)


@inner.get("/after")
def after_include():
    return "never included"


@bare.get("/three")
def three():
    return "included too late"


@app.get("/outer/last")
def last(response: Response):
    response.headers["X-Last"] = "1"
    return "last"


EXAMPLES = [
    f"GET {path}"
    for path in """/api/outer /api/outer/ /api/outer/plain /api/outer/in/inner/3/things/x /api/outer/in/inner/x/things/y?outer_query=1
    /api/outer/in/inner/3/ /api/outer/in/inner/3 /api/outer/in/inner/3/html /api/outer/bare/one /api/outer/bare/two
    /again/inner/3/things/x /again/inner/3/html /again/inner/x/ /one /two /b2/one /b2/two /b3/z/one /b3/z/two /hidden/x /hidden/y
    /named/n /v2/named/n /named/m /no-redirect/slash /no-redirect/slash/ /outer/first /outer/last /after /three /outer
    /inner/3/things/x /again/inner/3/after""".split()
] + [
    {"request": "GET /api/outer/in/inner/3/things/x", "headers": {"x-token": "bad"}},
    {"request": "GET /api/outer/nowhere", "headers": {"x-token": "bad"}},
    {"request": "POST /api/outer/in/inner/3/things", "json": {"message": "m"}},
    {"request": "POST /again/inner/x/things", "json": {"message": 3}},
    "DELETE /again/inner/3/things",
    "HEAD /one",
]
