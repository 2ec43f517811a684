"""Does new answer 4xx or 3xx to more of its requests than old, by so much that it matters?

A 4xx is no fault in itself: robots ask for what is not there, sessions end. Old's own share is what is usual,
and new may be above it by the declared margin. It FAILs where it surely is, in one of several stretches of
the newest minutes, and not by a few bad minutes alone: the worst fifth, two at least, counts no more than the
next one. A share that falls never FAILs: a rise of another class shows where those requests went.

Old's share is taken with new's requests as weights, so that where the weight moved and the share with it, for
both sides alike, that is not held against new. How much it moves from minute to minute anyway is taken from
old's minutes, as for errors: a fault of new's must not make its own count weigh less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from judge.minutes import Minute, stretches, tempered
from shared.inference.rise import above_margin, clustering, effective, lower_share, upper_share

Counted = Callable[[Minute], int]
"""How many answers of a minute are of one class."""


@dataclass(frozen=True)
class ClassEvidence:
    """What the counts of one class say.

    Attributes
    ----------
    p_value : float
        Of the surest stretch, times the number of stretches looked at; 0 to 1.
    minutes : int
        Length of that stretch.
    points : float
        Percentage points by which new's share is surely above old's there; 0 where nothing is sure.
    """

    p_value: float
    minutes: int
    points: float


@dataclass(frozen=True)
class _Shares:
    """Both sides' shares of one class, and how many independent requests each is worth."""

    old: float
    of_old: float
    new: float
    of_new: float

    def p_value(self, margin: float, spent: float) -> float:
        return above_margin(
            self.new, self.of_new, self.old, self.of_old, margin=margin, spent=spent
        )

    def points(self, spent: float) -> float:
        low = lower_share(self.new, self.of_new, spent)
        return 100 * (low - upper_share(self.old, self.of_old, spent))


def weigh_class(
    old: Sequence[Minute],
    new: Sequence[Minute],
    counted: Counted,
    *,
    lookback: int,
    margin: float,
    level: float,
) -> ClassEvidence:
    """Return the evidence that new's share of a class is further above old's than it may be; at a p-value of
    at most `level` it is sure.

    Parameters
    ----------
    old, new : sequence of Minute
        The same minutes, oldest first.
    counted : callable
        The class that is looked at.
    lookback : int
        Minutes, from 2, that the declaration says to compare; the shorter stretches are parts of them.
    margin : float
        0 to 1.
    level : float
        Half of it, for each stretch, is spent on what old's share may be.
    """
    alike = clustering(_tempered(old, counted), [minute.requests for minute in old])
    lengths = stretches(len(old), lookback)
    spent: Final = level / len(lengths) / 2
    shares = {length: _shares(old[-length:], new[-length:], counted, alike) for length in lengths}
    p_values = {
        length: found.p_value(margin, spent) if found else 1.0 for length, found in shares.items()
    }
    minutes = min(p_values, key=lambda length: p_values[length])
    p_value = min(1.0, p_values[minutes] * len(lengths))
    surest = shares[minutes]
    points = surest.points(spent) if surest and p_value <= level else 0.0
    return ClassEvidence(p_value, minutes, points)


def _shares(
    old: Sequence[Minute], new: Sequence[Minute], counted: Counted, alike: float
) -> _Shares | None:
    """Return the shares of the minutes that both sides have, None where there are none."""
    both = [(o, n) for o, n in zip(old, new, strict=True) if o.requests and n.requests]
    if not both:
        return None
    of_old, of_new = ([side.requests for side in sides] for sides in zip(*both, strict=True))
    weight = sum(of_new)
    return _Shares(
        old=math.fsum(n.requests * counted(o) / o.requests for o, n in both) / weight,
        of_old=effective(of_new, of_old, alike),
        new=math.fsum(_tempered([n for _, n in both], counted)) / weight,
        of_new=effective(of_new, of_new, alike),
    )


def _tempered(side: Sequence[Minute], counted: Counted) -> list[float]:
    """Return the counts with the largest shares, a fifth and two at least, cut down to the next one."""
    shares = [counted(m) / m.requests if m.requests else 0.0 for m in side]
    return [share * m.requests for share, m in zip(tempered(shares), side, strict=True)]
