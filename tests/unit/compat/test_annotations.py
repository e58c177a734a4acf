"""Questions about annotations."""

# ruff: noqa: UP007, UP045  # both spellings of a union are what is tested

import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Annotated, Any, Optional, Union

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from fastapi import UploadFile
from fastapi._compat import shared


class Item(BaseModel):
    name: str


class Colour(Enum):
    red = "red"


@dataclass
class Point:
    x: int


class Pair(TypedDict):
    left: int


class Schemed:
    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return type("Alias", (), {"__origin__": cls, "__args__": (item,)})()


SEQUENCES = [
    list,
    list[int],
    tuple[int, ...],
    set[str],
    frozenset[str],
    deque[int],
    Sequence[int],
    list[Item],
]
SCALARS = [int, str, bytes, float, bool, Any, None, Colour, Optional[int], int | str, type(None)]
COMPLEX = [
    Item,
    Point,
    Pair,
    dict,
    dict[str, int],
    Mapping[str, int],
    UploadFile,
    Item | None,
    Annotated[Item, 1],
]


@pytest.mark.parametrize("annotation", SEQUENCES)
def test_sequences_are_sequences_and_complex(annotation: Any) -> None:
    for form in (annotation, Optional[annotation], annotation | None, Union[int, annotation]):
        assert shared.field_annotation_is_sequence(form)
        assert shared.field_annotation_is_complex(form)
        assert not shared.field_annotation_is_scalar(form)


@pytest.mark.parametrize("annotation", [*SCALARS, *COMPLEX])
def test_other_annotations_are_no_sequences(annotation: Any) -> None:
    assert not shared.field_annotation_is_sequence(annotation)


@pytest.mark.parametrize("annotation", [*SCALARS, ...])
def test_scalars_are_scalars(annotation: Any) -> None:
    assert shared.field_annotation_is_scalar(annotation)


@pytest.mark.parametrize("annotation", COMPLEX)
def test_models_mappings_and_uploads_are_complex(annotation: Any) -> None:
    assert shared.field_annotation_is_complex(annotation)


def test_a_generic_type_with_a_schema_of_its_own_is_complex() -> None:
    from typing import Generic, TypeVar

    T = TypeVar("T")

    class Own(Generic[T]):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any: ...

    class Known(Generic[T]):
        __pydantic_core_schema__ = None

    assert shared.field_annotation_is_complex(Own[int])
    assert shared.field_annotation_is_complex(Known[int])


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (list[int], True),
        (list, True),
        (list[int] | None, True),
        (Union[list[int], set[str]], True),
        (Union[list[int], int], True),
        (list[Item], False),
        (Union[list[int], Item], False),
        (Union[list[int], list[Item]], False),
        (int | None, False),
        (int, False),
    ],
)
def test_a_repeated_parameter_carries_sequences_of_scalars(annotation: Any, expected: bool) -> None:
    assert shared.field_annotation_is_scalar_sequence(annotation) is expected


@pytest.mark.parametrize(
    ("item", "of_items", "of_item_sequences"),
    [
        (bytes, shared.is_bytes_or_nonable_bytes_annotation, shared.is_bytes_sequence_annotation),
        (
            UploadFile,
            shared.is_uploadfile_or_nonable_uploadfile_annotation,
            shared.is_uploadfile_sequence_annotation,
        ),
    ],
)
def test_bytes_and_uploads_are_told_from_sequences_of_them(
    item: Any, of_items: Any, of_item_sequences: Any
) -> None:
    for single in (item, Optional[item], Union[item, str]):
        assert of_items(single)
        assert not of_item_sequences(single)
    for several in (
        list[item],
        Optional[list[item]],
        Sequence[item],
        list[item | None],
        Union[str, set[item]],
    ):
        assert of_item_sequences(several)
        assert not of_items(several)
    assert not of_items(str)
    assert not of_item_sequences(list[str])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], True),
        ((), True),
        (set(), True),
        (deque(), True),
        (range(2), True),
        ("a", False),
        (b"a", False),
        ({}, False),
    ],
)
def test_text_is_no_sequence_of_values(value: Any, expected: bool) -> None:
    assert shared.value_is_sequence(value) is expected


@pytest.mark.parametrize("nothing", [1, "int", None, list[int], Union[int, str], int | str])
def test_what_is_no_class_is_no_subclass(nothing: Any) -> None:
    assert not shared.lenient_issubclass(nothing, object)


def test_a_wrong_base_is_still_a_mistake() -> None:
    assert shared.lenient_issubclass(bool, (str, int))
    with pytest.raises(TypeError):
        shared.lenient_issubclass(int, None)


def test_without_pydantic_v1_nothing_is_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic.v1", raising=False)
    assert not shared.annotation_is_pydantic_v1(Item)
    assert not shared.is_pydantic_v1_model_class(Item)
    assert not shared.is_pydantic_v1_model_instance(Item(name="a"))
    assert "pydantic.v1" not in sys.modules


@pytest.fixture
def old_model(monkeypatch: pytest.MonkeyPatch) -> type:
    """A model of pydantic v1, without its import, which fails or warns on newer Pythons."""

    class BaseModel: ...

    class Old(BaseModel): ...

    module = ModuleType("pydantic.v1")
    module.BaseModel = BaseModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pydantic.v1", module)
    return Old


def test_a_model_of_pydantic_v1_is_found_wherever_it_stands(old_model: type) -> None:
    assert shared.is_pydantic_v1_model_class(old_model)
    assert shared.is_pydantic_v1_model_instance(old_model())
    for annotation in (
        old_model,
        Optional[old_model],
        list[old_model],
        list[old_model | None],
        Union[int, list[old_model]],
    ):
        assert shared.annotation_is_pydantic_v1(annotation)
    for annotation in (int, list[int], Item, Optional[Item], dict[str, old_model]):
        assert not shared.annotation_is_pydantic_v1(annotation)
