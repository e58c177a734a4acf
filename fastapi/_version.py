"""The two versions of this package: the API level it implements, and its own."""

from typing import Final

API_LEVEL: Final = "0.128.0"
"""The FastAPI release whose API and behaviour this package has; shown as ``fastapi.__version__``."""

VERSION: Final = "0.1.0"
"""The version of the distribution ``fastapi-rs``; the same as in ``Cargo.toml``."""
