"""What one minute's counts say against "this rate is no higher than it may be", as a bet.

A bet (an e-value) is a number of 0 or more that is at most 1 on average where the rate is no higher than it
may be. Bets on minutes after each other may be multiplied, looked at after each, and stopped whenever one
likes (Ramdas, Gruenwald, Vovk and Shafer, Game-theoretic statistics and safe anytime-valid inference,
Statistical Science 38, 2023). Here they are ratios of likelihoods, so that they also hold for a part of a
minute: what is added to it later multiplies on.

A rate moves from minute to minute by itself. Given the minute its errors are Poisson counts, and the rate is
drawn anew each minute: the counts of two sides, given their sum, are then beta-binomial, and those of one
side negative binomial. Where a rate moves less than that, the bets win less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import lgamma
from typing import Final

_ALL_ALIKE: Final = 0.05
"""All errors of a minute are of one side, or nearly."""


@dataclass(frozen=True)
class Bet:
    """How a minute's likelihood ratio is turned into a bet that a few bad minutes do not win.

    Attributes
    ----------
    times : float
        The rate that is betted on, as a multiple of the highest that is allowed; above 1.
    most : float
        Logarithm of the most that a minute may win, above 0.
    kept : float
        Share of the stake, 0 to below 1, that is not risked: a bad minute of the other side costs no more
        than the rest.
    bad : float
        Share of the minutes, 0 to below 1, in which anything may happen. The bet is made smaller by what
        these can win, so that it is at most 1 on average with them (Huber's robust likelihood ratio; for
        bets: Saha and Ramdas, Huber-robust likelihood ratio tests for composite nulls and alternatives,
        arXiv 2408.14015).
    """

    times: float
    most: float
    kept: float
    bad: float

    def wins(self, log_ratio: float) -> float:
        """Return by what the stake is multiplied, above 0, where `log_ratio` is the natural logarithm of the
        minute's likelihood ratio."""
        most = math.exp(self.most)
        risked = 1 - self.kept
        won = self.kept + risked * math.exp(min(self.most, log_ratio))
        return won / (1 + self.bad * (self.kept + risked * most - 1))


def of_both(events: float, others: float, odds: float, times: float, variation: float) -> float:
    """Return the logarithm of the likelihood ratio of `events` against `others`, given their sum.

    It rises with `events` and falls with `others`, and depends on no rate but the ratio of both.

    Parameters
    ----------
    events, others : float
        Errors of this side and of the other one, 0 or more.
    odds : float
        Errors of this side for each of the other that are allowed, above 0.
    times : float
        The odds that are betted on, as a multiple of `odds`.
    variation : float
        By so much the ratio of both rates moves from minute to minute (coefficient of variation), above 0.
    """
    if not events and not others:
        return 0.0
    allowed, betted = odds / (1 + odds), odds * times / (1 + odds * times)
    alike = likeness(allowed, variation)
    return _rising(alike * betted, alike * allowed, events) + _rising(
        alike * (1 - betted), alike * (1 - allowed), others
    )


def likeness(allowed: float, variation: float) -> float:
    """Return the sum of the two parameters of the beta distribution of a share `allowed` (0 to 1) on average,
    whose odds have this coefficient of variation; the smaller, the more alike are errors of one minute."""
    return max(_ALL_ALIKE, 1 / (allowed * (1 - allowed) * variation**2) - 1)


def _rising(betted: float, allowed: float, count: float) -> float:
    if not count:
        return 0.0
    return lgamma(betted + count) - lgamma(betted) - lgamma(allowed + count) + lgamma(allowed)


def of_one(events: float, allowed: float, times: float, variation: float) -> float:
    """Return the logarithm of the likelihood ratio of `events` where `allowed` (above 0) are on average.

    `variation` is that of the rate from minute to minute, above 0. It rises with `events`.
    """
    shape = 1 / variation**2
    more = (shape + allowed) / (shape + allowed * times)
    return (shape + events) * math.log(more) + events * math.log(times)
