"""Path, query, header and cookie parameters by way of the extension, where its answer is certain.

Slow twin: ``fastapi.dependencies.values.request_values``, which also takes whatever is left.
"""

from datetime import datetime, tzinfo
from functools import cache, partial
from itertools import count
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema
from starlette.requests import HTTPConnection

from fastapi import _rust
from fastapi._compat import ModelField, is_sequence_field
from fastapi.dependencies import utils
from fastapi.dependencies.description import Model, Param, is_model, model, param, reason
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.values import (
    absent_value,
    field_value,
    located,
    model_key,
    request_params_to_args,
    request_values,
)

_PLACES: Final = ("path_params", "query_params", "headers", "cookies")
"""Where parameters are, by the names of the properties of a request, in the order of their errors."""

_READERS: Final = tuple(getattr(HTTPConnection, place) for place in _PLACES)
"""The properties that read these places from the scope as the extension does."""

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
        self._described = [_describe(place, group) for place, group in zip(_PLACES, self.fields, strict=True)]
        self._native = _rust.compile_params(
            pydantic_timezone, *([] if described is None else described for described in self._described)
        )
        self.has_more = None in self._described
        """Whether some place is left to the reference path as a whole."""

    @property
    def reasons(self) -> list[str]:
        """What is left to Python or to pydantic, in words."""
        if self._native is None:
            return []
        uncompiled = set(self._native.uncompiled)
        found = []
        for place, described in zip(_PLACES, self._described, strict=True):
            if described is None:
                found.append(f"the reference path looks up all {place.replace('_', ' ')}")
            elif not isinstance(described, Model):
                found += [reason(each) for each in described if each.name in uncompiled]
        return found

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
        if not left and not self.has_more:
            return accepted, []
        return self._complete(request, accepted, left)

    def _complete(
        self,
        request: HTTPConnection | None,
        accepted: dict[str, Any],
        left: dict[int, ValidationError | tuple[None] | None],
    ) -> tuple[dict[str, Any], list[Any]]:
        """Ask the reference path for what the extension left, and put everything in order.

        Args:
            request: where values are; not needed if all that is left has a reason.
            accepted: the values that are certain.
            left: the numbers of the other fields, and why: pydantic has refused what arrived, or nothing has
                arrived, or ``None`` if neither is certain.
        """
        values: dict[str, Any] = {}
        errors: list[Any] = []
        numbers = count()
        for place, group, described in zip(_PLACES, self.fields, self._described, strict=True):
            is_whole = isinstance(described, Model)
            numbered = [] if described is None else [(next(numbers), field) for field in group]
            if described is None or (is_whole and left.get(numbered[0][0], ()) is None):
                taken, refused = utils.request_params_to_args(group, getattr(request, place))
                errors += refused
                values |= taken
                continue
            taken = {}
            for number, field in numbered:
                if number not in left:
                    taken[field.name] = accepted[field.name]
                    continue
                reason = left[number]
                if isinstance(reason, ValidationError):
                    errors += located(reason, field, is_whole=is_whole)
                    if is_whole:
                        taken[field.name] = None
                    continue
                value, refused = (
                    field_value(field, getattr(request, place), taken)
                    if reason is None
                    else absent_value(field, taken)
                )
                errors += refused
                if not refused:
                    taken[field.name] = value
            values |= taken
        return values, errors


def _describe(place: str, group: list[ModelField]) -> list[Param] | Model | None:
    """Describe the parameters of one place; ``None`` if they cannot be looked up as they are described.

    Names of headers outside ASCII do not compare as they are written; lone surrogates do not arrive. A cookie
    is never several, so that the reference path takes an empty one for an empty sequence.
    """
    if place == "cookies" and any(map(is_sequence_field, group)):
        return None
    is_whole = len(group) == 1 and is_model(group[0])
    described = (
        model(group[0], partial(_member_key, place, group[0]), has_lists=place != "cookies")
        if is_whole
        else [param(field, _key(place, field), takes_all=_takes_all(place, field)) for field in group]
    )
    if described is None or (is_whole and place == "path_params"):
        return None
    keys = [each.key for each in (described.members if isinstance(described, Model) else described)]
    are_plain = all(key.isascii() or (place != "headers" and key.isprintable()) for key in keys)
    return described if are_plain else None


def _key(place: str, field: ModelField) -> str:
    key = utils.get_validation_alias(field)
    return key.lower() if place == "headers" else key


def _member_key(place: str, whole: ModelField, field: ModelField) -> str:
    """Return the name under which the value of a field of a parameter model arrives."""
    return model_key(field, whole) if place == "headers" else utils.get_validation_alias(field)


def _takes_all(place: str, field: ModelField) -> bool:
    return place in ("query_params", "headers") and is_sequence_field(field)


@cache
def pydantic_timezone(offset: int) -> tzinfo | None:
    """Return the ``tzinfo`` that pydantic gives to a datetime with an offset, in seconds east of UTC."""
    hours, minutes = divmod(abs(offset) // 60, 60)
    text = f"2000-01-01T00:00:00{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
    moment: datetime = _DATETIMES.validate_python(text)
    return moment.tzinfo
