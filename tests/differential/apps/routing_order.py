"""First match wins: static and parametrised paths, methods, partial matches, convertors of one's own."""

import datetime
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Route, Router

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse


class DateConvertor(Convertor):
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def convert(self, value: str) -> datetime.date:
        return datetime.date.fromisoformat(value)

    def to_string(self, value: datetime.date) -> str:
        return value.isoformat()


class WordConvertor(Convertor):
    regex = "[a-z]+|X"

    def convert(self, value: str) -> str:
        return value.upper()

    def to_string(self, value: str) -> str:
        return value.lower()


register_url_convertor("isodate", DateConvertor())
register_url_convertor("word", WordConvertor())

app = FastAPI()


@app.get("/users/{user_id}")
def user(user_id: str):
    return ["user", user_id]


@app.get("/users/me")
def me():
    return "me, never reached"


@app.get("/items/me")
def item_me():
    return "item me"


@app.get("/items/{item_id:int}")
def item_int(item_id: int):
    return ["int", item_id]


@app.get("/items/{item_id:float}")
def item_float(item_id: float):
    return ["float", item_id]


@app.get("/items/{item_id}")
def item(item_id: str):
    return ["str", item_id]


@app.post("/items/{item_id}")
def post_item(item_id: str):
    return ["post", item_id]


@app.api_route("/items/{item_id}/many", methods=["PUT", "PATCH", "DELETE"])
def many(item_id: str):
    return ["many", item_id]


@app.get("/items/{item_id}/many")
def get_many(item_id: int):
    return ["get many", item_id]


@app.get("/same")
def same_first():
    return "first"


@app.get("/same")
def same_second():
    return "second"


@app.head("/same")
def same_head():
    return PlainTextResponse("head", headers={"X-Head": "1"})


@app.get("/methods")
def get_method():
    return "GET"


@app.put("/methods")
def put_method():
    return "PUT"


@app.options("/methods")
def options_method():
    return "OPTIONS"


@app.trace("/methods")
def trace_method():
    return "TRACE"


@app.api_route("/any-case", methods=["get", "Post"])
def any_case(request: Request):
    return request.method


@app.api_route("/custom-method", methods=["QUERY", "LINK"])
def custom_method(request: Request):
    return request.method


@app.get("/a/{x}/c")
def a_x_c(x: str):
    return ["a/x/c", x]


@app.get("/a/b/{y}")
def a_b_y(y: str):
    return ["a/b/y", y]


@app.get("/{anything:path}/end")
def anything_end(anything: str):
    return ["anything", anything]


@app.get("/dates/{when:isodate}")
def dates(when: datetime.date):
    return ["date", when]


@app.get("/dates/{when}")
def dates_other(when: str):
    return ["other", when]


@app.get("/words/{word:word}-{number:int}")
def words(word: str, number: int):
    return [word, number]


@app.get("/special/a.b+c(d)[e]^$|*?")
def special_characters():
    return "special"


@app.get("/ünïcode/{näme}")
def unicode_path(request: Request):
    return request.path_params


@app.get("/encoded%20path")
def encoded_path():
    return "encoded"


@app.get("/with space")
def with_space():
    return "with space"


@app.get("/case/Sensitive")
def case_sensitive():
    return "Sensitive"


@app.get("/slash/")
def slash():
    return "slash"


@app.get("/no-slash")
def no_slash():
    return "no slash"


@app.post("/post-slash/")
def post_slash(body: dict[str, Any]):
    return body


@app.get("/both-slashes")
@app.get("/both-slashes/")
def both_slashes(request: Request):
    return request.url.path


@app.get("/double//slash")
def double_slash():
    return "double"


@app.get("")
def empty():
    return "empty"


@app.get("/")
def root():
    return "root"


def plain(request):
    return PlainTextResponse(f"plain {request.method} {request.path_params}")


app.router.routes.append(Route("/starlette/{x:int}", plain, methods=["GET", "POST"]))
app.add_route("/added/{y}", plain, methods=["DELETE"], name="added")
app.router.routes.append(Route("/no-methods", Router(routes=[Route("/no-methods", plain)])))


@app.get("/urls")
def urls(request: Request):
    return [
        str(request.url_for("user", user_id="a b")),
        str(request.url_for("dates", when=datetime.date(2024, 1, 1))),
        app.url_path_for("words", word="ABC", number=3),
        app.url_path_for("anything_end", anything="x/y"),
        str(request.url_for("added", y="1")),
        str(request.base_url),
        request.scope["route"].path,
        request.scope["endpoint"].__name__,
        sorted(key for key in request.scope if isinstance(key, str)),
    ]


@app.get("/url-missing")
def url_missing(name: str):
    return app.url_path_for(name)


@app.get("/numbers/{a:int}.{b:int}")
def numbers(a: int, b: int):
    return [a, b]


for _number in range(60):

    @app.get(f"/bulk/{_number}/{{x}}", include_in_schema=False)
    def bulk(x: str, number: int = _number):
        return [number, x]


@app.get("/late/{rest:path}")
def late(rest: str):
    return ["late", rest]


PATHS = """/users/me /users/ /users /users/a/b /items/me /items/3 /items/3.5 /items/x /items/-3 /items/ /items/3/many /items/x/many
/same /methods /any-case /custom-method /a/b/c /a/x/c /a/b/d /a/b /x/y/z/end /end //end /dates/2024-02-29 /dates/2024-13-45
/dates/2024-1-1 /dates/2024-02-29%0A /words/abc-3 /words/X-3 /words/ABC-3 /words/abc-x /special/a.b+c(d)[e]^$|*? /special/aXb
/%C3%BCn%C3%AFcode/x /ünïcode/x /encoded%20path /encoded%2520path /with%20space /with+space /case/sensitive /case/Sensitive
/slash /slash/ /slash// /no-slash /no-slash/ /no-slash?x=1 /no-slash/?x=1&y=%20 /post-slash /both-slashes /both-slashes/
/double//slash /double/slash / // /starlette/3 /starlette/x /starlette/3/ /added/1 /no-methods /urls /url-missing?name=x
/numbers/1.2 /numbers/1.2.3 /bulk/0/x /bulk/59/y /bulk/60/y /bulk/7/%2F /late/ /late/a/b%2Fc /late /docs/ /openapi.json/ /redoc/
/%75sers/1 /users%2F1 /users/%00 /users/%0D%0A /users/%F0%9F%98%80 /users/%C3 /users/a%3Fb /users/a;b=c""".split()
METHODS = {
    "HEAD": ("/same", "/methods", "/users/1", "/slash", "/starlette/1", "/added/1", "/a/b/c"),
    "OPTIONS": ("/same", "/methods", "/users/1", "/slash", "/items/3", "/nowhere", "/*"),
    "POST": (
        "/items/3",
        "/same",
        "/methods",
        "/any-case",
        "/slash",
        "/post-slash",
        "/items/3/many",
        "/bulk/3/x",
    ),
    "DELETE": ("/items/3/many", "/added/1", "/items/3", "/added", "/no-methods"),
    "PUT": ("/methods", "/items/x/many", "/dates/2024-01-01", "/end"),
    "QUERY": ("/custom-method", "/same"),
    "TRACE": ("/methods", "/same"),
    "get": ("/same", "/any-case"),
}
EXAMPLES = (
    [f"GET {path}" for path in PATHS if path.isascii()]
    + [f"{method} {path}" for method, paths in METHODS.items() for path in paths]
    + [
        {"request": "GET /users/1", "root_path": "/proxy"},
        {"request": "GET /slash", "root_path": "/proxy"},
        {"request": "GET /urls", "root_path": "/proxy/"},
        {"request": "GET /slash", "headers": {"host": "other.example:8000", "x-forwarded-proto": "https"}},
        {"request": "POST /post-slash/", "json": {"a": 1}},
    ]
)
