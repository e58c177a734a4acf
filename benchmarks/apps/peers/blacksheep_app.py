"""The scenarios on BlackSheep: dataclasses, bound parameters."""

from dataclasses import dataclass

from blacksheep import Application, FromFiles, FromForm, FromJSON, Response, get, json, post

app = Application()


@get("/")
async def hello() -> Response:
    return json({"hello": "world"})


@get("/items/{item_id}")
async def read_item(item_id: int, q: str | None = None, limit: int = 10) -> Response:
    return json({"item_id": item_id, "q": q, "limit": limit})


@dataclass
class Address:
    street: str
    city: str
    postcode: str


@dataclass
class Person:
    name: str
    age: int
    email: str | None
    tags: list[str]
    address: Address


@post("/people")
async def create_person(person: FromJSON[Person]) -> Response:
    return json(person.value)


@dataclass
class Price:
    amount: float
    currency: str


@dataclass
class Product:
    id: int
    name: str
    tags: list[str]
    price: Price


PRODUCTS = [Product(n, f"product {n}", ["new", "blue"], Price(n + 0.5, "EUR")) for n in range(100)]


@get("/products")
async def list_products() -> Response:
    return json(PRODUCTS)


@dataclass
class Form:
    name: str
    age: int
    city: str


@post("/form")
async def submit_form(form: FromForm[Form]) -> Response:
    return json(form.value)


@post("/upload")
async def upload(files: FromFiles) -> Response:
    (file,) = files.value
    name = file.file_name
    return json({"filename": name.decode() if isinstance(name, bytes) else name, "size": len(file.data)})
