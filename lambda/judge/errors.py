"""Does new fail more often than old, by so much that it matters?

FAIL needs all of this, at the same level, in one of several stretches of the newest minutes:

- new's rate is above `RATIO` times old's, by the exact test on the two counts;
- new's rate is above `FLOOR`, by the exact binomial tail: so few errors are not worth a rollback even where
  old has none;
- not by a few bad minutes alone: the worst fifth of new's minutes, two at least, counts no more than the
  next one (a hard failure has an alarm of its own, on one minute).

An error rate has an unrest of its own from minute to minute, which would make any count look surer than it
is: counts are thinned by what old's minutes show of it. It is old's alone, so that more errors on new never
count for less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from judge.minutes import Minute, errors, requests, stretches, tempered
from shared.inference.exact import above_ratio, least_ratio, tail, unrest

RATIO: Final = 2.0
"""New may fail this many times as often as old."""

FLOOR: Final = 0.002
"""Share of failing requests, 0 to 1, below which new is never worse."""


@dataclass(frozen=True)
class ErrorEvidence:
    """What the counts say.

    Attributes
    ----------
    p_value : float
        Of the surest stretch, times the number of stretches looked at; 0 to 1.
    minutes : int
        Length of that stretch.
    times_old : float
        Times old's rate that new's surely exceeds there; 0 where nothing is sure.
    """

    p_value: float
    minutes: int
    times_old: float


@dataclass(frozen=True)
class _Counts:
    """Errors of both sides, thinned, and how many of new's requests stand against one of old's."""

    old: float
    new: float
    new_requests: float
    traffic: float

    @property
    def p_value(self) -> float:
        if not self.new:
            return 1.0
        return max(
            above_ratio(self.new, self.old, self.traffic, RATIO),
            tail(self.new, self.new_requests, FLOOR),
        )


def weigh_errors(
    old: Sequence[Minute], new: Sequence[Minute], *, lookback: int, level: float
) -> ErrorEvidence:
    """Return the evidence that new fails more than it may; at a p-value of at most `level` it is sure.

    Parameters
    ----------
    old, new : sequence of Minute
        The same minutes, oldest first.
    lookback : int
        Minutes, from 2, that the declaration says to compare; the shorter stretches are parts of them.
    level : float
        Also of the bound on how many times as often new fails.
    """
    restless = unrest(tempered([minute.errors for minute in old]), [m.requests for m in old])
    lengths = stretches(len(old), lookback)
    counts = {length: _counts(old[-length:], new[-length:], restless) for length in lengths}
    p_values = {length: counted.p_value if counted else 1.0 for length, counted in counts.items()}
    minutes = min(p_values, key=lambda length: p_values[length])
    p_value = min(1.0, p_values[minutes] * len(lengths))
    surest = counts[minutes]
    return ErrorEvidence(
        p_value,
        minutes,
        least_ratio(surest.new, surest.old, surest.traffic, level / len(lengths))
        if surest and p_value <= level
        else 0.0,
    )


def _counts(old: Sequence[Minute], new: Sequence[Minute], restless: float) -> _Counts | None:
    of_old, of_new = requests(old), requests(new)
    if not of_old or not of_new:
        return None
    failed_old, failed_new = errors(old), sum(tempered([minute.errors for minute in new]))
    traffic = _traffic(old, new)
    # Errors that are due in a minute of each side, new's as many times as it is allowed.
    due_old = failed_old / len(old)
    thinned_old = 1 + restless * due_old
    thinned_new = 1 + restless * due_old * traffic * RATIO
    return _Counts(
        old=failed_old / thinned_old,
        new=failed_new / thinned_new,
        new_requests=of_new / thinned_new,
        traffic=traffic * thinned_old / thinned_new,
    )


def _traffic(old: Sequence[Minute], new: Sequence[Minute]) -> float:
    """Return new's requests for each of old's: over all, or where old's errors fell, whichever is more.

    Where the weight moved and the error rate with it, for both sides alike, the second tells how many
    errors of new's were due.
    """
    over_all = requests(new) / requests(old)
    failed = errors(old)
    if not failed:
        return over_all
    due = sum(o.errors * n.requests / o.requests for o, n in zip(old, new, strict=True) if o.errors)
    return max(over_all, due / failed)
