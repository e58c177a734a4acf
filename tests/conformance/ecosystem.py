"""Libraries on top of FastAPI whose own tests run too: those that wrap, patch or subclass it and ship them."""

import pathlib
from typing import Final

from suite import Suite

PINS: Final = pathlib.Path(__file__).resolve().parent / "ecosystem.txt"
"""One environment for all of them; pinned as their releases of early 2026 resolve beside FastAPI 0.128.0."""

UNCONFIGURED: Final = ("-c", "pyproject.toml")
"""For a suite without a configuration of pytest, which would take that of a folder above."""

LIBRARIES: Final = (
    Suite(
        "authx", "1.5.1", "43c370d62fbe5b32167859cb988366856666f6cc2892ddf9715f1dfe660520d9", passed=273,
        tests=("tests",),
    ),
    Suite(
        "cadwyn", "6.0.2", "392771838f0cb0a2e7de0d85359d8ec32157282353647986641a5101d8716558", passed=335,
        tests=("tests",),
    ),
    Suite(
        "dishka", "1.8.0", "15bad7d0a671b547a81e59188769d8b676918404f349b70664225574e4f27701", passed=30,
        tests=("tests/integrations/fastapi", "tests/integrations/starlette"),
        # Its integration with Starlette has moved to a package of its own.
        options=(*UNCONFIGURED, "-W", "ignore::DeprecationWarning"),
    ),
    Suite(
        "fastapi_class", "3.7.0", "0f36cab68c30661008ae8c210e8ba27f78d1df127591fc65c2623c16c28cb3e8", passed=43,
        tests=("tests",), options=UNCONFIGURED,
    ),
    Suite(
        "fastapi_users", "15.0.3", "94b24f8889b51ca3d8da92a88bced2bca2764cb1dd21c7d6d838890ff57b6472", passed=588,
        tests=("tests",),
    ),
    Suite(
        "opentelemetry_instrumentation_fastapi", "0.60b1",
        "de608955f7ff8eecf35d056578346a5365015fd7d8623df9b1f08d1c74769c01", passed=97, tests=("tests",),
        options=UNCONFIGURED,
    ),
    Suite(
        "svcs", "25.1.0", "64dd74d0c4e8fee79a9ac7550a9d824670b228df390ba1911614e29b59b3f2c2", passed=9,
        tests=("tests/integrations/test_fastapi.py", "tests/integrations/test_starlette.py"),
    ),
    Suite(
        "wireup", "2.7.1", "cf3913ac32a92eec43e7d8dd72e917ee8ecaa3732d445417c9a835b27d1f4aa7", passed=40,
        tests=("test/integration/fastapi", "test/integration/starlette"),
    ),
)  # fmt: skip
