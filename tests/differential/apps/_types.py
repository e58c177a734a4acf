"""The scalar types that a parameter can have, and the styles in which one can be declared."""

import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal, Optional, Union

from annotated_types import Ge, Len, MinLen
from pydantic import (
    AfterValidator,
    AnyUrl,
    BeforeValidator,
    ByteSize,
    EmailStr,
    Field,
    HttpUrl,
    Json,
    NonNegativeInt,
    PositiveFloat,
    SecretStr,
    StrictBool,
    StrictInt,
    StringConstraints,
)


class Color(str, enum.Enum):
    RED = "red"
    GREEN = "green"


class Size(enum.Enum):
    SMALL = "small"
    LARGE = 7


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Permission(enum.IntFlag):
    READ = 1
    WRITE = 2


class Token(str):
    """A subclass of ``str`` that pydantic does not know."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("not even")
    return value


def _checked(value: str) -> str:
    assert value != "bad", "must not be bad"
    return value


SCALARS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
    "decimal": decimal.Decimal,
    "uuid": uuid.UUID,
    "date": datetime.date,
    "datetime": datetime.datetime,
    "time": datetime.time,
    "timedelta": datetime.timedelta,
    "str_enum": Color,
    "plain_enum": Size,
    "int_enum": Level,
    "int_flag": Permission,
    "literal": Literal["a", "b"],
    "int_literal": Literal[1, 2],
    "mixed_literal": Literal["a", 1, True, None],
    "enum_literal": Literal[Color.RED, "blue"],
    "any": Any,
    "int_or_str": Union[int, str],
    "str_or_int": Union[str, int],
    "float_or_bool": float | bool,
    "date_or_datetime": datetime.date | datetime.datetime,
    "uuid_or_int": uuid.UUID | int,
    "path": pathlib.Path,
    "ipv4": ipaddress.IPv4Address,
    "ip_network": ipaddress.IPv4Network | ipaddress.IPv6Network,
    "regex": re.Pattern,
    "email": EmailStr,
    "url": AnyUrl,
    "http_url": HttpUrl,
    "secret": SecretStr,
    "byte_size": ByteSize,
    "json": Json[int],
    "strict_int": StrictInt,
    "strict_bool": StrictBool,
    "non_negative": NonNegativeInt,
    "positive_float": PositiveFloat,
    "even": Annotated[int, AfterValidator(_even)],
    "stripped": Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=2)],
    "checked": Annotated[str, AfterValidator(_checked)],
    "before": Annotated[
        int, BeforeValidator(lambda value: value.strip("#") if isinstance(value, str) else value)
    ],
    "field": Annotated[int, Field(ge=2, le=9)],
    "annotated_ge": Annotated[int, Ge(3)],
    "annotated_len": Annotated[str, Len(2, 4)],
    "annotated_min_len": Annotated[str, MinLen(3)],
    "custom": Token,
}

DEFAULTS: dict[str, Any] = {
    "str": "x",
    "int": 3,
    "float": 1.5,
    "bool": True,
    "decimal": decimal.Decimal("1.10"),
    "uuid": uuid.UUID(int=5),
    "date": datetime.date(2024, 2, 29),
    "datetime": datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc),
    "timedelta": datetime.timedelta(hours=36),
    "str_enum": Color.GREEN,
    "plain_enum": Size.LARGE,
    "int_enum": Level.HIGH,
    "literal": "b",
    "int_or_str": 4,
    "path": pathlib.Path("/tmp"),
    "secret": SecretStr("hidden"),
    "field": 1,
}


def shown(value: Any) -> dict[str, Any]:
    """Return a value so that nothing about its type is lost in JSON."""
    return {"type": type(value).__name__, "value": repr(value)}


def declare(get: Callable[..., Any], parameter: Callable[..., Any], prefix: str = "") -> None:
    """Declare every scalar in every style, with ``parameter`` as ``Query``, ``Header`` or ``Cookie``."""
    for name, scalar in SCALARS.items():

        @get(f"{prefix}/required/{name}")
        def required(value: Annotated[scalar, parameter()]):
            return shown(value)

        @get(f"{prefix}/optional/{name}")
        async def optional(value: Annotated[Optional[scalar], parameter()] = None):
            return shown(value)

    for name, default in DEFAULTS.items():

        @get(f"{prefix}/default/{name}")
        def defaulted(value: Annotated[SCALARS[name], parameter(description="Has a default")] = default):
            return shown(value)

        @get(f"{prefix}/old/{name}")
        async def old(value: SCALARS[name] = parameter(default, alias="other-name", title="Old")):
            return shown(value)
