"""A file's content with the line of every part of it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """A value of a file.

    Args:
        value: a ``dict[str, Node]``, a ``list[Node]`` or a scalar of JSON.
        line: where it starts, from 1; in a mapping, where its key stands.
    """

    value: Any
    line: int

    def plain(self) -> Any:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def line_of(self, *path: str | int) -> int:
        """The line of the part that a path of keys and indexes leads to, or of the last that exists."""
        node = self
        for step in path:
            match node.value:
                case dict() as entries if step in entries:
                    node = entries[step]
                case list() as items if isinstance(step, int) and step < len(items):
                    node = items[step]
                case _:
                    break
        return node.line


class Malformed(Exception):
    """Text that is not of its format.

    Args:
        text: what is wrong.
        line: where, from 1.
    """

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


def entries(pairs: list[tuple[str, int, Node]]) -> dict[str, Node]:
    """Make a mapping of keys with their lines and values.

    Raises:
        Malformed: a key occurs twice, of which a parser would silently take the last.
    """
    mapping: dict[str, Node] = {}
    for key, line, node in pairs:
        if key in mapping:
            raise Malformed(f'"{key}" is there twice, first in line {mapping[key].line}.', line)
        mapping[key] = Node(node.value, line)
    return mapping
