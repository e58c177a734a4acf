"""``fastapi params``: the schema file written, checked against its application, and compared."""

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("typer")
pytest.importorskip("yaml")
from typer.testing import CliRunner, Result

from fastapi.cli import command
from fastapi.params.schema import loading

from .test_command import project

__all__ = ["project"]

HEAD = """
import datetime, decimal, enum, functools, uuid
from typing import Annotated, Any, Literal, Optional
from fastapi import (APIRouter, Body, Cookie, Depends, FastAPI, File, Form, Header, Path, Query, UploadFile, WebSocket,
    param_factory)
from pydantic import BaseModel, Field
app = FastAPI()
class Color(str, enum.Enum):
    red = "red"
    green = "green"
class Model(BaseModel):
    name: str
"""

SIGNATURES = [
    ("a", "int", "Query({}ge=1, le=100, description='Items per page', title='T')", "20"),
    ("b", "Optional[str]", "Query({}pattern='^a: \\\"', min_length=2, deprecated=True)", "None"),
    ("c", "Color", "Query({})", "Color.red"),
    ("d", "Literal['x', 'null']", "Query({}alias='q')", "'x'"),
    ("e", "list[Annotated[int, Field(le=4)]]", "Query({}max_length=4, examples=[[1]])", "[1]"),
    ("f", "decimal.Decimal", "Query({}ge=decimal.Decimal('0.10'), max_digits=4)", "decimal.Decimal('1.5')"),
    ("g", "datetime.date", "Query({}gt=datetime.date(2020, 1, 1))", "datetime.date(2024, 1, 1)"),
    ("h", "datetime.datetime", "Query({}json_schema_extra={{'x-a': 1}})", None),
    ("i", "uuid.UUID", "Query({}include_in_schema=False)", None),
    ("j", "float", "Query({}allow_inf_nan=False, multiple_of=0.5)", "1.0"),
    ("k", "set[str]", "Query({}openapi_examples={{'one': {{'value': ['a']}}}})", "set()"),
    ("l", "bool", "Query({}strict=True)", "True"),
    ("m", "str", "Header({}convert_underscores=False)", "'ä'"),
    ("n_n", "str", "Header({})", None),
    ("no", "int", "Cookie({}lt=7)", "3"),
    ("o", "str | None", "Query({})", "'yes'"),
]

BODIES = """
@app.post("/model", name="other")
def model(one: Model, two: Annotated[dict[str, int], Body(embed=True, max_length=3)]): ...

@app.post("/form")
def form(upload: UploadFile, more: list[UploadFile], text: Annotated[str, Form(max_length=3)], raw: bytes = File(None)):
    ...

class Pages:
    def __init__(self, size: int = 10): ...

class Group:
    @staticmethod
    def twice(p: int): ...

def twice(q: int): ...

router = APIRouter()

@router.get("/{item_id:int}")
def item(item_id: int, pages: Annotated[Pages, Depends()], one=Depends(Group.twice), other=Depends(twice)): ...

@router.put("/{item_id}")
def same(item_id: Annotated[int, Path(le=9)]): ...
put = same

@router.delete("/{item_id}")
def same(item_id: Annotated[int, Path(le=9)]): ...

app.include_router(router, prefix="/items")

sub = FastAPI()
@sub.websocket("/ws")
async def talk(websocket: WebSocket, room: str): ...
app.mount("/sub", sub)

@app.get("/nothing")
def nothing(): ...
"""


def hand_declared(name: str, annotation: str, declaration: str, default: str | None) -> str:
    given = "" if default is None else f"{default}, "
    return f"{name}: {annotation} = {declaration.format(given)}"


def from_file(name: str, annotation: str, declaration: str, default: str | None) -> str:
    return f"{name}: {annotation} = param_factory('read', '{name}')"


def write_app(declare: object, more: str = BODIES) -> None:
    parameters = ", ".join(declare(*each) for each in SIGNATURES)  # type: ignore[operator]
    Path("main.py").write_text(f"{HEAD}\n@app.get('/')\ndef read({parameters}): ...\n{more}")


@pytest.fixture(autouse=True)
def schema(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    request.getfixturevalue("project")
    monkeypatch.delenv("FASTAPI_PARAMS_SCHEMA", raising=False)
    for name, value in vars(loading._Loaded()).items():
        monkeypatch.setattr(loading.loaded, name, value)


def call(*arguments: str) -> Result:
    sys.modules.pop("main", None)
    for name, value in vars(loading._Loaded()).items():
        setattr(loading.loaded, name, value)
    token = loading.tolerated.set(None)
    try:
        return CliRunner().invoke(command.app, ["params", *arguments], prog_name="fastapi")
    finally:
        loading.tolerated.reset(token)


@pytest.mark.parametrize("name", ["params_schema.yaml", "params_schema.json"])
def test_what_init_writes_loads_checks_clean_and_is_what_the_code_said(name: str) -> None:
    write_app(hand_declared)
    before = json.loads(CliRunner().invoke(command.app, ["openapi", "main:app"]).output)
    written = call("init", "main:app", "--output", name)
    assert written.exit_code == 0, written.output
    assert written.output == f"{name}: 29 parameters of 10 functions.\n"
    checked = call("check", "main:app")
    assert (checked.exit_code, checked.output.splitlines()[-1]) == (
        0,
        f"{name}: 0 parameters in use, 29 declared by the code.",
    )
    assert call("check", "main:app", "--complete").exit_code == 0
    write_app(from_file)
    checked = call("check", "main:app")
    assert (checked.exit_code, checked.output.splitlines()[-1]) == (
        0,
        f"{name}: 16 parameters in use, 13 declared by the code.",
    )
    sys.modules.pop("main", None)
    after = json.loads(CliRunner().invoke(command.app, ["openapi", "main:app"]).output)
    assert after.pop("x-params-schema")["version"] == 1
    pairs = [
        (ours, theirs)
        for path, methods in before["paths"].items()
        for method, operation in methods.items()
        for theirs, ours in zip(
            operation.pop("parameters", []), after["paths"][path][method].pop("parameters", []), strict=True
        )
    ]
    # The values of an Enum stand where they are allowed: a file may allow a part of them.
    enum = {"title": "C", "enum": ["red", "green"], "type": "string", "default": "red"}
    assert [ours["schema"] for ours, _ in pairs if ours["name"] == "c"] == [enum]
    assert [pair for pair in pairs if pair[0] != pair[1] and pair[0]["name"] != "c"] == []
    assert after == before


def test_the_names_that_init_gives() -> None:
    write_app(hand_declared)
    call("init", "main:app", "-o", "a.json")
    assert list(json.loads(Path("a.json").read_text())["endpoints"]) == [
        "read",
        "model",
        "form",
        "item",
        "Pages",
        "main.Group.twice",
        "main.twice",
        "PUT /items/{item_id}",
        "DELETE /items/{item_id}",
        "talk",
    ]


def test_init_leaves_out_what_the_format_cannot_hold() -> None:
    Path("main.py").write_text(
        f"""{HEAD}
class Own(type(Query(1))): ...
@app.get("/")
def read(a: int | str, b: list[list[int]] = Body(), c: Literal["a", 1] = "a", d: int = Query(default_factory=int),
    e: int = Own(1), f: int = Query(200, le=100), g: tuple[int, str] = Query((1, "a")), h: int = 1): ...
"""
    )
    result = call("init", "main:app")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert sorted(lines) == sorted(
        [
            "left out: read a: no type of the file stands for what pydantic calls union.",
            "left out: read b: its items are of the type array.",
            "left out: read c: its allowed values are neither all text nor all numbers of a kind.",
            "left out: read d: its default comes from a function.",
            "left out: read e: it is a Own, a class of its own.",
            "left out: read f: the default 200 is outside its own constraints: Input should be less than or equal "
            "to 100.",
            "left out: read g: the type of its items is not one.",
            "params_schema.yaml: 1 parameters of 1 functions.",
        ]
    )
    assert call("check", "main:app").exit_code == 0


def test_init_does_not_replace_a_file_unless_told() -> None:
    write_app(hand_declared, "")
    Path("params_schema.yaml").write_text("mine")
    refused = call("init", "main:app")
    assert refused.exit_code == 1
    assert "params_schema.yaml exists. Replace it with --force" in refused.output
    assert Path("params_schema.yaml").read_text() == "mine"
    assert call("init", "main:app", "--force").exit_code == 0
    assert "the ending is none of" in call("init", "main:app", "-o", "a.toml").output


CHECKED = """
@app.get("/items")
def list_items(limit: int = param_factory("list_items", "limit"), size: int = param_factory("list_items", "sise"),
    skip: int = 0): ...

@app.get("/users/{user_id}")
def read_user(user_id: int = param_factory("GET /users/{user_id}", "user_id")): ...

@app.get("/others")
def others(p: str = param_factory("others", "p"), q: int = param_factory("otters", "q")): ...
"""

FILE = """version: 1
definitions:
  unused: {in: query, type: integer}
  used: {in: query, type: integer}
endpoints:
  list_items:
    params:
      limit: {$ref: "#/definitions/used"}
      size: {in: query, type: integer}
      skip: {in: query, type: integer}
      limits: {in: query, type: integer}
  list_item:
    params: {}
  get /users/{user_id}:
    params:
      user_id: {in: path, type: integer}
  others:
    params:
      p: {in: query, type: integer}
"""

AT = "params schema params_schema.yaml"


def test_check_reports_what_is_missing_and_what_is_unused() -> None:
    Path("main.py").write_text(HEAD + CHECKED)
    Path("params_schema.yaml").write_text(FILE)
    result = call("check", "main:app")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f'{AT}:6: endpoint "list_items", parameter "sise": no such parameter of it in the file (declared: limit, size, '
        'skip, limits). Did you mean "size"?',
        f'{AT}: endpoint "otters", parameter "q": no such endpoint in the file (declared: list_items, list_item, '
        'GET /users/{user_id}, others). Did you mean "others"?',
        f'{AT}:19: endpoint "others", parameter "p": "type" is integer, but "p" is annotated as str. '
        "Change one of them.",
        f'{AT}:3: definition "unused": no parameter refers to it.',
        f'{AT}:9: endpoint "list_items", parameter "size": no parameter of it has this name (declared: limit, skip).',
        f'{AT}:11: endpoint "list_items", parameter "limits": no parameter of it has this name (declared: limit, '
        'skip). Did you mean "limit"?',
        f'{AT}:12: endpoint "list_item": no endpoint or dependency of the application has this name. '
        'Did you mean "list_items"?',
    ]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("version: 2", f'{AT}:1: "version" is 2; only version 1 is known.'),
        (
            "version: 1\nendpoints: {read: {params: {p: {in: path, type: integer}}}}",
            f'{AT}:2: endpoint "read", parameter "p": "in" is path, but the path / has no {{p}} (declared: none).',
        ),
        (
            "version: 1\nendpoints: {GET /x: {params: {p: {in: query, type: integer}}}}",
            f'{AT}: endpoint "read", parameter "p": no such endpoint in the file (declared: GET /x).',
        ),
    ],
)
def test_check_reports_what_is_refused_anyway(file: str, message: str) -> None:
    Path("main.py").write_text(f"{HEAD}\n@app.get('/')\ndef read(p: int = param_factory('read', 'p')): ...\n")
    Path("other.yaml").write_text(file)
    result = call("check", "main:app", "--schema", "other.yaml")
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == message.replace("params_schema", "other")


def test_check_with_complete_reports_what_the_file_does_not_declare() -> None:
    Path("main.py").write_text(
        f"{HEAD}\n@app.get('/')\ndef read(p: int, q: int = 1): ...\n@app.get('/o')\ndef o(r: int): ..."
    )
    Path("params_schema.yaml").write_text(
        "version: 1\nendpoints:\n  read: {params: {p: {in: query, type: integer}}}"
    )
    assert call("check", "main:app").exit_code == 0
    result = call("check", "main:app", "--complete")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f'{AT}: endpoint "o", parameter "r": the file does not declare it.',
        f'{AT}:3: endpoint "read", parameter "q": the file does not declare it.',
    ]


def test_diff_prints_what_a_change_does() -> None:
    Path("old.yaml").write_text(
        "version: 1\nendpoints: {read: {params: {p: {in: query, type: integer, le: 9}}}}"
    )
    Path("new.yaml").write_text(
        "version: 1\nendpoints: {read: {params: {p: {in: query, type: integer, le: 8}}}}"
    )
    result = call("diff", "old.yaml", "new.yaml")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "tightens  read  p  le: 9 → 8",
        "loosens 0, tightens 1, changes 0",
    ]
    Path("new.yaml").write_text("version: 9")
    refused = call("diff", "old.yaml", "new.yaml")
    assert refused.exit_code == 1
    assert refused.output == 'params schema new.yaml:1: "version" is 9; only version 1 is known.\n'
