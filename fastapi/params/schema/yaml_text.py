"""YAML with lines: PyYAML finds the nodes, their values are read by the core schema of YAML 1.2 (section 10.3).

PyYAML's own values are those of YAML 1.1, in which ``no`` is false, ``010`` is eight and ``1:30`` is ninety.
"""

import re
from typing import Any, Final

from fastapi.params.schema.node import Malformed, Node, entries

_DEPTH: Final = 64  # an anchor may contain itself

_VALUES: Final[list[tuple[re.Pattern[str], Any]]] = [
    (re.compile(r"null|Null|NULL|~|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda text: float("nan")),
]


def parse(text: str) -> Node:
    """Read YAML.

    Raises:
        Malformed: it is not YAML, or a mapping has a key twice or one that is no text.
        ImportError: PyYAML is not installed.
    """
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(f"not YAML: {error.problem} (column {mark.column + 1}).", mark.line + 1) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow; it has no mark, only a position
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise Malformed(f"not YAML: {getattr(error, 'reason', error)}.", line) from None
    return Node(None, 1) if root is None else _node(root, 0)


def _node(node: Any, depth: int) -> Node:
    line = node.start_mark.line + 1
    if depth > _DEPTH:
        raise Malformed("nested too deeply.", line)
    if node.id == "sequence":
        return Node([_node(item, depth + 1) for item in node.value], line)
    if node.id == "mapping":
        return Node(entries([_entry(key, value, depth) for key, value in node.value]), line)
    if node.style is not None:  # in quotes, or a block
        return Node(node.value, line)
    return Node(_scalar(node.value), line)


def _entry(key: Any, value: Any, depth: int) -> tuple[str, int, Node]:
    line = key.start_mark.line + 1
    if key.id != "scalar":
        raise Malformed("a key that is no text.", line)
    return key.value, line, _node(value, depth + 1)


def _scalar(text: str) -> Any:
    return next((make(text) for pattern, make in _VALUES if pattern.fullmatch(text)), text)
