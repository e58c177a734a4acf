"""Annotations that were written as text."""

import types
import typing
from typing import Any


def evaluate_as_far_as_known(
    value: Any, globalns: dict[str, Any] | None = None, localns: typing.Mapping[str, Any] | None = None
) -> Any:
    """Evaluate an annotation in the given namespaces.

    Returns:
        The type, or ``value`` itself where a name in it is unknown.
    """
    holder = types.SimpleNamespace(__annotations__={"value": value})
    try:
        return typing.get_type_hints(
            holder, globalns or {}, None if localns is None else dict(localns), include_extras=True
        )["value"]
    except NameError:
        return value


evaluate_forwardref: Any
try:
    # Deprecated in pydantic since 2.10, but what others expect to find under this name.
    from pydantic._internal._typing_extra import eval_type_lenient as evaluate_forwardref
except ImportError:
    evaluate_forwardref = evaluate_as_far_as_known
