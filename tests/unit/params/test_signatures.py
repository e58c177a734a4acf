"""What ``inspect`` and so every editor sees of the parameters."""

import inspect
from typing import Any

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fastapi import param_functions, params
from fastapi.params.options import BodyOptions, defaults_of

FIELD = (
    "title description gt ge lt le min_length max_length pattern regex discriminator strict multiple_of"
    " allow_inf_nan max_digits decimal_places examples example openapi_examples deprecated include_in_schema"
    " json_schema_extra extra"
)
ALIASES = "alias alias_priority validation_alias serialization_alias"
PLAIN = f"default default_factory {ALIASES} {FIELD}"
ORDER = {
    "Path": PLAIN,
    "Query": PLAIN,
    "Cookie": PLAIN,
    "Header": f"default default_factory {ALIASES} convert_underscores {FIELD}",
    "Body": f"default default_factory embed media_type {ALIASES} {FIELD}",
    "Form": f"default default_factory media_type {ALIASES} {FIELD}",
    "File": f"default default_factory media_type {ALIASES} {FIELD}",
}
UNSET = set(
    "default_factory alias_priority strict multiple_of allow_inf_nan max_digits decimal_places".split()
)


@pytest.mark.parametrize("name", ORDER)
def test_a_function_shows_every_option_in_order(name: str) -> None:
    assert " ".join(inspect.signature(getattr(param_functions, name)).parameters) == ORDER[name]


@pytest.mark.parametrize("name", ORDER)
def test_a_class_shows_the_options_of_its_function_and_the_annotation(name: str) -> None:
    names = list(inspect.signature(getattr(params, name)).parameters)
    names.remove("annotation")
    assert " ".join(names) == ORDER[name]
    assert "__init__" in vars(getattr(params, name))


@pytest.mark.parametrize("module", [param_functions, params])
@pytest.mark.parametrize("name", ORDER)
def test_only_the_default_is_positional(module: Any, name: str) -> None:
    first, *keywords, extra = inspect.signature(getattr(module, name)).parameters.values()
    assert first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {parameter.kind for parameter in keywords} == {inspect.Parameter.KEYWORD_ONLY}
    assert extra.kind is inspect.Parameter.VAR_KEYWORD


@pytest.mark.parametrize("name", ORDER)
def test_defaults_are_shown(name: str) -> None:
    shown = {p.name: p.default for p in inspect.signature(getattr(param_functions, name)).parameters.values()}
    assert shown["default"] is (... if name == "Path" else PydanticUndefined)
    assert {option for option, default in shown.items() if default is PydanticUndefined} - {"default"} == {
        *UNSET,
        "example",
    }
    assert shown["include_in_schema"] is True
    assert shown["title"] is None


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("Body", "application/json"),
        ("Form", "application/x-www-form-urlencoded"),
        ("File", "multipart/form-data"),
    ],
)
def test_the_media_type_shown_is_the_one_used(name: str, media_type: str) -> None:
    for module in (params, param_functions):
        declared = getattr(module, name)
        assert inspect.signature(declared).parameters["media_type"].default == media_type
        assert declared().media_type == media_type
        assert declared(media_type="text/x").media_type == "text/x"


def test_an_annotation_is_shown_with_what_it_is_deprecated_by() -> None:
    regex = inspect.signature(param_functions.Query).parameters["regex"].annotation
    assert regex.__metadata__[0].message.startswith("Deprecated in FastAPI 0.100.0")


def test_defaults_of_options_are_in_order() -> None:
    assert list(defaults_of(BodyOptions))[:3] == ["default_factory", "embed", "media_type"]


@pytest.mark.parametrize("name", [*ORDER, "Param", "ParamTypes", "Depends", "Security"])
def test_classes_live_in_the_package(name: str) -> None:
    assert getattr(params, name).__module__ == "fastapi.params"


def test_the_classes_descend_from_each_other_as_ever() -> None:
    assert params.Param.__bases__ == params.Body.__bases__ == (FieldInfo,)
    assert params.File.__bases__ == (params.Form,)
    assert params.Form.__bases__ == (params.Body,)
    for name in ("Path", "Query", "Header", "Cookie"):
        assert getattr(params, name).__bases__ == (params.Param,)
        assert getattr(params, name).in_ is params.ParamTypes[name.lower()]


def test_dependencies_show_their_arguments() -> None:
    assert str(inspect.signature(params.Security)).startswith(
        "(dependency: collections.abc.Callable[..., typing.Any] | None = None, use_cache: bool = True, scope:"
    )
    assert list(inspect.signature(params.Security).parameters) == [
        "dependency",
        "use_cache",
        "scope",
        "scopes",
    ]
    assert list(inspect.signature(param_functions.Depends).parameters) == ["dependency", "use_cache", "scope"]
    assert list(inspect.signature(param_functions.Security).parameters) == [
        "dependency",
        "scopes",
        "use_cache",
    ]
