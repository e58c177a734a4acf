"""Every mistake that a file alone shows, with the whole message."""

import json
import pathlib

import pytest

from fastapi.params import ParamsSchemaError, ParamsSchemaWarning, load_params_schema

from .conftest import Write

FILE = "params schema params_schema.yaml"
LIMIT = f'{FILE}:5: endpoint "list_items", parameter "limit": '
KINDS = "string, integer, number, boolean, uuid, date, datetime, decimal, enum, array, object"
PLACES = "path, query, header, cookie, form, file, body"
SHELL = "version: 1\nendpoints:\n  list_items:\n    params:\n      limit: {%s}\n"

OF_FILES = {
    "": f"{FILE}:1: the file must be a mapping with a version.",
    "[]": f"{FILE}:1: the file must be a mapping with a version.",
    "endpoints: {}": f'{FILE}:1: "version" is missing. Set it to 1.',
    "version: 2": f'{FILE}:1: "version" is 2; only version 1 is known.',
    "version: '1'": f'{FILE}:1: "version" is "1"; only version 1 is known.',
    "version: true": f'{FILE}:1: "version" is true; only version 1 is known.',
    "version: 1\nendpoint: {}": f'{FILE}:2: unknown field "endpoint". Did you mean "endpoints"?',
    "version: 1\nxyz: {}": f'{FILE}:2: unknown field "xyz".',
    "version: 1\nendpoints: []": f"{FILE}:2: endpoints must be a mapping, not [].",
    "version: 1\nendpoints:\n  a: 1": f'{FILE}:3: endpoint "a": an endpoint must be a mapping, not 1.',
    "version: 1\nendpoints:\n  a: {param: {}}": (
        f'{FILE}:3: endpoint "a": unknown field "param". Did you mean "params"?'
    ),
    "version: 1\nendpoints:\n  a: {params: x}": f'{FILE}:3: endpoint "a": params must be a mapping, not "x".',
    "version: 1\nendpoints:\n  GET /a: {}\n  get /a: {}": (
        f'{FILE}:4: endpoint "get /a": the same endpoint as in line 3.'
    ),
    "version: 1\ndefinitions: 3": f"{FILE}:2: definitions must be a mapping, not 3.",
    "version: 1\ndefinitions:\n  d: {in: query}": (
        f'{FILE}:3: definition "d": "type" is missing. Set it to one of {KINDS}.'
    ),
    "version: 1\ndefinitions:\n  d: {$ref: '#/definitions/e'}\n  e: {$ref: '#/definitions/d'}": (
        f'{FILE}:3: definition "d": the definition "e" refers to itself.'
    ),
}

OF_PARAMETERS = {
    "type: integer": f'"in" is missing. Set it to one of {PLACES}.',
    "in: qeury, type: integer": f'"in" is "qeury", not one of {PLACES}. Did you mean "query"?',
    "in: [query], type: integer": f'"in" is ["query"], not one of {PLACES}.',
    "in: query": f'"type" is missing. Set it to one of {KINDS}.',
    "in: query, type: float": f'"type" is "float", not one of {KINDS}.',
    "in: query, type: intger": f'"type" is "intger", not one of {KINDS}. Did you mean "integer"?',
    "in: query, type: integer, minimum: 1": 'unknown field "minimum". Did you mean "ge"?',
    "in: query, type: string, minLength: 1": 'unknown field "minLength". Did you mean "min_length"?',
    "in: query, type: string, embed: true": 'unknown field "embed".',
    "in: cookie, type: string, convert_underscores: true": 'unknown field "convert_underscores".',
    "in: query, type: integer, default_factory: x": 'unknown field "default_factory". Did you mean "default"?',
    "in: query, type: string, min_length: -1": '"min_length" is -1: Input should be greater than or equal to 0.',
    "in: query, type: string, min_length: '1'": '"min_length" is "1": Input should be a valid integer.',
    "in: query, type: string, min_length: 1.0": '"min_length" is 1.0: Input should be a valid integer.',
    "in: query, type: string, description: 3": '"description" is 3: Input should be a valid string.',
    "in: query, type: integer, ge: true": '"ge" is true: Input should be a valid integer.',
    "in: query, type: integer, ge: one": '"ge" is "one", which is no integer.',
    "in: query, type: integer, ge: 1.5": '"ge" is 1.5, which is no integer.',
    "in: query, type: number, le: 'x'": '"le" is "x", which is no number.',
    "in: query, type: decimal, le: 'x'": '"le" is "x", which is no decimal.',
    "in: query, type: date, gt: tomorrow": '"gt" is "tomorrow", which is no date.',
    "in: query, type: datetime, lt: 2024-13-01": '"lt" is "2024-13-01", which is no datetime.',
    "in: query, type: integer, multiple_of: 0": '"multiple_of" must be greater than 0.',
    "in: query, type: integer, min_length: 1": (
        '"min_length" does not apply to the type integer. It applies to string, array, object.'
    ),
    "in: query, type: string, ge: 1": (
        '"ge" does not apply to the type string. It applies to integer, number, date, datetime, decimal.'
    ),
    "in: query, type: uuid, pattern: a": '"pattern" does not apply to the type uuid. It applies to string.',
    "in: query, type: integer, max_digits: 1": (
        '"max_digits" does not apply to the type integer. It applies to decimal.'
    ),
    "in: query, type: integer, regex: a": '"regex" does not apply to the type integer.',
    "in: query, type: integer, discriminator: a": (
        '"discriminator" does not apply to the type integer, only to object.'
    ),
    "in: query, type: integer, values: [1]": '"values" does not apply to the type integer. It applies to enum.',
    "in: query, type: enum": 'the type enum needs "values", the list of those that are allowed.',
    "in: query, type: enum, values: []": (
        '"values" is []: List should have at least 1 item after validation, not 0.'
    ),
    "in: query, type: enum, values: [1, a]": '"values" are of several types. Write all as text, or none.',
    "in: query, type: enum, values: [true]": '"values.0" is true: Input should be a valid string.',
    "in: query, type: integer, items: {type: integer}": (
        '"items" does not apply to the type integer, only to array.'
    ),
    "in: query, type: array": 'the type array needs "items", with the type of the items.',
    "in: query, type: array, items: {}": (
        '"type" is missing. Set it to one of string, integer, number, boolean, uuid, date, datetime, decimal, enum.'
    ),
    "in: query, type: array, items: {type: array}": (
        '"items.type" is "array", not one of string, integer, number, boolean, uuid, date, datetime, decimal, enum.'
    ),
    "in: query, type: array, items: {type: integer, min: 1}": 'unknown field "min".',
    "in: query, type: array, items: 3": (
        '"items" is 3: Input should be a valid dictionary or instance of Items.'
    ),
    "in: query, type: array, items: {type: string, ge: 1}": (
        'items: "ge" does not apply to the type string. It applies to integer, number, date, datetime, decimal.'
    ),
    "in: query, type: integer, ge: 5, le: 4": 'no value satisfies both "ge": 5 and "le": 4.',
    "in: query, type: integer, gt: 4, le: 4": 'no value satisfies both "gt": 4 and "le": 4.',
    "in: query, type: string, min_length: 5, max_length: 4": (
        'no value satisfies both "min_length": 5 and "max_length": 4.'
    ),
    "in: query, type: date, ge: 2024-02-01, lt: 2024-02-01": (
        'no value satisfies both "ge": "2024-02-01" and "lt": "2024-02-01".'
    ),
    "in: query, type: datetime, ge: 2024-02-01T00:00:00Z, lt: 2024-02-02T00:00:00": (
        '"ge" and "lt" cannot be compared: only one has a time zone.'
    ),
    "in: query, type: string, pattern: 'a('": "pydantic does not take the constraints: unclosed group.",
    "in: path, type: integer, default: 1": (
        "a path parameter has no default, as it is always there. Remove the default."
    ),
    "in: path, type: integer, default: null": (
        "a path parameter has no default, as it is always there. Remove the default."
    ),
    "in: path, type: array, items: {type: string}": "the path cannot hold the type array.",
    "in: query, type: object, default: {}": (
        "a model of parameters in the query has no default. Give its fields defaults."
    ),
    "in: file, type: integer": "a file is of the type string, or array for several, not integer.",
    "in: file, type: string, default: x": "a file has no default but null.",
    "in: query, type: integer, default: 200, le: 100": (
        "the default 200 is outside its own constraints: Input should be less than or equal to 100."
    ),
    "in: query, type: integer, default: '20'": (
        'the default "20" is outside its own constraints: Input should be a valid integer.'
    ),
    "in: query, type: boolean, default: 1": (
        "the default 1 is outside its own constraints: Input should be a valid boolean."
    ),
    "in: query, type: enum, values: [a, b], default: c": (
        "the default \"c\" is outside its own constraints: Input should be 'a' or 'b'."
    ),
    "in: query, type: array, items: {type: integer, ge: 2}, default: [3, 1]": (
        "the default [3, 1] is outside its own constraints: Input should be greater than or equal to 2."
    ),
    "$ref: 3": '"$ref" is 3, not "#/definitions/" and the name of a definition.',
    "$ref: page_size": '"$ref" is \'page_size\', not "#/definitions/" and the name of a definition.',
    "$ref: '#/definitions/page'": 'there is no definition "page" (defined: none).',
}


def message_of(text: str) -> str:
    pathlib.Path("params_schema.yaml").write_text(text)
    with pytest.raises(ParamsSchemaError) as caught:
        load_params_schema()
    return str(caught.value)


@pytest.mark.parametrize("text", OF_FILES)
def test_a_mistake_in_the_shape_of_the_file(text: str) -> None:
    assert message_of(text) == OF_FILES[text]


@pytest.mark.parametrize("declaration", OF_PARAMETERS)
def test_a_mistake_in_a_parameter(declaration: str) -> None:
    assert message_of(SHELL % declaration) == LIMIT + OF_PARAMETERS[declaration]


def test_a_parameter_that_is_no_mapping(write: Write) -> None:
    text = "version: 1\nendpoints:\n  list_items:\n    params:\n      limit: integer\n"
    assert message_of(text) == LIMIT + 'a parameter must be a mapping, not "integer".'


def test_the_nearest_definition_is_named() -> None:
    text = (
        "version: 1\ndefinitions:\n  page_size: {in: query, type: integer}\nendpoints:\n  list_items:\n"
        "    params:\n      limit:\n        $ref: '#/definitions/pagesize'\n"
    )
    assert message_of(text) == (
        f'{FILE}:8: endpoint "list_items", parameter "limit": there is no definition "pagesize" '
        '(defined: page_size). Did you mean "page_size"?'
    )


def test_a_mistake_in_a_definition_is_told_once() -> None:
    text = """version: 1
definitions:
  other: {$ref: "#/definitions/wrong", le: 3}
  wrong: {in: query, type: intger}
endpoints:
  e:
    params:
      p: {$ref: "#/definitions/wrong"}
      q: {$ref: "#/definitions/other", ge: 3}
"""
    assert message_of(text) == (
        f'{FILE}:4: definition "wrong": "type" is "intger", not one of {KINDS}. Did you mean "integer"?'
    )


def test_a_pattern_of_items_is_reported_where_it_stands() -> None:
    text = """version: 1
endpoints:
  list_items:
    params:
      limit:
        in: query
        type: array
        items:
          type: string
          pattern: a(
"""
    assert message_of(text) == (
        f'{FILE}:10: endpoint "list_items", parameter "limit": pydantic does not take the constraints: '
        "unclosed group."
    )


def test_a_definition_that_is_no_mapping_is_reported_where_it_stands() -> None:
    text = (
        "version: 1\ndefinitions: {page: 3}\nendpoints:\n  list_items:\n"
        "    params: {limit: {$ref: '#/definitions/page', in: query, type: string}}\n"
    )
    assert message_of(text) == f'{FILE}:2: definition "page": a parameter must be a mapping, not 3.'


def test_every_mistake_is_reported_at_once_in_the_order_of_lines() -> None:
    text = """version: 1
definitions:
  a:
    in: query
    type: integer
    ge: x
    lt: y
endpoints:
  e:
    params:
      p: {in: qery, type: string}
      q:
        type: string
        in: header
        wrong: 1
"""
    assert message_of(text).splitlines() == [
        f'{FILE}:6: definition "a": "ge" is "x", which is no integer.',
        f'{FILE}:7: definition "a": "lt" is "y", which is no integer.',
        f'{FILE}:11: endpoint "e", parameter "p": "in" is "qery", not one of {PLACES}. Did you mean "query"?',
        f'{FILE}:15: endpoint "e", parameter "q": unknown field "wrong".',
    ]


def test_json_has_lines_too() -> None:
    document = {"version": 1, "endpoints": {"e": {"params": {"p": {"in": "query", "type": "intege"}}}}}
    pathlib.Path("params_schema.json").write_text(json.dumps(document, indent=1))
    with pytest.raises(ParamsSchemaError) as caught:
        load_params_schema()
    assert str(caught.value) == (
        'params schema params_schema.json:8: endpoint "e", parameter "p": "type" is "intege", not one of '
        f'{KINDS}. Did you mean "integer"?'
    )


def test_unknown_fields_may_be_only_a_warning() -> None:
    pathlib.Path("params_schema.yaml").write_text(SHELL % "in: query, type: integer, minimum: 1, le: 3")
    with pytest.warns(ParamsSchemaWarning) as caught:
        schema = load_params_schema(unknown_fields="warn")
    assert [str(warning.message) for warning in caught] == [
        f'{LIMIT}unknown field "minimum". Did you mean "ge"?'
    ]
    assert schema.entry("list_items", "limit").arguments == {"le": 3}
