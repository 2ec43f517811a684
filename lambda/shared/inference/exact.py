"""The binomial tail: exact however rare what is counted."""

from __future__ import annotations

from shared.inference.beta import incomplete_beta


def tail(events: float, of: float, probability: float) -> float:
    """Return the probability of at least `events` in `of` trials (`events` at most `of`).

    Both may be fractions, as counts are that were thinned for their dispersion: the binomial tail is
    continued by the incomplete beta function between whole numbers.
    """
    return 1.0 if events <= 0 else incomplete_beta(events, of - events + 1, probability)
