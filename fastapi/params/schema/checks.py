"""What must hold of one declaration beyond its shape."""

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from fastapi.params.schema.allowed import Allowed
from fastapi.params.schema.arguments import CONSTRAINTS
from fastapi.params.schema.document import Constraints, Declaration
from fastapi.params.schema.errors import listed
from fastapi.params.schema.kinds import BOUNDS, KINDS

Complaint = tuple[tuple[str, ...], str]
"""The path of a field in the declaration, and what is wrong with it."""

_ORDER: Final = ("ge", "gt"), ("le", "lt")


class Wanted(NamedTuple):
    """What a declaration asks of values.

    Args:
        python: the type, if the function does not annotate one.
        constraints: arguments of pydantic's ``Field``; bounds are of the type.
        allowed: the values of an enumeration.
        items: the same of an array's items.
    """

    python: Any
    constraints: dict[str, Any]
    allowed: Allowed | None = None
    items: "Wanted | None" = None

    def of(self, annotation: Any) -> Any:
        """Put the constraints on a type that the function annotates."""
        metadata = [Field(**self.constraints)] if self.constraints else []
        if self.allowed:
            metadata.append(self.allowed)
        # Subscripting with a tuple, as Annotated[*parts] is not written before Python 3.11.
        return Annotated[(annotation, *metadata)] if metadata else annotation

    @property
    def bare(self) -> Any:
        """The type without the constraints."""
        return types.GenericAlias(list, (self.items.python,)) if self.items else self.python

    @property
    def type(self) -> Any:
        """The type with the constraints on it."""
        return self.of(types.GenericAlias(list, (self.items.type,)) if self.items else self.python)


def show(value: Any) -> str:
    """A value as JSON, which is YAML too."""
    return json.dumps(value, ensure_ascii=False, default=str)


def from_json(type_: Any, value: Any) -> Any:
    """Read a value of the file as one of a type, without any conversion that JSON does not need.

    Raises:
        ValidationError: it is none.
    """
    return TypeAdapter(type_).validate_json(json.dumps(value), strict=True)


def refusal(error: Exception) -> str:
    """What pydantic says of a type or a constraint that it does not take: the last thing, as the first is where."""
    return (
        str(error).splitlines()[-1].strip().removeprefix("error: ").removeprefix("SchemaError: ").rstrip(".:")
    )


def reason(error: ValidationError) -> str:
    """What pydantic says first."""
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")


def wanted(part: Constraints, type_name: str) -> tuple[Wanted, list[Complaint]]:
    """Translate the constraints of a declaration or of its items, and find those that cannot be met."""
    kind = KINDS[type_name]
    given = {
        name: getattr(part, name) for name in Constraints.model_fields if getattr(part, name) is not None
    }
    complaints: list[Complaint] = [
        ((name,), f'"{name}" does not apply to the type {type_name}. {_takers(name)}')
        for name in given
        if name not in kind.constraints
    ]
    taken = {name: value for name, value in given.items() if name in kind.constraints}
    python, allowed = kind.python, None
    if type_name == "enum":
        values = taken.pop("values", None)
        python = _common_type(values or [""])
        if values is None:
            complaints.append(((), 'the type enum needs "values", the list of those that are allowed.'))
        elif python is None:
            complaints.append((("values",), '"values" are of several types. Write all as text, or none.'))
            python = str
        else:
            allowed = Allowed(tuple(values))
    for name in [name for name in BOUNDS if name in taken]:
        try:
            taken[name] = from_json(python, taken[name])
        except ValidationError:
            complaints.append(((name,), f'"{name}" is {show(taken.pop(name))}, which is no {type_name}.'))
    if taken.get("multiple_of", 1) <= 0:
        complaints.append((("multiple_of",), '"multiple_of" must be greater than 0.'))
    complaints += _contradictions(taken)
    constraints = {name: value for name, value in taken.items() if name in CONSTRAINTS}
    return Wanted(python, constraints, allowed), complaints


def _takers(name: str) -> str:
    return f"It applies to {listed(kind for kind in KINDS if name in KINDS[kind].constraints)}."


def _common_type(values: list[Any]) -> Any:
    types = {type(value) for value in values}
    if types == {int, float}:
        return float
    return types.pop() if len(types) == 1 else None


def _contradictions(given: dict[str, Any]) -> Iterator[Complaint]:
    pairs = [(low, high) for low in _ORDER[0] for high in _ORDER[1]]
    for low, high in [*pairs, ("min_length", "max_length")]:
        if low not in given or high not in given:
            continue
        try:
            impossible = given[low] > given[high] or (
                given[low] == given[high] and (low == "gt" or high == "lt")
            )
        except TypeError:
            yield (high,), f'"{low}" and "{high}" cannot be compared: only one has a time zone.'
            continue
        if impossible:
            yield (
                (high,),
                f'no value satisfies both "{low}": {show(given[low])} and "{high}": {show(given[high])}.',
            )


def check(declaration: Declaration, place: str) -> tuple[Wanted, list[Complaint]]:
    """Find out what a declaration asks for, and what is wrong with it.

    Args:
        place: what its ``in`` says.
    """
    result, complaints = wanted(declaration, declaration.type)
    complaints += _place_complaints(declaration, place)
    if declaration.items is not None and declaration.type == "array":
        items, of_items = wanted(declaration.items, declaration.items.type)
        complaints += [(("items", *path), f"items: {text}") for path, text in of_items]
        result = result._replace(items=items)
    elif declaration.items is not None:
        complaints.append(
            (("items",), f'"items" does not apply to the type {declaration.type}, only to array.')
        )
    elif declaration.type == "array":
        complaints.append(((), 'the type array needs "items", with the type of the items.'))
    if declaration.regex is not None and declaration.type != "string":
        complaints.append((("regex",), f'"regex" does not apply to the type {declaration.type}.'))
    if declaration.discriminator is not None and declaration.type != "object":
        complaints.append(
            (
                ("discriminator",),
                f'"discriminator" does not apply to the type {declaration.type}, only to object.',
            )
        )
    return result, complaints or _usable(declaration, result)


def _place_complaints(declaration: Declaration, place: str) -> Iterator[Complaint]:
    has_default = "default" in declaration.model_fields_set
    if place == "path" and has_default:
        yield ("default",), "a path parameter has no default, as it is always there. Remove the default."
    if place == "path" and declaration.type in ("array", "object"):
        yield ("type",), f"the path cannot hold the type {declaration.type}."
    elif place in ("query", "header", "cookie") and declaration.type == "object" and has_default:
        yield ("default",), f"a model of parameters in the {place} has no default. Give its fields defaults."
    if place == "file" and declaration.type not in ("string", "array"):
        yield ("type",), f"a file is of the type string, or array for several, not {declaration.type}."
    if place == "file" and has_default and declaration.default is not None:
        yield ("default",), "a file has no default but null."


def _usable(declaration: Declaration, result: Wanted) -> list[Complaint]:
    """Whether pydantic takes the constraints, and whether the default satisfies them."""
    parts: list[tuple[tuple[str, ...], Wanted | None]] = [(("items",), result.items), ((), result)]
    adapter: TypeAdapter[Any]
    for path, part in parts:
        try:
            adapter = TypeAdapter(part.type if part else Any)
        except (SchemaError, PydanticUserError, TypeError) as error:
            return [((*path, "pattern"), f"pydantic does not take the constraints: {refusal(error)}.")]
    if declaration.default is None:
        return []
    try:
        adapter.validate_json(json.dumps(declaration.default), strict=True)
    except ValidationError as error:
        text = f"the default {show(declaration.default)} is outside its own constraints: {reason(error)}."
        return [(("default",), text)]
    return []
