"""Annotations are evaluated where they were written, as far as possible."""

import functools
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, ForwardRef

import pytest

from fastapi.dependencies.signature import _get_signature, _return_annotation
from fastapi.dependencies.utils import get_typed_annotation, get_typed_return_annotation, get_typed_signature

if TYPE_CHECKING:
    from nowhere import Missing


class Thing: ...


def unresolved(thing: "Thing", missing: "Missing", nothing: "None", plain=3, *, number: int) -> "Missing": ...


def resolved(thing: "Thing") -> "Thing": ...


def silent(thing): ...


@functools.wraps(resolved)
def wrapper(*args, **kwargs): ...


def test_one_missing_name_does_not_spoil_the_others() -> None:
    signature = get_typed_signature(unresolved)
    assert [p.annotation for p in signature.parameters.values()] == [
        Thing,
        ForwardRef("Missing"),
        None,
        Parameter.empty,
        int,
    ]
    assert signature.parameters["plain"].default == 3
    assert signature.parameters["number"].kind is Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("call", [resolved, wrapper])
def test_names_are_looked_up_where_the_function_was_written(call) -> None:
    assert get_typed_signature(call).parameters["thing"].annotation is Thing


@pytest.mark.parametrize(
    ("call", "annotation"),
    [(resolved, Thing), (wrapper, Thing), (silent, None), (unresolved, ForwardRef("Missing"))],
)
def test_return_annotations_are_evaluated_too(call, annotation) -> None:
    assert get_typed_return_annotation(call) == annotation


@pytest.mark.parametrize(
    ("annotation", "evaluated"),
    [(int, int), ("Thing", Thing), ("None", None), ("Missing", ForwardRef("Missing"))],
)
def test_only_strings_are_evaluated(annotation, evaluated) -> None:
    assert get_typed_annotation(annotation, globals()) == evaluated


def method_like(self, a: int) -> list[int]: ...


def replaced() -> int: ...


replaced.__signature__ = Signature(return_annotation=str)  # type: ignore[attr-defined]


class Callable_:
    def __call__(self) -> int: ...


@pytest.mark.parametrize(
    "call",
    [unresolved, resolved, silent, wrapper, method_like, replaced, Thing, Callable_(), Callable_().__call__, len,
     functools.partial(method_like, 1), lambda: 1],
)  # fmt: skip
def test_a_return_annotation_is_read_as_from_the_whole_signature(call) -> None:
    assert _return_annotation(call) == _get_signature(call).return_annotation


def test_parameters_whose_annotations_are_no_strings_are_taken_as_they_are() -> None:
    assert get_typed_signature(method_like) == Signature(list(signature(method_like).parameters.values()))
