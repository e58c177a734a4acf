"""Types of response models, and values of them, for the twins of the response writer."""

import dataclasses
import datetime
import decimal
import enum
import uuid
import zoneinfo
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar

import pydantic
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel
from typing_extensions import TypedDict

T = TypeVar("T")


class Colour(str, enum.Enum):
    RED = "red"
    GREEN = "grün"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Shape(enum.Enum):
    ROUND = "round"
    NONE = None
    HALF = 0.5


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Small(BaseModel):
    id: int
    name: str = "small"
    price: float = 1.5


class Bigger(Small):
    weight: float = 2.0


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    one: int = Field(alias="first")
    two: str | None = Field(default=None, serialization_alias='the "second"')
    three: bool = Field(default=True, exclude=True)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int = 0


class OpenNumbers(BaseModel):
    __pydantic_extra__: dict[str, float]
    model_config = ConfigDict(extra="allow")
    id: int = 0


class Moments(BaseModel):
    day: datetime.date
    time: datetime.time
    moment: datetime.datetime
    span: datetime.timedelta


class Exact(BaseModel):
    identity: uuid.UUID
    amount: decimal.Decimal
    colour: Colour = Colour.RED
    level: Level | None = None
    shape: Shape = Shape.ROUND
    permission: Permission = Permission.READ
    kind: Literal["a", 1, "é"] = "a"


class Containers(BaseModel):
    texts: list[str] = []
    numbers: dict[str, int] = Field(default_factory=dict)
    by_number: dict[int, Small] = {}
    by_identity: dict[uuid.UUID, str] = {}
    unique: set[int] = set()
    frozen: frozenset[str] = frozenset()
    pair: tuple[int, str] = (1, "x")
    many: tuple[int, ...] = ()
    free: Any = None
    untyped: list = []  # type: ignore[type-arg]
    nested: list[list[Small]] = []


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []
    parent: Optional["Tree"] = None


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    friend: Cat | None = None


class Choices(BaseModel):
    scalar: int | str | None = None
    number: float | int = 0
    animal: Cat | Dog = Cat()
    tagged: Annotated[Cat | Dog, Field(discriminator="kind")] = Dog()
    things: list[Small | dict[str, int] | list[str]] = []
    either: Literal["x", 1] | bool | list[Literal["y"]] = "x"
    when: datetime.date | datetime.datetime | str = ""


class Generics(BaseModel, Generic[T]):
    item: T
    items: list[T] = []


class Roots(RootModel[list[Small]]):
    pass


class Within(BaseModel):
    roots: Roots
    constrained: Annotated[int, Field(ge=0)] = 1
    checked: Annotated[str, AfterValidator(str.title)] = "Title"


class Checked(BaseModel):
    value: int

    @pydantic.model_validator(mode="after")
    def check(self) -> "Checked":
        return self

    @pydantic.field_validator("value", mode="wrap")
    @classmethod
    def wrap(cls, value: Any, handler: Any) -> int:
        return int(handler(value))


class Movie(TypedDict, total=False):
    title: str
    year: int | None


@dataclasses.dataclass
class Point:
    x: int
    y: float | None = None
    label: str = dataclasses.field(default="p", kw_only=True)


@dataclasses.dataclass(slots=True)
class Slotted:
    points: list[Point]


@pydantic.dataclasses.dataclass
class Validated:
    x: int = Field(default=1, serialization_alias="X")


texts = st.text(st.characters(exclude_categories=["Cs"]))
finite = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers() | st.integers(-(2**70), 2**70)
zones = st.sampled_from(
    [
        None,
        datetime.timezone.utc,
        datetime.timezone(datetime.timedelta(hours=5, minutes=30)),
        datetime.timezone(-datetime.timedelta(hours=3, minutes=1)),
        datetime.timezone(datetime.timedelta(seconds=3661)),
        zoneinfo.ZoneInfo("Europe/Berlin"),
        zoneinfo.ZoneInfo("Africa/Monrovia"),
    ]
)
fixed_zones = zones.filter(lambda zone: zone is None or isinstance(zone, datetime.timezone))
free = st.recursive(
    st.none() | st.booleans() | integers | finite | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner) | st.tuples(inner),
    max_leaves=6,
)

small = st.builds(Small, id=integers) | st.builds(Small, id=integers, name=texts, price=finite)
cats = st.builds(Cat, lives=integers)
dogs = st.builds(Dog, friend=st.none() | cats)
moments = st.builds(
    Moments,
    day=st.dates(),
    time=st.times(timezones=fixed_zones),
    moment=st.datetimes(timezones=zones),
    span=st.timedeltas(),
)
exact = st.builds(
    Exact,
    identity=st.uuids(),
    amount=st.decimals(allow_nan=False, allow_infinity=False),
    colour=st.sampled_from(Colour),
    level=st.none() | st.sampled_from(Level),
    shape=st.sampled_from(Shape),
    permission=st.sampled_from([*Permission, Permission.READ | Permission.WRITE]),
    kind=st.sampled_from(["a", 1, "é"]),
)
containers = st.builds(
    Containers,
    texts=st.lists(texts),
    numbers=st.dictionaries(texts, integers),
    by_number=st.dictionaries(integers, small),
    by_identity=st.dictionaries(st.uuids(), texts, max_size=2),
    unique=st.sets(integers),
    frozen=st.frozensets(texts),
    pair=st.tuples(integers, texts),
    many=st.lists(integers).map(tuple),
    free=free,
    untyped=st.lists(free),
    nested=st.lists(st.lists(small, max_size=2), max_size=2),
)
trees = st.recursive(
    st.builds(Tree, value=integers),
    lambda inner: st.builds(Tree, value=integers, children=st.lists(inner), parent=st.none() | inner),
    max_leaves=5,
)
choices = st.builds(
    Choices,
    scalar=st.none() | integers | texts,
    number=finite | integers,
    animal=cats | dogs,
    tagged=cats | dogs,
    things=st.lists(small | st.dictionaries(texts, integers) | st.lists(texts), max_size=3),
    either=st.sampled_from(["x", 1, True, ["y"]]),
    when=st.dates() | st.datetimes() | texts,
)
opens = st.builds(
    lambda id, extra: Open(id=id, **{name: extra[name] for name in extra if name != "id"}),
    integers,
    st.dictionaries(st.text("abc{", min_size=1), free),
)
aliased = st.builds(Aliased, one=integers) | st.builds(Aliased, one=integers, two=texts, three=st.booleans())
points = st.builds(Point, x=integers, y=st.none() | finite) | st.builds(Point, x=integers, label=texts)
within = st.builds(Within, roots=st.lists(small, max_size=2).map(Roots), constrained=st.integers(0, 9))
movies = st.fixed_dictionaries({}, optional={"title": texts, "year": st.none() | integers})

TYPES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Small, small),
    (list[Small], st.lists(small)),
    (dict[str, Small], st.dictionaries(texts, small)),
    (Small | None, st.none() | small),
    (Aliased, aliased),
    (Open, opens),
    (
        OpenNumbers,
        st.dictionaries(st.sampled_from(["a", "b"]), finite).map(lambda extra: OpenNumbers(**extra)),
    ),
    (Moments, moments),
    (Exact, exact),
    (Containers, containers),
    (Tree, trees),
    (list[Tree], st.lists(trees, max_size=2)),
    (Choices, choices),
    (list[Cat | Dog], st.lists(cats | dogs)),
    (Generics[int], st.builds(Generics[int], item=integers, items=st.lists(integers))),
    (Generics[Small], st.builds(Generics[Small], item=small, items=st.lists(small, max_size=2))),
    (Roots, st.lists(small).map(Roots)),
    (Within, within),
    (Checked, st.builds(Checked, value=integers)),
    (Movie, movies),
    (list[Movie], st.lists(movies, max_size=3)),
    (Point, points),
    (Slotted, st.lists(points, max_size=3).map(Slotted)),
    (Validated, st.builds(Validated, x=integers)),
    (int | str, integers | texts),
    (str, texts),
    (float, finite),
    (bool, st.booleans()),
    (None, st.none()),
    (Any, free),
    (dict, st.dictionaries(texts, free)),
    (list[uuid.UUID], st.lists(st.uuids())),
    (datetime.datetime, st.datetimes(timezones=zones)),
    (tuple[Small, int], st.tuples(small, integers)),
]
