"""The conformance harness: it runs every test file once, and only against the distribution it was told."""

import os
import pathlib
import subprocess
import sys

import pytest

HARNESS = pathlib.Path(__file__).resolve().parents[2] / "conformance"


def python(*arguments: str | pathlib.Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python where the modules of the harness can be imported."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(HARNESS), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_test_file_goes_to_one_worker(tmp_path: pathlib.Path, workers: int) -> None:
    for number in range(4):
        file = tmp_path / f"tests/part{number}/test_{number}.py"
        file.parent.mkdir(parents=True)
        file.write_text("def test_it(): pass\n" * number)
    (tmp_path / "tests/utils.py").touch()
    script = f"import pathlib, suite; print(*suite.share_out(pathlib.Path({str(tmp_path)!r}), {workers}))"
    shares = python("-c", script).stdout
    assert shares.count("[") == workers
    assert [shares.count(f"tests/part{number}/test_{number}.py") for number in range(4)] == [1] * 4
    assert "utils" not in shares


def test_a_process_stops_when_fastapi_is_not_the_distribution_under_test(tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n")
    done = python(
        "-m", "pytest", "-p", "witness", "-p", "no:cacheprovider", tmp_path,
        CONFORMANCE_DISTRIBUTION="another", CONFORMANCE_REPORT=str(tmp_path / "report.json"),
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "not from another" in done.stderr
    assert not (tmp_path / "report.json").exists()


def test_the_libraries_that_are_installed_are_those_whose_tests_run() -> None:
    script = "import ecosystem; print(*(f'{each.package}=={each.release}' for each in ecosystem.LIBRARIES), sep='\\n')"
    tested = python("-c", script).stdout.replace("_", "-").split()
    installed = (HARNESS / "ecosystem.txt").read_text().split()
    assert tested
    assert set(tested) <= set(installed)
    assert not any(line.startswith("fastapi==") for line in installed)
