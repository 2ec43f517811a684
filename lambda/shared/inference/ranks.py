"""Whether values of one sample tend to be larger than those of another, when both are only counted in
classes: Mann and Whitney's test with its tie correction, over several strata.

A class is all that is known of a value, so values of one class are ties. Counts may be fractions, since
CloudWatch tells shares and not counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from shared.inference.student import t_cdf

EVEN: Final = 0.5
"""The chance that a value is larger where neither sample tends to be."""


@dataclass(frozen=True)
class Superiority:
    """The chance that a value of one sample is larger than one of another, ties counted half.

    Attributes
    ----------
    chance : float
        0 to 1; `EVEN` where neither tends to be larger.
    variance : float
        Of `chance`, where both samples come from one distribution; corrected for ties.
    weight : float
        What it counts beside others: van Elteren's (1960), n m / (n + m + 1).
    """

    chance: float
    variance: float
    weight: float


def superiority(values: Sequence[float], others: Sequence[float]) -> Superiority | None:
    """Return the chance that one of `values` is larger than one of `others`, None if either is empty.

    Both are counts in the same classes, smallest class first.
    """
    n, m = math.fsum(values), math.fsum(others)
    if n <= 0 or m <= 0:
        return None
    below = wins = ties = 0.0
    for count, other in zip(values, others, strict=True):
        wins += count * (below + EVEN * other)
        below += other
        both = count + other
        # Of fewer than one value, which only a share of a count can be, none ties with another.
        ties += max(0.0, both**3 - both)
    total = n + m
    spread = total + 1 - ties / (total * (total - 1)) if total > 1 else 0.0
    return Superiority(
        chance=wins / (n * m),
        variance=max(0.0, spread) / (12 * n * m),
        weight=n * m / (total + 1),
    )


@dataclass(frozen=True)
class Evidence:
    """What all strata say together.

    Attributes
    ----------
    chance : float
        The chance that a value is larger than one of the others in its own stratum.
    p_value : float
        One-sided: of a chance so large where it is `EVEN` in truth.
    """

    chance: float
    p_value: float


def combine(strata: Iterable[Superiority], *, between: float, degrees: float) -> Evidence | None:
    """Return what `strata` say together, None where there are none.

    Parameters
    ----------
    strata : iterable of Superiority
        Compared each for itself, so that what moves both samples alike cancels out.
    between : float
        Variance of the chance from stratum to stratum beyond that of sampling.
    degrees : float
        Degrees of freedom with which `between` is known: Student's t is used with them.
    """
    strata = list(strata)
    weight = math.fsum(stratum.weight for stratum in strata)
    if weight <= 0:
        return None
    chance = math.fsum(stratum.weight * stratum.chance for stratum in strata) / weight
    variance = math.fsum(s.weight**2 * (s.variance + between) for s in strata) / weight**2
    if variance <= 0:
        return Evidence(chance, 1.0)
    return Evidence(chance, t_cdf((EVEN - chance) / math.sqrt(variance), degrees))


def unrest(strata: Sequence[Sequence[float]]) -> float:
    """Return the variance of the chance that one sample's own unrest from stratum to stratum causes.

    Each stratum is compared with the one before it, so that a slow drift does not count as unrest. What
    sampling explains is taken off, and half of the rest is each one's own.
    """
    steps = [step for before, after in pairwise(strata) if (step := superiority(after, before))]
    if not steps:
        return 0.0
    excess = math.fsum((step.chance - EVEN) ** 2 - step.variance for step in steps)
    return max(0.0, excess / len(steps) / 2)
