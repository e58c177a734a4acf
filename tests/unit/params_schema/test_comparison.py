"""What a change of the file loosens and tightens."""

import pytest

from fastapi.params.schema.comparison import Difference, compare
from fastapi.params.schema.loading import read_schema

from .conftest import Write


def differences(write: Write, old: str, new: str) -> list[Difference]:
    files = {}
    for name, declarations in (("old", old), ("new", new)):
        params = "\n".join(f"      {line}" for line in declarations.split("; ") if line)
        text = f"version: 1\nendpoints:\n  read:\n    params:{' {}' if not params else ''}\n{params}\n"
        files[name] = read_schema(write(text, f"{name}.yaml"))
    return compare(files["old"], files["new"])


NUMBER = "in: query, type: integer"
TEXT = "in: query, type: string"
DECIMAL = "in: query, type: decimal"


@pytest.mark.parametrize(
    ("old", "new", "effect", "text"),
    [
        (f"{NUMBER}, le: 9", f"{NUMBER}, le: 8", "tightens", "le: 9 → 8"),
        (f"{NUMBER}, le: 9", f"{NUMBER}, le: 10", "loosens", "le: 9 → 10"),
        (f"{NUMBER}, lt: 9", NUMBER, "loosens", "lt: 9 → none"),
        (NUMBER, f"{NUMBER}, ge: 1", "tightens", "ge: none → 1"),
        (f"{NUMBER}, gt: 3", f"{NUMBER}, gt: 1", "loosens", "gt: 3 → 1"),
        (f"{NUMBER}, multiple_of: 2", f"{NUMBER}, multiple_of: 4", "tightens", "multiple_of: 2 → 4"),
        (f"{NUMBER}, multiple_of: 4", f"{NUMBER}, multiple_of: 2", "loosens", "multiple_of: 4 → 2"),
        (f"{NUMBER}, multiple_of: 4", f"{NUMBER}, multiple_of: 6", "changes", "multiple_of: 4 → 6"),
        (f"{TEXT}, min_length: 2", f"{TEXT}, min_length: 3", "tightens", "min_length: 2 → 3"),
        (f"{TEXT}, max_length: 2", f"{TEXT}, max_length: 3", "loosens", "max_length: 2 → 3"),
        (f"{TEXT}, pattern: a", f"{TEXT}, pattern: b", "changes", 'pattern: "a" → "b"'),
        (TEXT, f"{TEXT}, pattern: b", "tightens", 'pattern: none → "b"'),
        (f"{TEXT}, strict: true", TEXT, "loosens", "strict: true → none"),
        (TEXT, f"{TEXT}, strict: true", "tightens", "strict: none → true"),
        (
            "in: query, type: number",
            "in: query, type: number, allow_inf_nan: false",
            "tightens",
            "allow_inf_nan: none → false",
        ),
        (f"{DECIMAL}, ge: '0.1'", f"{DECIMAL}, ge: '0.10'", None, None),
        (f"{DECIMAL}, ge: '0.1'", f"{DECIMAL}, ge: '0.2'", "tightens", 'ge: "0.1" → "0.2"'),
        (f"{DECIMAL}, max_digits: 4", f"{DECIMAL}, max_digits: 5", "loosens", "max_digits: 4 → 5"),
        (
            "in: query, type: date, ge: 2024-01-31",
            "in: query, type: date, ge: 2024-02-01",
            "tightens",
            'ge: "2024-01-31" → "2024-02-01"',
        ),
        (
            "in: query, type: datetime, ge: 2024-01-31T00:00:00",
            "in: query, type: datetime, ge: 2024-01-31T00:00:00Z",
            "changes",
            'ge: "2024-01-31 00:00:00" → "2024-01-31 00:00:00+00:00"',
        ),
        (
            "in: query, type: enum, values: [a, b]",
            "in: query, type: enum, values: [b, a, c]",
            "loosens",
            'values: ["a", "b"] → ["b", "a", "c"]',
        ),
        (
            "in: query, type: enum, values: [a, b]",
            "in: query, type: enum, values: [a]",
            "tightens",
            'values: ["a", "b"] → ["a"]',
        ),
        (
            "in: query, type: enum, values: [a, b]",
            "in: query, type: enum, values: [a, c]",
            "changes",
            'values: ["a", "b"] → ["a", "c"]',
        ),
        (NUMBER, f"{NUMBER}, default: 3", "loosens", "default: none, it was required → 3"),
        (f"{NUMBER}, default: 3", NUMBER, "tightens", "default: 3 → none, it is required"),
        (f"{NUMBER}, default: 3", f"{NUMBER}, default: 4", "changes", "default: 3 → 4"),
        (NUMBER, "in: query, type: number", "loosens", "type: integer → number"),
        ("in: query, type: number", NUMBER, "tightens", "type: number → integer"),
        (TEXT, "in: query, type: uuid", "changes", "type: string → uuid"),
        (NUMBER, "in: header, type: integer", "changes", "in: query → header"),
        (NUMBER, f"{NUMBER}, title: T", "changes", 'title: none → "T"'),
        (f"{NUMBER}, alias: q", f"{NUMBER}, alias: r", "changes", 'alias: "q" → "r"'),
        (
            "in: query, type: array, items: {type: integer}",
            "in: query, type: array, items: {type: integer, le: 3}",
            "tightens",
            "items.le: none → 3",
        ),
        (
            "in: query, type: array, items: {type: integer}",
            "in: query, type: array, items: {type: number}",
            "loosens",
            "items.type: integer → number",
        ),
    ],
)
def test_a_change_of_one_field(write: Write, old: str, new: str, effect: str | None, text: str) -> None:
    found = differences(write, f"p: {{{old}}}", f"p: {{{new}}}")
    assert found == ([] if effect is None else [(effect, "read", "p", text)])


def test_parameters_that_come_and_go(write: Write) -> None:
    assert differences(write, f"p: {{{NUMBER}}}", f"q: {{{NUMBER}}}; r: {{{NUMBER}, default: 1}}") == [
        ("tightens", "read", "q", "is new and required"),
        ("changes", "read", "r", "is new"),
        ("loosens", "read", "p", "is gone"),
    ]


def test_endpoints_that_come_and_go(write: Write) -> None:
    old = read_schema(
        write("version: 1\nendpoints: {a: {params: {p: {in: query, type: integer}}}}", "a.yaml")
    )
    new = read_schema(
        write("version: 1\nendpoints: {b: {params: {p: {in: query, type: integer}}}}", "b.yaml")
    )
    assert [each[:3] for each in compare(old, new)] == [("tightens", "b", "p"), ("loosens", "a", "p")]
