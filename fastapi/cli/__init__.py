"""The command ``fastapi``."""

from collections.abc import Callable
from typing import Any

cli_main: Callable[[], Any] | None
try:
    from fastapi.cli.command import main as cli_main
except ImportError:
    cli_main = None


def main() -> None:
    """Run the command.

    Raises:
        RuntimeError: ``typer`` is not installed.
    """
    if cli_main is None:
        message = (
            'To use the fastapi command, please install "fastapi[standard]":\n\n'
            '\tpip install "fastapi[standard]"\n'
        )
        print(message)
        raise RuntimeError(message)
    cli_main()
