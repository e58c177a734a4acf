"""The command ``fastapi``, which the package ``fastapi-cli`` provides."""

from collections.abc import Callable
from typing import Any

cli_main: Callable[[], Any] | None
try:
    from fastapi_cli.cli import main as cli_main
except ImportError:
    cli_main = None


def main() -> None:
    """Run the command.

    Raises:
        RuntimeError: ``fastapi-cli`` is not installed.
    """
    if cli_main is None:
        message = (
            'To use the fastapi command, please install "fastapi[standard]":\n\n'
            '\tpip install "fastapi[standard]"\n'
        )
        print(message)
        raise RuntimeError(message)
    cli_main()
