"""The check that forms can be parsed."""

from importlib import import_module
from typing import Any

from fastapi.logger import logger

_REQUIRED = 'Form data requires "python-multipart" to be installed. '

multipart_not_installed_error = (
    f'{_REQUIRED}\nYou can install "python-multipart" with: \n\npip install python-multipart\n'
)

multipart_incorrect_install_error = (
    f'{_REQUIRED}It seems you installed "multipart" instead. \n'
    'You can remove "multipart" with: \n\n'
    "pip uninstall multipart\n\n"
    'And then install "python-multipart" with: \n\n'
    "pip install python-multipart\n"
)


def _found(module: str, name: str) -> Any:
    """Return a name of a module, or ``None`` if either is missing."""
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None


def ensure_multipart_is_installed() -> None:
    """Check that a package which parses multipart forms is installed.

    Raises:
        RuntimeError: there is none, or it is "multipart", which has the same import name as old
            releases of "python-multipart". The message says what to install; it is logged as well.
    """
    # The import name python_multipart is as old as 0.0.13.
    if (_found("python_multipart", "__version__") or "") > "0.0.12":
        return
    if not _found("multipart", "__version__"):
        message = multipart_not_installed_error
    elif not _found("multipart.multipart", "parse_options_header"):
        message = multipart_incorrect_install_error
    else:
        return
    logger.error(message)
    raise RuntimeError(message)
