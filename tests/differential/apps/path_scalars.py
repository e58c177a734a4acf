"""Every scalar type as a path parameter, with and without a convertor."""

from typing import Annotated

from fastapi import FastAPI, Path

from ._types import SCALARS, Color, shown

app = FastAPI()

for name, scalar in SCALARS.items():

    @app.get(f"/bare/{name}/{{value}}")
    def bare(value: scalar):
        return shown(value)

    @app.get(f"/annotated/{name}/{{value}}/tail")
    async def annotated(value: Annotated[scalar, Path(title="A value", description="In the path")]):
        return shown(value)

    @app.get(f"/old/{name}/{{value}}")
    def old(value: scalar = Path(..., description="Old style", examples=["x"])):
        return shown(value)


@app.get("/untyped/{value}")
def untyped(value):
    return shown(value)


@app.get("/converted/int/{value:int}")
def converted_int(value):
    return shown(value)


@app.get("/converted/int-str/{value:int}")
def converted_int_to_str(value: str):
    return shown(value)


@app.get("/converted/float/{value:float}")
def converted_float(value: float):
    return shown(value)


@app.get("/converted/float-int/{value:float}")
def converted_float_to_int(value: int):
    return shown(value)


@app.get("/converted/uuid/{value:uuid}")
def converted_uuid(value: str | None):
    return shown(value)


@app.get("/converted/path/{value:path}")
def converted_path(value: str):
    return shown(value)


@app.get("/converted/path-int/{value:path}/edit")
def converted_path_to_int(value: int):
    return shown(value)


@app.get("/several/{first}/and/{second:int}/{third:path}")
def several(third: str, second: int, first: Color):
    return [shown(first), shown(second), shown(third)]


@app.get("/adjacent/{first}-{second}.{third}")
def adjacent(first: str, second: int, third: str):
    return [first, second, third]


@app.get("/aliased/{item-id}")
def aliased(value: Annotated[int, Path(alias="item-id", ge=1)]):
    return value


@app.get("/unused/{ignored}")
def unused():
    return "unused"


EXAMPLES = [
    "GET /bare/str/a%2Fb",
    "GET /bare/str/a/b",
    "GET /bare/str/",
    "GET /bare/str",
    "GET /bare/str/%E2%98%83",
    "GET /bare/str/%ff",
    "GET /bare/str/%00",
    "GET /bare/str/a%0Ab",
    "GET /bare/str/a%0A",
    "GET /bare/int/%203%20",
    "GET /bare/int/3.0",
    "GET /bare/int/" + "9" * 4301,
    "GET /converted/int/3",
    "GET /converted/int/-3",
    "GET /converted/int/3%0A",
    "GET /converted/int/%D9%A3",
    "GET /converted/int/007",
    "GET /converted/int-str/007",
    "GET /converted/float/3",
    "GET /converted/float/3.50",
    "GET /converted/float/.5",
    "GET /converted/float/1e3",
    "GET /converted/float-int/3.0",
    "GET /converted/float-int/3.5",
    "GET /converted/uuid/12345678-1234-5678-1234-567812345678",
    "GET /converted/uuid/12345678-1234-5678-1234-56781234567X",
    "GET /converted/uuid/12345678-1234-5678-1234-567812345678".upper().replace(
        "/CONVERTED/UUID", "/converted/uuid"
    ),
    "GET /converted/path/",
    "GET /converted/path/a/b//c",
    "GET /converted/path/a%2Fb%3Fc?d=e",
    "GET /converted/path-int/5/edit",
    "GET /converted/path-int/5/6/edit",
    "GET /several/red/and/5/x/y",
    "GET /several/blue/and/5/",
    "GET /adjacent/a-1.b",
    "GET /adjacent/a-b-1.c.d",
    "GET /aliased/0",
    "GET /aliased/1",
    "GET /unused/x",
]
