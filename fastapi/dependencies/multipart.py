"""The check that forms can be parsed."""

from typing import NoReturn

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


def _refuse(message: str) -> NoReturn:
    logger.error(message)
    raise RuntimeError(message) from None


def ensure_multipart_is_installed() -> None:
    """Check that a package which parses multipart forms is installed.

    Raises:
        RuntimeError: there is none, or it is "multipart", which has the same import name as old
            releases of "python-multipart". The message says what to install; it is logged as well.
    """
    try:
        from python_multipart import __version__ as version

        # The import name python_multipart is as old as 0.0.13.
        if version > "0.0.12":
            return
    except ImportError:
        pass
    try:
        from multipart import __version__ as _version  # noqa: F401
    except ImportError:
        _refuse(multipart_not_installed_error)
    try:
        from multipart.multipart import parse_options_header as _parse  # noqa: F401
    except ImportError:
        _refuse(multipart_incorrect_install_error)
