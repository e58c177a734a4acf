"""Every type with every constraint it takes: requests, pydantic and the documentation say the same of each value.

A request goes through the plan that the extension runs; with ``FASTAPI_RS_PURE=1``, through Python.
"""

import decimal
import json
import math
import pathlib
import re
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from fastapi import FastAPI, _rust
from fastapi.dependencies.extraction import param_extractor
from fastapi.dependencies.flat import PARAMETERS
from fastapi.params import load_params_schema, param_factory
from fastapi.params.schema.document import Constraints
from fastapi.params.schema.kinds import KINDS
from fastapi.plan.body import body_params
from fastapi.routing import APIRoute
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
TIMES: Final = ("2024-01-31T09:59:59Z", "2024-01-31T10:00:00Z", "2024-01-31T10:00:00.000001Z")
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
    Case("object", "min_length", 2, ('{"a": 1, "b": 2}', '{"a": 1, "b": 2, "c": 3}'), ('{"a": 1}', "{}")),
    Case("object", "max_length", 2, ("{}", '{"a": 1, "b": 2}'), ('{"a": 1, "b": 2, "c": 3}',)),
    Case("object", "strict", True, ('{"a": 1}', "{}"), ("[]", '"a"', "1")),
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
    Case("string", "", None, ("", "a", "äö"), ()),
    Case("array", "", None, ("1", "1 2"), ("a", "1 a")),
    Case("object", "", None, ("{}", '{"a": [1]}'), ("[]", "1", '"{}"')),
]

UNEXPRESSED = {
    *((kind, bound) for kind in ("date", "datetime") for bound in ("gt", "ge", "lt", "le")),
    *((kind, "strict") for kind in KINDS),
    ("decimal", "max_digits"),
}
"""What pydantic does not write into a JSON Schema, or not rightly: there it may take what is refused."""
if "pattern" not in str(TypeAdapter(decimal.Decimal).json_schema()):  # which not every release writes
    UNEXPRESSED |= {("decimal", constraint) for constraint in ("", "allow_inf_nan", "decimal_places")}

BY_PYDANTIC: Final = {
    *(("datetime", bound) for bound in ("gt", "ge", "lt", "le")),
    ("decimal", "multiple_of"),
    ("enum", "strict"),
}
"""Where the extension calls pydantic's validator instead of its own."""

READS: Final[dict[str, Any]] = {"integer": int, "number": float, "decimal": float, "object": json.loads}

ANYWHERE: Final = re.compile(r"[\w.:+-]+", re.ASCII)
"""What paths, headers and cookies hold as well as queries."""


def plain(case: Case, text: str) -> Any:
    """A text as JSON that a reader of the documentation would send."""
    if case.type == "array":
        return [int(each) if each.isdigit() else each for each in text.split()]
    if case.constraint == "decimal_places":  # which is documented of decimals as texts
        return text
    try:
        value = READS.get(case.type, str)(text)
    except ValueError:
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value


def arrived(place: str, case: Case, text: str) -> dict[str, Any]:
    """A text as it is in the scope of a request."""
    scope: dict[str, Any] = {"type": "http", "query_string": b"", "headers": [], "path_params": {}}
    if place == "query":
        values = text.split() if case.type == "array" else [text]
        scope["query_string"] = urlencode([("p", value) for value in values]).encode()
    elif place == "path":
        scope["path_params"] = {"p": text}
    else:
        name = {"header": "p", "cookie": "cookie"}[place]
        scope["headers"] = [(name.encode(), (text if place == "header" else f"p={text}").encode())]
    return scope


def sent(client: TestClient, place: str, case: Case, text: str) -> bool:
    """Whether a request with a text is answered."""
    options: dict[str, Any] = {
        "query": {"params": {"p": text.split() if case.type == "array" else text}},
        "header": {"headers": {"p": text}},
        "cookie": {"headers": {"cookie": f"p={text}"}},
        "body": {"content": text, "headers": {"content-type": "application/json"}},
        "path": {},
    }[place]
    status = client.post(f"/{text if place == 'path' else ''}", **options).status_code
    assert status in (200, 422)
    return status == 200


def declared(case: Case, place: str) -> APIRoute:
    """A route with one parameter as the case has it."""
    fields: dict[str, Any] = {"in": place, "type": case.type}
    if case.constraint:
        fields[case.constraint] = case.limit
    if case.type == "enum":
        fields.setdefault("values", ["a", "b"])
    if case.type == "array":
        fields["items"] = {"type": "integer"}
    document = {"version": 1, "endpoints": {"read": {"params": {"p": fields}}}}
    pathlib.Path("params_schema.json").write_text(json.dumps(document))
    entry = load_params_schema(force_reload=True).entry("read", "p")
    assert (entry.declaration.type, entry.place) == (case.type, place)
    app = FastAPI()

    @app.post("/{p}" if place == "path" else "/")
    async def read(p=param_factory("read", "p")) -> None: ...  # type: ignore[no-untyped-def]

    route = app.routes[-1]
    assert isinstance(route, APIRoute)
    return route


def check_extension(route: APIRoute, place: str, case: Case) -> None:
    """The extension takes what is accepted by itself, and hands only what is refused to Python, for the words."""
    if place == "body":
        described = body_params(route.dependant, embed=False, is_form=False)
        assert described is not None
        assert (described.kind, described.reasons) == ("whole", ())
        return
    extractor = param_extractor(route.dependant)
    assert extractor is not None
    assert bool(extractor.reasons) == ((case.type, case.constraint) in BY_PYDANTIC), extractor.reasons
    assert extractor._native is not None
    for text in (*case.accepted, *case.rejected):
        if place != "query" and not ANYWHERE.fullmatch(text):
            continue
        taken: dict[str, Any] = {}
        left = extractor._native.extract(arrived(place, case, text), {}, taken)
        assert (text, "p" in taken) == (text, text in case.accepted)
        assert all(isinstance(reason, ValidationError) for reason in left.values())


PLACES: Final = [
    (case, place)
    for case in CASES
    for place in ("query", "path", "header", "cookie", "body")
    if (place == "body") == (case.type == "object") and (place == "query" or case.type != "array")
]


@pytest.mark.parametrize(
    ("case", "place"), PLACES, ids=[f"{case.type}-{case.constraint}-{place}" for case, place in PLACES]
)
def test_the_extension_pydantic_and_the_documentation_agree(case: Case, place: str) -> None:
    route = declared(case, place)
    app = route.dependency_overrides_provider
    client = TestClient(app)
    [field] = [each for kind in PARAMETERS for each in getattr(route.dependant, kind)]
    operation = app.openapi()["paths"][route.path]["post"]
    shown = (
        operation["requestBody"]["content"]["application/json"]["schema"]
        if place == "body"
        else operation["parameters"][0]["schema"]
    )
    validator = pytest.importorskip("jsonschema_rs").validator_for(shown, validate_formats=True)
    if not _rust.PURE:
        check_extension(route, place, case)
    for text in (*case.accepted, *case.rejected):
        if place not in ("query", "body") and not ANYWHERE.fullmatch(text):
            continue
        expected = text in case.accepted
        read = json.loads(text) if place == "body" else text.split() if case.type == "array" else text
        value, errors = field.validate(read, loc=(place, "p"))
        assert (text, not errors, sent(client, place, case, text)) == (text, expected, expected)
        as_json = to_jsonable_python(value) if expected else plain(case, text)
        is_json = not isinstance(as_json, float) or math.isfinite(as_json)
        if is_json and (expected or (case.type, case.constraint) not in UNEXPRESSED):
            assert (text, validator.is_valid(as_json)) == (text, expected)


def test_every_constraint_of_every_type_has_a_case() -> None:
    covered = {(case.type, case.constraint) for case in CASES}
    assert covered == {
        *((name, constraint) for name, kind in KINDS.items() for constraint in kind.constraints),
        *((name, "") for name in KINDS if name != "enum"),  # which needs its values
    }
    assert {constraint for _, constraint in covered if constraint} == set(Constraints.model_fields)
    assert all(case.accepted or case.rejected for case in CASES)
    assert sum(len(case.accepted) + len(case.rejected) for case, _ in PLACES) == 673
