"""The encoders of ``jsonable_encoder`` by type: apart from it, so that the types are imported when one is needed."""

import datetime
from collections import deque
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path
from re import Pattern
from types import GeneratorType
from typing import Any
from uuid import UUID

from pydantic.color import Color
from pydantic.networks import AnyUrl, NameEmail
from pydantic.types import SecretBytes, SecretStr

from fastapi._compat import Url
from fastapi.encoders import Encoder, decimal_encoder, generate_encoders_by_class_tuples, isoformat

ENCODERS_BY_TYPE: dict[type[Any], Encoder] = {
    bytes: lambda o: o.decode(),
    Color: str,
    datetime.date: isoformat,
    datetime.datetime: isoformat,
    datetime.time: isoformat,
    datetime.timedelta: lambda td: td.total_seconds(),
    Decimal: decimal_encoder,
    Enum: lambda o: o.value,
    frozenset: list,
    deque: list,
    GeneratorType: list,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Interface: str,
    IPv6Network: str,
    NameEmail: str,
    Path: str,
    Pattern: lambda o: o.pattern,
    SecretBytes: str,
    SecretStr: str,
    set: list,
    UUID: str,
    Url: str,
    AnyUrl: str,
}
"""How values of exactly these types are encoded. Applications change it; it is read on every call."""

encoders_by_class_tuples = generate_encoders_by_class_tuples(ENCODERS_BY_TYPE)
"""How instances of subclasses are encoded; later changes of ``ENCODERS_BY_TYPE`` are not in it."""
