"""Form fields and form models."""

from typing import Annotated, Optional

from pydantic import BaseModel, ConfigDict, Field

from fastapi import Depends, FastAPI, Form, Request

from ._types import SCALARS, Color, shown

app = FastAPI()


@app.post("/login")
def login(username: Annotated[str, Form()], password: Annotated[str, Form()]):
    return [username, password]


@app.post("/login-old")
async def login_old(username: str = Form(), password: str = Form(min_length=3, max_length=8)):
    return [username, password]


@app.post("/optional")
def optional(name: str | None = Form(None), age: Annotated[Optional[int], Form(ge=0)] = None):
    return [name, age]


@app.post("/single-embedded")
def single_embedded(name: str = Form(..., alias="full-name", description="Named")):
    return name


@app.post("/validation-alias")
def validation_alias(
    name: Annotated[str, Form(validation_alias="val")], other: Annotated[int, Form(alias="o")] = 1
):
    return [name, other]


@app.post("/lists")
def lists(
    tags: Annotated[list[str], Form()],
    numbers: Annotated[list[int], Form()] = [1],
    unique: Annotated[set[int] | None, Form()] = None,
):
    return [tags, numbers, sorted(unique or ())]


@app.post("/default")
def default(
    name: str = Form("n"), color: Color = Form(Color.RED), flag: bool = Form(False), level: float = Form(1.5)
):
    return [name, color, flag, level]


for _name, _kind in SCALARS.items():

    @app.post(f"/scalar/{_name}")
    def scalar(value: Annotated[_kind, Form()]):
        return shown(value)


class FormData(BaseModel):
    username: str
    lastname: str = "nobody"
    age: int | None = None
    tags: list[str] = ["foo", "bar"]
    alias: str | None = Field(None, alias="with-alias")


class StrictForm(FormData):
    model_config = ConfigDict(extra="forbid")


class OpenForm(FormData):
    model_config = ConfigDict(extra="allow")


@app.post("/model")
def model(data: Annotated[FormData, Form()]):
    return [data, sorted(data.model_fields_set)]


@app.post("/model-old")
def model_old(data: FormData = Form()):
    return data


@app.post("/model-strict")
def model_strict(data: Annotated[StrictForm, Form()]):
    return data


@app.post("/model-open")
def model_open(data: Annotated[OpenForm, Form()]):
    return data


@app.post("/models-several")
def models_several(data: Annotated[FormData, Form()], extra: Annotated[str, Form()]):
    return [data, extra]


def field(token: Annotated[str, Form()]):
    return token


@app.post("/dependency")
def dependency(token: Annotated[str, Depends(field)], name: Annotated[str, Form()] = "n"):
    return [token, name]


@app.post("/request-too")
async def request_too(request: Request, name: Annotated[str, Form()]):
    form = await request.form()
    return {"name": name, "items": [[key, str(value)] for key, value in form.multi_items()]}


@app.post("/request-only")
async def request_only(request: Request):
    async with request.form(max_fields=3) as form:
        return [[key, str(value)] for key, value in form.multi_items()]


@app.put("/beside/{item_id}")
def beside(item_id: int, name: Annotated[str, Form()], q: str | None = None):
    return [item_id, name, q]


MULTIPART = [("username", None, None, b"ann"), ("tags", None, None, b"a"), ("tags", None, "text/plain", b"b")]
EXAMPLES = [
    {"request": "POST /login", "form": "username=a&password=b"},
    {"request": "POST /login", "form": "username=a"},
    {"request": "POST /login", "form": "username=&password="},
    {"request": "POST /login", "form": "username&password=1"},
    {"request": "POST /login", "form": "username=a%20b+c&password=%E2%98%83"},
    {"request": "POST /login", "form": "username=%ff&password=\xff"},
    {"request": "POST /login", "json": {"username": "a", "password": "b"}},
    {
        "request": "POST /login",
        "multipart": [("username", None, None, b"a"), ("password", None, None, b"\xc3\xa9")],
    },
    {
        "request": "POST /login",
        "multipart": [("username", None, None, b"\xff"), ("password", "f", None, b"file")],
    },
    {
        "request": "POST /login",
        "multipart": [("username", "name", "a/b", b"x"), ("password", None, None, b"p")],
    },
    {"request": "POST /login", "body": b"username=a&password=b"},
    {"request": "POST /login", "body": b"username=a&password=b", "headers": {"content-type": "text/plain"}},
    {"request": "POST /login", "body": b"x", "headers": {"content-type": "multipart/form-data"}},
    {"request": "POST /login", "body": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}},
    {
        "request": "POST /login",
        "body": b"--b\r\nx",
        "headers": {"content-type": "multipart/form-data; boundary=b"},
    },
    "POST /login",
    {
        "request": "POST /login",
        "chunks": [b"username=a&pass", b"word=b"],
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    },
    {
        "request": "POST /login",
        "chunks": [b"username=a&pass"],
        "disconnect": True,
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    },
    {"request": "POST /login-old", "form": "username=a&password=bb"},
    "POST /optional",
    {"request": "POST /optional", "form": "name=&age="},
    {"request": "POST /optional", "form": "name=x&age=-1"},
    {"request": "POST /single-embedded", "form": "full-name=x"},
    {"request": "POST /single-embedded", "form": "name=x"},
    {"request": "POST /validation-alias", "form": "val=x&o=2"},
    {"request": "POST /validation-alias", "form": "name=x&other=2"},
    {"request": "POST /lists", "form": "tags=a&tags=&tags=b&numbers=1&numbers=x&unique=3&unique=3"},
    {"request": "POST /lists", "form": "numbers=1"},
    {"request": "POST /default", "form": "name=&color=&flag=&level="},
    {"request": "POST /default", "form": "color=green&flag=on"},
    {"request": "POST /model", "form": "username=a&age=3&tags=x&tags=y&with-alias=z&unknown=1"},
    {"request": "POST /model", "form": "username=&age="},
    {"request": "POST /model", "multipart": MULTIPART},
    {"request": "POST /model-strict", "form": "username=a&extra=1&extra=2"},
    {"request": "POST /model-open", "form": "username=a&extra=1&extra=2"},
    {"request": "POST /model-old", "form": "age=x"},
    {"request": "POST /models-several", "form": "username=a&extra=1"},
    {"request": "POST /dependency", "form": "token=t"},
    {"request": "POST /request-too", "form": "name=a&other=b&name=c"},
    {"request": "POST /request-too", "multipart": MULTIPART},
    {"request": "POST /request-only", "form": "a=1&b=2&c=3&d=4"},
    {"request": "POST /request-only", "multipart": [(name, None, None, b"v") for name in "abcd"]},
    {"request": "PUT /beside/x?q=1", "form": ""},
    {"request": "PUT /beside/3?q=1", "form": "name=%"},
]
