"""The body as one field, and as arguments."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Annotated, Any

import anyio
import pytest
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData

from fastapi import Body, Depends, File, Form, UploadFile, params
from fastapi.dependencies.utils import (
    _extract_form_body,
    _should_embed_body_fields,
    get_body_field,
    get_dependant,
    get_flat_dependant,
    is_union_of_base_models,
    request_body_to_args,
)


class Item(BaseModel):
    name: str
    tags: list[str] = []


class Other(BaseModel):
    size: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = "none"


def body_fields(endpoint: Callable[..., Any]):
    return get_flat_dependant(get_dependant(path="/", call=endpoint)).body_params


def arguments(
    endpoint: Callable[..., Any], body: Any
) -> tuple[dict[str, Any], list[tuple[str, tuple[Any, ...]]]]:
    fields = body_fields(endpoint)
    values, errors = anyio.run(request_body_to_args, fields, body, _should_embed_body_fields(fields))
    return values, [(error["type"], error["loc"]) for error in errors]


def upload(content: bytes, name: str = "a.txt") -> UploadFile:
    return UploadFile(BytesIO(content), filename=name, size=len(content))


def nothing(): ...


def one(item: Item): ...


def embedded(item: Annotated[Item, Body(embed=True)]): ...


def number(x: Annotated[int, Body()]): ...


def two(item: Item, other: Other | None = None): ...


def same_twice(one: Annotated[Any, Depends(number)], two: Annotated[Any, Depends(number)]): ...


def field_of_form(x: Annotated[int, Form()]): ...


def model_of_form(item: Annotated[Item, Form()]): ...


def models_of_form(item: Annotated[Item | Other, Form()]): ...


def optional_model_of_form(item: Annotated[Open | None, Form()] = None): ...


@pytest.mark.parametrize(
    ("type_", "is_union"),
    [(Item | Other, True), (Item | None, False), (Item, False), (int | str, False), (list[Item], False)],
)
def test_unions_of_models_only(type_, is_union) -> None:
    assert is_union_of_base_models(type_) is is_union


@pytest.mark.parametrize(
    ("endpoint", "embed"),
    [
        (nothing, False),
        (one, False),
        (number, False),
        (embedded, True),
        (two, True),
        (same_twice, False),
        (field_of_form, True),
        (model_of_form, False),
        (models_of_form, False),
        (optional_model_of_form, True),
    ],
)
def test_when_fields_are_keys_of_the_body(endpoint, embed) -> None:
    assert _should_embed_body_fields(body_fields(endpoint)) is embed


def body_field(endpoint: Callable[..., Any], *, embed: bool = True):
    flat = get_flat_dependant(get_dependant(path="/", call=endpoint))
    return get_body_field(flat_dependant=flat, name="name", embed_body_fields=embed)


def file_and_form(a: Annotated[str, Form()], b: Annotated[bytes, File()]): ...


def form_only(a: Annotated[str, Form()], b: Annotated[str, Form()]): ...


def optional(a: Annotated[int, Body()] = 1, b: Annotated[int, Body()] = 2): ...


def yaml(
    a: Annotated[int, Body(media_type="text/yaml")], b: Annotated[int, Body(media_type="text/yaml")]
): ...


def mixed(a: Annotated[int, Body(media_type="text/yaml")], b: Annotated[int, Body()]): ...


@pytest.mark.parametrize(
    ("endpoint", "kind", "media_type", "required"),
    [
        (two, params.Body, "application/json", True),
        (optional, params.Body, "application/json", False),
        (yaml, params.Body, "text/yaml", True),
        (mixed, params.Body, "application/json", True),
        (form_only, params.Form, "application/x-www-form-urlencoded", True),
        (file_and_form, params.File, "multipart/form-data", True),
    ],
)
def test_several_fields_make_a_model(endpoint, kind, media_type, required) -> None:
    field = body_field(endpoint)
    assert field is not None
    assert (field.name, field.alias, field.type_.__name__) == ("body", "body", "Body_name")
    assert list(field.type_.model_fields) == [f.name for f in body_fields(endpoint)]
    assert type(field.field_info) is kind
    assert field.field_info.media_type == media_type
    assert field.required is required


def test_a_lone_field_is_the_body_itself() -> None:
    field = body_field(one, embed=False)
    assert field is not None
    assert field.type_ is Item
    assert body_field(nothing) is None


@pytest.mark.parametrize(
    ("endpoint", "body", "values", "errors"),
    [
        (one, {"name": "x"}, {"item": Item(name="x")}, []),
        (one, None, {"item": None}, [("missing", ("body",))]),
        (one, {}, {"item": None}, [("missing", ("body", "name"))]),
        (one, b"text", {"item": None}, [("model_attributes_type", ("body",))]),
        (number, 3, {"x": 3}, []),
        (number, "x", {"x": None}, [("int_parsing", ("body",))]),
        (embedded, {"item": {"name": "x"}}, {"item": Item(name="x")}, []),
        (embedded, {"name": "x"}, {}, [("missing", ("body", "item"))]),
        (two, {"item": {"name": "x"}}, {"item": Item(name="x"), "other": None}, []),
        (two, {"item": {}, "other": {"size": 1}}, {"other": Other(size=1)}, [("missing", ("body", "item", "name"))]),
        (two, None, {"other": None}, [("missing", ("body", "item"))]),
        (two, [1], {}, [("missing", ("body", "item")), ("missing", ("body", "other"))]),
        (optional, None, {"a": 1, "b": 2}, []),
        (optional, {"a": 3}, {"a": 3, "b": 2}, []),
        (optional, "text", {}, [("missing", ("body", "a")), ("missing", ("body", "b"))]),
        (optional, {"a": None}, {"a": 1, "b": 2}, []),
    ],
)  # fmt: skip
def test_arguments_from_json(endpoint, body, values, errors) -> None:
    assert arguments(endpoint, body) == (values, errors)


def lists_of_form(a: Annotated[list[int], Form()], b: Annotated[str, Form()] = "default"): ...


@pytest.mark.parametrize(
    ("endpoint", "form", "values", "errors"),
    [
        (field_of_form, [("x", "1"), ("more", "2")], {"x": 1}, []),
        (field_of_form, [("x", "")], {}, [("missing", ("body", "x"))]),
        (lists_of_form, [("a", "1"), ("a", "2"), ("b", "")], {"a": [1, 2], "b": "default"}, []),
        (lists_of_form, [], {"b": "default"}, [("missing", ("body", "a"))]),
        (
            model_of_form,
            [("name", "x"), ("tags", "1"), ("tags", "2")],
            {"item": Item(name="x", tags=["1", "2"])},
            [],
        ),
        (model_of_form, [("name", "")], {"item": Item(name="")}, []),
        (model_of_form, [], {"item": None}, [("missing", ("body", "name"))]),
        (models_of_form, [("size", "1"), ("x", "1"), ("x", "2")], {"item": Other(size=1)}, []),
    ],
)
def test_arguments_from_a_form(endpoint, form, values, errors) -> None:
    assert arguments(endpoint, FormData(form)) == (values, errors)


def test_a_form_keeps_what_nobody_declared() -> None:
    def endpoint(item: Annotated[Open, Form()]): ...

    values, errors = arguments(endpoint, FormData([("name", "x"), ("a", "1"), ("b", "1"), ("b", "2")]))
    assert errors == []
    assert values["item"].model_dump() == {"name": "x", "a": "1", "b": ["1", "2"]}


def files(
    content: Annotated[bytes, File()],
    contents: Annotated[list[bytes], File()],
    upload: UploadFile,
    pair: Annotated[tuple[bytes, bytes] | None, File()] = None,
): ...


def test_files_are_read_for_those_who_want_bytes() -> None:
    kept = upload(b"kept")
    form = FormData(
        [
            ("content", upload(b"one")),
            ("contents", upload(b"two")),
            ("contents", upload(b"three")),
            ("upload", kept),
            ("pair", upload(b"4")),
            ("pair", upload(b"5")),
        ]
    )
    values, errors = arguments(files, form)
    assert errors == []
    assert values == {"content": b"one", "contents": [b"two", b"three"], "upload": kept, "pair": (b"4", b"5")}


def test_text_in_place_of_a_file_is_taken_as_it_is() -> None:
    def endpoint(content: Annotated[bytes, File()], note: Annotated[str, Form()] = ""): ...

    assert arguments(endpoint, FormData([("content", "text")])) == ({"content": b"text", "note": ""}, [])


class Gated(UploadFile):
    """A file whose content arrives only after another one was read."""

    def __init__(self, content: bytes, wait: Callable[[], Awaitable[Any]], done: Callable[[], Any]) -> None:
        super().__init__(BytesIO(content))
        self.wait, self.done = wait, done

    async def read(self, size: int = -1) -> bytes:
        await self.wait()
        self.done()
        return await super().read(size)


def test_files_are_read_side_by_side_and_keep_their_order() -> None:
    def endpoint(contents: Annotated[list[bytes], File()]): ...

    async def extract() -> dict[str, Any]:
        second_was_read = anyio.Event()
        first = Gated(b"first", second_was_read.wait, lambda: None)
        second = Gated(b"second", anyio.lowlevel.checkpoint, second_was_read.set)
        return await _extract_form_body(
            body_fields(endpoint), FormData([("contents", first), ("contents", second)])
        )

    assert anyio.run(extract) == {"contents": [b"first", b"second"]}


def test_texts_in_place_of_several_files_fail_once() -> None:
    def endpoint(contents: Annotated[list[bytes], File()]): ...

    with pytest.raises(Exception, match="unhandled errors") as raised:
        arguments(endpoint, FormData([("contents", "one"), ("contents", "two")]))
    assert [type(error) for error in raised.value.exceptions] == [AttributeError]


def test_without_fields_there_is_nothing_to_take() -> None:
    with pytest.raises(AssertionError, match="should be called with fields"):
        anyio.run(request_body_to_args, [], {}, False)
