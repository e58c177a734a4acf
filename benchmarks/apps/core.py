"""One ordinary application with a route for every scenario that needs no application of its own."""

from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import BaseModel, Field

from fastapi import Depends, FastAPI, Form, Header, Query, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/")
async def hello():
    return {"hello": "world"}


@app.get("/items/{item_id}")
async def read_item(item_id: int, q: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 10):
    return {"item_id": item_id, "q": q, "limit": limit}


class Address(BaseModel):
    street: str = Field(min_length=1, max_length=100)
    city: str
    postcode: str = Field(pattern=r"^\d{5}$")


class Person(BaseModel):
    name: str = Field(min_length=1)
    age: int = Field(ge=0, le=150)
    email: str | None = None
    tags: list[str] = []
    address: Address


@app.post("/people", response_model=Person)
async def create_person(person: Person):
    return person


def read_settings() -> dict[str, str]:
    return {"prefix": "user"}


async def open_session(
    settings: Annotated[dict[str, str], Depends(read_settings)],
) -> AsyncIterator[dict[str, str]]:
    yield {"open": "yes", **settings}


async def current_user(
    session: Annotated[dict[str, str], Depends(open_session)], x_token: Annotated[str, Header()]
) -> str:
    return f"{session['prefix']}-{x_token}"


@app.get("/me")
async def read_me(user: Annotated[str, Depends(current_user)]):
    return {"user": user}


class Price(BaseModel):
    amount: float
    currency: str


class Product(BaseModel):
    id: int
    name: str
    tags: list[str]
    price: Price


PRODUCTS = [
    Product(id=n, name=f"product {n}", tags=["new", "blue"], price=Price(amount=n + 0.5, currency="EUR"))
    for n in range(100)
]


@app.get("/products", response_model=list[Product])
async def list_products():
    return PRODUCTS


@app.get("/blocking")
def blocking():
    return {"hello": "thread"}


@app.post("/form")
async def submit_form(
    name: Annotated[str, Form()], age: Annotated[int, Form()], city: Annotated[str, Form()]
):
    return {"name": name, "age": age, "city": city}


@app.post("/upload")
async def upload(file: UploadFile):
    content = await file.read()
    return {"filename": file.filename, "size": len(content)}


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


CHUNK = b"x" * 1024


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield CHUNK


@app.get("/stream")
async def stream():
    return StreamingResponse(chunks(), media_type="application/octet-stream")
