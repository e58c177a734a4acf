"""Turning any value into what JSON can hold."""

import dataclasses
import datetime
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import PydanticUndefinedType

import fastapi.encoders as encoders
from fastapi._compat import is_pydantic_v1_model_instance
from fastapi._public import on_demand
from fastapi._rust import jsonable
from fastapi.exceptions import PydanticV1NotSupportedError
from fastapi.types import IncEx

if TYPE_CHECKING:
    from fastapi._encoder_table import ENCODERS_BY_TYPE as ENCODERS_BY_TYPE
    from fastapi._encoder_table import encoders_by_class_tuples as encoders_by_class_tuples
else:
    # Some of the types take long to import.
    __getattr__ = on_demand(
        globals(), {"fastapi._encoder_table": "ENCODERS_BY_TYPE encoders_by_class_tuples"}
    )

Encoder = Callable[[Any], Any]


def isoformat(o: datetime.date | datetime.time) -> str:
    """Write a date or a time as ISO 8601 does."""
    return o.isoformat()


def decimal_encoder(dec_value: Decimal) -> int | float:
    """Make an ``int`` of a decimal without decimal places, a ``float`` of any other.

    So a ``Numeric(x, 0)`` of a database, such as an id, survives the round trip.

    Raises:
        ValueError: a signaling NaN, which has no float.
    """
    exponent = dec_value.as_tuple().exponent
    return int(dec_value) if isinstance(exponent, int) and exponent >= 0 else float(dec_value)


def generate_encoders_by_class_tuples(
    type_encoder_map: dict[Any, Encoder],
) -> dict[Encoder, tuple[Any, ...]]:
    """Group types by their encoder, in order of first appearance."""
    grouped: dict[Encoder, tuple[Any, ...]] = {}
    for type_, encoder in type_encoder_map.items():
        grouped[encoder] = (*grouped.get(encoder, ()), type_)
    return grouped


_ATOMS = (str, int, float, bool, type(None))


class _Options(NamedTuple):
    """The options of ``jsonable_encoder``, and what becomes of them on the way down."""

    include: set[Any] | dict[Any, Any] | None
    exclude: set[Any] | dict[Any, Any] | None
    by_alias: bool
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool
    custom_encoder: dict[Any, Encoder]
    sqlalchemy_safe: bool

    def for_dumped_model(self) -> "_Options":
        """What is left to do on a model that pydantic has dumped: pydantic keeps ``None`` within dicts."""
        return self._replace(
            include=None, exclude=None, by_alias=True, exclude_unset=False, custom_encoder={}
        )

    def for_dict_items(self) -> "_Options":
        """What holds below a dict, where ``include`` and ``exclude`` have done their work."""
        if self.include is None and self.exclude is None and not self.exclude_defaults:
            return self
        return self._replace(include=None, exclude=None, exclude_defaults=False)


def jsonable_encoder(
    obj: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: dict[Any, Encoder] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Convert ``obj`` to dicts, lists, strings, numbers, booleans and ``None``.

    Args:
        obj: a pydantic model, a dataclass, an enum, a path, a container of such, an instance of a type in
            ``ENCODERS_BY_TYPE``, or whatever ``dict()`` or ``vars()`` takes.
        include, exclude: keys to keep and to leave out, of models and dicts at the top and in its lists.
        by_alias, exclude_unset, exclude_defaults: as in pydantic's ``model_dump``.
        exclude_none: leave out keys, of dicts too, whose value is ``None``.
        custom_encoder: functions by type, tried before everything else.
        sqlalchemy_safe: leave out keys that begin with ``_sa``, which SQLAlchemy adds to objects.

    Raises:
        ValueError: the object cannot be converted.
        PydanticV1NotSupportedError: it is, or contains, a model of ``pydantic.v1``.
    """
    if not custom_encoder:
        options = (
            include,
            exclude,
            by_alias,
            exclude_unset,
            exclude_defaults,
            exclude_none,
            sqlalchemy_safe,
        )
        # The table is read here, because applications replace it as well as change it.
        accepted = jsonable(obj, options, encoders.ENCODERS_BY_TYPE, _reference)
        if accepted is not None:
            return accepted[0]
    return _reference(
        obj,
        include,
        exclude,
        by_alias,
        exclude_unset,
        exclude_defaults,
        exclude_none,
        custom_encoder,
        sqlalchemy_safe,
    )


def _reference(
    obj: Any,
    include: IncEx | None,
    exclude: IncEx | None,
    by_alias: bool,
    exclude_unset: bool,
    exclude_defaults: bool,
    exclude_none: bool,
    custom_encoder: dict[Any, Encoder] | None,
    sqlalchemy_safe: bool,
) -> Any:
    """The slow twin of ``jsonable`` in Rust, which also calls it for the parts it does not know.

    It never goes back to Rust: so the depth of both together is bounded by Python's recursion limit.
    """
    if include is not None and not isinstance(include, (set, dict)):
        include = set(include)
    if exclude is not None and not isinstance(exclude, (set, dict)):
        exclude = set(exclude)
    options = _Options(
        include,
        exclude,
        by_alias,
        exclude_unset,
        exclude_defaults,
        exclude_none,
        custom_encoder or {},
        sqlalchemy_safe,
    )
    return _encode(obj, options)


def _encode(obj: Any, options: _Options) -> Any:
    if custom_encoder := options.custom_encoder:
        if (encoder := custom_encoder.get(type(obj))) is not None:
            return encoder(obj)
        for type_, encoder in custom_encoder.items():
            if isinstance(obj, type_):
                return encoder(obj)
    if type(obj) in _ATOMS:
        return obj
    if isinstance(obj, BaseModel):
        return _encode_model(obj, options)
    if dataclasses.is_dataclass(obj):
        assert not isinstance(obj, type)
        return _encode(dataclasses.asdict(obj), options)
    if isinstance(obj, Enum):
        return obj.value
    if isinstance(obj, PurePath):
        return str(obj)
    if isinstance(obj, _ATOMS):
        return obj
    if isinstance(obj, PydanticUndefinedType):
        return None
    if isinstance(obj, dict):
        return _encode_dict(obj, options)
    if isinstance(obj, (list, set, frozenset, GeneratorType, tuple, deque)):
        return [_encode(item, options) for item in obj]
    if (encoder := encoders.ENCODERS_BY_TYPE.get(type(obj))) is not None:
        return encoder(obj)
    for encoder, types in encoders.encoders_by_class_tuples.items():
        if isinstance(obj, types):
            return encoder(obj)
    if is_pydantic_v1_model_instance(obj):
        raise PydanticV1NotSupportedError(
            f"pydantic.v1 models are no longer supported by FastAPI. Please update the model {obj!r}."
        )
    return _encode(_attributes(obj), options)


def _encode_model(model: BaseModel, options: _Options) -> Any:
    dumped = model.model_dump(
        mode="json",
        include=options.include,
        exclude=options.exclude,
        by_alias=options.by_alias,
        exclude_unset=options.exclude_unset,
        exclude_none=options.exclude_none,
        exclude_defaults=options.exclude_defaults,
    )
    return _encode(dumped, options.for_dumped_model())


def _encode_dict(mapping: dict[Any, Any], options: _Options) -> dict[Any, Any]:
    include, exclude = options.include, options.exclude
    below = options.for_dict_items()
    encoded = {}
    for key, value in mapping.items():
        if (
            (include is None or key in include)
            and (exclude is None or key not in exclude)
            and not (options.exclude_none and value is None)
            and not (options.sqlalchemy_safe and isinstance(key, str) and key.startswith("_sa"))
        ):
            encoded_key = _encode(key, below)  # before the value: encoders may have effects
            encoded[encoded_key] = _encode(value, below)
    return encoded


def _attributes(obj: Any) -> Any:
    """The pairs or attributes of an object of a kind not known here."""
    try:
        return dict(obj)
    except Exception as no_pairs:
        try:
            return vars(obj)
        except Exception as no_attributes:
            raise ValueError([no_pairs, no_attributes]) from no_attributes
