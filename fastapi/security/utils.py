"""Parts of the work with credentials that hold no state."""

import hmac
from typing import AnyStr

from fastapi import _rust


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """Split the value of an ``Authorization`` header at its first space.

    Returns:
        The scheme as it was sent and what follows it; empty texts for what is missing.
    """
    accepted = _rust.authorization_scheme_param(authorization_header_value)
    if accepted is not None:
        return accepted
    # The slow twin.
    scheme, _, param = (authorization_header_value or "").partition(" ")
    return scheme, param


def constant_time_compare(a: AnyStr, b: AnyStr) -> bool:
    """Tell whether two secrets are equal, in a time that does not depend on where they differ.

    The semantics are those of ``secrets.compare_digest``.

    Args:
        a, b: two texts of ASCII characters, or two of bytes.

    Raises:
        TypeError: one is a text and the other is not, or a text has characters beyond ASCII.
    """
    accepted = _rust.constant_time_compare(a, b)
    if accepted is not None:
        return accepted
    # The slow twin.
    return hmac.compare_digest(a, b)
