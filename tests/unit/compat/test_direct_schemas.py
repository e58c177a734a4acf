"""JSON schemas made without pydantic are those that pydantic makes."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from itertools import product
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    RootModel,
    WithJsonSchema,
    computed_field,
    create_model,
    field_serializer,
    field_validator,
)
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from fastapi import params
from fastapi._compat import get_compat_model_name_map, get_definitions
from fastapi._compat.v2 import FieldInfo, ModelField, definitions
from fastapi._compat.v2.schemas import Mode, ModelSchemas

T = TypeVar("T")


class Item(BaseModel):
    """An item.

    On two lines.\fNot for the document.
    """

    id: int
    name: str = Field(max_length=10, description="What it is called", examples=["a", "b"])
    size_in_cm: float | None = None
    tags: list[str] = []
    more: dict[str, Any] = Field(default_factory=dict)
    made: datetime | date | None = None


class Customer(BaseModel):
    model_config = ConfigDict(title="A customer", extra="forbid", populate_by_name=True)

    uuid: UUID = Field(alias="UUID")
    kind: Literal["private", "business"] = "private"
    given_name: str = Field(validation_alias="givenName", serialization_alias="firstName")


class Line(BaseModel):
    item: Item
    other: Item | None = None
    count: Annotated[int, Field(ge=1, le=99, title="How many")] = 1


class Order(BaseModel):
    model_config = ConfigDict(
        extra="allow", json_schema_extra={"examples": [{"lines": []}], "x": {"b": 1, "a": 2}}
    )

    lines: list[Line]
    by_name: dict[str, Item] = {}
    customer: Customer
    first: Line | None = None
    maybe: list[Line] | None = None


class Archive(BaseModel):
    orders: list[Order]
    last: Order | None


class Priced(BaseModel):
    price: Decimal
    within: timedelta = timedelta(0)


class Tree(BaseModel):
    children: list["Tree"] = []
    item: Item


class Ping(BaseModel):
    pong: "Pong | None" = None


class Pong(BaseModel):
    ping: Ping | None = None


Ping.model_rebuild()


class Colour(Enum):
    red = "red"
    green = "green"


class Painted(BaseModel):
    colour: Colour
    item: Item


class Level(IntEnum):
    """How much."""

    low = 1
    high = 2


class Only(str, Enum):
    one = "one"


class Chosen(BaseModel):
    colour: Colour = Colour.red
    colours: list[Colour] = [Colour.red, Colour.green]
    level: Level | None = None
    levels: dict[str, Level] = Field(default_factory=dict, description="By name")
    only: Only = Only.one
    named: Level = Field(default=Level.low, title="Named")
    either: Level | Colour | None = None
    first: Literal[Colour.red] = Colour.red

    @field_validator("level")
    @classmethod
    def check(cls, level: Any) -> Any:
        return level


class Checked(BaseModel):
    number: int
    address: EmailStr | None = None
    url: HttpUrl = HttpUrl("http://a")
    default: Annotated[str, AfterValidator(str.upper)] = "a"
    call: Annotated[int, BeforeValidator(int), Field(description="A number")]
    odd: Annotated[Any, WithJsonSchema({"type": "odd", "title": "Odd"})] = None

    @field_validator("number")
    @classmethod
    def check(cls, number: int) -> int:
        return number


class Written(BaseModel):
    number: int

    @field_serializer("number")
    def write(self, number: int) -> str:
        return str(number)


class Computed(BaseModel):
    number: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return 2 * self.number


class Numbers(RootModel[list[int]]):
    """Some numbers."""


class Page(BaseModel, Generic[T]):
    items: list[T]


class Described(BaseModel):
    item: Item = Field(description="What it is about")
    colours: list[str] = Field(min_length=1, json_schema_extra={"x": 1})
    hidden: int = Field(default=1, exclude=True)
    fixed: int = Field(default=1, frozen=True)
    many: str = Field(validation_alias=AliasChoices("a", "b"))
    default: int = 1
    properties: Item | None = None


class Mailed(BaseModel):
    address: EmailStr
    by: Customer


class Titled(BaseModel):
    model_config = ConfigDict(field_title_generator=lambda name, _: name.upper())

    name: str


class Changed(BaseModel):
    name: str

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        return {**handler(core_schema), "changed": True}


class Strings(TypedDict):
    a: str
    item: Item


@dataclass
class Point:
    x: int
    item: Item


class default(BaseModel):
    b: int
    a: int


class _Private(BaseModel):
    a: int


Shade = Enum("Colour", {"dark": 1, "light": 2})
Namesake = create_model("Item", other=(str, ...))
CustomerInput = create_model("Customer_Input", item=(Item, ...))

MODELS: list[Any] = [
    Item, Customer, Line, Order, Archive, Priced, Tree, Ping, Pong, Painted, Checked, Written, Computed,
    Numbers, Chosen, Level, Only, Page, Page[Item], Page[int], Described, Mailed, Titled,
    Changed, Strings, Point, default, _Private, Namesake, CustomerInput,
]  # fmt: skip

ANNOTATIONS: list[Any] = [
    *MODELS, list[Item], dict[str, Line], Order | None, Line | Customer, list[Item | Customer], set[int],
    dict[int, Item], tuple[Item, ...], int, str | None, Literal["a"], Colour, Any, list[Colour], Decimal, bytes,
    Level | None, Annotated[Item, "note"], dict[str, list[Item]], list[list[Item]], list[Item | None] | None,
]  # fmt: skip

NEEDLESS = [Item, Customer, Line, Order, list[Item], dict[str, Line], Order | None, int, str | None, set[int]]
"""What pydantic should not be asked for."""


def field(annotation: Any, mode: Mode = "validation", **options: Any) -> ModelField:
    return ModelField(field_info=FieldInfo(annotation=annotation, **options), name="some_field", mode=mode)


def both_ways(fields: list[ModelField], separate: bool = True) -> Iterator[tuple[Any, Any]]:
    names = get_compat_model_name_map(fields)
    ours, our_definitions = get_definitions(
        fields=fields, model_name_map=names, separate_input_output_schemas=separate
    )
    theirs, their_definitions = definitions._left_to_pydantic(fields, names, separate)
    for definition in their_definitions.values():
        if "description" in definition:
            definition["description"] = definition["description"].split("\f")[0]
    yield our_definitions.keys(), their_definitions.keys()
    for name, definition in our_definitions.items():
        yield json.dumps(definition, default=repr), json.dumps(their_definitions[name], default=repr)
    for one in fields:
        mode = definitions._schema_mode(one, separate)
        yield json.dumps(ours[one, mode], default=repr), json.dumps(theirs[one, mode], default=repr)


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_one_type_is_described_as_by_pydantic(annotation: Any, mode: Mode) -> None:
    for ours, theirs in both_ways([field(annotation, mode)]):
        assert ours == theirs


@pytest.mark.parametrize("separate", [True, False])
@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_input_and_output_are_told_apart_as_by_pydantic(annotation: Any, separate: bool) -> None:
    for ours, theirs in both_ways([field(annotation), field(annotation, "serialization")], separate):
        assert ours == theirs


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from(ANNOTATIONS), st.sampled_from(["validation", "serialization"])), max_size=8
    ),
    st.booleans(),
)
def test_types_together_are_described_as_by_pydantic(types: list[tuple[Any, Mode]], separate: bool) -> None:
    for ours, theirs in both_ways([field(annotation, mode) for annotation, mode in types], separate):
        assert ours == theirs


@pytest.mark.parametrize(
    "declaration",
    [
        params.Query(), params.Query(None), params.Query(3, ge=1, title="T", description="D"), params.Path(),
        params.Header("x", alias="X-Y"), params.Cookie(deprecated=True), params.Body(), params.Body(None),
        params.Body(embed=True, examples=[{"a": 1}]), params.Form(max_length=3), params.File(),
        params.Query(json_schema_extra={"a": 1}), params.Body(default_factory=list), params.Query(strict=True),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    "annotation", [str | None, list[int] | str, Item, Item | None, list[Item], Colour], ids=str
)
def test_a_declaration_is_described_as_by_pydantic(annotation: Any, declaration: Any) -> None:
    declaration.annotation = annotation
    try:
        one = ModelField(field_info=declaration, name="some_field")
    except Exception:  # a constraint that the type does not take
        return
    for ours, theirs in both_ways([one]):
        assert ours == theirs


def test_a_model_rebuilt_since_is_described_as_by_pydantic() -> None:
    class Part(BaseModel):
        number: int

    class Whole(BaseModel):
        part: Part

    fields = [field(Whole), field(Part)]
    Part.model_fields["number"].description = "Counted from one"
    Part.model_rebuild(force=True)
    for order in (fields, fields[::-1], [*fields, field(Part)]):
        for ours, theirs in both_ways(order):
            assert ours == theirs


@pytest.mark.skipif(
    "pydantic_js_annotation_functions" in str(Item.__pydantic_core_schema__), reason="pydantic 2.9"
)
@pytest.mark.parametrize("annotation", NEEDLESS, ids=str)
def test_simple_models_are_described_without_pydantic(annotation: Any) -> None:
    ModelSchemas("validation").describe(definitions._core_schema(field(annotation)))


def test_schemas_can_be_changed_without_changing_the_next_ones() -> None:
    for _ in range(2):
        schemas, generated = get_definitions(fields=[one := field(list[str])], model_name_map={})
        assert schemas[one, "validation"] == {"type": "array", "items": {"type": "string"}}
        schemas[one, "validation"]["items"]["type"] = "changed"
        assert generated == {}


@pytest.mark.parametrize(("mode", "other"), list(product(["validation", "serialization"], repeat=2)))
def test_a_name_that_two_types_have_is_left_to_pydantic(mode: Mode, other: Mode) -> None:
    for ours, theirs in both_ways([field(Painted, mode), field(Shade, other), field(Chosen)]):
        assert ours == theirs
    for namesake in (Namesake, dataclass(type("Item", (), {"__annotations__": {"a": int}}))):
        for ours, theirs in both_ways([field(Item, mode), field(namesake, other), field(Customer)]):
            assert ours == theirs
