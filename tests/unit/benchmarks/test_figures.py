"""Ratios compare what was measured in the same round."""

import pytest

from benchmarks.figures import Sample, changes, ratio, summary
from benchmarks.wrk import Load


def test_a_sample_is_cpu_time_per_request() -> None:
    sample = Sample.of(Load(requests=1000, seconds=2, p50=1.0, p99=3.0), cpu_seconds=0.05)
    assert (sample.cpu_us, sample.rps) == (pytest.approx(50), pytest.approx(500))


def test_no_request_is_no_sample() -> None:
    with pytest.raises(ValueError, match="not one request"):
        Sample.of(Load(requests=0, seconds=2, p50=0, p99=0), cpu_seconds=1)


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    # A disturbed round makes both slower and leaves the ratio.
    assert ratio([80, 160, 80], [40, 80, 20]) == 2


@pytest.mark.parametrize(
    ("reference", "measured", "reason"),
    [([1.0], [1.0, 2.0], "rounds"), ([], [], "rounds"), ([1.0], [0.0], "no use at all")],
)
def test_what_cannot_be_compared_is_refused(
    reference: list[float], measured: list[float], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        ratio(reference, measured)


def test_a_summary_has_medians_and_every_round() -> None:
    reference = [Sample(100, 1000, 5, 9), Sample(120, 900, 6, 9), Sample(110, 950, 7, 9)]
    found = summary([Sample(50, 2000, 2, 4), Sample(60, 1800, 3, 5), Sample(55, 1900, 4, 6)], reference)
    assert (found["ratio"], found["cpu_us"], found["rps"]) == (2.0, 55, 1900)
    assert (found["p50_ms"], found["p99_ms"]) == (3, 5)
    assert isinstance(found["rounds"], list)
    assert len(found["rounds"]) == 3


def test_only_what_moved_by_more_than_a_tenth_is_a_change() -> None:
    before = {"S1": {"ours": 2.0, "native": 5.0}, "S2": {"ours": 3.0}}
    after = {"S1": {"ours": 1.7, "native": 5.4}, "S2": {"ours": 3.4}, "S3": {"ours": 1.0}}
    assert changes(before, after) == [("S1", "ours", 2.0, 1.7), ("S2", "ours", 3.0, 3.4)]
