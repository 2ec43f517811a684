"""The share of the users' requests that new served, and how far it may differ from its weight.

A weight does not promise a share: resolvers cache an answer for a whole office, a viewer keeps its side, and
people who know old's own name go past both doors.
"""

from __future__ import annotations

from typing import Final

from shared.inference.proportions import proportion_interval
from shared.inference.student import Interval
from shared.probes import Probes

LEAST_TOLERANCE: Final = 10.0
_SURE: Final = 0.999


def tolerance(weight: float) -> float:
    """Return how many percentage points a share may lie off `weight` (percent): half of the smaller side's
    share, at least 10."""
    return max(LEAST_TOLERANCE, min(weight, 100 - weight) / 2)


def served(old: int, new: int, minutes: int, probes: Probes) -> Interval | None:
    """Return new's share of the users' requests in percent, about, with its exact interval of 95 %; None
    where users asked nothing.

    `old` and `new` are the requests that the load balancers counted in so many minutes, probes among them.
    """
    by_old, by_new = (round(probes.users(count, minutes)) for count in (old, new))
    if not by_old + by_new:
        return None
    share = proportion_interval(by_new, by_old + by_new)
    assert share.low is not None
    assert share.high is not None
    return Interval(100 * share.estimate, 100 * share.low, 100 * share.high)


def surely_above(old: int, new: int, minutes: int, probes: Probes, expected: float) -> bool:
    """Return whether new surely serves more than `expected` percent, beyond the tolerance: even if as many of
    its requests as there can be, and none of old's, were probes."""
    users = round(probes.surely_users(new, minutes))
    if not old + users:
        return False
    low = proportion_interval(users, old + users, _SURE).low
    return low is not None and 100 * low > expected + tolerance(expected)


def surely_below(old: int, new: int, minutes: int, probes: Probes, expected: float) -> bool:
    """Return whether new surely serves less than `expected` percent, as `surely_above`, with old's requests
    the probes."""
    users = round(probes.surely_users(old, minutes))
    if not users + new:
        return False
    high = proportion_interval(new, users + new, _SURE).high
    return high is not None and 100 * high < expected - tolerance(expected)
