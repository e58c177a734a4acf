"""The scenarios on Litestar: msgspec structs, its own dependency injection."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from litestar import Litestar, get, post
from litestar.datastructures import UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from msgspec import Meta, Struct


@get("/")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@get("/items/{item_id:int}")
async def read_item(
    item_id: int, q: str | None = None, limit: Annotated[int, Parameter(ge=1, le=100)] = 10
) -> dict[str, Any]:
    return {"item_id": item_id, "q": q, "limit": limit}


class Address(Struct):
    street: Annotated[str, Meta(min_length=1, max_length=100)]
    city: str
    postcode: Annotated[str, Meta(pattern=r"^\d{5}$")]


class Person(Struct):
    name: Annotated[str, Meta(min_length=1)]
    age: Annotated[int, Meta(ge=0, le=150)]
    email: str | None
    tags: list[str]
    address: Address


@post("/people", status_code=200)
async def create_person(data: Person) -> Person:
    return data


def read_settings() -> dict[str, str]:
    return {"prefix": "user"}


async def open_session(settings: dict[str, str]) -> AsyncGenerator[dict[str, str], None]:
    yield {"open": "yes", **settings}


async def current_user(session: dict[str, str], x_token: Annotated[str, Parameter(header="X-Token")]) -> str:
    return f"{session['prefix']}-{x_token}"


@get(
    "/me",
    dependencies={
        "settings": Provide(read_settings, sync_to_thread=True),
        "session": Provide(open_session),
        "user": Provide(current_user),
    },
)
async def read_me(user: str) -> dict[str, str]:
    return {"user": user}


class Price(Struct):
    amount: float
    currency: str


class Product(Struct):
    id: int
    name: str
    tags: list[str]
    price: Price


PRODUCTS = [Product(n, f"product {n}", ["new", "blue"], Price(n + 0.5, "EUR")) for n in range(100)]


@get("/products")
async def list_products() -> list[Product]:
    return PRODUCTS


@get("/blocking", sync_to_thread=True)
def blocking() -> dict[str, str]:
    return {"hello": "thread"}


class Form(Struct):
    name: str
    age: int
    city: str


@post("/form", status_code=200)
async def submit_form(data: Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Form:
    return data


@post("/upload", status_code=200)
async def upload(
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, Any]:
    file = data["file"]
    return {"filename": file.filename, "size": len(await file.read())}


app = Litestar(
    [hello, read_item, create_person, read_me, list_products, blocking, submit_form, upload],
    openapi_config=None,
)
