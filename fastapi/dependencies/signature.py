"""Signatures with their annotations evaluated."""

import inspect
from collections.abc import Callable
from types import FunctionType
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
    parameters = []
    for parameter in _get_signature(call).parameters.values():
        annotation = utils.get_typed_annotation(parameter.annotation, namespace)
        unchanged = annotation is parameter.annotation
        parameters.append(parameter if unchanged else parameter.replace(annotation=annotation))
    return inspect.Signature(parameters)


def get_typed_annotation(annotation: Any, globalns: dict[str, Any]) -> Any:
    """Evaluate ``annotation`` in ``globalns`` if it is a string, else return it as it is.

    A string whose names are missing comes back as a forward reference.
    """
    if not isinstance(annotation, str):
        return annotation
    evaluated = evaluate_forwardref(ForwardRef(annotation), globalns, globalns)
    return None if evaluated is type(None) else evaluated


def _return_annotation(call: Callable[..., Any]) -> Any:
    if type(call) is FunctionType and not vars(call):  # neither a wrapper nor one with a signature of its own
        annotations = call.__annotations__
        if not any(isinstance(annotation, str) for annotation in annotations.values()):
            return annotations.get("return", inspect.Signature.empty)
    return _get_signature(call).return_annotation  # the slow twin


def get_typed_return_annotation(call: Callable[..., Any]) -> Any:
    """Return the evaluated return annotation of ``call``, or ``None`` if it has none."""
    annotation = _return_annotation(call)
    if annotation is inspect.Signature.empty:
        return None
    return utils.get_typed_annotation(annotation, _namespace(call))
