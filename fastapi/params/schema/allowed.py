"""The allowed values of an enumeration, checked after a value has been validated as what it is."""

from enum import Enum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


class Allowed:
    """Metadata for ``Annotated``: one of ``values``; members of an ``Enum`` are compared by theirs.

    Unlike ``Literal`` it takes any type, and so ``"1"`` of a query string where 1 is allowed.
    """

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values
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
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        json_schema = handler.resolve_ref_schema(handler(schema))
        return {**json_schema, "enum": list(self.values)}
