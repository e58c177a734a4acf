"""The browser as a fixture of pytest."""

import os
import pathlib
from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium
from tests.services.service import Missing, find


@pytest.fixture
def browser() -> Iterator[Chromium]:
    try:
        find("chromium")
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    with Chromium() as browser:
        yield browser
    assert not browser.problems, "\n".join(browser.problems)


@pytest.fixture
def pictures(tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(os.environ.get("SCREENSHOTS") or tmp_path)
