"""The reference of the format for ``docs/params-schema.md``, made from the model."""

from collections.abc import Iterator

from fastapi.params.schema.arguments import CLASSES, fields
from fastapi.params.schema.document import DECLARATIONS, Constraints, Declaration
from fastapi.params.schema.kinds import KINDS


def _table(*rows: tuple[str, ...]) -> Iterator[str]:
    head, *others = (f"| {' | '.join(row)} |" for row in rows)
    yield from (head, "|---" * len(rows[0]) + "|", *others, "")


def _code(names: Iterator[str] | list[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _places() -> Iterator[tuple[str, ...]]:
    for place, declaration in DECLARATIONS.items():
        own = [name for name in fields(declaration) if name not in fields(Declaration) and name != "in"]
        meaning = " ".join((declaration.__doc__ or "").split())
        yield f"`{place}`", f"`{CLASSES[place].__name__}`", meaning, _code(own)


def _types() -> Iterator[tuple[str, ...]]:
    for name, kind in KINDS.items():
        python = {"enum": "of its `values`", "array": "`list` of its `items`", "object": "`dict`, a model"}
        shown = python.get(name, f"`{kind.python.__name__}`")
        yield (
            f"`{name}`",
            shown,
            _code([each for each in Constraints.model_fields if each in kind.constraints]),
        )


def _fields() -> Iterator[tuple[str, ...]]:
    told = set()
    for declaration in DECLARATIONS.values():
        for name, attribute in fields(declaration).items():
            if name not in told:
                told.add(name)
                yield f"`{name}`", str(declaration.model_fields[attribute].description)


def reference() -> str:
    """Write the tables of places, types and fields as Markdown."""
    lines = [
        *_table(("`in`", "class", "what it is", "fields that only it has"), *_places()),
        *_table(("`type`", "without an annotation", "constraints"), *_types()),
        *_table(("field", "meaning"), *sorted(_fields())),
    ]
    return "\n".join(lines)
