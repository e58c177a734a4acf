"""Computations that keep a processor busy; plain functions, so that other processes can import them.

NumPy and pandas are imported by who uses them: loading them takes a second and much memory, and only the processes that
compute should pay that.
"""

import math
from collections.abc import Sequence


def cpu_intensive_calculation(iterations: int) -> int:
    """How many primes are smaller than ``iterations``."""
    if iterations < 3:
        return 0
    sieve = bytearray([1]) * iterations
    sieve[0:2] = b"\0\0"
    for number in range(2, math.isqrt(iterations - 1) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, iterations, number)))
    return sum(sieve)


def summarise(values: Sequence[float]) -> dict[str, float]:
    """Count, least, greatest, mean, median and deviation of at least one value."""
    import numpy

    numbers = numpy.asarray(values, dtype=float)
    return {
        "count": len(numbers),
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "mean": float(numbers.mean()),
        "median": float(numpy.median(numbers)),
        "deviation": float(numbers.std()),
    }


def summarise_groups(values: Sequence[float], groups: Sequence[str]) -> dict[str, dict[str, float]]:
    """The same for the values of each group; ``groups`` names the group of each value."""
    import pandas

    rows = pandas.DataFrame({"group": groups, "value": values}).groupby("group")["value"]
    table = rows.agg(["count", "min", "max", "mean", "median"])
    table["deviation"] = rows.std(ddof=0)
    return {str(group): dict(zip(table.columns, row, strict=True)) for group, *row in table.itertuples()}
