"""An application of 500 routes; the last one has an int path parameter."""

from fastapi import FastAPI

app = FastAPI()


def add(number: int) -> None:
    @app.get(f"/section{number}/items/{{item_id}}")
    async def read_item(item_id: int):
        return {"section": number, "item_id": item_id}


for number in range(500):
    add(number)
