"""Signatures with their annotations evaluated."""

import inspect
from collections.abc import Callable
from typing import Any, ForwardRef

from fastapi._compat import evaluate_forwardref
from fastapi.dependencies import utils


def _get_signature(call: Callable[..., Any]) -> inspect.Signature:
    """Return the signature with string annotations evaluated, or left as strings if a name is missing.

    One name that exists only for type checkers would otherwise make the whole signature fail.
    """
    try:
        return inspect.signature(call, eval_str=True)
    except NameError:
        return inspect.signature(call)


def _namespace(call: Callable[..., Any]) -> dict[str, Any]:
    """Return the globals in which the annotations of ``call`` were written."""
    namespace: dict[str, Any] = getattr(inspect.unwrap(call), "__globals__", {})
    return namespace


def get_typed_signature(call: Callable[..., Any]) -> inspect.Signature:
    """Return the parameters of ``call`` with their annotations evaluated where that is possible.

    The return annotation is left out: see ``get_typed_return_annotation``.
    """
    namespace = _namespace(call)
    return inspect.Signature(
        [
            parameter.replace(annotation=utils.get_typed_annotation(parameter.annotation, namespace))
            for parameter in _get_signature(call).parameters.values()
        ]
    )


def get_typed_annotation(annotation: Any, globalns: dict[str, Any]) -> Any:
    """Evaluate ``annotation`` in ``globalns`` if it is a string, else return it as it is.

    A string whose names are missing comes back as a forward reference.
    """
    if not isinstance(annotation, str):
        return annotation
    evaluated = evaluate_forwardref(ForwardRef(annotation), globalns, globalns)
    return None if evaluated is type(None) else evaluated


def get_typed_return_annotation(call: Callable[..., Any]) -> Any:
    """Return the evaluated return annotation of ``call``, or ``None`` if it has none."""
    annotation = _get_signature(call).return_annotation
    if annotation is inspect.Signature.empty:
        return None
    return utils.get_typed_annotation(annotation, _namespace(call))
