"""Every scalar type as a header parameter, in every style of declaration."""

from fastapi import FastAPI, Header

from ._types import declare

app = FastAPI()
declare(app.get, Header)

EXAMPLES = [
    {"request": "GET /required/str", "headers": [("value", "a"), ("value", "b")]},
    {"request": "GET /required/str", "headers": [("Value", b"\xe9\xff")]},
    {"request": "GET /required/str", "headers": [("value", "")]},
    {"request": "GET /required/int", "headers": [("value", " 3 ")]},
    {"request": "GET /old/int", "headers": [("other-name", "3")]},
    {"request": "GET /old/int", "headers": [("other_name", "3"), ("value", "4")]},
]
