"""Gives public names the module that users import them from as their home."""

from typing import Any


def rehome(namespace: dict[str, Any], *sources: str) -> None:
    """Set ``__module__`` of the public classes and functions that a module took from others to show them.

    So they show in tracebacks, documentation and pickles under the path that users import them by,
    and how the package is divided into files stays its own affair.

    Args:
        namespace: the ``globals()`` of the module that is their home.
        sources: the modules that they are defined in; without any, the submodules of a package.
    """
    module = namespace["__name__"]
    for name, value in namespace.items():
        source = getattr(value, "__module__", None)
        if name.startswith("_") or not isinstance(source, str):
            continue
        if source in sources if sources else source.startswith(f"{module}."):
            value.__module__ = module
