"""The models of an OpenAPI document: lazy, permissive, and silent about themselves."""

import importlib.util
import runpy
import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from fastapi.openapi import email_address, models

MODELS = [
    model
    for model in vars(models).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == models.__name__
]


@pytest.mark.parametrize("model", MODELS)
def test_a_model_can_be_built_and_says_nothing_of_itself(model: type[BaseModel]) -> None:
    assert "description" not in model.model_json_schema()


def test_importing_the_models_builds_no_document() -> None:
    code = "from fastapi.openapi.models import OpenAPI; assert not OpenAPI.__pydantic_complete__"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_references_between_models_ignore_what_the_caller_calls_by_the_same_name() -> None:
    code = (
        "from fastapi.openapi.models import OpenAPI\n"
        "def document(Header, Reference, PathItem, Schema):\n"
        "    return OpenAPI(openapi='3.1.0', info={'title': 't', 'version': '1'})\n"
        "document(*'abcd')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_keys_of_a_document_stand_in_the_order_of_the_specification_and_unknown_ones_last() -> None:
    document = models.OpenAPI(
        **{
            "x-logo": "cat",
            "tags": [{"name": "t"}],
            "paths": {"/": {"post": {"operationId": "a", "tags": ["t"]}, "get": {}}},
            "info": {"version": "1", "title": "t"},
            "openapi": "3.1.0",
        }
    ).model_dump(exclude_none=True, by_alias=True)
    assert list(document) == ["openapi", "info", "paths", "tags", "x-logo"]
    assert list(document["info"]) == ["title", "version"]
    assert list(document["paths"]["/"]) == ["get", "post"]
    assert list(document["paths"]["/"]["post"]) == ["tags", "operationId"]


@pytest.mark.parametrize(
    ("model", "content"),
    [
        (models.ServerVariable, {"default": "a", "enum": []}),
        (models.Schema, {"maxLength": -1}),
        (models.Schema, {"multipleOf": 0}),
        (models.Schema, {"type": "text"}),
        (models.Contact, {"url": "nowhere"}),
        (models.Info, {"title": "no version"}),
        (models.APIKey, {"in": "body", "name": "key"}),
        (models.HTTPBearer, {"scheme": "basic"}),
    ],
)
def test_what_the_specification_forbids_is_refused(model: type[BaseModel], content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(content)


def test_a_schema_takes_the_names_that_python_cannot_spell() -> None:
    content = {
        "$ref": "#/x",
        "not": {"if": True},
        "$defs": {"A": False},
        "items": [{"type": ["null", "string"]}],
    }
    assert models.Schema(**content).model_dump(by_alias=True, exclude_none=True) == {
        "$ref": "#/x",
        "$defs": {"A": False},
        "not": {"if": True},
        "items": [{"type": ["null", "string"]}],
    }


def test_an_example_of_a_schema_warns_that_it_is_deprecated() -> None:
    schema = models.Schema(example=1)
    with pytest.warns(DeprecationWarning, match="Use examples instead"):
        assert schema.example == 1


def test_an_example_may_have_keys_of_its_own() -> None:
    example = {"summary": "s", "value": None, "x-more": 1}
    assert TypeAdapter(models.Example).validate_python(example) == example


@pytest.mark.parametrize(
    ("scheme", "kind"),
    [
        ({"type": "apiKey", "in": "query", "name": "k"}, models.APIKey),
        ({"type": "http", "scheme": "basic"}, models.HTTPBase),
        ({"type": "oauth2", "flows": {}}, models.OAuth2),
        ({"type": "openIdConnect", "openIdConnectUrl": "u"}, models.OpenIdConnect),
    ],
)
def test_a_security_scheme_is_told_by_its_fields(scheme: dict[str, Any], kind: type[BaseModel]) -> None:
    components = models.Components(securitySchemes={"s": scheme})
    assert components.securitySchemes is not None
    assert type(components.securitySchemes["s"]) is kind


def test_without_email_validator_an_address_is_any_text_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    email_str = runpy.run_path(email_address.__file__)["EmailStr"]

    address = TypeAdapter(email_str)
    assert address.validate_python(3) == "3"
    assert address.json_schema() == {"type": "string", "format": "email"}
    assert [validate("x") for validate in email_str.__get_validators__()] == ["x"]
    assert "pip install email-validator" in caplog.text
