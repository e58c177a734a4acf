"""The application of everybody's first day."""

from typing import Annotated

from pydantic import BaseModel

from fastapi import FastAPI, Query

app = FastAPI()
trace: list[str] = []


class Item(BaseModel):
    name: str
    price: float
    tax: float | None = None
    tags: list[str] = []


@app.get("/")
async def read_root():
    trace.append("root")
    return {"Hello": "World"}


@app.get("/items/{item_id}")
def read_item(item_id: int, q: Annotated[str | None, Query(max_length=10)] = None, short: bool = False):
    return {"item_id": item_id, "q": q, "short": short}


@app.post("/items/", status_code=201)
async def create_item(item: Item) -> Item:
    return item


EXAMPLES = [
    "GET /",
    "GET /items/3?q=x&short=yes",
    {"request": "POST /items/", "json": {"name": "n", "price": 1}},
]
