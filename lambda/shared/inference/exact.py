"""Whether one error proportion is above another, and by how much, from counts however small.

Errors of two sides are taken as Poisson counts. Given their sum, the count of one side is binomial, and its
share depends on nothing but the traffic and the ratio of the two rates (Przyborowski and Wilenski, 1940).
So the tail is exact, needs no normal approximation, and tests any ratio, not only 1 as Fisher's test does.
Requests that either fail or not vary less than Poisson counts, so that the test errs towards silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.inference.beta import incomplete_beta, solve


def tail(events: float, of: float, probability: float) -> float:
    """Return the probability of at least `events` in `of` trials (`events` at most `of`).

    Both may be fractions, as counts are that were thinned for their dispersion: the binomial tail is
    continued by the incomplete beta function between whole numbers.
    """
    return 1.0 if events <= 0 else incomplete_beta(events, of - events + 1, probability)


def above_ratio(events: float, others: float, traffic: float, ratio: float) -> float:
    """Return the one-sided p-value of `events` against the rate of the other side times `ratio`.

    Parameters
    ----------
    events, others : float
        Errors of this side and of the other one.
    traffic : float
        This side's requests for each request of the other, above 0.
    ratio : float
        How many times the other's rate is still allowed, above 0.
    """
    return tail(events, events + others, _share(traffic * ratio))


def least_ratio(events: float, others: float, traffic: float, level: float) -> float:
    """Return the ratio of the two rates that is exceeded with confidence 1 - `level`; 0 without events.

    It is the smallest ratio that `above_ratio` does not reject.
    """
    if events <= 0:
        return 0.0
    share = solve(lambda p: tail(events, events + others, p), level, 0.0, 1.0)
    return share / (1 - share) / traffic


def unrest(events: Sequence[int], of: Sequence[int]) -> float:
    """Return the squared coefficient of variation, at least 0, of the rate itself from row to row.

    Pearson's statistic tells how many times more the counts vary than independent trials would; what is
    above once, for each event expected in a row, is the rate's own. A count that is expected to be `m` then
    varies `1 + m * unrest` times as much as a Poisson count, and is worth that many times less.
    """
    rows = [(count, trials) for count, trials in zip(events, of, strict=True) if trials > 0]
    total = sum(count for count, _ in rows)
    if len(rows) <= 1 or not total:
        return 0.0
    rate = total / sum(trials for _, trials in rows)
    spread = sum((count - trials * rate) ** 2 / (trials * rate) for count, trials in rows)
    return max(0.0, spread / (len(rows) - 1) - 1) * len(rows) / total


def _share(odds: float) -> float:
    return odds / (1 + odds)
