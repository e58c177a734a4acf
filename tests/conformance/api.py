"""Compare the public names of the ``fastapi`` that this interpreter imports with those of FastAPI 0.128.0.

    python tests/conformance/api.py        prints what is missing or different, then `N missing`

``fastapi-0.128.0-api.json`` maps each module to its names: a class with its bases and its own members, a function
with its parameters, or a re-export with the module that it comes from. A parameter is written as its name, with
``*``, ``**`` or ``kw:`` before it and ``=`` and the repr of its default behind it. Annotations are not compared.
"""

import importlib
import inspect
import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any, Final

REFERENCE: Final = pathlib.Path(__file__).with_name("fastapi-0.128.0-api.json")
FACADES: Final = frozenset(
    """fastapi fastapi._compat fastapi.background fastapi.concurrency fastapi.datastructures fastapi.exceptions
    fastapi.middleware fastapi.middleware.cors fastapi.middleware.gzip fastapi.middleware.httpsredirect
    fastapi.middleware.trustedhost fastapi.middleware.wsgi fastapi.requests fastapi.responses fastapi.security
    fastapi.staticfiles fastapi.templating fastapi.testclient fastapi.types fastapi.websockets""".split()
)
"""Modules that offer what lives elsewhere; in every other module the names are at home."""
MARKS: Final = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
    inspect.Parameter.KEYWORD_ONLY: "kw:",
}


def written(parameter: inspect.Parameter) -> str:
    """A parameter as the reference file writes it."""
    text = MARKS.get(parameter.kind, "") + parameter.name
    if parameter.default is parameter.empty:
        return text
    default = re.sub(r" at 0x[0-9a-f]+", "", repr(parameter.default))
    return f"{text}={default if len(default) < 120 else type(parameter.default).__name__}"


def parameters(function: object) -> list[str] | None:
    """The parameters of ``function`` in order, or ``None`` where it cannot tell them."""
    try:
        return [written(parameter) for parameter in inspect.signature(function).parameters.values()]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def differences(where: str, wanted: list[str] | None, found: list[str] | None) -> Iterator[str]:
    """Say it when ``wanted`` is not, in its order, a part of ``found``."""
    rest = iter(found or [])
    if not all(item in rest for item in wanted or []):
        yield f"{where}: {wanted} expected, {found} found"


def check_class(where: str, wanted: dict[str, Any], found: object) -> Iterator[str]:
    """Compare the bases and the own members of a class."""
    if not inspect.isclass(found):
        yield f"{where}: not a class"
        return
    yield from differences(f"{where}(bases)", wanted["class"], [base.__name__ for base in found.__bases__])
    for name, shape in wanted["members"].items():
        if name not in vars(found):
            yield f"{where}.{name}"
            continue
        member = vars(found)[name]
        member = getattr(member, "__func__", member)
        if shape != "attribute":
            yield from differences(f"{where}.{name}", shape, parameters(member))


def check(module: str, name: str, wanted: dict[str, Any], found: object) -> Iterator[str]:
    """Compare one public name of ``module``."""
    where = f"{module}.{name}"
    home = getattr(found, "__module__", None)
    if "re-export" in wanted:
        if wanted["re-export"] not in (home, type(found).__name__):
            yield f"{where}: from {wanted['re-export']} expected, from {home} found"
        return
    if "class" in wanted:
        yield from check_class(where, wanted, found)
    else:
        yield from differences(where, wanted["function"], parameters(found))
    if not (str(home).startswith("fastapi") if module in FACADES else home == module):
        yield f"{where}: lives in {home}"


def missing() -> Iterator[str]:
    """Everything that FastAPI 0.128.0 has and the imported package has not, or has otherwise."""
    for module, names in json.loads(REFERENCE.read_text()).items():
        try:
            imported = importlib.import_module(module)
        except ImportError as error:
            yield f"{module}: {error}"
            continue
        for name, wanted in names.items():
            if hasattr(imported, name):
                yield from check(module, name, wanted, getattr(imported, name))
            else:
                yield f"{module}.{name}"


def main() -> int:
    """Print every difference and their number; 0 when there is none."""
    found = sorted(missing())
    print(*found, f"{len(found)} missing", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
