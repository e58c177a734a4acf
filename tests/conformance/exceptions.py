"""Every upstream test that is treated differently from the rest, and why. Nothing else changes the suite."""

from typing import Final

PASSED: Final = 3724
"""How many tests pass with FastAPI 0.128.0 itself under the pins of ``requirements.txt``."""

ALONE: Final = {
    "tests/test_tutorial/test_websockets/test_tutorial003.py": (
        "test_websocket_handle_disconnection sends from one event loop to another without waking it, so it "
        "hangs now and then: measured on two cores, 6 of 15 times with FastAPI 0.128.0 and 6 of 15 with this "
        "package. The file runs in a process of its own with a time limit, and anew when it hangs; a test in "
        "it that fails is not tried again."
    ),
}
"""Test file -> why it runs in a process of its own."""

LEFT_OUT: Final[dict[str, dict[str, str]]] = {
    "pinned": {},
    "pydantic": {},
    "starlette": {},
}
"""Variant of the environment -> test that is not counted -> why it cannot pass there."""
