"""The body of a request."""

from typing import TYPE_CHECKING, Any

from pydantic.fields import FieldInfo
from typing_extensions import Unpack

from fastapi._compat import Undefined
from fastapi.params.base import field_arguments, show
from fastapi.params.options import BodyClassOptions, declares

if TYPE_CHECKING:
    from fastapi.openapi.example import Example
    from fastapi.params.schema.factory import Source


class Body(FieldInfo):  # type: ignore[misc]
    """The JSON body, or one key of it where several parameters share it.

    Args:
        default: the default value; without one, or with ``...``, the parameter is required.
        options: see ``fastapi.params.options``; unknown ones go to the JSON schema.

    Raises:
        TypeError: there is a default and a factory for it.
    """

    source: "Source | None" = None
    """Where in the schema file it was declared, if it was."""

    @declares(BodyClassOptions)
    def __init__(self, default: Any = Undefined, **options: Unpack[BodyClassOptions]) -> None:
        self.embed = options.pop("embed", None)
        self.media_type = options.pop("media_type", "application/json")
        self.example: Any = options.get("example", Undefined)
        self.include_in_schema = options.get("include_in_schema", True)
        self.openapi_examples: dict[str, Example] | None = options.get("openapi_examples")
        super().__init__(**field_arguments(default, options))

    __repr__ = show
