"""Path, query, header and cookie parameters by way of the extension, where its answer is certain.

Slow twin: ``fastapi.dependencies.values.request_values``, which also takes whatever is left.
"""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from itertools import count
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema
from starlette.requests import HTTPConnection

from fastapi import _rust
from fastapi._compat import ModelField, is_sequence_field, lenient_issubclass
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.values import arrived_value, field_value, request_params_to_args, request_values

_PLACES: Final = ("path_params", "query_params", "headers", "cookies")
"""Where parameters are, by the names of the properties of a request, in the order of their errors."""

_READERS: Final = tuple(getattr(HTTPConnection, place) for place in _PLACES)
"""The properties that read these places from the scope as the extension does."""

_SCALARS: Final = frozenset({str, int, float, bool, type(None), UUID, date, datetime, Decimal})

_DATETIMES: Final = SchemaValidator(core_schema.datetime_schema())


def extract_params(dependant: Dependant, request: HTTPConnection) -> tuple[dict[str, Any], list[Any]]:
    """Return the arguments that ``dependant`` itself takes from path, query, headers and cookies.

    Returns:
        The values by parameter name, and the errors in the order path, query, header, cookie; exactly
        what ``request_values`` returns.
    """
    extractor = param_extractor(dependant)
    if extractor is None:
        return {}, []
    return extractor(request) if extractor.is_usable(request) else request_values(dependant, request)


def param_extractor(dependant: Dependant) -> "ParamExtractor | None":
    """Return the compiled parameters of ``dependant``, which keeps them; ``None`` if it has none."""
    fields = (
        dependant.path_params,
        dependant.query_params,
        dependant.header_params,
        dependant.cookie_params,
    )
    if not any(fields):
        return None
    extractor: ParamExtractor | None = vars(dependant).get("_extractor")
    if extractor is None or extractor.fields != fields:
        extractor = vars(dependant)["_extractor"] = ParamExtractor(fields)
    return extractor


class ParamExtractor:
    """The parameters of one dependant, compiled.

    Args:
        fields: the parameters in path, query, headers and cookies.
    """

    fields: tuple[list[ModelField], ...]
    """What was compiled; the lists of the dependant may have changed since."""

    def __init__(self, fields: tuple[list[ModelField], ...]) -> None:
        self.fields = tuple(map(list, fields))
        self._wholes = {
            place
            for place, group in zip(_PLACES, self.fields, strict=True)
            if not _is_divisible(place, group)
        }
        self._native = _rust.compile_params(
            _timezone,
            *(
                [] if place in self._wholes else [_description(place, field) for field in group]
                for place, group in zip(_PLACES, self.fields, strict=True)
            ),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Routes and dependants are copied and pickled; what is compiled is not.
        return ParamExtractor, (self.fields,)

    def is_usable(self, request: HTTPConnection) -> bool:
        """Tell whether nobody has put anything of their own between the scope and the parameters."""
        kind = type(request)
        return (
            self._native is not None
            and utils.request_params_to_args is request_params_to_args
            and issubclass(kind, HTTPConnection)
            and type(request.scope) is dict
            and (kind.path_params, kind.query_params, kind.headers, kind.cookies) == _READERS
        )

    def __call__(self, request: HTTPConnection) -> tuple[dict[str, Any], list[Any]]:
        """Return the values of the parameters and the errors, as ``extract_params`` does."""
        assert self._native is not None, "is_usable() comes first"
        accepted: dict[str, Any] = {}
        left = self._native.extract(request.scope, vars(request), accepted)
        if not left and not self._wholes:
            return accepted, []
        return self._complete(request, accepted, left)

    def _complete(
        self,
        request: HTTPConnection | None,
        accepted: dict[str, Any],
        left: dict[int, tuple[str | None] | None],
    ) -> tuple[dict[str, Any], list[Any]]:
        """Ask the reference path for what the extension left, and put everything in order.

        Args:
            request: where values are; not needed if it is certain what has arrived for all that is left.
            accepted: the values that are certain.
            left: the numbers of the other fields, and what has arrived for each, if that is certain.
        """
        values: dict[str, Any] = {}
        errors: list[Any] = []
        numbers = count()
        for place, group in zip(_PLACES, self.fields, strict=True):
            if place in self._wholes:
                taken, refused = utils.request_params_to_args(group, getattr(request, place))
                errors += refused
            else:
                taken = {}
                for field in group:
                    number = next(numbers)
                    if number not in left:
                        taken[field.name] = accepted[field.name]
                        continue
                    arrived = left[number]
                    if arrived is None:
                        value, refused = field_value(field, getattr(request, place), taken)
                    else:
                        value, refused = arrived_value(field, arrived[0], taken)
                    errors += refused
                    if not refused:
                        taken[field.name] = value
            values |= taken
        return values, errors


def _is_divisible(place: str, group: list[ModelField]) -> bool:
    """Tell whether each field of ``group`` can be looked up by itself.

    A parameter model takes everything in its place. Names of headers outside ASCII do not compare as they
    are written; lone surrogates do not arrive.
    """
    if len(group) == 1 and lenient_issubclass(group[0].type_, BaseModel):
        return False
    keys = [utils.get_validation_alias(field) for field in group]
    return all(key.isascii() or (place != "headers" and key.isprintable()) for key in keys)


def _description(
    place: str, field: ModelField
) -> tuple[str, str, object, bool, Callable[[bool], tuple[Any] | None]]:
    """Describe a field to the extension."""
    key = utils.get_validation_alias(field)
    return (
        field.name,
        key.lower() if place == "headers" else key,
        _schema(field),
        place in ("query_params", "headers") and is_sequence_field(field),
        partial(_absent, field),
    )


def _schema(field: ModelField) -> object:
    """Return the core schema of a field if it alone says how the field is validated."""
    if type(field) is not ModelField or field.config:
        return None
    # A plugin of pydantic sees validations through a validator of its own.
    is_bare = type(field._type_adapter.validator) is SchemaValidator
    return field._type_adapter.core_schema if is_bare else None


def _absent(field: ModelField, is_native: bool) -> tuple[Any] | None:
    """Return what a field is when nothing arrives, in a tuple, if it is the same every time.

    The reference path validates the default at every request; where validators of the user's own may
    take part (``is_native`` is false), it has to.
    """
    if field.required or field.field_info.default_factory is not None:
        return None
    default = field.default
    if default is None:
        return (None,)
    if not is_native:
        return None
    value, errors = field.validate(default)
    return None if errors or not _is_constant(value) else (value,)


def _is_constant(value: Any) -> bool:
    """Tell whether a value never changes; of lists, the extension makes a new one every time."""
    if type(value) in (list, tuple):
        return all(type(item) in _SCALARS or isinstance(item, Enum) for item in value)
    return type(value) in _SCALARS or isinstance(value, Enum)


@cache
def _timezone(offset: int) -> tzinfo | None:
    """Return the ``tzinfo`` that pydantic gives to a datetime with an offset, in seconds east of UTC."""
    hours, minutes = divmod(abs(offset) // 60, 60)
    text = f"2000-01-01T00:00:00{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
    moment: datetime = _DATETIMES.validate_python(text)
    return moment.tzinfo
