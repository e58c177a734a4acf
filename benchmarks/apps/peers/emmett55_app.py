"""The scenarios on Emmett55, which has no validation: conversions are the handler's."""

from emmett55 import App, request
from emmett55.tools import service

app = App(__name__)
PRODUCTS = [
    {
        "id": n,
        "name": f"product {n}",
        "tags": ["new", "blue"],
        "price": {"amount": n + 0.5, "currency": "EUR"},
    }
    for n in range(100)
]


@app.route("/", methods="get")
@service.json
async def hello():
    return {"hello": "world"}


@app.route("/items/<int:item_id>", methods="get")
@service.json
async def read_item(item_id):
    query = request.query_params
    return {"item_id": item_id, "q": query.q, "limit": int(query.limit or 10)}


@app.route("/people", methods="post")
@service.json
async def create_person():
    return await request.body_params


@app.route("/products", methods="get")
@service.json
async def list_products():
    return PRODUCTS


@app.route("/form", methods="post")
@service.json
async def submit_form():
    form = await request.body_params
    return {"name": form.name, "age": int(form.age), "city": form.city}
