"""Whether one share is above another by more than a margin, in percentage points, from counts however small.

Old's share is not known but estimated. So its upper bound is taken, at a part of the level that is spent on
it, and new's count is tested against that bound plus the margin by the exact binomial tail: the sum of both
parts is a p-value whatever old's true share is (Berger and Boos, J. Am. Stat. Assoc. 89, 1994). Both steps
are exact for rare events, and neither supposes that a count is normal.

Requests of one minute are alike: one client that asks for what is not there asks many times. Counts are taken
as so many independent ones as vary as much (the effective sample size of Korn and Graubard, Survey
Methodology 24, 1998), which may be a fraction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from shared.inference.beta import incomplete_beta, solve
from shared.inference.exact import tail


def clustering(events: Sequence[float], of: Sequence[int]) -> float:
    """Return how much alike the trials of one row are, 0 (not at all) to 1: the correlation within a row.

    Pearson's statistic tells how many times more the counts vary than independent trials would; a row of `n`
    trials varies `1 + (n - 1) * clustering` times as much.
    """
    rows = [(count, trials) for count, trials in zip(events, of, strict=True) if trials > 0]
    trials = sum(n for _, n in rows)
    total = math.fsum(count for count, _ in rows)
    if len(rows) <= 1 or trials <= len(rows) or not 0 < total < trials:
        return 0.0
    share = total / trials
    spread = math.fsum((count - n * share) ** 2 / (n * share * (1 - share)) for count, n in rows)
    excess = spread / (len(rows) - 1) - 1
    return min(1.0, max(0.0, excess / (trials / len(rows) - 1)))


def effective(weights: Sequence[float], of: Sequence[int], alike: float) -> float:
    """Return how many independent trials the mean of the rows' shares, weighted by `weights`, is worth.

    Parameters
    ----------
    weights : sequence of float
        Above 0.
    of : sequence of int
        Trials of each row, above 0.
    alike : float
        `clustering` of the rows.
    """
    spread = math.fsum(w * w * (1 + (n - 1) * alike) / n for w, n in zip(weights, of, strict=True))
    return math.fsum(weights) ** 2 / spread


def upper_share(share: float, of: float, level: float) -> float:
    """Return the share that the true one exceeds with a probability of at most `level`: Clopper and
    Pearson's bound, for fractions too."""
    events = share * of
    if events >= of:
        return 1.0
    return solve(lambda p: incomplete_beta(events + 1, of - events, p), 1 - level, 0.0, 1.0)


def lower_share(share: float, of: float, level: float) -> float:
    """Return the share that the true one is below with a probability of at most `level`."""
    if share <= 0:
        return 0.0
    return solve(lambda p: tail(share * of, of, p), level, 0.0, 1.0)


def above_margin(
    share: float, of: float, other: float, of_other: float, *, margin: float, spent: float
) -> float:
    """Return the one-sided p-value of `share` against `other` plus `margin`, all from 0 to 1; 1 where it is
    above twice `spent` anyway.

    Parameters
    ----------
    share, other : float
        Of this side and of the other one.
    of, of_other : float
        So many independent trials each is worth, above 0.
    margin : float
        By how much `share` may be above `other`.
    spent : float
        The part of the level that goes to `other`'s bound: no p-value is smaller.
    """
    # Not sure even if `other` were known: its bound, which takes long to find, needs no look.
    known = other + margin
    if share <= known or tail(share * of, of, known) > spent:
        return 1.0
    most = upper_share(other, of_other, spent) + margin
    if most >= 1:
        return 1.0
    return min(1.0, spent + tail(share * of, of, most))
