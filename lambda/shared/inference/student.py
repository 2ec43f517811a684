"""Student's t: how far a mean may lie from the true one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, variance
from typing import Final

from shared.inference.beta import incomplete_beta, solve

CONFIDENCE: Final = 0.95
"""Two-sided: each side of an interval is wrong once in forty."""

LEAST: Final = 20
"""Fewer values than this say nothing about a mean that is not normally distributed."""

_STRAIGHT: Final = 1e-6
"""A skew below this moves no bound, and would be divided by."""


@dataclass(frozen=True)
class Interval:
    """An estimate and the bounds between which the truth lies, in the values' own unit.

    A bound is None where the sample is too small to tell.
    """

    estimate: float
    low: float | None
    high: float | None


def t_cdf(t: float, degrees: float) -> float:
    """Return the probability that Student's t with `degrees` (above 0) of freedom is at most `t`."""
    square = t * t
    # Of the middle and the tails, the smaller share of the argument is exact to the last bit.
    if square < degrees:
        tail = 0.5 - incomplete_beta(0.5, degrees / 2, square / (degrees + square)) / 2
    else:
        tail = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + square)) / 2
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=64)
def t_quantile(probability: float, degrees: float) -> float:
    """Return the value that Student's t of so many `degrees` of freedom, above 0, stays below with
    `probability`, 0.5 up to below 1."""
    return solve(lambda t: t_cdf(t, degrees), probability, 0.0, 1e6)


@dataclass(frozen=True)
class Moments:
    """What is known of a mean: of one sample, or of the mean over several (strata), each counting alike.

    Attributes
    ----------
    mean : float
    variance, third : float
        The second and third cumulant of the mean itself, not of the values.
    degrees : float
        Of freedom of the variance (Welch and Satterthwaite).
    """

    mean: float
    variance: float
    third: float
    degrees: float


def moments(*strata: Sequence[float]) -> Moments:
    """Return what `strata`, each of two values or more, say of the mean over their means.

    Raises
    ------
    ValueError
        When there is no stratum, or one has fewer than two values.
    """
    if not strata or any(len(values) < 2 for values in strata):  # noqa: PLR2004
        raise ValueError("what a mean may be needs two values in each stratum")
    share = 1 / len(strata)
    means = [fmean(values) for values in strata]
    variances = [
        share**2 * variance(values, mean) / len(values)
        for values, mean in zip(strata, means, strict=True)
    ]
    thirds = [
        share**3 * fmean((v - mean) ** 3 for v in values) / len(values) ** 2
        for values, mean in zip(strata, means, strict=True)
    ]
    whole = sum(variances)
    spread = sum(v**2 / (len(s) - 1) for v, s in zip(variances, strata, strict=True))
    # Where no value varies, or so little that its square is nothing, any will do.
    degrees = whole**2 / spread if spread else float(min(len(s) for s in strata) - 1)
    return Moments(fmean(means), whole, sum(thirds), degrees)


def is_enough(*strata: Sequence[float]) -> bool:
    """Return whether `strata` can tell where their mean lies: 20 values in all, two in each."""
    return sum(map(len, strata)) >= LEAST and all(len(values) > 1 for values in strata)


def mean_interval(*strata: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of the values, and the interval that holds it with `confidence`, above 0 to below 1.

    Given several samples (the endpoints of a service), the mean is the one over their means, and how far
    they lie apart does not widen the interval. Latency is skewed, and plain t then lets a slow side pass
    two to three times as often as it says: the interval is Hall's, which takes the skew out by a cubic
    transformation (P. Hall, On the removal of skewness by transformation, J. R. Stat. Soc. B 54, 1992).

    Below 20 values in all, or 2 in one sample, the bounds are None.

    Raises
    ------
    ValueError
        When there is no sample, or one has no values.
    """
    if not strata or not all(strata):
        raise ValueError("a mean needs a value")
    if not is_enough(*strata):
        return Interval(fmean(map(fmean, strata)), None, None)
    known = moments(*strata)
    deviation = math.sqrt(known.variance)
    t = t_quantile(0.5 + confidence / 2, known.degrees)
    skew = known.third / deviation**3 if deviation > 0 and known.third else 0.0
    return Interval(
        known.mean,
        known.mean - _unskewed(t, skew) * deviation,
        known.mean - _unskewed(-t, skew) * deviation,
    )


def _unskewed(t: float, skew: float) -> float:
    """Return Hall's inverse: the distance, in standard errors, that is `t` once the skew is out."""
    if abs(skew) < _STRAIGHT:
        return t
    return 3 / skew * (math.cbrt(1 + skew * (t - skew / 6)) - 1)
