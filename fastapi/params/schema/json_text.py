"""JSON with lines. Python's own parser decides what is JSON; this only finds the places again."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from fastapi.params.schema.node import Malformed, Node, entries

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\],:"]+|(\n)')


def parse(text: str) -> Node:
    """Read JSON.

    Raises:
        Malformed: it is not JSON, is nested too deeply, or an object has a key twice.
    """
    try:
        json.loads(text, parse_constant=_refuse)
        tokens = _tokens(text)
        return _node(*next(tokens), tokens)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} (column {error.colno}).", error.lineno) from None
    except RecursionError:
        raise Malformed("nested too deeply.", 1) from None


def _refuse(constant: str) -> Any:
    raise Malformed(f"not JSON: {constant} is no value of it.", 1)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match[1]:
            line += 1
        else:
            yield match[0], line


def _node(token: str, line: int, tokens: Iterator[tuple[str, int]]) -> Node:
    if token == "{":
        pairs = []
        while (key := next(tokens))[0] != "}":
            pairs.append((json.loads(key[0]), key[1], _node(*next(tokens), tokens)))
        return Node(entries(pairs), line)
    if token == "[":
        items = []
        while (item := next(tokens))[0] != "]":
            items.append(_node(*item, tokens))
        return Node(items, line)
    return Node(json.loads(token), line)
