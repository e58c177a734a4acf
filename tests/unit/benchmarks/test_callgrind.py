"""callgrind's files, and the accounts in them."""

from pathlib import Path

import pytest

from benchmarks import callgrind


def test_accounts_are_read_in_their_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        (tmp_path / f"out.{number}").write_text(f"# callgrind format\ntotals: {number * 100}\n")
    (tmp_path / "out").write_text("# callgrind format\ntotals: 7\n")
    assert callgrind.totals(tmp_path) == [100, 200, 1000, 7]


def test_a_file_without_a_total_is_refused() -> None:
    with pytest.raises(ValueError, match="no total"):
        callgrind.total("events: Ir\n")


def test_what_the_driver_costs_is_taken_off() -> None:
    accounts = [9_999, 100, 7, 1_100, 7, 2_100, 9_999]
    assert callgrind.per_request(accounts, scenarios=2, count=10) == [100, 200]


def test_a_wrong_number_of_accounts_is_refused() -> None:
    with pytest.raises(ValueError, match="4 accounts"):
        callgrind.per_request([1, 2, 3, 4], scenarios=1, count=10)
