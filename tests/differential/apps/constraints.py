"""Numeric and string constraints on parameters of every place, in both styles."""

import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from fastapi import Cookie, FastAPI, Header, Path, Query

from ._types import shown

app = FastAPI()

CONSTRAINTS = {
    "gt": (int, {"gt": 3}),
    "ge": (int, {"ge": 3}),
    "lt": (int, {"lt": 3}),
    "le": (int, {"le": 3}),
    "between": (int, {"gt": 1, "le": 10}),
    "never": (int, {"gt": 10, "lt": 5}),
    "multiple": (int, {"multiple_of": 5}),
    "float_gt": (float, {"gt": 0.5}),
    "float_le": (float, {"le": 10.25, "ge": -1}),
    "float_multiple": (float, {"multiple_of": 0.1}),
    "float_finite": (float, {"allow_inf_nan": False}),
    "float_infinite": (float, {"allow_inf_nan": True}),
    "int_with_float_bound": (int, {"ge": 2.0}),
    "decimal_gt": (Decimal, {"gt": 1}),
    "decimal_digits": (Decimal, {"max_digits": 5, "decimal_places": 2}),
    "decimal_places": (Decimal, {"decimal_places": 1}),
    "decimal_multiple": (Decimal, {"multiple_of": Decimal("0.25")}),
    "min_length": (str, {"min_length": 3}),
    "max_length": (str, {"max_length": 5}),
    "lengths": (str, {"min_length": 2, "max_length": 4}),
    "pattern": (str, {"pattern": "^[a-z]+$"}),
    "pattern_inside": (str, {"pattern": "ab|cd", "max_length": 8}),
    "pattern_unicode": (str, {"pattern": r"^\w+$"}),
    "pattern_digits": (str, {"pattern": r"^\d{2,3}$"}),
    "strict_int": (int, {"strict": True}),
    "strict_str": (str, {"strict": True}),
    "lax_bool": (bool, {"strict": False}),
    "bytes_length": (bytes, {"min_length": 2, "max_length": 3}),
    "optional_ge": (int | None, {"ge": 3}),
    "optional_length": (str | None, {"min_length": 3}),
    "int_or_str_length": (int | str, {"min_length": 2}),
    "date_ge": (datetime.date, {"ge": datetime.date(2024, 1, 1)}),
    "datetime_lt": (datetime.datetime, {"lt": datetime.datetime(2024, 1, 1)}),
    "timedelta_gt": (datetime.timedelta, {"gt": datetime.timedelta(0)}),
}

for name, (kind, constraint) in CONSTRAINTS.items():

    @app.get(f"/query/{name}")
    def in_query(value: Annotated[kind, Query(**constraint)]):
        return shown(value)

    @app.get(f"/old-query/{name}")
    async def in_old_query(value: kind = Query(None, **constraint)):
        return shown(value)

    @app.get(f"/path/{name}/{{value}}")
    def in_path(value: Annotated[kind, Path(**constraint)]):
        return shown(value)

    @app.get(f"/header/{name}")
    async def in_header(x_value: Annotated[kind, Header(**constraint)]):
        return shown(x_value)

    @app.get(f"/cookie/{name}")
    async def in_cookie(value: Annotated[kind, Cookie(**constraint)]):
        return shown(value)


@app.get("/stacked")
def stacked(value: Annotated[int, Field(gt=1), Query(lt=10), Field(multiple_of=2)]):
    return value


@app.get("/list")
def constrained_list(value: Annotated[list[int], Query(min_length=2, max_length=3)]):
    return value


@app.get("/list-items")
def constrained_items(value: Annotated[list[Annotated[int, Field(gt=3)]], Query()] = [5]):
    return value


@app.get("/list-of-bounded")
def constrained_strings(value: list[Annotated[str, Field(max_length=2)]] = Query([])):
    return value


EXAMPLES = [
    "GET /query/never?value=7",
    "GET /query/multiple?value=0",
    "GET /query/multiple?value=-5",
    "GET /query/float_multiple?value=0.3",
    "GET /query/float_finite?value=inf",
    "GET /query/float_infinite?value=nan",
    "GET /query/float_le?value=nan",
    "GET /query/float_gt?value=-inf",
    "GET /query/int_with_float_bound?value=2",
    "GET /query/int_with_float_bound?value=3",
    "GET /query/decimal_digits?value=123.45",
    "GET /query/decimal_digits?value=1234.5",
    "GET /query/decimal_digits?value=0.123",
    "GET /query/decimal_digits?value=1e5",
    "GET /query/decimal_digits?value=NaN",
    "GET /query/min_length?value=%F0%9F%98%80%F0%9F%98%80",
    "GET /query/max_length?value=%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80",
    "GET /query/pattern?value=abc%0A",
    "GET /query/pattern_unicode?value=%C3%B1",
    "GET /query/pattern_digits?value=%D9%A3%D9%A3",
    "GET /query/strict_int?value=3",
    "GET /old-query/gt",
    "GET /old-query/gt?value=3",
    "GET /list?value=1",
    "GET /list?value=1&value=2&value=x",
    "GET /list?value=1&value=2&value=3&value=4",
    "GET /list-items",
    "GET /list-items?value=3&value=4",
    "GET /stacked?value=3",
    "GET /stacked?value=4",
    "GET /stacked?value=12",
]
