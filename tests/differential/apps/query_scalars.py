"""Every scalar type as a query parameter, in every style of declaration."""

from fastapi import FastAPI, Query

from ._types import declare

app = FastAPI()
declare(app.get, Query)


@app.get("/bare/str")
def bare_str(value):
    return repr(value)


@app.get("/bare/default")
def bare_default(value=3, other="x", flag=False, nothing=None):
    return repr((value, other, flag, nothing))


@app.get("/bare/typed")
async def bare_typed(a: int, b: float, c: bool, d: str, e: int | None = None, f: str = ""):
    return repr((a, b, c, d, e, f))


EXAMPLES = [
    "GET /bare/str",
    "GET /bare/str?value=1&value=2",
    "GET /bare/default?value=4&other=&flag=on",
    "GET /bare/default?value=x&flag=maybe",
    "GET /bare/typed?a=1&b=2&c=1&d=x&e=5",
    "GET /bare/typed?a=%20&b=1e999&c=&d=&e=&f=%00",
    "GET /required/str?value",
    "GET /required/str?value=",
    "GET /required/int?value=",
    "GET /optional/int?value=",
    "GET /optional/str?value=",
    "GET /default/int?value=",
    "GET /old/int?value=4",
    "GET /old/int?other-name=5",
    "GET /required/str?value=%E2%98%83&value=b",
    "GET /required/str?VALUE=1",
    "GET /required/str?value=a+b%2Bc",
    "GET /required/str?value=%ff%fe",
    "GET /required/bytes?value=%ff%fe",
    "GET /required/int?value=1&value=x",
    "GET /required/int?value=x&value=1",
]
