"""Parts of other libraries as these ship them: what a fast path stands for, as long as nobody replaces one."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


class Shipped:
    """Parts that can be replaced at run time, as they are when this is made.

    Args:
        functions: owner and name of each function, and the module that it was written in.
        others: owner and name of what is no function.
        are_shipped: tells whether the values of the others are as shipped.
    """

    def __init__(
        self,
        functions: Sequence[tuple[Any, str, ModuleType]],
        others: Sequence[tuple[Any, str]],
        are_shipped: Callable[..., bool],
    ) -> None:
        self._places = [*((owner, name) for owner, name, _ in functions), *others]
        values = self._found()
        # A tool may have come before us; its wrapper looks like the wrapped (`functools.wraps`), but for its globals.
        are_written_there = all(
            getattr(value, "__globals__", None) is vars(home)
            for value, (_, _, home) in zip(values, functions, strict=False)
        )
        self._values = values if are_written_there and are_shipped(*values[len(functions) :]) else None

    def _found(self) -> tuple[Any, ...]:
        return tuple([getattr(owner, name) for owner, name in self._places])

    def hold(self) -> bool:
        """Tell whether all parts are as shipped now."""
        return self._found() == self._values

    def parts(self) -> list[tuple[Any, str, Any]] | None:
        """List owner, name and shipped value of each; ``None`` if a tool had replaced some before this was made."""
        if self._values is None:
            return None
        return [(owner, name, value) for (owner, name), value in zip(self._places, self._values, strict=True)]
