"""Quantiles and their intervals from order statistics: no distribution is assumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from shared.inference.proportions import binomial_cdf
from shared.inference.student import CONFIDENCE, Interval


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of the `ordered` values (rising, at least one) that `share` (above 0 to 1)
    of them do not exceed: nearest rank."""
    # 0.07 * 100 is 7.000000000000001: what is a whole rank but for the last bits is that rank.
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def quantile_interval(
    values: Sequence[float], share: float, confidence: float = CONFIDENCE
) -> Interval:
    """Return the quantile of `values` at `share`, 0 to 1, and the interval that holds it with `confidence`,
    above 0 to below 1.

    The k-th smallest value is at most the true quantile when at least k values are, and how many are is
    binomial. A 95th percentile has an upper bound from 72 values on, a 99th from 368.

    Raises
    ------
    ValueError
        When there are no values.
    """
    if not values:
        raise ValueError("a quantile needs a value")
    ordered = sorted(values)
    low, high = _ranks(len(ordered), share, confidence)
    return Interval(
        quantile(ordered, share),
        ordered[low - 1] if low else None,
        ordered[len(ordered) - high] if high else None,
    )


@lru_cache(maxsize=64)
def _ranks(n: int, share: float, confidence: float) -> tuple[int, int]:
    """Return the bounds' ranks, one from below and one from above; 0 where there is no bound."""
    outside = (1 - confidence) / 2
    return (
        _last(n, lambda k: binomial_cdf(k - 1, n, share) <= outside),
        _last(n, lambda k: 1 - binomial_cdf(n - k, n, share) <= outside),
    )


def _last(n: int, holds: Callable[[int], bool]) -> int:
    """Return the last of 1 to n for which `holds`, which once false stays so; 0 where none does."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
