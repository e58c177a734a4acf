"""How a step of a plan takes its arguments from the body.

Slow twin: ``fastapi.dependencies.body.request_body_to_args``, which also takes what is left.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from fastapi import _rust, params
from fastapi._compat import ModelField, _regenerate_error_with_loc
from fastapi.dependencies import utils
from fastapi.dependencies.description import (
    Model,
    Param,
    form_param,
    is_model,
    model,
    param,
    reason,
)
from fastapi.dependencies.extraction import pydantic_timezone
from fastapi.dependencies.models import Dependant


class BodyParams(NamedTuple):
    """The body parameters of one dependant.

    Args:
        fields: what is described.
        kind: the only one is the "whole" body; "each" is a key of an object, or a field of a "form"; the only one
            is a "form model" whose fields are those of the form; or all is "left" to Python.
        params: of a whole body or an object.
        form: of a form, compiled.
        model: of a form model.
        reasons: what is left to Python or, where texts are taken from a form, to pydantic, in words.
    """

    fields: list[ModelField]
    kind: Literal["whole", "each", "form", "form model", "left"]
    params: Sequence[Param] = ()
    form: "_rust.FormFields | None" = None
    model: Model | None = None
    reasons: tuple[str, ...] = ()


def body_params(dependant: Dependant, *, embed: bool, is_form: bool) -> BodyParams | None:
    """Describe the body parameters of a dependant; ``None`` if it has none.

    Args:
        embed: whether the parameters are keys of the body; if not, the only one is the body.
        is_form: whether the body is a form.
    """
    fields = dependant.body_params
    if not fields:
        return None
    is_whole = len(fields) == 1 and not embed
    if is_form:
        return _in_form(fields, is_whole)
    described = [param(field, utils.get_validation_alias(field), takes_all=False) for field in fields]
    odd = [reason(each) for each in described if each.validator is None]
    return BodyParams(fields, "whole" if is_whole else "each", described, reasons=tuple(odd))


def _in_form(fields: list[ModelField], is_whole: bool) -> BodyParams:
    if is_whole:
        whole = model(fields[0], utils.get_validation_alias, has_lists=True) if is_model(fields[0]) else None
        if whole is None:
            return BodyParams(fields, "left", reasons=(f"{fields[0].name} is not plainly one model",))
        return BodyParams(fields, "form model", model=whole)
    described = []
    for each in fields:
        plain = form_param(each)
        if plain is None:
            return BodyParams(
                fields, "left", reasons=(f"{each.name} is not plainly bytes or a list of them",)
            )
        described.append(plain)
    compiled = _rust.compile_form(pydantic_timezone, described)
    uncompiled = [] if compiled is None else compiled.uncompiled
    odd = [reason(each.param) for each in described if each.param.name in uncompiled]
    return BodyParams(fields, "left" if compiled is None else "form", form=compiled, reasons=tuple(odd))


def absent(field: ModelField, loc: tuple[str, ...], is_form: bool) -> tuple[Any, list[Any]]:
    """Return what a body parameter is when nothing arrives, and the errors."""
    default = utils._get_multidict_value(field, {}) if is_form else None
    return utils._validate_value_with_model_field(field=field, value=default, values={}, loc=loc)


def located(error: ValidationError, loc: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the errors of a validation as ``ModelField.validate`` does."""
    return _regenerate_error_with_loc(errors=error.errors(include_url=False), loc_prefix=loc)


def is_form_field(field: ModelField | None) -> bool:
    """Tell whether the field of a whole body is a form."""
    return field is not None and isinstance(field.field_info, params.Form)
