"""How often, at most, a watch may be wrong, and what is seen of it: bets that start anew each minute.

A fault may begin at any minute, and good hours before it must not count against seeing it. So a bet starts
each minute, goes on from then, and the sum of all is looked at: an e-detector (Shin, Ramdas and Rinaldo,
E-detectors: a nonparametric framework for sequential change detection, New England Journal of Statistics in
Data Science 2, 2024; the sum is Shiryaev's and Roberts'). What a minute stakes is its part of one unit for
the whole watch. Then the sum is at most 1 on average whenever one stops, and by Ville's inequality it ever
reaches 1 / p with a probability of at most p, however often one looks.

A watch is the 24 hours after the weight was changed, in which faults of new's begin soon rather than late:
after half an hour the stake falls as the time since. Each further 24 hours are a watch of their own, with
equal stakes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Final

WATCH_MINUTES: Final = 24 * 60

_SOON: Final = 30
_PLENTY: Final = 1e150
"""More is never needed, and must not overflow."""

Won = Sequence[Sequence[float]]
"""What each minute's bets win, minute by minute: the same bets in each."""


@cache
def stake(age: int) -> float:
    """Return what a minute stakes that begins `age` minutes, 0 or more, after the weight was changed."""
    if age >= WATCH_MINUTES:
        return 1 / WATCH_MINUTES
    return 1 / (age + _SOON) / _whole()


@cache
def _whole() -> float:
    return math.fsum(1 / (age + _SOON) for age in range(WATCH_MINUTES))


def surprise(
    won: Won, ages: Sequence[int], most: float, shares: Sequence[float] | None = None
) -> list[float]:
    """Return, after each minute, the sum of all bets: where nothing is wrong it ever reaches 1 / p in at most
    a share of p of the watches.

    Parameters
    ----------
    won : sequence of sequences
        Oldest minute first.
    ages : sequence of int
        Minutes since the weight was changed, of each minute.
    most : float
        What a bet's sum is cut down to, so that a fault of long ago is forgotten in a while of good minutes.
    shares : sequence of float or None
        The part of each stake that each bet gets, together 1; without it all get as much.
    """
    if not won:
        return []
    parts = _even(won) if shares is None else shares
    sums = [0.0] * len(parts)
    path = []
    for bets, age in zip(won, ages, strict=True):
        staked = stake(age)
        sums = [
            min(most, (staked * part + s) * bet)
            for part, s, bet in zip(parts, sums, bets, strict=True)
        ]
        path.append(math.fsum(sums))
    return path


def since(won: Won, ages: Sequence[int], shares: Sequence[float] | None = None) -> int:
    """Return how many of the newest minutes the bets that won most have gone on, 1 at least; `shares` are
    those of `surprise`."""
    products = _even(won) if shares is None else shares
    best, minutes = -1.0, 1
    for back, (bets, age) in enumerate(zip(reversed(won), reversed(ages), strict=True), start=1):
        products = [min(_PLENTY, p * bet) for p, bet in zip(products, bets, strict=True)]
        value = stake(age) * math.fsum(products)
        if value > best:
            best, minutes = value, back
    return minutes


def _even(won: Won) -> list[float]:
    return [1 / len(won[-1])] * len(won[-1])
