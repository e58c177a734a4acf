"""Response content as plain data, for the libraries that ask for it."""

import dataclasses
from typing import Any

from pydantic import BaseModel


def _prepare_response_content(
    res: Any, *, exclude_unset: bool, exclude_defaults: bool = False, exclude_none: bool = False
) -> Any:
    """Return ``res`` with every model and dataclass in it, in lists and dicts too, turned into a dict.

    Nothing here calls it: FastAPI dropped it before 0.128, extensions written for older releases import it.
    """
    options: dict[str, Any] = {
        "exclude_unset": exclude_unset,
        "exclude_defaults": exclude_defaults,
        "exclude_none": exclude_none,
    }
    if isinstance(res, BaseModel):
        return res.model_dump(by_alias=True, **options)
    if isinstance(res, list):
        return [_prepare_response_content(item, **options) for item in res]
    if isinstance(res, dict):
        return {key: _prepare_response_content(value, **options) for key, value in res.items()}
    if dataclasses.is_dataclass(res) and not isinstance(res, type):
        return dataclasses.asdict(res)
    return res
