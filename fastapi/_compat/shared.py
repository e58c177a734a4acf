"""Questions about annotations: is this a sequence, a scalar, an upload, a model of pydantic v1?"""

import sys
import types
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.version import VERSION as PYDANTIC_VERSION
from starlette.datastructures import UploadFile

from fastapi.types import UnionType

PYDANTIC_VERSION_MINOR_TUPLE = tuple(int(part) for part in PYDANTIC_VERSION.split(".")[:2])
PYDANTIC_V2 = PYDANTIC_VERSION_MINOR_TUPLE[0] == 2

sequence_annotation_to_type: dict[Any, type] = {
    Sequence: list,
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    deque: deque,
}
sequence_types = tuple(sequence_annotation_to_type)

Url: type[Any]


def lenient_issubclass(cls: Any, class_or_tuple: type[Any] | tuple[type[Any], ...] | None) -> bool:
    """Tell whether ``cls`` is a subclass; what is not a class is none.

    Raises:
        TypeError: ``class_or_tuple`` is neither a class nor a tuple of them.
    """
    # Python 3.10 takes list[int] for a class, of which issubclass() then disapproves.
    if not isinstance(cls, type) or isinstance(cls, types.GenericAlias):
        return False
    return issubclass(cls, class_or_tuple)  # type: ignore[arg-type]


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the annotation alone."""
    origin = get_origin(annotation)
    return get_args(annotation) if origin is Union or origin is UnionType else (annotation,)


def _class_is_sequence(annotation: Any) -> bool:
    return lenient_issubclass(annotation, sequence_types) and not lenient_issubclass(annotation, (str, bytes))


def _is_sequence(annotation: Any) -> bool:
    return _class_is_sequence(annotation) or _class_is_sequence(get_origin(annotation))


def _class_is_complex(annotation: Any) -> bool:
    return (
        lenient_issubclass(annotation, (BaseModel, Mapping, UploadFile))
        or _class_is_sequence(annotation)
        or is_dataclass(annotation)
    )


def _is_sequence_of(annotation: Any, is_item: Callable[[Any], bool]) -> bool:
    return any(
        _is_sequence(alternative) and all(map(is_item, get_args(alternative)))
        for alternative in _alternatives(annotation)
    )


def field_annotation_is_sequence(annotation: Any) -> bool:
    """Tell whether the annotation is a sequence or a union with one; text and bytes are none."""
    return any(map(_is_sequence, _alternatives(annotation)))


def value_is_sequence(value: Any) -> bool:
    """Tell whether a value is a sequence; text and bytes are none."""
    return isinstance(value, sequence_types) and not isinstance(value, (str, bytes))


def field_annotation_is_complex(annotation: Any) -> bool:
    """Tell whether only a body can carry the annotation: a model, mapping, upload, sequence or dataclass."""
    origin = get_origin(annotation)
    if origin is Union or origin is UnionType:
        return any(map(field_annotation_is_complex, get_args(annotation)))
    if origin is Annotated:
        return field_annotation_is_complex(get_args(annotation)[0])
    return (
        _class_is_complex(annotation)
        or _class_is_complex(origin)
        or hasattr(origin, "__pydantic_core_schema__")
        or hasattr(origin, "__get_pydantic_core_schema__")
    )


def field_annotation_is_scalar(annotation: Any) -> bool:
    """Tell whether a single string can carry the annotation."""
    return annotation is Ellipsis or not field_annotation_is_complex(annotation)


def field_annotation_is_scalar_sequence(annotation: Any) -> bool:
    """Tell whether a repeated parameter can carry the annotation; in a union, besides scalars."""
    alternatives = _alternatives(annotation)
    sequences = [each for each in alternatives if _is_sequence_of(each, field_annotation_is_scalar)]
    return bool(sequences) and all(
        each in sequences or field_annotation_is_scalar(each) for each in alternatives
    )


def is_bytes_or_nonable_bytes_annotation(annotation: Any) -> bool:
    """Tell whether the annotation is ``bytes`` or a union with it."""
    return any(lenient_issubclass(each, bytes) for each in _alternatives(annotation))


def is_uploadfile_or_nonable_uploadfile_annotation(annotation: Any) -> bool:
    """Tell whether the annotation is ``UploadFile`` or a union with it."""
    return any(lenient_issubclass(each, UploadFile) for each in _alternatives(annotation))


def is_bytes_sequence_annotation(annotation: Any) -> bool:
    """Tell whether the annotation is a sequence of ``bytes`` or a union with one."""
    return _is_sequence_of(annotation, is_bytes_or_nonable_bytes_annotation)


def is_uploadfile_sequence_annotation(annotation: Any) -> bool:
    """Tell whether the annotation is a sequence of ``UploadFile`` or a union with one."""
    return _is_sequence_of(annotation, is_uploadfile_or_nonable_uploadfile_annotation)


def _v1_base_model() -> Any:
    """The base of pydantic v1's models, if anyone has imported it; without it there are no such models.

    Importing it here would take long, and warn on Python 3.14.
    """
    return getattr(sys.modules.get("pydantic.v1"), "BaseModel", None)


def is_pydantic_v1_model_instance(obj: Any) -> bool:
    """Tell whether ``obj`` is a model of ``pydantic.v1``."""
    base = _v1_base_model()
    return base is not None and isinstance(obj, base)


def is_pydantic_v1_model_class(cls: Any) -> bool:
    """Tell whether ``cls`` is a model class of ``pydantic.v1``."""
    base = _v1_base_model()
    return base is not None and lenient_issubclass(cls, base)


def annotation_is_pydantic_v1(annotation: Any) -> bool:
    """Tell whether a model of ``pydantic.v1`` is the annotation, in its union, or in its sequence."""
    if _v1_base_model() is None:
        return False
    if any(map(is_pydantic_v1_model_class, _alternatives(annotation))):
        return True
    return field_annotation_is_sequence(annotation) and any(
        map(annotation_is_pydantic_v1, get_args(annotation))
    )
