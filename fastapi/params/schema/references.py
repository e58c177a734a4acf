"""What ``$ref`` stands for."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi.params.schema.errors import listed, suggestion
from fastapi.params.schema.node import Malformed, Node

PREFIX: Final = "#/definitions/"


def resolve(node: Node, definitions: Mapping[str, Node], seen: tuple[str, ...] = ()) -> Node:
    """Return a declaration with the fields of the definition that it refers to under its own.

    Raises:
        Malformed: there is no such definition, or it refers to itself.
    """
    if not isinstance(node.value, dict) or "$ref" not in node.value:
        return node
    own = dict(node.value)
    reference = own.pop("$ref")
    target, line = reference.value, reference.line
    if not isinstance(target, str) or not target.startswith(PREFIX):
        raise Malformed(f'"$ref" is {target!r}, not "{PREFIX}" and the name of a definition.', line)
    name = target.removeprefix(PREFIX)
    if name in seen:
        raise Malformed(f'the definition "{name}" refers to itself.', line)
    if name not in definitions:
        raise Malformed(
            f'there is no definition "{name}" (defined: {listed(definitions)}).{suggestion(name, definitions)}',
            line,
        )
    definition = resolve(definitions[name], definitions, (*seen, name))
    if not isinstance(definition.value, dict):  # which is reported where it stands
        return Node(own, node.line)
    return Node({**definition.value, **own}, node.line)


def chain(node: Node, definitions: Mapping[str, Node]) -> list[str]:
    """Return the names of the definitions that a declaration is made of, the nearest first."""
    names: list[str] = []
    value: Any = node.value
    while isinstance(value, dict) and "$ref" in value:
        name = str(value["$ref"].value).removeprefix(PREFIX)
        if name in names or name not in definitions:
            break
        names.append(name)
        value = definitions[name].value
    return names
