"""The share of requests that new served. Route 53's health checkers ask both sides all the time too."""

from __future__ import annotations

from typing import Final

from shared.inference.proportions import proportion_interval
from shared.inference.student import Interval
from shared.share import tolerance
from shared.status.standing import Requests

CHECKERS: Final = 20
"""More than there are: the guide says about one request every two seconds at an interval of 30 s (Route 53
Developer Guide, health-checks-creating-values)."""

_SURE: Final = 0.999


def probes_a_minute(endpoints: int, interval_seconds: int) -> int:
    """Return how many of a side's requests a minute are health checkers', at most."""
    return endpoints * CHECKERS * 60 // interval_seconds


def served(requests: Requests) -> Interval | None:
    """Return new's share in percent with its exact interval of 95 %; None without requests."""
    total = requests.old + requests.new
    if not total:
        return None
    share = proportion_interval(requests.new, total)
    assert share.low is not None
    assert share.high is not None
    return Interval(100 * share.estimate, 100 * share.low, 100 * share.high)


def surely_above(requests: Requests, expected: float, probes: int) -> bool:
    """Return whether new surely serves more than `expected` percent, beyond the tolerance, even if all of
    `probes` a minute of its requests were health checkers'."""
    new = max(0, requests.new - probes * requests.minutes)
    total = requests.old + new
    if not total:
        return False
    low = proportion_interval(new, total, _SURE).low
    return low is not None and 100 * low > expected + tolerance(expected)


def surely_below(requests: Requests, expected: float, probes: int) -> bool:
    """Return whether new surely serves less than `expected` percent, as `surely_above`, with old's
    requests the health checkers'."""
    old = max(0, requests.old - probes * requests.minutes)
    total = old + requests.new
    if not total:
        return False
    high = proportion_interval(requests.new, total, _SURE).high
    return high is not None and 100 * high < expected - tolerance(expected)
