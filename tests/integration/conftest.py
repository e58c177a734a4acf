"""What tests of whole processes share."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import certificates as certificates
from tests.integration.running import Running, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the command `fastapi` in `tmp_path`, and ends what was started."""
    started: list[Running] = []

    def start(*arguments: str, pass_fds: tuple[int, ...] = ()) -> Running:
        started.append(Running(list(arguments), tmp_path, pass_fds=pass_fds))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.terminate()
            try:
                running.process.wait(10)
            except subprocess.TimeoutExpired:
                running.process.kill()
                running.process.wait(10)
        running.close()
