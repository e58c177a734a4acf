"""Files with lines: what YAML and JSON mean, and what of them is refused."""

import hashlib
import json
import math
import pathlib
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi.params.schema import json_text, yaml_text
from fastapi.params.schema.errors import ParamsSchemaError
from fastapi.params.schema.node import Malformed
from fastapi.params.schema.reading import read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_is_what_the_standard_library_reads(value: object) -> None:
    assert json_text.parse(json.dumps(value)).plain() == value
    assert json_text.parse(json.dumps(value, indent="\t", ensure_ascii=False)).plain() == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1:30", "1:30"),
        ("2024-01-31", "2024-01-31"),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'1'", "1"),
        ("|\n  true", "true"),
        ("[1, [a]]", [1, ["a"]]),
        ("{a: &x {b: 1}, c: *x}", {"a": {"b": 1}, "c": {"b": 1}}),
        ("1_000", "1_000"),
    ],
)
def test_yaml_is_read_by_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    assert yaml_text.parse(text).plain() == value


def test_nan_is_a_number_of_yaml() -> None:
    assert math.isnan(yaml_text.parse(".nan").plain())


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (yaml_text.parse, "a: 1\nb:\n  - x\n  - c: 2\n"),
        (json_text.parse, '{"a": 1,\n"b": [\n"x",\n{"c": 2}]}'),
    ],
)
def test_every_part_knows_its_line(parse: object, text: str) -> None:
    node = parse(text)  # type: ignore[operator]
    paths = [
        (),
        ("a",),
        ("b",),
        ("b", 0),
        ("b", 1),
        ("b", 1, "c"),
        ("b", 1, "d"),
        ("b", 7),
        ("z",),
        ("a", "b"),
    ]
    assert [node.line_of(*path) for path in paths] == [1, 1, 2, 3, 4, 4, 4, 2, 1, 1]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "a.yaml",
            "a: [1,\n",
            "a.yaml:2: not YAML: expected the node content, but found '<stream end>' (column 1).",
        ),
        (
            "a.yaml",
            "a:\n\tb: 1\n",
            "a.yaml:2: not YAML: found character '\\t' that cannot start any token (column 1).",
        ),
        ("a.yaml", "a: 1\nb: \x01\n", "a.yaml:2: not YAML: special characters are not allowed."),
        ("a.yaml", "a: *x\n", "a.yaml:1: not YAML: found undefined alias 'x' (column 4)."),
        ("a.yaml", "a: 1\nb: 2\na: 3\n", 'a.yaml:3: "a" is there twice, first in line 1.'),
        ("a.yaml", "? [a]\n: 1\n", "a.yaml:1: a key that is no text."),
        ("a.yaml", "a: &x\n  - *x\n", "a.yaml:1: nested too deeply."),
        ("a.json", '{"a": 1,\n "b" 2}', "a.json:2: not JSON: Expecting ':' delimiter (column 6)."),
        ("a.json", '{"a": NaN}', "a.json:1: not JSON: NaN is no value of it."),
        ("a.json", '{"a": 1,\n"a": 2}', 'a.json:2: "a" is there twice, first in line 1.'),
        ("a.json", "", "a.json:1: not JSON: Expecting value (column 1)."),
        ("a.json", "[" * 100_000, "a.json:1: nested too deeply."),
        (
            "a.toml",
            "a = 1",
            'a.toml: the ending ".toml" is of no known format. Use one of .yaml, .yml, .json.',
        ),
    ],
)
def test_text_of_the_wrong_format_is_refused_with_its_line(name: str, text: str, message: str) -> None:
    pathlib.Path(name).write_text(text)
    with pytest.raises(ParamsSchemaError) as caught:
        read(pathlib.Path(name))
    assert str(caught.value) == f"params schema {message}"


def test_bytes_that_are_no_utf_8_are_refused_with_their_line() -> None:
    pathlib.Path("a.yaml").write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ParamsSchemaError) as caught:
        read(pathlib.Path("a.yaml"))
    assert str(caught.value) == "params schema a.yaml:2: not UTF-8."


def test_a_directory_is_refused() -> None:
    pathlib.Path("a.yaml").mkdir()
    with pytest.raises(ParamsSchemaError) as caught:
        read(pathlib.Path("a.yaml"))
    assert str(caught.value) == "params schema a.yaml: cannot be read: Is a directory."


def test_yaml_without_pyyaml_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pathlib.Path("a.yaml").write_text("version: 1")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ParamsSchemaError) as caught:
        read(pathlib.Path("a.yaml"))
    assert str(caught.value) == (
        "params schema a.yaml: YAML needs PyYAML: pip install pyyaml, or write the file as JSON."
    )


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    pathlib.Path("a.json").write_bytes(b"\xef\xbb\xbf{}")
    node, digest = read(pathlib.Path("a.json"))
    assert node.plain() == {}
    assert digest == "sha256:" + hashlib.sha256(b"\xef\xbb\xbf{}").hexdigest()


def test_malformed_text_is_reported_by_its_line() -> None:
    with pytest.raises(Malformed) as caught:
        yaml_text.parse("a: 1\na: 1")
    assert caught.value.line == 2
