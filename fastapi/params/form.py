"""Fields of forms."""

from typing import Any, Final

from typing_extensions import Unpack

from fastapi._compat import Undefined
from fastapi.params.body import Body
from fastapi.params.options import FormClassOptions, declares

FORM_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class Form(Body):  # type: ignore[misc]
    """A field of a form."""

    @declares(FormClassOptions, media_type=FORM_MEDIA_TYPE)
    def __init__(self, default: Any = Undefined, **options: Unpack[FormClassOptions]) -> None:
        options.setdefault("media_type", FORM_MEDIA_TYPE)
        super().__init__(default, **options)
