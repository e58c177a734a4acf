"""An application as large as the environment says: ROUTES plain routes and a chain of DEPENDENCIES."""

import os
from typing import Annotated, Any

from pydantic import BaseModel

from fastapi import Depends, FastAPI

app = FastAPI()


def add_route(number: int) -> None:
    @app.get(f"/section{number}/items/{{item_id}}")
    async def read_item(item_id: int):
        return {"section": number, "item_id": item_id}


for number in range(int(os.environ.get("ROUTES", "0"))):
    add_route(number)


async def start() -> int:
    return 1


def following(previous: Any) -> Any:
    async def dependency(value: Annotated[int, Depends(previous)]) -> int:
        return value + 1

    return dependency


DEPENDENCIES = int(os.environ.get("DEPENDENCIES", "0"))
last = start
for _ in range(DEPENDENCIES - 1):
    last = following(last)

if not DEPENDENCIES:

    @app.get("/depth")
    async def depth():
        return {"depth": 0}

else:

    @app.get("/depth")
    async def depth(value: Annotated[int, Depends(last)]):
        return {"depth": value}


class Item(BaseModel):
    id: int
    name: str


ITEMS = [Item(id=n, name=f"item {n}") for n in range(int(os.environ.get("ITEMS", "1")))]


@app.get("/items", response_model=list[Item])
async def list_items():
    return ITEMS
