"""The scenarios on Django-Bolt: `python -m peers.django_bolt_app PORT`."""

import sys
from typing import Annotated

import django
from django.conf import settings
from django.core.management import call_command
from django_bolt import BoltAPI
from msgspec import Meta, Struct

urlpatterns: list[object] = []

if __name__ == "__main__":
    settings.configure(
        DEBUG=False,
        SECRET_KEY="benchmark",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="peers.django_bolt_app",
        INSTALLED_APPS=["django_bolt"],
        BOLT_API=["peers.django_bolt_app:api"],
        LOGGING_CONFIG=None,
    )
    django.setup()
    # The server imports this module once more, by its name.
    call_command("runbolt", "--host", "127.0.0.1", "--port", sys.argv[1], "--no-admin")
    sys.exit()

api = BoltAPI(enable_logging=False)


@api.get("/")
async def hello():
    return {"hello": "world"}


@api.get("/items/{item_id}")
async def read_item(item_id: int, q: str | None = None, limit: int = 10):
    return {"item_id": item_id, "q": q, "limit": limit}


@api.get("/blocking")
def blocking():
    return {"hello": "thread"}


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


@api.post("/people", response_model=Person, status_code=200)
async def create_person(person: Person):
    return person


class Price(Struct):
    amount: float
    currency: str


class Product(Struct):
    id: int
    name: str
    tags: list[str]
    price: Price


PRODUCTS = [Product(n, f"product {n}", ["new", "blue"], Price(n + 0.5, "EUR")) for n in range(100)]


@api.get("/products", response_model=list[Product])
async def list_products():
    return PRODUCTS
