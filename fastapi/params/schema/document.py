"""The format of a params schema file, as models. Their JSON Schema is published as ``params-schema.json``."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr
from pydantic.json_schema import GenerateJsonSchema

TypeName = Literal[
    "string", "integer", "number", "boolean", "uuid", "date", "datetime", "decimal", "enum", "array", "object"
]
ItemTypeName = Literal[
    "string", "integer", "number", "boolean", "uuid", "date", "datetime", "decimal", "enum"
]
Bound = StrictInt | StrictFloat | StrictStr
Length = Annotated[int, Field(ge=0)]

_BOUND: Final = "dates, times and exact decimals are written as text"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Constraints(_Part):
    """What a value must satisfy."""

    gt: Bound | None = Field(None, description=f"The value is greater; {_BOUND}.")
    ge: Bound | None = Field(None, description=f"The value is greater or equal; {_BOUND}.")
    lt: Bound | None = Field(None, description=f"The value is less; {_BOUND}.")
    le: Bound | None = Field(None, description=f"The value is less or equal; {_BOUND}.")
    multiple_of: Bound | None = Field(None, description="The value is a multiple of this.")
    allow_inf_nan: bool | None = Field(None, description="Whether infinity and NaN are numbers.")
    max_digits: Length | None = Field(None, description="How many digits a decimal has at most.")
    decimal_places: Length | None = Field(None, description="How many of them follow the point at most.")
    min_length: Length | None = Field(None, description="How many characters or items there are at least.")
    max_length: Length | None = Field(None, description="How many characters or items there are at most.")
    pattern: str | None = Field(
        None, description="A regular expression, in the syntax of Rust's regex, that is found in the text."
    )
    strict: bool | None = Field(None, description="Whether pydantic converts nothing.")
    values: Annotated[list[StrictStr | StrictInt | StrictFloat], Field(min_length=1)] | None = Field(
        None, description="The allowed values, of one kind; for the type enum."
    )


class Items(Constraints):
    """The items of an array."""

    type: ItemTypeName = Field(description="The type of each item.")


class Declaration(Constraints):
    """One parameter."""

    type: TypeName = Field(description="The type of the value.")
    items: Items | None = Field(None, description="What the items are; for the type array, which needs it.")
    default: Any = Field(None, description="The value where there is none; without it, it is required.")
    alias: str | None = Field(None, description="The name outside Python, where it is another.")
    alias_priority: int | None = Field(None, description="Which of several aliases counts, as in pydantic.")
    validation_alias: str | None = Field(None, description="The alias for requests only.")
    serialization_alias: str | None = Field(None, description="The alias for what is written only.")
    title: str | None = Field(None, description="A title for the documentation.")
    description: str | None = Field(None, description="A description for the documentation.")
    regex: str | None = Field(None, description="The deprecated name of pattern.")
    discriminator: str | None = Field(None, description="The field that tells the models of a union apart.")
    examples: list[Any] | None = Field(None, description="Examples for the JSON Schema.")
    example: Any = Field(None, description="The deprecated form of examples.")
    openapi_examples: dict[str, dict[str, Any]] | None = Field(
        None, description="Named examples of OpenAPI: summary, description, value, externalValue."
    )
    deprecated: bool | str | None = Field(None, description="Whether it should no longer be used, or why.")
    include_in_schema: bool = Field(True, description="Whether the documentation mentions it.")
    json_schema_extra: dict[str, Any] | None = Field(None, description="More keys for its JSON Schema.")


class PathDeclaration(Declaration):
    """A part of the path. It is always there and takes no default."""

    in_: Literal["path"] = Field(alias="in", description="Where the parameter is.")


class QueryDeclaration(Declaration):
    """A parameter of the query string."""

    in_: Literal["query"] = Field(alias="in", description="Where the parameter is.")


class HeaderDeclaration(Declaration):
    """A header."""

    in_: Literal["header"] = Field(alias="in", description="Where the parameter is.")
    convert_underscores: bool = Field(True, description="Write hyphens for the underscores of its name.")


class CookieDeclaration(Declaration):
    """A cookie."""

    in_: Literal["cookie"] = Field(alias="in", description="Where the parameter is.")


class FormDeclaration(Declaration):
    """A field of a form."""

    in_: Literal["form"] = Field(alias="in", description="Where the parameter is.")
    media_type: str = Field(
        "application/x-www-form-urlencoded", description="What the documentation says of the body."
    )


class FileDeclaration(Declaration):
    """A file of a form: the type is string, or array of string for several."""

    in_: Literal["file"] = Field(alias="in", description="Where the parameter is.")
    media_type: str = Field("multipart/form-data", description="What the documentation says of the body.")


class BodyDeclaration(Declaration):
    """The JSON body, or one key of it."""

    in_: Literal["body"] = Field(alias="in", description="Where the parameter is.")
    embed: bool | None = Field(None, description="Expect it under its name in an object, even when alone.")
    media_type: str = Field("application/json", description="What the documentation says of the body.")


AnyDeclaration = Annotated[
    PathDeclaration
    | QueryDeclaration
    | HeaderDeclaration
    | CookieDeclaration
    | FormDeclaration
    | FileDeclaration
    | BodyDeclaration,
    Field(discriminator="in_"),
]

DECLARATIONS: Final[dict[str, type[Declaration]]] = {
    "path": PathDeclaration,
    "query": QueryDeclaration,
    "header": HeaderDeclaration,
    "cookie": CookieDeclaration,
    "form": FormDeclaration,
    "file": FileDeclaration,
    "body": BodyDeclaration,
}


class Reference(BaseModel):
    """A definition by its name; fields beside it replace the definition's."""

    model_config = ConfigDict(extra="allow")

    ref: str = Field(alias="$ref", pattern="^#/definitions/.+", description="#/definitions/NAME")


class Endpoint(_Part):
    """The parameters of one endpoint."""

    params: dict[str, AnyDeclaration | Reference] = Field(
        {}, description="The parameters by the names that they have in Python."
    )


class Document(_Part):
    """A params schema file."""

    version: Literal[1] = Field(description="The version of the format.")
    definitions: dict[str, AnyDeclaration | Reference] = Field(
        {}, description='Parameters to refer to: {$ref: "#/definitions/NAME"}.'
    )
    endpoints: dict[str, Endpoint] = Field(
        {}, description='Endpoints by the names of their functions, or as "GET /items".'
    )


class _WithoutTitles(GenerateJsonSchema):
    """The names of fields say as much as the titles that pydantic makes of them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> dict[str, Any]:
    """Make the JSON Schema of the format, in JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Document.model_json_schema(schema_generator=_WithoutTitles),
    }
