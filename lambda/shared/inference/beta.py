"""The regularised incomplete beta function, from which Student's t and the binomial distribution follow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

_TINY: Final = 1e-300
_PRECISION: Final = 1e-15
_TERMS: Final = 10_000
_HALVINGS: Final = 200


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b) for a, b > 0 and x from 0 to 1 (DLMF 8.17.22, by Lentz's method).

    Raises
    ------
    ValueError
        When an argument is out of its range.
    """
    if a <= 0 or b <= 0 or not 0 <= x <= 1:
        raise ValueError(f"incomplete_beta({a}, {b}, {x}): a and b above 0, x from 0 to 1")
    if x in {0, 1}:
        return float(x)
    # The fraction converges fast below the mean; above it the other tail is taken.
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = (
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
        - math.log(a)
    )
    return math.exp(log_front) * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, _nonzero(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            return value
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def solve(
    rising: Callable[[float], float],
    target: float,
    low: float,
    high: float,
    halvings: int = _HALVINGS,
) -> float:
    """Return where the rising function `rising` reaches `target` between `low` and `high`, as near as so many
    halvings of the distance come."""
    for _ in range(halvings):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
