"""How far the means of two sides lie apart, from pairs: each value of old with the one of new beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from shared.inference.student import CONFIDENCE, Interval, is_enough, moments, t_quantile

Strata = Sequence[Sequence[float]]
"""The values of each endpoint."""


def difference_interval(old: Strata, new: Strata, confidence: float = CONFIDENCE) -> Interval:
    """Return by how much the mean over `new` is above the one over `old`, and the interval that holds it with
    `confidence`, above 0 to below 1.

    Student's t of the pairs' differences: what drifts on both sides alike cancels, and so does most of the
    skew. Below 20 pairs in all, or 2 in one stratum, the bounds are None.

    Raises
    ------
    ValueError
        When the values do not come in pairs, or there are none.
    """
    apart = _combined(old, new, 1.0)
    estimate = fmean(map(fmean, apart))
    if not is_enough(*apart):
        return Interval(estimate, None, None)
    known = moments(*apart)
    half = t_quantile(0.5 + confidence / 2, known.degrees) * math.sqrt(known.variance)
    return Interval(estimate, estimate - half, estimate + half)


def ratio_interval(old: Strata, new: Strata, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean over `new` divided by the one over `old` (values above 0), and the interval that holds
    it with `confidence`, above 0 to below 1.

    Fieller's: the ratios r at which the mean of `new - r * old` is not told from zero by Student's t (E. C.
    Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16, 1954). It leaves out the
    linearisation of the delta method, and needs no random numbers. A bound is None where there is none:
    below 20 pairs in all, or 2 in one stratum, or where old's mean is not told from zero.

    Raises
    ------
    ValueError
        When the values do not come in pairs, there are none, or old's mean is not above 0.
    """
    before, after = (fmean(map(fmean, strata)) for strata in (old, new))
    if before <= 0:
        raise ValueError("a ratio needs a mean above 0 to divide by")
    ratio = after / before
    apart = _combined(old, new, ratio)
    if not is_enough(*apart):
        return Interval(ratio, None, None)
    # var(new - r * old) is a parabola in r; three points of it give the pairs' covariance.
    of_old, of_new = moments(*old).variance, moments(*new).variance
    known = moments(*apart)
    shared = (of_new + ratio**2 * of_old - known.variance) / (2 * ratio) if ratio else 0.0
    t2 = t_quantile(0.5 + confidence / 2, known.degrees) ** 2
    a = before**2 - t2 * of_old
    half_b = before * after - t2 * shared
    c = after**2 - t2 * of_new
    if a <= 0:
        return Interval(ratio, None, None)
    root = math.sqrt(max(0.0, half_b**2 - a * c))
    return Interval(ratio, min(ratio, (half_b - root) / a), max(ratio, (half_b + root) / a))


def _combined(old: Strata, new: Strata, ratio: float) -> list[list[float]]:
    """Return `new - ratio * old`, pair by pair.

    Raises
    ------
    ValueError
        When the values do not come in pairs, or there are none.
    """
    if [len(values) for values in old] != [len(values) for values in new]:
        raise ValueError("both sides need the same number of values in each stratum")
    if not old or not all(old):
        raise ValueError("a difference needs a pair in each stratum")
    return [
        [after - ratio * before for before, after in zip(*pair, strict=True)]
        for pair in zip(old, new, strict=True)
    ]
