"""What nobody configured: default handlers, a catch-all for Exception, and a 500 handler."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

app = FastAPI(
    exception_handlers={500: lambda request, error: JSONResponse({"error": type(error).__name__}, 500)}
)


class Item(BaseModel):
    code: str = Field(pattern="^[a-z]{3}$")
    size: float = Field(gt=0, allow_inf_nan=False)
    parts: dict[str, list[int]] = {}

    @field_validator("code")
    @classmethod
    def no_bad(cls, value: str) -> str:
        if value == "bad":
            raise ValueError("bad code")
        if value == "odd":
            raise PydanticCustomError("odd_code", "odd code {code}", {"code": value, "deep": {"a": (1, 2)}})
        assert value != "neg", "negative"
        return value

    @model_validator(mode="after")
    def whole(self):
        if self.size == 13:
            raise ValueError("thirteen")
        return self


@app.post("/item")
def item(item: Item):
    return item


@app.get("/http/{code}")
def http(code: int, q: str = "detail"):
    raise HTTPException(code, q, {"X-A": "1", "Content-Type": "text/own"})


@app.get("/fail")
def fail(response: Response):
    response.headers["X-Lost"] = "1"
    raise ZeroDivisionError


@app.get("/fail-async")
async def fail_async():
    return 1 / 0


@app.get("/validator")
def validator(value: Annotated[int, Query(description="d")], item: Annotated[Item, Query()] = None):
    return value


@app.get("/request-and-kw")
def request_and_keyword(request: Request, *, value: int):
    return [value, request.query_params.multi_items()]


EXAMPLES = [
    {"request": "POST /item", "json": value}
    for value in (
        {"code": "abc", "size": 1},
        {"code": "bad", "size": 13},
        {"code": "odd", "size": 0},
        {"code": "neg", "size": "inf"},
        {"code": "abc", "size": 13},
        {"code": "ABC", "size": "nan", "parts": {"a": [1, "x"], "b": 3}},
        {"code": None},
        {"code": "x" * 1000, "size": {"deep": [1, {"a": None}]}},
    )
] + [
    "GET /http/400",
    "GET /http/204",
    "GET /http/500",
    "GET /http/404?q=",
    "GET /fail",
    "GET /fail-async",
    "GET /validator?value=x",
    "GET /request-and-kw?value=1&value=2&b",
]
