"""What another schema file lets through that this one refuses, and the other way round."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from fastapi.params.schema.checks import Wanted, show
from fastapi.params.schema.document import Constraints
from fastapi.params.schema.resolved import Entry, ParamsSchema

Effect = Literal["loosens", "tightens", "changes"]

_LOWEST: Final = ("ge", "gt", "min_length")
_HIGHEST: Final = ("le", "lt", "max_length", "max_digits", "decimal_places")
_TAKES_MORE: Final = frozenset({("integer", "number"), ("integer", "decimal"), ("number", "decimal")})
"""Pairs of types of which the second takes all that the first takes."""


class Difference(NamedTuple):
    """One thing in which two files differ.

    Args:
        effect: whether more requests are valid then, or fewer; ``changes`` if neither, or both, or that is not known.
        endpoint, param: where.
        text: the field, and what it was and is.
    """

    effect: Effect
    endpoint: str
    param: str
    text: str


def compare(old: ParamsSchema, new: ParamsSchema) -> list[Difference]:
    """Find all differences, in the order of the new file; what is only in the old one comes last."""
    found = []
    for endpoint in [*new.endpoints, *(name for name in old.endpoints if name not in new.endpoints)]:
        before, after = old.endpoints.get(endpoint, {}), new.endpoints.get(endpoint, {})
        for param in [*after, *(name for name in before if name not in after)]:
            found += [
                Difference(effect, endpoint, param, text)
                for effect, text in _of_param(before.get(param), after.get(param))
            ]
    return found


def _of_param(old: Entry | None, new: Entry | None) -> Iterator[tuple[Effect, str]]:
    if old is None:
        assert new is not None
        yield ("changes", "is new") if new.has_default else ("tightens", "is new and required")
    elif new is None:
        yield "loosens", "is gone"
    else:
        yield from _of_default(old, new)
        yield from _of_values(old.wanted, new.wanted, old.declaration.type, new.declaration.type, "")
        if old.wanted.items and new.wanted.items:
            of_old, of_new = old.declaration.items, new.declaration.items
            assert of_old is not None
            assert of_new is not None
            yield from _of_values(old.wanted.items, new.wanted.items, of_old.type, of_new.type, "items.")
        yield from _of_the_rest(old, new)


def _of_default(old: Entry, new: Entry) -> Iterator[tuple[Effect, str]]:
    if old.has_default and not new.has_default:
        yield "tightens", f"default: {show(old.declaration.default)} → none, it is required"
    elif new.has_default and not old.has_default:
        yield "loosens", f"default: none, it was required → {show(new.declaration.default)}"
    elif old.declaration.default != new.declaration.default:
        yield "changes", f"default: {show(old.declaration.default)} → {show(new.declaration.default)}"


def _of_values(old: Wanted, new: Wanted, was: str, is_: str, where: str) -> Iterator[tuple[Effect, str]]:
    if was != is_:
        loosens, tightens = (was, is_) in _TAKES_MORE, (is_, was) in _TAKES_MORE
        yield "loosens" if loosens else "tightens" if tightens else "changes", f"{where}type: {was} → {is_}"
        return
    before, after = _limits(old), _limits(new)
    for name in Constraints.model_fields:
        a, b = before.get(name), after.get(name)
        if a != b:
            yield _effect(name, a, b), f"{where}{name}: {_shown(a)} → {_shown(b)}"


def _limits(wanted: Wanted) -> Mapping[str, Any]:
    values = {"values": list(wanted.allowed.values)} if wanted.allowed else {}
    return {**wanted.constraints, **values}


def _effect(name: str, old: Any, new: Any) -> Effect:
    """What it means that a constraint has another value; ``None`` is no constraint."""
    if name == "allow_inf_nan":
        return "tightens" if new is False else "loosens"
    if name == "strict":
        return "tightens" if new else "loosens"
    if name == "values":
        gone, come = set(old) - set(new), set(new) - set(old)
        return "changes" if bool(gone) == bool(come) else "tightens" if gone else "loosens"
    if old is None or new is None:
        return "tightens" if old is None else "loosens"
    try:
        if name in _LOWEST:
            return "tightens" if new > old else "loosens"
        if name in _HIGHEST:
            return "tightens" if new < old else "loosens"
        if name == "multiple_of" and (new % old == 0 or old % new == 0):
            return "tightens" if new % old == 0 else "loosens"
    except TypeError:  # only one of two times has a time zone
        pass
    return "changes"


def _shown(value: Any) -> str:
    return "none" if value is None else show(value)


def _of_the_rest(old: Entry, new: Entry) -> Iterator[tuple[Effect, str]]:
    """Where the parameter is, how it is called, and words."""
    if old.place != new.place:
        yield "changes", f"in: {old.place} → {new.place}"
    done = {*Constraints.model_fields, "in_", "type", "items", "default"}
    for name in {**type(old.declaration).model_fields, **type(new.declaration).model_fields}:
        before, after = getattr(old.declaration, name, None), getattr(new.declaration, name, None)
        if name not in done and old.place == new.place and before != after:
            yield "changes", f"{name}: {_shown(before)} → {_shown(after)}"
