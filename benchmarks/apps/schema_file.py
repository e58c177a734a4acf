"""The same parameters twice: declared in code and, by whoever can, in `params_schema.json`."""

from typing import Annotated, Literal

from fastapi import FastAPI, Header, Query

app = FastAPI()


@app.get("/code/{item_id}")
async def read_by_code(
    item_id: int,
    x_token: Annotated[str, Header(min_length=3)],
    q: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    order: Literal["name", "age"] = "name",
):
    return {"item_id": item_id, "q": q, "limit": limit, "order": order, "x_token": x_token}


try:
    from fastapi import param_factory
except ImportError:  # the reference, which answers all of it as the code declares it
    app.get("/file/{item_id}")(read_by_code)
else:

    @app.get("/file/{item_id}")
    async def read_item(
        item_id: Annotated[int, param_factory("read_item", "item_id")],
        x_token: Annotated[str, param_factory("read_item", "x_token")],
        q: str | None = param_factory("read_item", "q"),
        limit: int = param_factory("read_item", "limit"),
        order: str = param_factory("read_item", "order"),
    ):
        return {"item_id": item_id, "q": q, "limit": limit, "order": order, "x_token": x_token}
