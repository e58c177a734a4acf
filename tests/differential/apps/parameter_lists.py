"""Parameters that take several values."""

from collections import deque
from collections.abc import Sequence
from typing import Annotated, Literal, Optional, Union
from uuid import UUID

from fastapi import Cookie, FastAPI, Header, Query

from ._types import Color, Level

app = FastAPI()

LISTS = {
    "str": list[str],
    "int": list[int],
    "float": list[float],
    "bool": list[bool],
    "uuid": list[UUID],
    "enum": list[Color],
    "int_enum": list[Level],
    "literal": list[Literal["a", "b"]],
    "bare": list,
    "set": set[int],
    "frozenset": frozenset[str],
    "tuple": tuple[int, str],
    "endless_tuple": tuple[int, ...],
    "deque": deque[int],
    "sequence": Sequence[int],
    "optional_items": list[Optional[int]],
    "union_items": list[Union[int, str]],
    "optional": Optional[list[int]],
    "list_or_str": Union[list[int], str],
    "str_or_list": Union[str, list[str]],
}


def ordered(value):
    return repr(sorted(value, key=repr)) if isinstance(value, (set, frozenset)) else repr(value)


for name, kind in LISTS.items():

    @app.get(f"/query/required/{name}")
    def in_query(value: Annotated[kind, Query()]):
        return ordered(value)

    @app.get(f"/query/optional/{name}")
    async def in_optional_query(value: Annotated[kind | None, Query(alias="v")] = None):
        return ordered(value)

    @app.get(f"/header/required/{name}")
    def in_header(x_value: Annotated[kind, Header()]):
        return ordered(x_value)


@app.get("/query/default")
def default(value: list[str] = Query(["a", "b"]), other: Annotated[list[int], Query()] = [1]):
    return [value, other]


@app.get("/query/factory")
def factory(value: Annotated[list[str], Query(default_factory=lambda: ["made"])]):
    value.append("touched")
    return value


@app.get("/query/several")
def several(a: Annotated[list[int], Query()], b: Annotated[set[str], Query()] = set(), c: int = 1):
    return [a, sorted(b), c]


@app.get("/header/default")
def header_default(x_token: list[str] | None = Header(None), accept: list[str] = Header(default=["none"])):
    return [x_token, accept]


@app.get("/cookie/list")
def cookie_list(value: Annotated[list[int] | None, Cookie()] = None):
    return value


EXAMPLES = [
    "GET /query/required/str?value=a&value=b&value=a",
    "GET /query/required/str",
    "GET /query/required/str?value",
    "GET /query/required/str?value=&value=",
    "GET /query/required/str?value=a,b",
    "GET /query/required/str?value[]=a",
    "GET /query/required/int?value=1&value=x&value=3&value=y",
    "GET /query/required/set?value=1&value=1&value=2",
    "GET /query/required/tuple?value=1&value=b",
    "GET /query/required/tuple?value=1",
    "GET /query/required/tuple?value=1&value=b&value=c",
    "GET /query/optional/int?v=1&v=2",
    "GET /query/optional/int?value=1",
    "GET /query/default",
    "GET /query/default?value=&other=4&other=5",
    "GET /query/factory",
    "GET /query/factory",
    {"request": "GET /header/default", "headers": [("x-token", "a"), ("x-token", "b,c")]},
    {"request": "GET /header/required/int", "headers": [("x-value", "1"), ("X-Value", "2")]},
    {"request": "GET /header/required/int", "headers": [("x-value", "1, 2")]},
    {"request": "GET /cookie/list", "headers": [("cookie", "value=1; value=2")]},
]
