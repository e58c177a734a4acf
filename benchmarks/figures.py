"""From samples to figures: medians over rounds, and ratios of what was measured side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from .wrk import Load


@dataclass(frozen=True)
class Sample:
    """One door, one scenario, one round. ``cpu_us`` is server CPU time per request in microseconds, ``p50`` and ``p99``
    are milliseconds."""

    cpu_us: float
    rps: float
    p50: float
    p99: float

    @classmethod
    def of(cls, load: Load, cpu_seconds: float) -> "Sample":
        """Raises ``ValueError`` if no request was answered."""
        if not load.requests:
            raise ValueError("not one request was answered")
        return cls(cpu_seconds / load.requests * 1e6, load.requests / load.seconds, load.p50, load.p99)


def ratio(reference: Sequence[float], measured: Sequence[float]) -> float:
    """Return how many times less was used than by the reference.

    The samples of a round are taken one after the other, so noise that lasts longer than a round cancels: the median of
    the rounds' ratios, not the ratio of the medians.

    Raises:
        ValueError: the rounds of the two do not match, or nothing was used at all.
    """
    if len(reference) != len(measured) or not reference:
        raise ValueError(f"{len(reference)} rounds of the reference, {len(measured)} of the other")
    if min(measured) <= 0:
        raise ValueError("a measurement shows no use at all: measure for longer")
    return median(a / b for a, b in zip(reference, measured, strict=True))


def summary(samples: Sequence[Sample], reference: Sequence[Sample]) -> dict[str, object]:
    """Return the figures of a door in a scenario."""
    return {
        "ratio": round(ratio([one.cpu_us for one in reference], [one.cpu_us for one in samples]), 3),
        "cpu_us": round(median(one.cpu_us for one in samples), 2),
        "rps": round(median(one.rps for one in samples)),
        "p50_ms": round(median(one.p50 for one in samples), 3),
        "p99_ms": round(median(one.p99 for one in samples), 3),
        "rounds": [{key: round(value, 3) for key, value in asdict(one).items()} for one in samples],
    }


def changes(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]], least: float = 0.1
) -> list[tuple[str, str, float, float]]:
    """Return what moved by more than ``least`` (a fraction): scenario, door, ratio before, ratio after."""
    return [
        (scenario, door, old, new)
        for scenario, doors in after.items()
        for door, new in doors.items()
        if (old := before.get(scenario, {}).get(door)) and abs(new / old - 1) > least
    ]
