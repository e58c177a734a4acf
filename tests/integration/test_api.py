"""The public names of the package, against those that FastAPI 0.128.0 has."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_nothing_of_the_public_api_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests/conformance/api.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "0 missing", done.stdout + done.stderr
