"""A response writer gives the bytes of the reference, or leaves the value to it."""

import copy
import dataclasses
import datetime
import enum
import functools
import json
import uuid
import warnings
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    computed_field,
    create_model,
    field_serializer,
    model_serializer,
)
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict

from fastapi._compat import ModelField
from fastapi._rendering import response_body, response_writer
from fastapi._rust import PURE, ResponseWriter
from tests.unit.serialization.response_models import (
    TYPES,
    Aliased,
    Bigger,
    Cat,
    Colour,
    Containers,
    Dog,
    Exact,
    Movie,
    Open,
    Point,
    Small,
    Tree,
    Validated,
    cats,
    integers,
    small,
)

needs_rust = pytest.mark.skipif(PURE, reason="there is no writer on the reference path alone")

FLAGS = ("by_alias", "exclude_unset", "exclude_defaults", "exclude_none")
options = st.fixed_dictionaries({}, optional=dict.fromkeys(FLAGS, st.booleans()))


def field_of(annotation: Any) -> ModelField:
    return ModelField(FieldInfo(annotation=annotation), name="response", mode="serialization")


def writer_of(annotation: Any, **options: Any) -> Any:
    return response_writer(field_of(annotation), **options)


TAGGED = Annotated[Cat | Dog, Field(discriminator="kind")]

FIELDS = [(field_of(annotation), values) for annotation, values in TYPES]


def agrees(field: ModelField, value: Any, **options: Any) -> bool:
    """Tell whether the value was written, after checking the bytes."""
    writer = response_writer(field, **options)
    written = None if writer is None else writer.write(value)
    if written is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert written == response_body(field, value, **options)
    return written is not None


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), options=options)
@pytest.mark.parametrize(("field", "values"), FIELDS, ids=lambda part: str(getattr(part, "type_", "")))
def test_what_is_written_is_what_the_reference_sends(
    field: ModelField, values: st.SearchStrategy[Any], data: st.DataObject, options: dict[str, bool]
) -> None:
    value, errors = field.validate(data.draw(values))
    assert errors is None
    agrees(field, value, **options)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), options=options)
def test_a_value_of_any_other_type_is_left_to_the_reference_or_written_like_it(
    data: st.DataObject, options: dict[str, bool]
) -> None:
    field, _ = data.draw(st.sampled_from(FIELDS))
    _, values = data.draw(st.sampled_from(FIELDS))
    agrees(field, data.draw(values), **options)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.parametrize(("field", "values"), FIELDS, ids=lambda part: str(getattr(part, "type_", "")))
def test_what_needs_no_validation_is_equal_after_it(
    field: ModelField, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    writer = response_writer(field)
    if writer is not None and writer.accepts_unvalidated(value):
        validated, errors = field.validate(value)
        assert errors is None
        assert validated == value
        assert response_body(field, validated) == response_body(field, value)


class SubInt(int):
    pass


JUNK = st.sampled_from([None, True, 1, 2**70, 1.5, float("nan"), "x", "\ud800", b"x", Colour.RED, SubInt(1)])
MODELS = st.builds(Bigger, id=integers) | st.builds(Small.model_construct, id=JUNK, more=JUNK) | cats


def holders(value: Any) -> list[Any]:
    """Every dict, list and ``__dict__`` within a value, each once."""
    found: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, BaseModel | Point | Validated):
            part = part.__dict__
        if type(part) in (dict, list) and id(part) not in found:
            found[id(part)] = part
            waiting.extend(part.values() if type(part) is dict else part)
    return list(found.values())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), options=options)
@pytest.mark.parametrize(("field", "values"), FIELDS, ids=lambda part: str(getattr(part, "type_", "")))
def test_a_value_that_was_changed_somewhere_within_is_left_to_the_reference_or_written_like_it(
    field: ModelField, values: st.SearchStrategy[Any], data: st.DataObject, options: dict[str, bool]
) -> None:
    # What models have by default they share.
    value = copy.deepcopy(field.validate(data.draw(values))[0])
    for _ in range(data.draw(st.integers(1, 3))):
        found = [holder for holder in holders(value) if holder]
        if not found:
            break
        # By number, for a cycle cannot always be shown.
        holder, other = (found[data.draw(st.integers(0, len(found) - 1))] for _ in range(2))
        places = list(holder) if type(holder) is dict else range(len(holder))
        place = places[data.draw(st.integers(0, len(places) - 1))]
        junk = copy.deepcopy(data.draw(JUNK | MODELS | st.integers(1, 300).map(nested_lists)))
        holder[place] = [junk, other, value][data.draw(st.integers(0, 2))]
    agrees(field, value, **options)
    writer = response_writer(field)
    if writer is not None and writer.accepts_unvalidated(value):
        validated, errors = field.validate(value)
        assert errors is None
        assert same(validated, value)


def same(validated: Any, value: Any) -> bool:
    """Tell whether validation made nothing but new lists and dicts."""
    if validated is value:
        return True
    if type(value) is list:
        return type(validated) is list and len(validated) == len(value) and all(map(same, validated, value))
    if type(value) is dict:
        return list(validated) == list(value) and all(map(same, validated.values(), value.values()))
    return False


def nested_lists(depth: int) -> list[Any]:
    return functools.reduce(lambda inner, _: [inner], range(depth), [])


def nested_trees(depth: int) -> Tree:
    return functools.reduce(lambda inner, _: Tree(value=1, parent=inner), range(depth), Tree(value=0))


def plain(annotation: Any, default: Any = ...) -> Any:
    return create_model("Plain", value=(annotation, default))


def branching_cycle() -> Tree:
    tree = Tree(value=1)
    tree.children = [tree, tree, tree]
    return tree


def shared_child() -> Tree:
    child = Tree(value=2)
    return Tree(value=1, children=[child, child], parent=child)


class Ending(TypedDict, total=False):
    end: int


class Beginning(TypedDict, total=False):
    next: Ending


def cyclic_dict() -> dict[str, Any]:
    beginning: dict[str, Any] = {}
    beginning["next"] = beginning
    return beginning


def cyclic_list() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


moment = datetime.datetime(2024, 2, 29, 12, 30, 1, 5, datetime.timezone.utc)


@needs_rust
@pytest.mark.parametrize(
    ("annotation", "value", "options"),
    [
        (list[Small], [Small(id=1), Small(id=2, name="ü")], {}),
        (list[Small], [Small(id=1)], {"exclude_unset": True}),
        (list[Small], [Small(id=1)], {"exclude_defaults": True}),
        (Aliased, Aliased(one=1), {}),
        (Aliased, Aliased(one=1), {"by_alias": False, "exclude_none": True}),
        (Open, Open(a=None, b=[1]), {"exclude_none": True}),
        (Exact, Exact(identity=uuid.UUID(int=5), amount=Decimal("1.50")), {}),
        (Containers, Containers(free={"a": [1]}, nested=[[Small(id=1)]]), {"exclude_none": True}),
        (Tree, Tree(value=1, children=[Tree(value=2)]), {}),
        (list[Cat | Dog], [Cat(), Dog(friend=Cat())], {}),
        (TAGGED, Dog(), {}),
        (Movie, {"title": "x"}, {}),
        (Point, Point(1), {"exclude_none": True}),
        (datetime.datetime, moment, {}),
        (Small, Small(id=1), {"include": {"id"}}),
        (Small, Small(id=1), {"exclude": {"id": True, "price": ...}}),
        (Tree, Tree(value=1, children=[Tree(value=2)]), {"exclude": {"children": {"__all__": {"value"}}}}),
        (Tree, Tree(value=1, parent=Tree(value=2)), {"include": {"parent": {"value"}}}),
        (list[Small], [Small(id=1)], {"include": {"id"}}),
        (list[Small], [], {"exclude": {"__all__": {"id"}}}),
        (dict[int, str], {1: "x"}, {}),
        (Tree, shared_child(), {}),
        (Tree, branching_cycle(), {"exclude": {"children"}}),
        # No schema of it leads to itself.
        (Beginning, cyclic_dict(), {}),
        (Any, nested_lists(100), {}),
        (list[list[Any]], nested_lists(100), {}),
        (Tree, nested_trees(50), {}),
    ],
)
def test_the_usual_is_written(annotation: Any, value: Any, options: dict[str, Any]) -> None:
    assert agrees(field_of(annotation), value, **options)


class Sub(str):
    pass


class Zone(datetime.tzinfo):
    def utcoffset(self, when: Any) -> datetime.timedelta:
        raise AssertionError("not to be asked while it is not certain")


def without(name: str, model: BaseModel) -> BaseModel:
    del model.__dict__[name]
    return model


def changed(model: BaseModel, **attributes: Any) -> BaseModel:
    model.__dict__.update(attributes)
    return model


@pytest.mark.parametrize(
    ("annotation", "value", "options"),
    [
        (Small, Bigger(id=1), {}),
        (Small, {"id": 1}, {}),
        (Small, Small.model_construct(id="text"), {}),
        (Small, Small.model_construct(id=True), {}),
        (Small, Small.model_construct(price=1), {}),
        (Small, Small.model_construct(price=float("nan")), {}),
        (Small, Small.model_construct(price=float("inf")), {}),
        (Small, Small.model_construct(name="\ud800"), {}),
        (Small, Small.model_construct(name=Sub("x")), {}),
        (Small, Small.model_construct(name=Colour.RED), {}),
        (Cat | Dog, Small(id=1), {}),
        (TAGGED, without("kind", Cat()), {}),
        (TAGGED, changed(Dog(), kind=None), {"exclude_none": True}),
        (TAGGED, changed(Dog(), kind={}), {"exclude_unset": True}),
        (TAGGED, changed(Dog(), kind="cat"), {"exclude_unset": True}),
        (Tree, branching_cycle(), {}),
        # A cycle is refused even where the options cut it.
        (Tree, branching_cycle(), {"exclude": {"children": {"__all__": {"children"}}}}),
        (Any, cyclic_list(), {}),
        (list[list[Any]], cyclic_list(), {}),
        (Any, nested_lists(128), {}),
        (list[list[Any]], nested_lists(128), {}),
        (Tree, nested_trees(70), {}),
        (Any, {1: 2}, {}),
        (Any, Small(id=1), {}),
        (Any, b"bytes", {}),
        (Open, Open(value=object()), {}),
        (list[int], (1, 2), {}),
        (tuple[int, str], (1,), {}),
        (tuple[int, str], (1, "x", 2), {}),
        (dict[str, int], {1: 1}, {}),
        (set[int], {"x"}, {}),
        (Exact, Exact.model_construct(permission=1), {}),
        (datetime.datetime, moment.replace(tzinfo=Zone()), {}),
        (datetime.date, moment, {}),
        (Movie, {1: "x"}, {}),
        (plain(list[int], []), plain(list[int], [])(value=[1]), {"exclude_defaults": True}),
        (plain(dict[int, int], {1: 1}), plain(dict[int, int])(value={1: 1}), {"exclude_defaults": True}),
    ],
)
def test_what_is_not_certain_by_its_value_is_left_to_the_reference(
    annotation: Any, value: Any, options: dict[str, Any]
) -> None:
    writer = writer_of(annotation, **options)
    assert writer is None or writer.write(value) is None


class Computed(BaseModel):
    @computed_field
    @property
    def area(self) -> int:
        return 1


class FieldSerialized(BaseModel):
    value: int

    @field_serializer("value")
    def as_text(self, value: int) -> str:
        return str(value)


class ModelSerialized(BaseModel):
    @model_serializer
    def as_list(self) -> list[int]:
        return []


class Milliseconds(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float")
    span: datetime.timedelta


class Twice(BaseModel):
    one: int = Field(default=1, serialization_alias="same")
    two: int = Field(default=2, serialization_alias="same")


class Strange(BaseModel):
    value: int = 1

    def __getattribute__(self, name: str) -> Any:
        return super().__getattribute__(name)


class Odd(enum.Enum):
    ONE = (1, 2)


class Own(enum.Enum):
    ONE = 1

    @property
    def value(self) -> int:  # type: ignore[override]
        return 2


@dataclasses.dataclass
class Descriptors:
    x: int = 1

    def __getattr__(self, name: str) -> int:
        return 1


REASONS = [
    (Computed, {}, "a computed field (area)"),
    (FieldSerialized, {}, "a serializer of its own (FieldSerialized.as_text) at value"),
    (list[ModelSerialized], {}, "a serializer of its own (ModelSerialized.as_list)"),
    (plain(Annotated[int, PlainSerializer(str)]), {}, "a serializer of its own (str) at value"),
    (plain(plain(AnyUrl)), {}, " at value.value"),
    (Milliseconds, {}, "a configuration with ser_json_timedelta at span"),
    (Twice, {}, "a key that another field has too at two"),
    (Strange, {}, "a model with its own way of having attributes"),
    (Odd, {}, "an enum with values other than str, int, float, bool or None"),
    (Own, {}, "an enum with its own way of having values"),
    (Descriptors, {}, "a dataclass with its own way of having attributes"),
    (bytes, {}, "values of the kind `bytes`"),
    (dict[datetime.date, int], {}, "a dict with keys other than str, int or UUID"),
    (list[Small], {"include": {0}}, "include or exclude with other keys than names"),
    (Small, {"exclude": ["id"]}, "include or exclude of another type than set and dict"),
    (Small, {"exclude": {"id": False}}, "include or exclude with False for a value at id"),
    (Small, {"exclude": {"id": {"x"}, "__all__": True}}, 'that merges "__all__" with a name at id'),
    (dict[str, Small], {"include": {"id"}}, "include or exclude that reaches into a dict"),
    (Any, {"include": {"id"}}, "include or exclude that reaches into a value of any type"),
    (Small | Cat, {"include": {"id"}}, "include or exclude that reaches into a union"),
    (Open, {"include": {"id"}}, "that reaches into a model that allows more than its fields"),
    (Small, {"exclude_none": 1}, "an option that is neither True nor False"),
    (
        plain(int, Field(default_factory=int)),
        {"exclude_defaults": True},
        "a default that a function makes (exclude_defaults) at value",
    ),
    (
        plain(Small, Small(id=1)),
        {"exclude_defaults": True},
        "a default that compares in its own way (exclude_defaults) at value",
    ),
]


@needs_rust
@pytest.mark.parametrize(("annotation", "options", "reason"), REASONS)
def test_a_schema_that_is_not_certain_is_named_with_its_place(
    annotation: Any, options: dict[str, Any], reason: str
) -> None:
    writer = writer_of(annotation, **options)
    assert reason in writer.reason
    assert writer.write(None) is None
    assert writer.accepts_unvalidated(None) is False


@needs_rust
def test_a_schema_that_is_certain_has_no_reason() -> None:
    assert writer_of(list[Small]).reason is None


def test_a_field_with_a_configuration_has_no_writer() -> None:
    field = ModelField(FieldInfo(annotation=int), name="response", config=ConfigDict(strict=True))
    assert response_writer(field) is None


class Always(BaseModel):
    model_config = ConfigDict(revalidate_instances="always")


Checked = Annotated[Small, BeforeValidator(lambda value: value)]


@needs_rust
@pytest.mark.parametrize(
    ("annotation", "value", "accepted"),
    [
        (Small, Small(id=1), True),
        (Small, Bigger(id=1), False),
        (Small, {"id": 1}, False),
        (Checked, Small(id=1), False),
        (list[Checked], [Small(id=1)], False),
        (Always, Always(), False),
        (list[Small], [Small(id=1)], True),
        (list[Small], (Small(id=1),), False),
        (list[Small], [Small(id=1), None], False),
        (Annotated[list[Small], Field(max_length=1)], [], False),
        (dict[str, Small], {"a": Small(id=1)}, True),
        (dict[int, Small], {1: Small(id=1)}, False),
        (Small | None, None, True),
        (list[Tree], [Tree(value=1)], True),
        (Point, Point(1), True),
        (int, 1, True),
        (int, True, False),
        (float, 1, False),
        (float, float("nan"), False),
        (bool, True, True),
        (None, None, True),
        (Any, object(), True),
        (str, "x", True),
        (str, "\ud800", False),
        (Annotated[str, Field(max_length=3)], "x", False),
        (Annotated[int, Field(gt=0)], 1, False),
        (set[int], {1}, False),
        (Small | Cat, Cat(), False),
        (RootModel[int], RootModel[int](1), True),
    ],
)
def test_values_that_validation_returns_as_they_are(annotation: Any, value: Any, accepted: bool) -> None:
    assert writer_of(annotation).accepts_unvalidated(value) is accepted


@needs_rust
@given(value=small)
def test_what_a_model_caches_is_no_field(value: Small) -> None:
    class Caching(Small):
        @cached_property
        def cached(self) -> int:
            return 1

    model = Caching(**value.model_dump())
    assert model.cached == 1
    assert agrees(field_of(Caching), model)


@needs_rust
def test_fields_are_written_in_the_order_of_the_instance() -> None:
    value = Small.model_construct(price=1.0, id=1)
    assert agrees(field_of(Small), value)
    assert json.loads(writer_of(Small).write(value)) == {"price": 1.0, "id": 1, "name": "small"}


@needs_rust
def test_a_field_may_be_gone_outside_a_union_only() -> None:
    value = Small(id=1)
    del value.__dict__["name"]
    assert agrees(field_of(Small), value)
    assert not agrees(field_of(Small | Cat), value)


@needs_rust
@pytest.mark.parametrize(
    "schema", [None, {}, {"type": 1}, {"type": "list", "items_schema": 1}, [], {"type": "x"}]
)
def test_anything_but_a_schema_is_a_reason(schema: Any) -> None:
    assert ResponseWriter(schema, None, None, True, False, False, False).reason


@needs_rust
def test_a_writer_keeps_its_classes_alive_and_is_collected_with_them() -> None:
    import gc
    import weakref

    class Local(BaseModel):
        id: int

    kept = weakref.ref(Local)
    Local.writer = writer_of(Local)  # type: ignore[attr-defined]
    gc.collect()
    assert kept() is Local
    assert Local.writer.write(Local(id=1)) == b'{"id":1}'  # type: ignore[attr-defined]


def compiled(schema: Any) -> Any:
    return ResponseWriter(schema, None, None, True, False, False, False)


def parts_of(schema: Any) -> list[Any]:
    """Every dict and list within a core schema; classes and their members are not gone into."""
    found, waiting = [], [schema]
    while waiting:
        part = waiting.pop()
        if type(part) in (dict, list):
            found.append(part)
            waiting.extend(part.values() if type(part) is dict else part)
    return found


def copied(schema: Any) -> Any:
    if type(schema) is dict:
        return {key: copied(value) for key, value in schema.items()}
    return [copied(part) for part in schema] if type(schema) is list else schema


@needs_rust
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_schema_is_a_reason_or_a_writer_but_no_error(data: st.DataObject) -> None:
    field, values = data.draw(st.sampled_from(FIELDS))
    schema = copied(field._type_adapter.core_schema)
    parts = parts_of(schema)
    part, other = data.draw(st.sampled_from(parts)), data.draw(st.sampled_from(parts))
    keys = list(part) if type(part) is dict else list(range(len(part)))
    if keys:
        key = data.draw(st.sampled_from(keys))
        junk = st.sampled_from(
            [None, 1, "any", "definition-ref", [], {}, (), other, schema, int, {"type": 1}]
        )
        part[key] = data.draw(junk)
    writer = compiled(schema)
    value = data.draw(values)
    written = writer.write(value)
    assert written is None or type(written) is bytes
    assert type(writer.accepts_unvalidated(value)) is bool


@needs_rust
def test_definitions_that_lead_to_themselves_end() -> None:
    itself = {"type": "definition-ref", "schema_ref": "a"}
    around = {"type": "nullable", "schema": itself, "ref": "a"}
    alias = compiled({"type": "definitions", "schema": itself, "definitions": [around]})
    assert alias.write(None) == b"null"
    assert alias.write(1) is None
    both = {"type": "dict", "keys_schema": itself, "values_schema": itself, "ref": "a"}
    assert compiled({"type": "definitions", "schema": itself, "definitions": [both]}).reason


@needs_rust
def test_a_tuple_may_repeat_an_item_in_its_middle() -> None:
    items = [{"type": "int"}, {"type": "str"}, {"type": "bool"}]
    writer = compiled({"type": "tuple", "items_schema": items, "variadic_item_index": 1})
    for length in range(4):
        value = (1, *"abc"[:length], True)
        assert json.loads(writer.write(value)) == list(value)
    assert writer.write((1,)) is None


@needs_rust
def test_a_schema_may_not_be_nested_too_deeply() -> None:
    schema: dict[str, Any] = {"type": "int"}
    for _ in range(1000):
        schema = {"type": "list", "items_schema": schema}
    assert compiled(schema).reason == "a schema that is nested too deeply"
