"""A schema file as text."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

SUFFIXES: Final = (".yaml", ".yml", ".json")

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*|[A-Z]+ /[A-Za-z0-9_./{}-]*")
"""Keys that YAML reads as they are, except for its words."""
_WORDS: Final = frozenset("true false null yes no on off y n".split())


def as_json(endpoints: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a file in JSON."""
    named = {name: {"params": declared} for name, declared in endpoints.items()}
    return json.dumps({"version": 1, "endpoints": named}, indent=2, ensure_ascii=False) + "\n"


def as_yaml(endpoints: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a file in YAML, each parameter in a line of its own."""
    lines = ["version: 1", "endpoints:" if endpoints else "endpoints: {}"]
    for name, declared in endpoints.items():
        lines += [f"  {_key(name)}:", "    params:"]
        lines += [f"      {_key(param)}: {_flow(fields)}" for param, fields in declared.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    is_plain = _PLAIN.fullmatch(name) and name.lower() not in _WORDS
    return name if is_plain else json.dumps(name)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)}: {_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str) and re.fullmatch(r"[a-z_]+", value) and value not in _WORDS:
        return value
    # JSON is YAML, but for characters that end a line there.
    return json.dumps(value, ensure_ascii=not (isinstance(value, str) and value.isprintable()))
