"""Computations."""

import subprocess
import sys

import pytest

from app.utils.data_processing import cpu_intensive_calculation, summarise, summarise_groups


@pytest.mark.parametrize(("below", "count"), [(0, 0), (2, 0), (3, 1), (4, 2), (5, 2), (26, 9), (1000, 168)])
def test_primes_are_counted(below: int, count: int) -> None:
    assert cpu_intensive_calculation(below) == count


def test_values_are_summarised() -> None:
    assert summarise([1, 2, 3, 10]) == {
        "count": 4,
        "min": 1,
        "max": 10,
        "mean": 4,
        "median": 2.5,
        "deviation": pytest.approx(12.5**0.5),
    }


def test_a_group_is_summarised_as_its_values_alone() -> None:
    values, groups = [5.0, 1, 2, 3, 10], ["b", "a", "a", "a", "a"]
    assert summarise_groups(values, groups) == {
        "a": pytest.approx(summarise([1, 2, 3, 10])),
        "b": pytest.approx(summarise([5])),
    }


def test_the_service_starts_without_the_libraries_that_compute() -> None:
    code = "import sys, app.main; sys.exit(' '.join({'numpy', 'pandas'} & set(sys.modules)) or None)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
