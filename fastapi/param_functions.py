"""How functions declare their parameters: ``Path()``, ``Query()``, ``Depends()`` and the others.

Each makes an object of the class of the same name in ``fastapi.params`` and is typed ``Any``, so that it can be
the default of a parameter of any type. The options are documented in ``fastapi.params.options``.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from typing_extensions import Unpack

from fastapi import params
from fastapi._compat import Undefined
from fastapi.params.file import FILE_MEDIA_TYPE
from fastapi.params.form import FORM_MEDIA_TYPE
from fastapi.params.options import BodyOptions, FormOptions, HeaderOptions, ParamOptions, declares


@declares(ParamOptions)
def Path(default: Any = ..., **options: Unpack[ParamOptions]) -> Any:
    """Declare a part of the path; it cannot have a default."""
    return params.Path(default, **options)


@declares(ParamOptions)
def Query(default: Any = Undefined, **options: Unpack[ParamOptions]) -> Any:
    """Declare a parameter of the query string."""
    return params.Query(default, **options)


@declares(HeaderOptions)
def Header(default: Any = Undefined, **options: Unpack[HeaderOptions]) -> Any:
    """Declare a header."""
    return params.Header(default, **options)


@declares(ParamOptions)
def Cookie(default: Any = Undefined, **options: Unpack[ParamOptions]) -> Any:
    """Declare a cookie."""
    return params.Cookie(default, **options)


@declares(BodyOptions)
def Body(default: Any = Undefined, **options: Unpack[BodyOptions]) -> Any:
    """Declare the JSON body, or one key of it."""
    return params.Body(default, **options)


@declares(FormOptions, media_type=FORM_MEDIA_TYPE)
def Form(default: Any = Undefined, **options: Unpack[FormOptions]) -> Any:
    """Declare a field of a form."""
    return params.Form(default, **options)


@declares(FormOptions, media_type=FILE_MEDIA_TYPE)
def File(default: Any = Undefined, **options: Unpack[FormOptions]) -> Any:
    """Declare a file of a form: ``bytes`` or ``UploadFile``."""
    return params.File(default, **options)


def Depends(
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Literal["function", "request"] | None = None,
) -> Any:
    """Declare a dependency.

    Args:
        dependency: a callable, which is not to be called here; if omitted, the annotated class.
        use_cache: call it once for a request, however many need it.
        scope: when the part of it after ``yield`` runs: once the endpoint has returned (``"function"``), or
            once the response has been sent (``"request"``, the default).
    """
    return params.Depends(dependency=dependency, use_cache=use_cache, scope=scope)


def Security(
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any:
    """Declare a dependency that needs OAuth2 scopes.

    Args:
        dependency, use_cache: as in ``Depends``.
        scopes: the names that ``SecurityScopes`` will show, and the documentation.
    """
    return params.Security(dependency=dependency, scopes=scopes, use_cache=use_cache)
