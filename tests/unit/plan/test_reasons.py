"""What a plan says of the parameters that are left to pydantic or to Python."""

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel

from fastapi import Body, Cookie, File, Form, Query, UploadFile
from fastapi._rust import PURE
from tests.unit.plan.test_lowering import plan


class Item(BaseModel):
    name: str


class Many(BaseModel):
    names: list[str]


def rich(
    item: Annotated[Item, Body()],
    union: int | str = 1,
    custom: Annotated[str, AfterValidator(str.strip)] = "",
) -> None: ...


def whole(filter: Annotated[Item, Query()], cookies: Annotated[Item, Cookie()]) -> None: ...


def listed(filter: Annotated[Many, Cookie()]) -> None: ...


def odd_file(content: Annotated[set[bytes], File()]) -> None: ...


def form_models(item: Annotated[Item | Many, Form()]) -> None: ...


def form_fields(
    text: Annotated[str, Form()],
    mail: Annotated[str | int, Form()],
    upload: UploadFile,
    uploads: list[UploadFile],
    content: Annotated[bytes, File()],
    contents: Annotated[list[bytes], File()],
    short: Annotated[bytes, File(max_length=9)],
) -> None: ...


REASONS = [
    (rich, ["pydantic validates union (union)", "pydantic validates custom (function-after)"]),
    (whole, []),
    (listed, ["the reference path looks up all cookies"]),
    (odd_file, ["content is not plainly bytes or a list of them"]),
    (form_models, ["item is not plainly one model"]),
    (form_fields, ["pydantic validates mail (union)", "pydantic validates short (bytes)"]),
]


@pytest.mark.skipif(PURE, reason="needs the extension")
@pytest.mark.parametrize(("endpoint", "reasons"), REASONS, ids=lambda each: getattr(each, "__name__", ""))
def test_each_parameter_that_the_extension_does_not_understand_has_a_reason(
    endpoint: Any, reasons: list[str]
) -> None:
    assert list(plan(endpoint, methods=["POST"]).steps[-1].reasons) == reasons
