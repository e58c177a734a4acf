"""JSON bodies of requests: what ``json.loads(body)`` returns, parsed in Rust."""

import json
import json.scanner
from typing import Any, Final, cast

from fastapi._rust import json_loads

_SCANNER: Final = getattr(json.scanner, "c_make_scanner", None)
"""The scanner in C, whose results the tests compare with."""


_WATCHED: Final[tuple[tuple[Any, str], ...]] = (
    (json, "loads"),
    (json, "detect_encoding"),
    (json.JSONDecoder, "decode"),
    (json.JSONDecoder, "raw_decode"),
    (json, "_default_decoder"),
    # Made with the decoder's other settings, which are not looked at again.
    (vars(json)["_default_decoder"], "scan_once"),
)
"""What takes part in ``json.loads`` and can be replaced at run time."""


def _parts() -> tuple[Any, ...]:
    return tuple(getattr(owner, name) for owner, name in _WATCHED)


def _are_stock(parts: tuple[Any, ...]) -> bool:
    """Tell whether the parts are those that Python brings: a tool may have come before us.

    A function's globals are looked at because ``functools.wraps`` makes a wrapper look like the wrapped.
    """
    homes = (json, json, json.decoder, json.decoder)
    functions, decoder = parts[: len(homes)], cast(Any, parts[len(homes)])
    hooks = (decoder.object_hook, decoder.object_pairs_hook, decoder.parse_float, decoder.parse_int)
    return (
        all(
            getattr(function, "__globals__", None) is vars(home)
            for function, home in zip(functions, homes, strict=True)
        )
        and type(decoder.scan_once) is _SCANNER
        and hooks == (None, None, float, int)
        and decoder.strict
        and type(decoder) is json.decoder.JSONDecoder
    )


_STOCK = _parts() if _are_stock(_parts()) else None


def loads_parts() -> list[tuple[Any, str, Any]] | None:
    """List owner, name and shipped value of all that takes part in ``json.loads``.

    Returns:
        ``None`` if a tool had replaced some of it before this module was imported.
    """
    if _STOCK is None:
        return None
    return [(owner, name, value) for (owner, name), value in zip(_WATCHED, _STOCK, strict=True)]


def loads_is_stock() -> bool:
    """Tell whether ``json.loads`` is as Python brings it, so that Rust may stand in for it."""
    return _parts() == _STOCK


def loads(body: bytes) -> Any:
    """Return ``json.loads(body)``, which itself is called for what Rust does not accept.

    Raises:
        json.JSONDecodeError: the body is not JSON.
        UnicodeDecodeError: it is not text.
    """
    if loads_is_stock() and (accepted := json_loads(body)) is not None:
        return accepted[0]
    return json.loads(body)
