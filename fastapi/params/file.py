"""Files in forms."""

from typing import Any, Final

from typing_extensions import Unpack

from fastapi._compat import Undefined
from fastapi.params.form import Form
from fastapi.params.options import FormClassOptions, declares

FILE_MEDIA_TYPE: Final = "multipart/form-data"


class File(Form):  # type: ignore[misc]
    """A file of a form."""

    @declares(FormClassOptions, media_type=FILE_MEDIA_TYPE)
    def __init__(self, default: Any = Undefined, **options: Unpack[FormClassOptions]) -> None:
        options.setdefault("media_type", FILE_MEDIA_TYPE)
        super().__init__(default, **options)
