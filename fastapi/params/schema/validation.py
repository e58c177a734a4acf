"""From the content of a file to what it declares; every mistake in it is found at once."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, get_args

from pydantic import ValidationError

from fastapi.params.schema.arguments import ARGUMENTS, fields
from fastapi.params.schema.checks import check, show
from fastapi.params.schema.document import (
    DECLARATIONS,
    Declaration,
    Document,
    Endpoint,
    Items,
    ItemTypeName,
    TypeName,
)
from fastapi.params.schema.errors import (
    ParamsSchemaError,
    ParamsSchemaWarning,
    Problem,
    listed,
    suggestion,
)
from fastapi.params.schema.node import Malformed, Node
from fastapi.params.schema.references import chain, resolve
from fastapi.params.schema.resolved import Entry, ParamsSchema

UnknownFields = Literal["error", "warn"]

VERSION: Final = 1

_JSON_SCHEMA_NAMES: Final = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "minItems": "min_length",
    "maxItems": "max_length",
    "enum": "values",
}
"""What people write who think of JSON Schema."""


class _Validation:
    """One pass over a file, which collects its problems."""

    def __init__(self, file: str, unknown_fields: UnknownFields) -> None:
        self.file = file
        self.unknown_fields = unknown_fields
        self.problems: list[Problem] = []
        self.faulty: set[str] = set()
        """The definitions that something is wrong with."""

    def mapping(self, node: Node | None, what: str, **place: str) -> Mapping[str, Node]:
        """The entries of a node; nothing, with a problem, if it is no mapping."""
        if node is None:
            return {}
        if isinstance(node.value, dict):
            return node.value
        self.problems.append(
            Problem(f"{what} must be a mapping, not {show(node.plain())}.", node.line, **place)
        )
        return {}

    def known(self, node: Mapping[str, Node], names: Iterable[str], **place: str) -> dict[str, Node]:
        """The entries with known names; a problem or a warning for each of the others."""
        names = list(names)
        for name in node.keys() - set(names):
            meant = _JSON_SCHEMA_NAMES.get(name)
            hint = f' Did you mean "{meant}"?' if meant in names else suggestion(name, names)
            problem = Problem(f'unknown field "{name}".{hint}', node[name].line, **place)
            if self.unknown_fields == "error":
                self.problems.append(problem)
            else:
                warnings.warn(problem.at(self.file), ParamsSchemaWarning, stacklevel=2)
        return {name: entry for name, entry in node.items() if name in names}

    def declaration(self, node: Node, **place: str) -> tuple[str, Declaration, Node] | None:
        """Validate one declaration whose references are resolved."""
        entries = self.mapping(node, "a parameter", **place)
        if not isinstance(node.value, dict):
            return None
        where = entries.get("in")
        if where is None:
            self.problems.append(
                Problem(f'"in" is missing. Set it to one of {listed(DECLARATIONS)}.', node.line, **place)
            )
            return None
        kind = where.value
        if not isinstance(kind, str) or kind not in DECLARATIONS:
            text = f'"in" is {show(where.plain())}, not one of {listed(DECLARATIONS)}.'
            text += suggestion(str(kind), DECLARATIONS)
            self.problems.append(Problem(text, where.line, **place))
            return None
        declared = self.known(entries, fields(DECLARATIONS[kind]), **place)
        items = declared.get("items")
        if items is not None and isinstance(items.value, dict):
            declared["items"] = Node(self.known(items.value, fields(Items), **place), items.line)
        found = Node(declared, node.line)
        try:
            return kind, DECLARATIONS[kind].model_validate(found.plain()), found
        except ValidationError as error:
            self.problems += _worded(error, found, place)
            return None

    def entry(self, node: Node, definitions: Mapping[str, Node], **place: str) -> Entry | None:
        """Resolve, validate and check one declaration; ``None`` if something is wrong with it."""
        if not self.faulty.isdisjoint(chain(node, definitions)):
            return None
        try:
            resolved = resolve(node, definitions)
        except Malformed as error:
            self.problems.append(Problem(error.text, error.line, **place))
            return None
        validated = self.declaration(resolved, **place)
        if validated is None:
            return None
        kind, declaration, found = validated
        wanted, complaints = check(declaration, kind)
        self.problems += [Problem(text, found.line_of(*path), **place) for path, text in complaints]
        if complaints:
            return None
        arguments = {
            argument: wanted.constraints.get(argument, getattr(declaration, argument))
            for field, argument in ARGUMENTS[kind].items()
            if field in found.value and argument != "default"
        }
        return Entry(
            place.get("endpoint", ""), place.get("param", ""), kind, declaration, arguments, wanted, found
        )


def _worded(error: ValidationError, node: Node, place: Mapping[str, str]) -> Iterable[Problem]:
    """A problem for each field that pydantic refuses; what is none of a union's types, it says for each."""
    told = set()
    for each in error.errors():
        path, value = _existing(node, each["loc"])
        name = ".".join(str(step) for step in path)
        if each["type"] == "missing":
            missing = each["loc"][-1]
            text = f'"{missing}" is missing. Set it to one of {listed(_types(path))}.'
        elif name in told:
            continue
        elif path[-1] == "type":
            known = _types(path[:-1])
            text = f'"{name}" is {show(value)}, not one of {listed(known)}.{suggestion(str(value), known)}'
        else:
            text = f'"{name}" is {show(value)}: {each["msg"]}.'
        told.add(name)
        yield Problem(text, node.line_of(*path), **place)


def _existing(node: Node, loc: Iterable[str | int]) -> tuple[list[str | int], Any]:
    """The part of a location that is in the file, and the value there; pydantic adds names of its own."""
    path: list[str | int] = []
    value = node.plain()
    for step in loc:
        is_there = (
            isinstance(step, int) if isinstance(value, list) else isinstance(value, dict) and step in value
        )
        if not is_there:
            break
        path.append(step)
        value = value[step]
    return path, value


def _types(path: list[str | int]) -> tuple[str, ...]:
    return get_args(ItemTypeName if path else TypeName)


def validate(root: Node, file: str, digest: str, unknown_fields: UnknownFields = "error") -> ParamsSchema:
    """Make a schema of a file's content.

    Args:
        file, digest: of the file, for messages and for the schema.
        unknown_fields: what an unknown field is: an error, or only worth a ``ParamsSchemaWarning``.

    Raises:
        ParamsSchemaError: with everything that is wrong.
    """
    validation = _Validation(file, unknown_fields)
    if not isinstance(root.value, dict):
        raise ParamsSchemaError(file, Problem("the file must be a mapping with a version.", root.line))
    _check_version(root.value.get("version"), file)
    top = validation.known(root.value, fields(Document))
    definitions = validation.mapping(top.get("definitions"), "definitions")
    # Those that others are made of come first, as a mistake is told only where it stands.
    for name, node in sorted(definitions.items(), key=lambda item: len(chain(item[1], definitions))):
        if validation.entry(node, definitions, definition=name) is None:
            validation.faulty.add(name)
    endpoints: dict[str, Mapping[str, Entry]] = {}
    lines: dict[str, int] = {}
    for name, node in validation.mapping(top.get("endpoints"), "endpoints").items():
        method, space, path = name.partition(" ")
        key = f"{method.upper()} {path}" if space else name
        if key in lines:
            text = f"the same endpoint as in line {lines[key]}."
            validation.problems.append(Problem(text, node.line, endpoint=name))
        lines[key] = node.line
        entries = validation.known(
            validation.mapping(node, "an endpoint", endpoint=name), fields(Endpoint), endpoint=name
        )
        found = {
            param: validation.entry(each, definitions, endpoint=name, param=param)
            for param, each in validation.mapping(entries.get("params"), "params", endpoint=name).items()
        }
        endpoints[key] = {param: entry for param, entry in found.items() if entry is not None}
    if validation.problems:
        raise ParamsSchemaError(file, *sorted(validation.problems, key=lambda problem: problem.line or 0))
    return ParamsSchema(file, VERSION, digest, endpoints, lines)


def _check_version(version: Node | None, file: str) -> None:
    """Refuse a format that is not known, before anything else is taken for a mistake in it."""
    if version is None:
        raise ParamsSchemaError(file, Problem(f'"version" is missing. Set it to {VERSION}.', 1))
    if version.value != VERSION or isinstance(version.value, (bool, float)):
        text = f'"version" is {show(version.plain())}; only version {VERSION} is known.'
        raise ParamsSchemaError(file, Problem(text, version.line))
