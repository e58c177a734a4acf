"""Computations that keep a processor busy; plain functions, so that other processes can import them."""

import math
import statistics
from collections.abc import Sequence


def count_primes(below: int) -> int:
    """How many primes are smaller than ``below``."""
    if below < 3:
        return 0
    sieve = bytearray([1]) * below
    sieve[0:2] = b"\0\0"
    for number in range(2, math.isqrt(below - 1) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, below, number)))
    return sum(sieve)


def summarise(values: Sequence[float]) -> dict[str, float]:
    """Count, least, greatest, mean, median and deviation of at least one value."""
    return {
        "count": len(values),
        "min": min(values),
        "max": max(values),
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "deviation": statistics.pstdev(values),
    }
