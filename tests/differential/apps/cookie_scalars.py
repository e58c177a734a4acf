"""Every scalar type as a cookie parameter, in every style of declaration."""

from fastapi import Cookie, FastAPI

from ._types import declare

app = FastAPI()
declare(app.get, Cookie)

EXAMPLES = [
    {"request": "GET /required/str", "headers": [("cookie", "value=a; value=b")]},
    {"request": "GET /required/str", "headers": [("cookie", "value=a"), ("cookie", "value=b")]},
    {"request": "GET /required/str", "headers": [("cookie", "value")]},
    {"request": "GET /required/str", "headers": [("cookie", 'value="a\\"b"')]},
    {"request": "GET /required/str", "headers": [("cookie", b"value=\xc3\xa9")]},
    {"request": "GET /required/str", "headers": [("cookie", "x=1;value = spaced ;y=2")]},
    {"request": "GET /required/int", "headers": [("cookie", "value=")]},
    {"request": "GET /optional/int", "headers": [("cookie", "value=; ")]},
    {"request": "GET /old/str", "headers": [("cookie", "other-name=z; value=y")]},
]
