"""Whether code of Starlette's is as it was read when the code that stands for it was written."""

from itertools import chain
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeGuard


def codes(code: CodeType) -> list[CodeType]:
    """Return the code of a function and of those in it."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return [code, *chain.from_iterable(map(codes, inner))]


def has_known_names(function: Any, home: ModuleType, known: frozenset[str]) -> TypeGuard[FunctionType]:
    """Return whether a function is written in a module and names nothing but what is known.

    Code that names anything else may do more than is known of it.
    """
    if type(function) is not FunctionType or function.__globals__ is not vars(home):
        return False
    return known.issuperset(chain.from_iterable(code.co_names for code in codes(function.__code__)))
