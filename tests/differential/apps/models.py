"""What pydantic models bring along: validators, aliases, computed fields, inheritance, in and out."""

import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar, Union

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    Tag,
    WithJsonSchema,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel, to_pascal

from fastapi import Body, FastAPI

app = FastAPI()
T = TypeVar("T")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    first_name: str
    is_ok: bool = True


class PascalOnly(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, validate_by_name=False, serialize_by_alias=True)

    first_name: str = "f"


class Aliases(BaseModel):
    a: int = Field(validation_alias=AliasChoices("a", "A", AliasPath("deep", "a", 0)))
    b: int = Field(2, serialization_alias="bee")


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    number: int
    flag: bool = False
    when: datetime.date | None = None


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")

    known: int
    __pydantic_extra__: dict[str, int]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, use_enum_values=True)

    level: Literal["x", "y"] = "x"


class Validated(BaseModel):
    word: Annotated[str, BeforeValidator(str), AfterValidator(str.strip), Field(min_length=2)]
    numbers: list[Annotated[int, Field(gt=0)]] = Field([], max_length=3)
    total: int = Field(0, validate_default=True)
    _private: int = PrivateAttr(3)

    @field_validator("total", mode="after")
    @classmethod
    def sum_up(cls, value: int, info: Any) -> int:
        return value or sum(info.data.get("numbers", ()))

    @model_validator(mode="before")
    @classmethod
    def unwrap(cls, value: Any) -> Any:
        return value["wrapped"] if isinstance(value, dict) and "wrapped" in value else value

    @computed_field(alias="wordLength", description="How long")
    def length(self) -> int:
        return len(self.word)


class Money(BaseModel):
    amount: Annotated[Decimal, PlainSerializer(lambda value: f"{value:.2f}", return_type=str)] = Decimal(1)
    shown: Annotated[int, WithJsonSchema({"type": "string", "format": "money"})] = 0


class Base(BaseModel):
    base: int = 0


class Child(Base):
    child: str = "c"
    base: int = 1


class GrandChild(Child, Money):
    pass


class Pair(BaseModel, Generic[T]):
    left: T
    right: T | None = None


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []
    parent: Optional["Branch"] = None


class Branch(BaseModel):
    tree: Tree | None = None


class Kind(str, Enum):
    A = "a"
    B = "b"


class First(BaseModel):
    kind: Literal[Kind.A] = Kind.A
    one: int


class Second(BaseModel):
    kind: Literal[Kind.B]
    two: str


def by_shape(value: Any) -> str:
    keys = value if isinstance(value, dict) else vars(value)
    return "one" if "one" in keys else "two"


Shape = Annotated[Union[Annotated[First, Tag("one")], Annotated[Second, Tag("two")]], Discriminator(by_shape)]
Numbers = RootModel[list[int]]
Dynamic = create_model("Dynamic", a=(int, ...), b=(str, "b"), __base__=Base)


class Defaults(BaseModel):
    items: list[int] = Field(default_factory=list)
    made: int = Field(default_factory=lambda data: len(data["items"]))
    when: datetime.datetime = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    hidden: int = Field(1, exclude=True, repr=False)
    once: int = Field(1, frozen=True)


MODELS = {
    "camel": Camel,
    "pascal": PascalOnly,
    "aliases": Aliases,
    "strict": Strict,
    "extra": Extra,
    "frozen": Frozen,
    "validated": Validated,
    "money": Money,
    "child": Child,
    "grand_child": GrandChild,
    "pair_int": Pair[int],
    "pair_model": Pair[Child],
    "pair_nested": Pair[Pair[str]],
    "tree": Tree,
    "branch": Branch,
    "shape": Shape,
    "numbers": Numbers,
    "dynamic": Dynamic,
    "defaults": Defaults,
    "union": Union[Camel, Strict, Child],
    "left_to_right": Annotated[Union[int, Child, str], Field(union_mode="left_to_right")],
    "by_name": dict[str, Child],
    "optional": Optional[Child],
}

for name, model in MODELS.items():

    @app.post(f"/echo/{name}", response_model=model)
    def echo(value: Annotated[model, Body()]):
        return value

    @app.post(
        f"/unset/{name}",
        response_model=model,
        response_model_exclude_unset=True,
        response_model_by_alias=False,
    )
    async def echo_unset(value: model):
        return value

    @app.post(f"/list/{name}")
    def echo_list(values: list[model]) -> list[model]:
        return values

    @app.post(f"/as-base/{name}", response_model=Base)
    def as_base(value: Annotated[model, Body(embed=True)]):
        return value


BODIES = {
    "camel": [{"firstName": "a"}, {"first_name": "a", "isOk": "no"}, {"FirstName": 1}],
    "pascal": [{"FirstName": "x"}, {"first_name": "x"}, {}],
    "aliases": [{"A": 1}, {"deep": {"a": [3]}}, {"b": 1}],
    "strict": [{"number": 1, "when": "2024-01-01"}, {"number": "1", "flag": 1}, {"number": 1.0, "x": 2}],
    "extra": [{"known": 1, "more": 2}, {"known": 1, "more": "x"}],
    "frozen": [{"level": "y"}, {"level": "z"}],
    "validated": [
        {"word": " abc ", "numbers": [1, 2]},
        {"wrapped": {"word": "ab"}},
        {"word": 1, "numbers": [0, 1, 2, 3]},
        3,
    ],
    "money": [{"amount": "2.345", "shown": 3}, {"amount": "x"}],
    "child": [{"base": 3}, {"base": None}],
    "grand_child": [{"amount": 1, "child": "d"}],
    "pair_int": [{"left": 1}, {"left": "x", "right": 2}],
    "pair_model": [{"left": {"base": 2}}],
    "pair_nested": [{"left": {"left": "a"}, "right": {"left": 1}}],
    "tree": [
        {"name": "a", "children": [{"name": "b", "children": [{}]}]},
        {"name": "a", "parent": {"tree": {"name": "c"}}},
    ],
    "shape": [{"one": 1}, {"two": "x", "kind": "b"}, {"kind": "a"}, 3],
    "numbers": [[1, "2"], {"root": [1]}],
    "dynamic": [{"a": 1}, {"b": 3}],
    "defaults": [{}, {"items": [1, 2], "hidden": 5}],
    "union": [{"firstName": "a"}, {"number": 1}, {}, []],
    "left_to_right": ["3", 4, {"base": 1}, "x"],
    "by_name": [{"x": {}}, {"x": 1}],
    "optional": [None, {}, 3],
}
EXAMPLES = [
    {
        "request": f"POST /{kind}/{name}",
        "json": {"value": value} if kind == "as-base" else [value] if kind == "list" else value,
    }
    for name, values in BODIES.items()
    for value in values
    for kind in ("echo", "unset", "list", "as-base")
]
