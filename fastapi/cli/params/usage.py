"""What an application and its schema file have of each other."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fastapi.cli.params.callables import Callable, named
from fastapi.params.schema import ParamsSchema
from fastapi.params.schema.errors import Problem, listed, suggestion
from fastapi.params.schema.factory import Source
from fastapi.params.schema.node import Node
from fastapi.params.schema.references import chain


class Usage(NamedTuple):
    """What was found.

    Args:
        problems: what one of the two has and the other has not.
        by_code: parameters that are in the file while the code declares them by itself: the file does not reach them.
        used: how many parameters the code takes from the file.
    """

    problems: list[Problem]
    by_code: list[Problem]
    used: int


def usage(
    schema: ParamsSchema, found: list[Callable], root: Node, told: Iterable[Problem], *, complete: bool
) -> Usage:
    """Compare a file with the functions of an application.

    Args:
        root: the content of the file.
        told: what is wrong with parameters that the code takes from the file.
        complete: whether the file should declare all parameters.
    """
    names = named(found)
    sources = {
        (_key(source.endpoint), source.param)
        for each in found
        for field in each.fields.values()
        if isinstance(source := getattr(field.field_info, "source", None), Source)
    }
    tried = sources | {(_key(problem.endpoint or ""), problem.param) for problem in told}
    tried_endpoints = {endpoint for endpoint, _ in tried}
    problems = list(_unused_definitions(root))
    by_code: list[Problem] = []
    for endpoint, entries in schema.endpoints.items():
        meant = names.get(endpoint, [])
        if not meant and endpoint not in tried_endpoints:
            text = f"no endpoint or dependency of the application has this name.{suggestion(endpoint, names)}"
            problems.append(Problem(text, schema.lines[endpoint], endpoint))
            continue
        taken = [name for each in meant for name in each.fields]
        for param, entry in entries.items():
            if (endpoint, param) in tried:
                continue
            if param in taken:
                text = "the code declares it by itself. Use param_factory, or remove it from the file."
                by_code.append(Problem(text, entry.node.line, endpoint, param))
            else:
                text = (
                    f"no parameter of it has this name (declared: {listed(taken)}).{suggestion(param, taken)}"
                )
                problems.append(Problem(text, entry.node.line, endpoint, param))
    if complete:
        problems += _undeclared(schema, found)
    return Usage(problems, by_code, len(sources))


def _key(endpoint: str) -> str:
    method, space, path = endpoint.partition(" ")
    return f"{method.upper()} {path}" if space else endpoint


def _unused_definitions(root: Node) -> Iterator[Problem]:
    definitions = root.value.get("definitions", Node({}, 1)).value or {}
    endpoints = root.value.get("endpoints", Node({}, 1)).value or {}
    used = {
        name
        for endpoint in endpoints.values()
        for node in endpoint.value.get("params", Node({}, 1)).value.values()
        for name in chain(node, definitions)
    }
    for name in definitions.keys() - used:
        yield Problem("no parameter refers to it.", definitions[name].line, definition=name)


def _undeclared(schema: ParamsSchema, found: Iterable[Callable]) -> Iterator[Problem]:
    for each in found:
        key = next((key for key in each.keys if key in schema.endpoints), each.keys[0])
        for name, field in each.fields.items():
            declared = schema.endpoints.get(key, {})
            if name not in declared and not getattr(field.field_info, "source", None):
                yield Problem("the file does not declare it.", schema.lines.get(key), key, name)
