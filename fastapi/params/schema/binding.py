"""What a function's signature and the path of its route must agree on with the file, and what comes of it."""

import inspect
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError
from starlette.datastructures import UploadFile

from fastapi._compat import Undefined, lenient_issubclass, sequence_types
from fastapi.params.schema.allowed import Allowed
from fastapi.params.schema.arguments import CONSTRAINTS
from fastapi.params.schema.checks import Wanted, reason, refusal, show
from fastapi.params.schema.errors import ParamsSchemaError, Problem, listed
from fastapi.params.schema.factory import Source, make
from fastapi.params.schema.kinds import alternatives, kinds_of
from fastapi.params.schema.loading import load_params_schema, stand_in
from fastapi.params.schema.resolved import Entry
from fastapi.types import UnionType


def bind(source: Source, name: str, annotation: Any, value: Any, is_path_param: bool) -> tuple[Any, Any]:
    """Put what the file says of a parameter into its annotation and its default.

    Args:
        source: of the declaration that the annotation or the default is.
        name: of the parameter in Python.
        annotation, value: of the ``inspect.Parameter``.
        is_path_param: whether the path of the route has a part of that name.

    Returns:
        The annotation, with a new declaration in ``Annotated``, and the default.

    Raises:
        ParamsSchemaError: the file contradicts the path, the annotation or a default.
    """
    try:
        return _bound(source, name, annotation, value, is_path_param)
    except ParamsSchemaError as error:
        return Any, stand_in(error)


def _bound(source: Source, name: str, annotation: Any, value: Any, is_path_param: bool) -> tuple[Any, Any]:
    entry = load_params_schema().entry(source.endpoint, source.param)
    if is_path_param and entry.place != "path":
        text = f'"in" is {entry.place}, but "{name}" is in the path of the route. Set it to path.'
        raise _error(source, entry, text, "in")
    metadata: list[Any] = []
    if get_origin(annotation) is Annotated:
        annotation, *metadata = get_args(annotation)
        metadata = [item for item in metadata if getattr(item, "source", None) is not source]
    if getattr(value, "source", None) is source:
        value = inspect.Parameter.empty
    if annotation is inspect.Parameter.empty:
        annotation = entry.wanted.bare
    _check_kinds(source, entry, name, annotation)
    annotation = with_items(annotation, entry.wanted)
    if entry.wanted.allowed:
        is_strict = bool({**entry.arguments, **source.overrides}.get("strict"))
        metadata.append(Allowed(entry.wanted.allowed.values, is_strict=is_strict))
    declared = make(entry, source.overrides, Undefined)
    declared.source = source
    if name != entry.param and entry.place != "path" and declared.alias is None:
        # The file says what clients send.
        declared = make(entry, {**source.overrides, "alias": _outside(declared, entry.param)}, Undefined)
        declared.source = source
    adapter = _adapter(source, entry, name, Annotated[(annotation, *metadata, _constraints(source, entry))])
    default = _default(source, entry, name, value, adapter)
    return Annotated[(annotation, *metadata, declared)], default


def _outside(declared: Any, param: str) -> str:
    return param.replace("_", "-") if getattr(declared, "convert_underscores", False) else param


def _error(source: Source, entry: Entry, text: str, *path: str | int) -> ParamsSchemaError:
    problem = Problem(text, entry.node.line_of(*path), source.endpoint, source.param)
    return ParamsSchemaError(load_params_schema().file, problem)


def _written(annotation: Any) -> str:
    """An annotation as it is written in code."""
    return (
        annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
    )


def _check_kinds(source: Source, entry: Entry, name: str, annotation: Any) -> None:
    """Compare the type of the file, and that of items and allowed values, with the annotation."""
    declared = entry.declaration.type
    contradiction = f'but "{name}" is annotated as {_written(annotation)}. Change one of them.'
    kinds = kinds_of(annotation)
    if kinds is not None and declared not in kinds:
        raise _error(source, entry, f'"type" is {declared}, {contradiction}', "type")
    items = entry.declaration.items
    for each in alternatives(annotation) if items else ():
        of_items = get_args(each) if kinds_of(each) == frozenset({"array"}) else ()
        for item in of_items:
            kinds = None if item is ... else kinds_of(item)
            if kinds is not None and items is not None and items.type not in kinds:
                text = f'"items.type" is {items.type}, {contradiction}'
                raise _error(source, entry, text, "items", "type")
    if entry.place == "file" and entry.wanted.constraints and _is_upload(annotation):
        text = f'an UploadFile takes no {listed(entry.wanted.constraints)}. Annotate "{name}" as bytes, or remove it.'
        raise _error(source, entry, text, *entry.wanted.constraints)
    if entry.wanted.allowed:
        adapter = TypeAdapter(annotation)
        for index, value in enumerate(entry.wanted.allowed.values):
            try:
                adapter.validate_python(value)
            except ValidationError:
                raise _error(
                    source, entry, f'"values" have {show(value)}, {contradiction}', "values", index
                ) from None


def _is_upload(annotation: Any) -> bool:
    return any(lenient_issubclass(each, UploadFile) for each in alternatives(annotation))


def with_items(annotation: Any, wanted: Wanted) -> Any:
    """Put the constraints of items on the items of every sequence in an annotation."""
    items = wanted.items
    if items is None:
        return annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Union or origin is UnionType:
        return Union[tuple(with_items(each, wanted) for each in arguments)]  # noqa: UP007
    if not lenient_issubclass(origin or annotation, sequence_types):
        return annotation
    if not arguments:
        return annotation[items.type]
    return origin[tuple(each if each is ... else items.of(each) for each in arguments)]


def _constraints(source: Source, entry: Entry) -> Any:
    """All constraints, those of the file and those that the code gives instead."""
    given = {**entry.arguments, **source.overrides}
    return Field(**{name: given[name] for name in CONSTRAINTS if given.get(name) is not None})


def _adapter(source: Source, entry: Entry, name: str, annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except (SchemaError, PydanticUserError, TypeError) as error:
        text = f'pydantic cannot put this on the annotation of "{name}": {refusal(error)}.'
        raise _error(source, entry, text) from None


def _default(source: Source, entry: Entry, name: str, value: Any, adapter: TypeAdapter[Any]) -> Any:
    """The default, of the annotated type; ``Parameter.empty`` where there is none."""
    overrides = source.overrides
    if value is not inspect.Parameter.empty and entry.has_default and "default" not in overrides:
        text = f'the default of "{name}" is in the file and in the code. Remove it from one of them.'
        raise _error(source, entry, text, "default")
    if "default" in overrides:
        value = inspect.Parameter.empty if overrides["default"] is ... else overrides["default"]
    in_code = value is not inspect.Parameter.empty
    if not in_code and (not entry.has_default or overrides.get("default_factory") or "default" in overrides):
        return inspect.Parameter.empty
    try:
        if in_code:
            if value is not None:  # as everywhere in this API, None needs no type that admits it
                adapter.validate_python(value)
            return value
        return adapter.validate_json(json.dumps(entry.declaration.default))
    except ValidationError as error:
        shown, place = (repr(value), " in the code") if in_code else (show(entry.declaration.default), "")
        text = f'the default {shown}{place} does not fit "{name}": {reason(error)}.'
        raise _error(source, entry, text, "default") from None


def check_path(declared: Iterable[tuple[str, Source]], names: Collection[str], path: str) -> None:
    """Refuse path parameters of the file that the whole path of a route does not have.

    Args:
        declared: the parameters of the route and its dependencies by their names in Python.
        names: those in its path.
    """
    for name, source in declared:
        entry = load_params_schema().entry(source.endpoint, source.param)
        if entry.place == "path" and name not in names:
            text = f'"in" is path, but the path {path} has no {{{name}}} (declared: {listed(sorted(names))}).'
            raise _error(source, entry, text, "in")


def check_endpoint(
    declared: Iterable[Source], methods: Collection[str], paths: Sequence[str], name: str
) -> None:
    """Refuse parameters that the file has at another method and path than those of their route.

    Args:
        declared: the parameters of the route and its dependencies.
        paths: as the code has it, and without convertors.
        name: of the function, by which the file may name it.
    """
    for source in declared:
        method, space, of_file = source.endpoint.partition(" ")
        if space and (method.upper() not in methods or of_file not in paths):
            entry = load_params_schema().entry(source.endpoint, source.param)
            text = (
                f"it is used by {','.join(sorted(methods))} {paths[0]}. "
                f'Name the endpoint so in file and code, or by its function, "{name}".'
            )
            raise _error(source, entry, text)
