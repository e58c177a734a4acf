"""The type of e-mail addresses in an OpenAPI document: pydantic's where it can be used."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from fastapi.logger import logger

if TYPE_CHECKING or find_spec("email_validator"):
    from pydantic import EmailStr as EmailStr
else:

    class EmailStr(str):
        """Any text, documented as an e-mail address: stands in where email-validator is not installed."""

        @classmethod
        def validate(cls, v: Any) -> str:
            """Return ``str(v)`` and log that nobody checked it."""
            logger.warning(
                "email-validator not installed, email fields will be treated as str.\n"
                "To install, run: pip install email-validator"
            )
            return str(v)

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], str]]:
            yield cls.validate

        @classmethod
        def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.no_info_plain_validator_function(cls.validate)

        @classmethod
        def __get_pydantic_json_schema__(
            cls, schema: CoreSchema, handler: GetJsonSchemaHandler
        ) -> dict[str, Any]:
            return {"type": "string", "format": "email"}
