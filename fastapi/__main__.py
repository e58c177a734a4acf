"""``python -m fastapi`` is the command ``fastapi``."""

from fastapi.cli import main

main()
