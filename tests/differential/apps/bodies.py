"""Bodies: one model, several, embedded, optional, with defaults, beside parameters of other places."""

from typing import Annotated, Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field

from fastapi import Body, FastAPI, Query

app = FastAPI()


class Image(BaseModel):
    url: str
    name: str = "unnamed"


class Item(BaseModel):
    name: str = Field(examples=["Foo"], min_length=1)
    description: str | None = Field(default=None, title="The description", max_length=20)
    price: float = Field(gt=0, description="More than nothing")
    tax: Optional[float] = None
    tags: set[str] = set()
    images: list[Image] | None = None


class User(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    username: str
    full_name: str | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool = True


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]


@app.post("/single")
def single(item: Item):
    return item


@app.post("/single-annotated")
async def single_annotated(item: Annotated[Item, Body()]):
    return item


@app.post("/single-embedded")
def single_embedded(item: Annotated[Item, Body(embed=True)]):
    return item


@app.post("/single-embedded-old")
def single_embedded_old(item: Item = Body(..., embed=True, description="Embedded")):
    return item


@app.post("/single-alias")
def single_alias(item: Annotated[User, Body(alias="theUser", embed=True)]):
    return item


@app.post("/single-optional")
def single_optional(item: Item | None = None):
    return item


@app.post("/single-default")
def single_default(item: Annotated[User, Body()] = User(username="default")):
    return item


@app.post("/single-default-embedded")
def single_default_embedded(item: Annotated[User, Body(embed=True)] = User(username="default")):
    return item


@app.put("/several/{item_id}")
def several(
    item_id: int, item: Item, user: User, importance: Annotated[int, Body(gt=0)], q: str | None = None
):
    return {"item_id": item_id, "item": item, "user": user, "importance": importance, "q": q}


@app.put("/several-optional")
def several_optional(item: Item | None = None, user: User | None = None, note: str | None = Body(None)):
    return [item, user, note]


@app.put("/several-defaults")
def several_defaults(
    a: Annotated[int, Body()] = 1,
    b: Annotated[list[int], Body()] = [2],
    c: Annotated[dict[str, int], Body(default_factory=dict)] = ...,
    d: Annotated[str, Body(alias="dee", min_length=2)] = "dd",
    e: Annotated[str, Body(validation_alias="eee")] = "ee",
):
    return [a, b, c, d, e]


@app.post("/same-model-twice")
def same_model_twice(first: Item, second: Item):
    return [first, second]


@app.post("/union")
def union(item: Union[Item, User]):
    return {"type": type(item).__name__, "item": item}


@app.post("/union-optional")
def union_optional(item: Union[Item, User, None] = None):
    return {"type": type(item).__name__, "item": item}


@app.post("/union-embedded")
def union_embedded(item: Annotated[Union[Item, User], Body(embed=True)], other: int | str = Body()):
    return [item, other]


@app.post("/discriminated")
def discriminated(pet: Pet):
    return pet


@app.post("/discriminated-body")
def discriminated_body(pet: Annotated[Union[Cat, Dog], Body(discriminator="kind")]):
    return pet


@app.post("/discriminated-list")
def discriminated_list(pets: list[Pet]):
    return pets


@app.post("/nested-default")
def nested_default(item: Item, verbose: bool = Query(False)):
    return item.model_dump(exclude_unset=not verbose)


@app.post("/fields-set")
def fields_set(item: Item):
    return sorted(item.model_fields_set)


@app.post("/examples")
def examples(
    item: Annotated[
        Item,
        Body(
            openapi_examples={
                "normal": {"summary": "A normal one", "value": {"name": "Foo", "price": 35.4}},
                "invalid": {"summary": "Invalid", "value": {"name": "Baz", "price": "thirty"}},
            },
            title="Documented",
            description="With examples",
            examples=[{"name": "x", "price": 1}],
        ),
    ],
):
    return item


@app.post("/media-type")
def media_type(item: Annotated[Item, Body(media_type="application/vnd.api+json")]):
    return item


@app.post("/any")
def anything(value: Any = Body()):
    return {"type": type(value).__name__, "value": value}


@app.post("/any-optional")
def anything_optional(value: Any = Body(None)):
    return {"type": type(value).__name__, "value": value}


@app.get("/get-with-body")
def get_with_body(item: User):
    return item


@app.delete("/delete-with-body")
def delete_with_body(item: Item | None = None):
    return item


ITEM = {"name": "Foo", "price": 1.5, "tags": ["a", "a", "b"], "images": [{"url": "u"}]}
USER = {"username": " ann "}
EXAMPLES = [
    {"request": "POST /single", "json": ITEM},
    {"request": "POST /single", "json": {}},
    {"request": "POST /single", "json": {"name": "", "price": "0", "tags": "x", "images": [{}, 1]}},
    {"request": "POST /single", "json": [ITEM]},
    {"request": "POST /single", "json": None},
    "POST /single",
    {"request": "POST /single", "body": b'{"name": "a", "price": 1'},
    {
        "request": "POST /single",
        "body": b'{"name": "a", "price": 1',
        "headers": {"content-type": "application/json"},
    },
    {
        "request": "POST /single",
        "body": b'{"name": "a", "price": 1}',
        "headers": {"content-type": "text/plain"},
    },
    {
        "request": "POST /single",
        "body": b'{"name": "a", "price": 1}',
        "headers": {"content-type": "a/geo+json-seq"},
    },
    {
        "request": "POST /single",
        "body": b'{"name": "a", "price": 1}',
        "headers": {"content-type": "application/geo+json"},
    },
    {
        "request": "POST /single",
        "body": b'{"name": "a", "price": NaN}',
        "headers": {"content-type": "application/json"},
    },
    {
        "request": "POST /single",
        "body": b'{"name": "\xff", "price": 1}',
        "headers": {"content-type": "application/json"},
    },
    {"request": "POST /single", "body": b"\xff", "headers": {"content-type": "text/plain"}},
    {
        "request": "POST /single",
        "body": b"\xff\xfe{\x00}\x00",
        "headers": {"content-type": "application/json"},
    },
    {
        "request": "POST /single",
        "chunks": [b'{"name": "a",', b"", b' "price": 1}'],
        "headers": {"content-type": "application/json"},
    },
    {"request": "POST /single", "chunks": [b'{"name": "a",'], "disconnect": True},
    {"request": "POST /single-embedded", "json": {"item": ITEM}},
    {"request": "POST /single-embedded", "json": ITEM},
    {"request": "POST /single-embedded", "json": []},
    {"request": "POST /single-embedded", "json": "x"},
    {"request": "POST /single-embedded-old", "json": {"item": None}},
    {"request": "POST /single-alias", "json": {"theUser": USER}},
    {"request": "POST /single-alias", "json": {"item": USER}},
    "POST /single-optional",
    {"request": "POST /single-optional", "json": None},
    {"request": "POST /single-optional", "json": {}},
    "POST /single-default",
    "POST /single-default-embedded",
    {"request": "POST /single-default-embedded", "json": {}},
    {"request": "PUT /several/3?q=x", "json": {"item": ITEM, "user": USER, "importance": 5}},
    {"request": "PUT /several/x", "json": {"item": {}, "user": {"username": 1, "x": 2}, "importance": 0}},
    "PUT /several/x",
    {"request": "PUT /several/3", "json": "text"},
    "PUT /several-optional",
    {"request": "PUT /several-optional", "json": {"note": "n"}},
    {"request": "PUT /several-optional", "json": {"item": None, "user": 3}},
    "PUT /several-defaults",
    {
        "request": "PUT /several-defaults",
        "json": {"a": "1", "b": ["x"], "dee": "d", "eee": "e", "c": {"k": 1}},
    },
    {"request": "PUT /several-defaults", "json": {"d": "dddd", "e": "x"}},
    {"request": "POST /same-model-twice", "json": {"first": ITEM, "second": ITEM}},
    {"request": "POST /union", "json": ITEM},
    {"request": "POST /union", "json": USER},
    {"request": "POST /union", "json": {"username": "a", "name": "b"}},
    {"request": "POST /union-optional", "json": None},
    "POST /union-optional",
    {"request": "POST /union-embedded", "json": {"item": USER, "other": "1"}},
    {"request": "POST /discriminated", "json": {"kind": "cat", "lives": 9}},
    {"request": "POST /discriminated", "json": {"kind": "dog"}},
    {"request": "POST /discriminated", "json": {"kind": "cow"}},
    {"request": "POST /discriminated", "json": {}},
    {"request": "POST /discriminated-body", "json": {"kind": "cat", "lives": "x"}},
    {"request": "POST /discriminated-list", "json": [{"kind": "cat", "lives": 9}, {"kind": "x"}, 3]},
    {"request": "POST /nested-default?verbose=1", "json": ITEM},
    {"request": "POST /nested-default", "json": {"name": "a", "price": 1, "tax": None}},
    {"request": "POST /any", "json": [1, 2.0, "x", None, True, {"a": 1e400}]},
    {
        "request": "POST /any",
        "body": b"raw \xff bytes",
        "headers": {"content-type": "application/octet-stream"},
    },
    {"request": "POST /any", "body": b"raw bytes", "headers": {"content-type": "text/plain"}},
    "POST /any",
    {"request": "POST /any", "json": None},
    "POST /any-optional",
    {"request": "GET /get-with-body", "json": USER},
    "DELETE /delete-with-body",
    {"request": "DELETE /delete-with-body", "json": ITEM},
]
