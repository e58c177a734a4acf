"""JSON bodies of requests: what ``json.loads(body)`` returns, parsed in Rust."""

import json
import json.scanner
from typing import Any, Final

from fastapi._rust import json_loads
from fastapi._shipped import Shipped

_SCANNER: Final = getattr(json.scanner, "c_make_scanner", None)
"""The scanner in C, whose results the tests compare with."""


def _decodes_plainly(decoder: Any, scan_once: Any) -> bool:
    hooks = (decoder.object_hook, decoder.object_pairs_hook, decoder.parse_float, decoder.parse_int)
    return (
        type(scan_once) is _SCANNER
        and hooks == (None, None, float, int)
        and decoder.strict
        and type(decoder) is json.decoder.JSONDecoder
    )


_LOADS: Final = Shipped(
    [
        (json, "loads", json),
        (json, "detect_encoding", json),
        (json.JSONDecoder, "decode", json.decoder),
        (json.JSONDecoder, "raw_decode", json.decoder),
    ],
    [
        (json, "_default_decoder"),
        # Made with the decoder's other settings, which are not looked at again.
        (vars(json)["_default_decoder"], "scan_once"),
    ],
    _decodes_plainly,
)
"""What takes part in ``json.loads``."""

loads_parts: Final = _LOADS.parts
loads_is_stock: Final = _LOADS.hold
"""Tells whether ``json.loads`` is as Python brings it, so that Rust may stand in for it."""


def loads(body: bytes) -> Any:
    """Return ``json.loads(body)``, which itself is called for what Rust does not accept.

    Raises:
        json.JSONDecodeError: the body is not JSON.
        UnicodeDecodeError: it is not text.
    """
    if loads_is_stock() and (accepted := json_loads(body)) is not None:
        return accepted[0]
    return json.loads(body)
