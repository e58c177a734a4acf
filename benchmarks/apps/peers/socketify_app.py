"""The scenarios on socketify, which has no validation: `python -m peers.socketify_app PORT`. Needs libuv.

No scenario with a body: reading one under load ends the process (socketify 0.0.31, cffi: "ffi.from_handle() detected
that the address passed points to garbage").
"""

import json
import sys

from socketify import App

PRODUCTS = [
    {
        "id": n,
        "name": f"product {n}",
        "tags": ["new", "blue"],
        "price": {"amount": n + 0.5, "currency": "EUR"},
    }
    for n in range(100)
]
app = App()


def hello(response, request):
    response.end({"hello": "world"})


def read_item(response, request):
    item_id, q, limit = request.get_parameter(0), request.get_query("q"), request.get_query("limit")
    response.end({"item_id": int(item_id), "q": q, "limit": int(limit or 10)})


def list_products(response, request):
    response.write_header("content-type", "application/json").end(json.dumps(PRODUCTS))


app.get("/", hello)
app.get("/items/:item_id", read_item)
app.get("/products", list_products)
app.listen({"host": "127.0.0.1", "port": int(sys.argv[1])})
app.run()
