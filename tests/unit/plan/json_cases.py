"""Types whose JSON pydantic takes for the very objects in it, and documents that are often valid for them."""

import dataclasses
import datetime
import enum
import json
import uuid
from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, EmailStr, Field, create_model
from typing_extensions import TypedDict


class Color(str, enum.Enum):
    red = "red"
    blue = "blue"


class Size(enum.IntEnum):
    small = 1
    large = 2


class Leaf(BaseModel):
    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    text: str = Field(min_length=1, alias="Text")
    when: datetime.datetime | None = None


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    type: str
    leaf: Leaf | None = None
    branches: list["Tree"] = []
    table: dict[str, int] = Field(default_factory=dict)


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0


class Options(TypedDict, total=False):
    name: str
    size: int


Document = st.SearchStrategy[Any]
"""Of JSON: objects are lists of pairs in an ``Object``, as keys may come twice."""


class Object(list[tuple[str, Any]]):
    pass


def written(document: Any) -> str:
    if isinstance(document, Object):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(value)}" for key, value in document) + "}"
    if isinstance(document, list):
        return "[" + ",".join(map(written, document)) + "]"
    return (
        document
        if isinstance(document, Number)
        else json.dumps(document, ensure_ascii=len(str(document)) % 2 == 0)
    )


class Number(str):
    """A number as it is spelled."""


def objects(pairs: st.SearchStrategy[tuple[str, Any]]) -> Document:
    return st.lists(pairs, max_size=4).map(Object)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
numbers = (st.integers() | st.integers(-(10**300), 10**300)).map(
    lambda number: Number(number)
) | st.sampled_from(
    "0 1 2 -0 -0.0 1.0 1.5 1e5 1E+2 1e400 1e-400 NaN Infinity -Infinity 86400 1600000000 1600000000.5 1e30 "
    "123456789012345678901234567890".split()
).map(Number)
times = st.sampled_from(
    ["2020-01-01", "2020-01-01T00:00:00", "2020-02-30", "2020-01-01T10:00:00.1234567+01:00", "12:30"]
) | st.sampled_from(
    [
        "12:30:01.5Z",
        "P1DT2H",
        "1 days 02:00",
        str(uuid.UUID(int=1)),
        uuid.UUID(int=2).hex,
        f"{{{uuid.UUID(int=3)}}}",
    ]
)
words = st.sampled_from(
    ["a", "b", "red", "blue", "1", "2", "true", "no", "1.0", " 1 ", "", "me@example.org", "@"]
)
scalars = texts | numbers | times | words | st.booleans() | st.none()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | objects(st.tuples(texts, inner)), max_leaves=6
)


def fields(of: dict[str, Document]) -> Document:
    """Objects with these keys, mostly; some are missing, come twice or are unknown."""
    known = [st.tuples(st.just(name), inner) for name, inner in of.items()]
    whole = st.tuples(*known).map(Object)
    return (
        whole
        | st.tuples(whole, objects(st.one_of(*known) | st.tuples(texts, scalars))).map(
            lambda parts: Object([*parts[0], *parts[1]])
        )
        | objects(st.one_of(*known))
    )


Case = tuple[Any, Document]
"""A type, and documents that are often valid for it."""

LEAVES: list[Case] = [
    (Any, anything),
    (bool, st.booleans() | scalars),
    (int, numbers | scalars),
    (Annotated[int, Field(ge=0, lt=100, multiple_of=2)], numbers | scalars),
    (float, numbers | scalars),
    (Annotated[float, Field(allow_inf_nan=False, gt=-1)], numbers | scalars),
    (str, texts | scalars),
    (Annotated[str, Field(min_length=1, max_length=3, pattern="^[a-z]")], words | texts),
    (datetime.date, times | scalars),
    (datetime.datetime, times | scalars),
    (datetime.time, times | scalars),
    (datetime.timedelta, times | scalars),
    (uuid.UUID, times | scalars),
    (Color, words | scalars),
    (Size, words | numbers | scalars),
    (Literal["a", "b", 1], words | scalars),
    (EmailStr, words),
    (Point, fields({"x": numbers, "y": numbers | words})),
    (Options, fields({"name": texts | scalars, "size": numbers})),
    (Leaf, fields({"Text": texts, "when": times | st.none(), "text": texts})),
    (
        Tree,
        fields(
            {
                "type": texts,
                "leaf": fields({"Text": texts}),
                "branches": st.lists(anything),
                "table": anything,
            }
        ),
    ),
]

HASHED = [
    annotation for annotation, _ in LEAVES if annotation in (bool, int, float, str, datetime.date, uuid.UUID)
]


def model(cases: list[Case], extra: Any, has_default: bool) -> Case:
    members = {
        f"f{at}": (annotation, ... if at or not has_default else None)
        for at, (annotation, _) in enumerate(cases)
    }
    made: Any = create_model("Generated", __config__=ConfigDict(extra=extra), **members)  # type: ignore[call-overload]
    return made, fields({f"f{at}": documents for at, (_, documents) in enumerate(cases)})


def larger(cases: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    lists = cases.map(lambda case: (list[case[0]], st.lists(case[1], max_size=3)))  # type: ignore[name-defined]
    optional = cases.map(lambda case: (case[0] | None, case[1] | st.none()))
    tables = cases.map(lambda case: (dict[str, case[0]], objects(st.tuples(texts, case[1]))))  # type: ignore[name-defined]
    pairs = cases.map(
        lambda case: (tuple[case[0], int], st.tuples(case[1], numbers).map(list) | anything)  # type: ignore[name-defined]
    )
    models = st.builds(
        model,
        st.lists(cases, min_size=1, max_size=3),
        st.sampled_from(["allow", "ignore", "forbid"]),
        st.booleans(),
    )
    return lists | optional | tables | pairs | models


cases = st.recursive(st.sampled_from(LEAVES), larger, max_leaves=4) | st.sampled_from(HASHED).flatmap(
    lambda item: st.sampled_from([(set[item], st.lists(scalars)), (frozenset[item], st.lists(scalars))])  # type: ignore[valid-type]
)
