"""The allowed values of an enumeration, checked after a value has been validated as what it is."""

from enum import Enum
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

_TEXT: Final = core_schema.str_schema()


class Allowed:
    """Metadata for ``Annotated``: one of ``values``; members of an ``Enum`` are compared by theirs.

    Unlike ``Literal`` it takes any type, and so ``"1"`` of a query string where 1 is allowed.
    """

    def __init__(self, values: tuple[Any, ...], *, is_strict: bool = False) -> None:
        self.values = values
        self._is_strict = is_strict
        *most, last = [repr(value) for value in values]
        self._expected = f"{', '.join(most)} or {last}" if most else last

    def __call__(self, value: Any) -> Any:
        """Return ``value``.

        Raises:
            PydanticKnownError: it is not allowed.
        """
        if (value.value if isinstance(value, Enum) else value) not in self.values:
            raise PydanticKnownError("literal_error", {"expected": self._expected})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)
        if inner == _TEXT and not self._is_strict and all(type(value) is str for value in self.values):
            # The same for texts, and the extension knows it. To be strict is no option of it.
            return core_schema.literal_schema(list(self.values))
        return core_schema.no_info_after_validator_function(self, inner)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        json_schema = handler.resolve_ref_schema(handler(schema))
        return {**json_schema, "enum": list(self.values)}
