"""What makes names public: the module that shows them as their home, and imports that wait for a first use."""

from collections.abc import Callable, Mapping
from importlib import import_module
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


def on_demand(namespace: dict[str, Any], sources: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a module some of whose names are imported at their first use (PEP 562).

    Type checkers would take every name for one of a module that has the function: show it to them as
    imports under ``TYPE_CHECKING`` instead.

    Args:
        namespace: the ``globals()`` of the module.
        sources: modules, each with the names to take from it, separated by spaces. Submodules among them
            are attributes of the package from the start.
    """
    module = namespace["__name__"]
    homes = {name: source for source, names in sources.items() for name in names.split()}
    submodules = {source for source in sources if source.rpartition(".")[0] == module}

    def find(name: str) -> Any:
        if name in homes:
            # Only the first of two threads sets it, as somebody may have replaced it since.
            return namespace.setdefault(name, getattr(import_module(homes[name]), name))
        if f"{module}.{name}" in submodules:
            return import_module(f"{module}.{name}")
        if name == "__all__":  # `from module import *` asks for it, then takes what is there
            for each in homes:
                find(each)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    def names() -> list[str]:
        return sorted({*namespace, *homes, *(source.rpartition(".")[2] for source in submodules)})

    namespace["__dir__"] = names
    return find
