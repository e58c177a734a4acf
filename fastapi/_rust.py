"""The only door to the Rust extension.

Every name in ``EXPORTS`` is a callable that either *accepts* (returns a result it is certain of) or
returns ``None``, which means "not certain: take the reference path in Python". With the environment
variable ``FASTAPI_RS_PURE=1`` the extension is not loaded and every export returns ``None``, so the
whole package runs on its reference path.
"""

import importlib
import logging
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from fastapi._version import VERSION

PURE: Final = os.environ.get("FASTAPI_RS_PURE") == "1"
"""True when the process runs on the reference path alone."""

EXPORTS: Final[tuple[str, ...]] = (
    "CorsWay",
    "FormFields",
    "Front",
    "GzipWay",
    "HttpServer",
    "PlanPieces",
    "PlannedApp",
    "PlannedHandler",
    "ResponseWriter",
    "RouteTable",
    "Shortcut",
    "StockWebSocket",
    "TlsConfig",
    "WorkerPool",
    "authorization_scheme_param",
    "compile_form",
    "compile_params",
    "constant_time_compare",
    "json_dumps",
    "json_loads",
    "json_response_bytes",
    "jsonable",
    "parse_content_type",
    "routes_changed",
    "start_now",
    "unique_id",
)
"""The callables that the extension must offer."""

_EXTENSION: Final = "fastapi._fastapi_rust"

_REBUILD: Final = (
    "Reinstall it with `pip install --force-reinstall fastapi-rs`, or rebuild a checkout with "
    "`make build`. FASTAPI_RS_PURE=1 runs without the extension, at the speed of Python."
)


def _refusal(problem: str) -> ImportError:
    """Log and build the error for an extension that cannot be used."""
    message = f"fastapi-rs {VERSION} {problem}. {_REBUILD}"
    logging.getLogger("fastapi").error(message)
    return ImportError(message, name=_EXTENSION)


def _builds() -> str:
    """Say which builds of the extension lie in the package: one for another Python explains a missing one."""
    names = sorted(os.listdir(os.path.dirname(os.path.abspath(__file__))))
    builds = [name for name in names if name.startswith("_fastapi_rust.") and not name.endswith(".pyi")]
    return f"found {', '.join(builds)}" if builds else "found no build of it"


def _load() -> ModuleType:
    """Import the extension and check that it was built from this version.

    Raises:
        ImportError: the extension is missing, of another version, or lacks a name in ``EXPORTS``.
    """
    try:
        extension = importlib.import_module(_EXTENSION)
    except ImportError as error:
        python = f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"
        raise _refusal(
            f"cannot load its Rust extension {_EXTENSION} in {python} ({error}; {_builds()})"
        ) from error
    place = getattr(extension, "__file__", "an unknown place")
    built = getattr(extension, "__version__", "unknown")
    if built != VERSION:
        raise _refusal(f"found the Rust extension of version {built} at {place}")
    missing = [name for name in EXPORTS if not hasattr(extension, name)]
    if missing:
        raise _refusal(f"found a Rust extension without {', '.join(missing)} at {place}")
    return extension


def _never_certain(*args: Any, **kwargs: Any) -> None:
    """Stand in for every export when the process runs on the reference path alone."""


if TYPE_CHECKING:
    from fastapi._fastapi_rust import (
        CorsWay as CorsWay,
    )
    from fastapi._fastapi_rust import (
        FormFields as FormFields,
    )
    from fastapi._fastapi_rust import (
        Front as Front,
    )
    from fastapi._fastapi_rust import (
        GzipWay as GzipWay,
    )
    from fastapi._fastapi_rust import (
        HttpServer as HttpServer,
    )
    from fastapi._fastapi_rust import (
        PlannedApp as PlannedApp,
    )
    from fastapi._fastapi_rust import (
        PlannedHandler as PlannedHandler,
    )
    from fastapi._fastapi_rust import (
        PlanPieces as PlanPieces,
    )
    from fastapi._fastapi_rust import (
        ResponseWriter as ResponseWriter,
    )
    from fastapi._fastapi_rust import (
        RouteTable as RouteTable,
    )
    from fastapi._fastapi_rust import (
        Shortcut as Shortcut,
    )
    from fastapi._fastapi_rust import (
        StockWebSocket as StockWebSocket,
    )
    from fastapi._fastapi_rust import (
        TlsConfig as TlsConfig,
    )
    from fastapi._fastapi_rust import (
        WorkerPool as WorkerPool,
    )
    from fastapi._fastapi_rust import (
        authorization_scheme_param as authorization_scheme_param,
    )
    from fastapi._fastapi_rust import (
        compile_form as compile_form,
    )
    from fastapi._fastapi_rust import (
        compile_params as compile_params,
    )
    from fastapi._fastapi_rust import (
        constant_time_compare as constant_time_compare,
    )
    from fastapi._fastapi_rust import (
        json_dumps as json_dumps,
    )
    from fastapi._fastapi_rust import (
        json_loads as json_loads,
    )
    from fastapi._fastapi_rust import (
        json_response_bytes as json_response_bytes,
    )
    from fastapi._fastapi_rust import (
        jsonable as jsonable,
    )
    from fastapi._fastapi_rust import (
        parse_content_type as parse_content_type,
    )
    from fastapi._fastapi_rust import (
        routes_changed as routes_changed,
    )
    from fastapi._fastapi_rust import (
        start_now as start_now,
    )
    from fastapi._fastapi_rust import (
        unique_id as unique_id,
    )
else:
    _extension = None if PURE else _load()
    for _name in EXPORTS:
        globals()[_name] = _never_certain if _extension is None else getattr(_extension, _name)
