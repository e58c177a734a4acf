"""Every type with every constraint it takes: requests, pydantic and the documentation say the same of each value.

A request goes through the plan that the extension runs; with ``FASTAPI_RS_PURE=1``, through Python.
"""

import json
import pathlib
from typing import Any, Final, NamedTuple

import pytest

from fastapi import FastAPI
from fastapi.params import load_params_schema, param_factory
from fastapi.params.schema.document import Constraints
from fastapi.params.schema.kinds import KINDS
from fastapi.testclient import TestClient


class Case(NamedTuple):
    """A constraint of a type, with values that are inside, on the border and outside."""

    type: str
    constraint: str
    limit: Any
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]


def bounds(kind: str, low: str, limit: str, high: str) -> list[Case]:
    return [
        Case(kind, "gt", limit, (high,), (limit, low)),
        Case(kind, "ge", limit, (high, limit), (low,)),
        Case(kind, "lt", limit, (low,), (limit, high)),
        Case(kind, "le", limit, (low, limit), (high,)),
    ]


UUID: Final = "00000000-0000-4000-8000-000000000001"
DATES: Final = ("2024-01-30", "2024-01-31", "2024-02-01")
TIMES: Final = ("2024-01-31T09:59:59", "2024-01-31T10:00:00", "2024-01-31T10:00:00.000001")
CASES: Final = [
    *(case._replace(limit=int(case.limit)) for case in bounds("integer", "4", "5", "6")),
    *(case._replace(limit=float(case.limit)) for case in bounds("number", "1.4999999", "1.5", "1.5000001")),
    *bounds("decimal", "0.09999", "0.1", "0.10001"),
    *bounds("date", *DATES),
    *bounds("datetime", *TIMES),
    Case("integer", "multiple_of", 3, ("0", "3", "-6"), ("1", "-4")),
    Case("number", "multiple_of", 0.5, ("0", "1.5", "-2"), ("0.25", "-1.1")),
    Case("decimal", "multiple_of", "0.05", ("0.10", "0"), ("0.12",)),
    Case("number", "allow_inf_nan", False, ("1",), ("inf", "-inf", "nan")),
    Case("decimal", "allow_inf_nan", False, ("1",), ("Infinity", "NaN")),
    Case("decimal", "max_digits", 3, ("1", "1.23", "123"), ("1.234", "1234")),
    Case("decimal", "decimal_places", 2, ("1", "1.2", "1.23"), ("1.234",)),
    Case("string", "min_length", 2, ("ab", "abc", "äö"), ("", "a", "ä")),
    Case("string", "max_length", 2, ("", "ab", "äö"), ("abc",)),
    Case("string", "pattern", "^a+$", ("a", "aaa"), ("", "ab", "A")),
    Case("enum", "values", ["a", "b"], ("a", "b"), ("", "A", "c")),
    Case("array", "min_length", 2, ("1 2", "1 2 3"), ("1",)),
    Case("array", "max_length", 2, ("1", "1 2"), ("1 2 3",)),
    Case("string", "strict", True, ("a", ""), ()),
    Case("integer", "strict", True, (), ("5", "a")),
    Case("number", "strict", True, (), ("1.5",)),
    Case("boolean", "strict", True, (), ("true",)),
    Case("uuid", "strict", True, (), (UUID,)),
    Case("date", "strict", True, (), ("2024-01-31",)),
    Case("datetime", "strict", True, (), ("2024-01-31T10:00:00",)),
    Case("decimal", "strict", True, (), ("1.5",)),
    Case("enum", "strict", True, ("a",), ("c",)),
    Case("array", "strict", True, ("1 2",), ("a",)),
    Case("boolean", "", None, ("true", "false", "1", "off"), ("2", "", "tru")),
    Case("uuid", "", None, (UUID,), ("", UUID[:-1])),
    Case("integer", "", None, ("0", "-7", "007"), ("", "1.5", "1e3", "0x10")),
    Case("number", "", None, ("0", "-7.5", "1e3", "inf"), ("", "1,5")),
    Case("date", "", None, DATES, ("2024-02-30", "")),
    Case("datetime", "", None, TIMES, ("2024-02-30T10:00:00", "")),
    Case("decimal", "", None, ("0", "-1.50"), ("", "a")),
]

EXPRESSED: Final = {"integer", "number", "string", "enum", "array"}
"""The types whose constraints pydantic writes into a JSON Schema; of the others only words tell."""
JSON_READS: Final = {"integer": int, "number": float, "string": str, "enum": str}


def verdicts(case: Case) -> list[tuple[str, bool, bool, bool | None]]:
    """What a request, pydantic and the documentation say of each value."""
    declared: dict[str, Any] = {"in": "query", "type": case.type}
    if case.constraint:
        declared[case.constraint] = case.limit
    if case.type == "enum":
        declared.setdefault("values", ["a", "b"])
    if case.type == "array":
        declared["items"] = {"type": "integer"}
    document = {"version": 1, "endpoints": {"read": {"params": {"p": declared}}}}
    pathlib.Path("params_schema.json").write_text(json.dumps(document))
    entry = load_params_schema(force_reload=True).entry("read", "p")
    app = FastAPI()

    @app.get("/")
    async def read(p=param_factory("read", "p")) -> None: ...  # type: ignore[no-untyped-def]

    client = TestClient(app)
    [field] = app.routes[-1].dependant.query_params  # type: ignore[attr-defined]
    shown = app.openapi()["paths"]["/"]["get"]["parameters"][0]["schema"]
    validator = pytest.importorskip("jsonschema_rs").validator_for(shown)
    said = []
    for text in (*case.accepted, *case.rejected):
        values = text.split() if case.type == "array" else [text]
        answered = client.get("/", params={"p": values}).status_code == 200
        _, errors = field.validate(values if case.type == "array" else text, loc=("query", "p"))
        documented = None
        if case.type in EXPRESSED and case.constraint not in ("", "strict", "allow_inf_nan"):
            read_as = [int(each) for each in values] if case.type == "array" else JSON_READS[case.type](text)
            documented = validator.is_valid(read_as)
        said.append((text, answered, not errors, documented))
    assert entry.declaration.type == case.type
    return said


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.type}-{case.constraint}")
def test_requests_pydantic_and_documentation_agree(case: Case) -> None:
    for text, answered, validated, documented in verdicts(case):
        expected = text in case.accepted
        assert (text, answered, validated, documented) in [
            (text, expected, expected, expected),
            (text, expected, expected, None),
        ]


def test_every_constraint_of_every_type_that_a_query_holds_has_a_case() -> None:
    covered = {(case.type, case.constraint) for case in CASES if case.constraint}
    wanted = {(name, constraint) for name, kind in KINDS.items() for constraint in kind.constraints}
    assert wanted - covered == {pair for pair in wanted if pair[0] == "object"}  # of which bodies are made
    assert {constraint for _, constraint in covered} == set(Constraints.model_fields)
    assert sum(len(case.accepted) + len(case.rejected) for case in CASES) == 166
