"""Shares of a total: exact, so that they hold for rare events too."""

from __future__ import annotations

from shared.inference.beta import incomplete_beta, solve
from shared.inference.student import CONFIDENCE, Interval


def binomial_cdf(at_most: int, of: int, probability: float) -> float:
    """Return the probability of `at_most` events or fewer in `of` trials."""
    if at_most < 0:
        return 0.0
    if at_most >= of:
        return 1.0
    return incomplete_beta(of - at_most, at_most + 1, 1 - probability)


def proportion_interval(events: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the share of `events` in `of` trials (at least 1), 0 to 1, with the exact interval that holds it
    with `confidence`, above 0 to below 1 (Clopper and Pearson, 1934).

    Raises
    ------
    ValueError
        When there are no trials, or more events than trials.
    """
    if of < 1 or not 0 <= events <= of:
        raise ValueError(f"{events} events in {of} trials make no share")
    outside = (1 - confidence) / 2
    low = (
        0.0
        if events == 0
        else solve(lambda p: incomplete_beta(events, of - events + 1, p), outside, 0, 1)
    )
    high = (
        1.0
        if events == of
        else solve(lambda p: incomplete_beta(events + 1, of - events, p), 1 - outside, 0, 1)
    )
    return Interval(events / of, low, high)
