"""What is wrong with a params schema file, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from fastapi.exceptions import FastAPIError


@dataclass(frozen=True)
class Problem:
    """One mistake.

    Args:
        text: what is wrong and what to do about it.
        line: in the file, from 1; ``None`` if it has none.
        endpoint, param: the entry that it is in, or that was asked for.
        definition: the name of the definition, if it is in one.
    """

    text: str
    line: int | None = None
    endpoint: str | None = None
    param: str | None = None
    definition: str | None = None

    def at(self, file: str) -> str:
        """Word it with its place in ``file``."""
        named = {"definition": self.definition, "endpoint": self.endpoint, "parameter": self.param}
        place = ", ".join(f'{kind} "{name}"' for kind, name in named.items() if name is not None)
        line = "" if self.line is None else f":{self.line}"
        return f"params schema {file}{line}: {place}{': ' if place else ''}{self.text}"


class ParamsSchemaError(FastAPIError):
    """A params schema that is missing or wrong, or that the application contradicts.

    Args:
        file: the file as it was named.
        problems: what is wrong with it, at least one.
    """

    def __init__(self, file: str, *problems: Problem) -> None:
        super().__init__(file, *problems)
        self.file = file
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(problem.at(self.file) for problem in self.problems)


class ParamsSchemaWarning(UserWarning):
    """A field that nothing reads, in a file loaded with ``unknown_fields="warn"``."""


def listed(names: Iterable[str]) -> str:
    """Write names behind each other, or ``none``."""
    return ", ".join(names) or "none"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Ask whether the known name that is most like ``name`` was meant; empty if none is like it."""
    folded = {each.lower().replace("_", ""): each for each in known}
    near = get_close_matches(name.lower().replace("_", ""), folded, n=1)
    return f' Did you mean "{folded[near[0]]}"?' if near else ""
