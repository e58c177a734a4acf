"""The keyword options of parameters: declared once, shown by every signature that takes them.

Each annotation of the ``TypedDict`` classes below carries the default as the last item of its ``Annotated``.
The groups joined to ``QueryOptions`` and so on are in the order of the signatures, which ``declares`` makes.
"""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, TypeVar

from pydantic import AliasChoices, AliasPath
from typing_extensions import deprecated as deprecated_by

from fastapi._compat import Undefined

if TYPE_CHECKING:
    from fastapi.openapi.example import Example

_REGEX_DEPRECATED = deprecated_by("Deprecated in FastAPI 0.100.0 and Pydantic v2, use `pattern` instead.")
_EXAMPLE_DEPRECATED = deprecated_by(
    "Deprecated in OpenAPI 3.1.0 that now uses JSON Schema 2020-12, although still supported. "
    "Use examples instead."
)

Function = TypeVar("Function", bound=Callable[..., Any])


class DefaultOptions(TypedDict, total=False):
    """``default_factory``: called without arguments for the value of a parameter that is missing."""

    default_factory: Annotated[Callable[[], Any] | None, Undefined]


class AnnotationOptions(TypedDict, total=False):
    """``annotation``: the type, where it is not read off a function."""

    annotation: Annotated[Any | None, None]


class EmbedOptions(TypedDict, total=False):
    """``embed``: expect even a single body parameter under its name in a JSON object."""

    embed: Annotated[bool | None, None]


class MediaTypeOptions(TypedDict, total=False):
    """``media_type``: what the documentation says of the body; it decides nothing about a request."""

    media_type: Annotated[str, "application/json"]


class AliasOptions(TypedDict, total=False):
    """``alias``: the name outside Python, where it is not the same; the others are as in pydantic."""

    alias: Annotated[str | None, None]
    alias_priority: Annotated[int | None, Undefined]
    validation_alias: Annotated[str | AliasPath | AliasChoices | None, None]
    serialization_alias: Annotated[str | None, None]


class UnderscoreOptions(TypedDict, total=False):
    """``convert_underscores``: write hyphens for the underscores of the name, as in ``user-agent``."""

    convert_underscores: Annotated[bool, True]


class FieldOptions(TypedDict, total=False):
    """Constraints on numbers (``gt``, ``ge``, ``lt``, ``le``, ``multiple_of``, ``allow_inf_nan``,
    ``max_digits``, ``decimal_places``), lengths, a regular expression, and words for the documentation.

    ``openapi_examples``: named examples of OpenAPI itself, besides the ``examples`` of the JSON schema.
    ``include_in_schema``: whether the documentation mentions the parameter.
    ``json_schema_extra``: more keys for its JSON schema; unknown options are taken as such, too.
    """

    title: Annotated[str | None, None]
    description: Annotated[str | None, None]
    gt: Annotated[float | None, None]
    ge: Annotated[float | None, None]
    lt: Annotated[float | None, None]
    le: Annotated[float | None, None]
    min_length: Annotated[int | None, None]
    max_length: Annotated[int | None, None]
    pattern: Annotated[str | None, None]
    regex: Annotated[str | None, _REGEX_DEPRECATED, None]
    discriminator: Annotated[str | None, None]
    strict: Annotated[bool | None, Undefined]
    multiple_of: Annotated[float | None, Undefined]
    allow_inf_nan: Annotated[bool | None, Undefined]
    max_digits: Annotated[int | None, Undefined]
    decimal_places: Annotated[int | None, Undefined]
    examples: Annotated[list[Any] | None, None]
    example: Annotated[Any | None, _EXAMPLE_DEPRECATED, Undefined]
    openapi_examples: Annotated[dict[str, "Example"] | None, None]
    deprecated: Annotated[deprecated_by | str | bool | None, None]
    include_in_schema: Annotated[bool, True]
    json_schema_extra: Annotated[dict[str, Any] | None, None]


class ParamOptions(DefaultOptions, AliasOptions, FieldOptions, total=False):
    """What ``fastapi.Path``, ``Query`` and ``Cookie`` take."""


class HeaderOptions(DefaultOptions, AliasOptions, UnderscoreOptions, FieldOptions, total=False):
    """What ``fastapi.Header`` takes."""


class FormOptions(DefaultOptions, MediaTypeOptions, AliasOptions, FieldOptions, total=False):
    """What ``fastapi.Form`` and ``File`` take."""


class BodyOptions(DefaultOptions, EmbedOptions, MediaTypeOptions, AliasOptions, FieldOptions, total=False):
    """What ``fastapi.Body`` takes."""


class ParamClassOptions(DefaultOptions, AnnotationOptions, AliasOptions, FieldOptions, total=False):
    """What the classes of parameters in the path, the query and cookies take."""


class HeaderClassOptions(
    DefaultOptions, AnnotationOptions, AliasOptions, UnderscoreOptions, FieldOptions, total=False
):
    """What the class of headers takes."""


class FormClassOptions(
    DefaultOptions, AnnotationOptions, MediaTypeOptions, AliasOptions, FieldOptions, total=False
):
    """What the classes of form fields and files take."""


class BodyClassOptions(
    DefaultOptions, AnnotationOptions, EmbedOptions, MediaTypeOptions, AliasOptions, FieldOptions, total=False
):
    """What the class of bodies takes."""


def defaults_of(options: type[Any]) -> dict[str, Any]:
    """The options of a ``TypedDict`` above, in order, with their defaults."""
    return {name: hint.__metadata__[-1] for name, hint in options.__annotations__.items()}


def declares(options: type[Any], **defaults: Any) -> Callable[[Function], Function]:
    """Give ``function(default, **options)`` the signature that spells its options out.

    Args:
        options: one of the ``TypedDict`` classes above.
        defaults: those that differ from the declared ones.
    """
    declared = {**defaults_of(options), **defaults}

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        *leading, _ = signature.parameters.values()
        keywords = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation=options.__annotations__[name],
            )
            for name, default in declared.items()
        ]
        extra = inspect.Parameter("extra", inspect.Parameter.VAR_KEYWORD, annotation=Any)
        function.__signature__ = signature.replace(parameters=[*leading, *keywords, extra])  # type: ignore[attr-defined]
        return function

    return decorate
