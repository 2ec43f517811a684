"""What one side did in one minute, as far as its load balancer or the edge's log tells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from shared.probes import Probes

Value = TypeVar("Value", int, float)

_BAD_MINUTES: Final = 2
"""Bad minutes that happen anyway: a deploy of something else, a cold cache, a slow disk."""


@dataclass(frozen=True)
class Minute:
    """One side's minute.

    Attributes
    ----------
    requests : int
        Answered, at least as many as `errors`.
    errors : int
        Of those, with 5xx, by the targets or by the load balancer itself; by the edge's log also those that
        the other side then answered.
    times : tuple of float
        Requests by class of response time, fastest class first; empty where none was timed.
    succeeded, redirected, refused : int
        Of the requests, those that the targets answered with 2xx, 3xx and 4xx.
    probed : bool
        Whether probes may be among the requests: not where viewers alone were counted, by the edge's log.
    """

    requests: int
    errors: int
    times: tuple[float, ...] = ()
    succeeded: int = 0
    redirected: int = 0
    refused: int = 0
    probed: bool = True

    def less(self, probes: int) -> int:
        """Return the requests but for so many `probes`, below 0 where there were fewer."""
        return self.requests - probes * self.probed


RECENT: Final = 60
"""Minutes in which 4xx, 3xx and response times are compared: the look-back, and more for what is too rare for
it."""


def newest(side: Sequence[Minute], count: int) -> Sequence[Minute]:
    """Return so many of the newest minutes, 1 at least, or all where there are fewer."""
    return side[-count:]


def requests(side: Sequence[Minute]) -> int:
    """Return the requests of all minutes."""
    return sum(minute.requests for minute in side)


def errors(side: Sequence[Minute]) -> int:
    """Return the errors of all minutes."""
    return sum(minute.errors for minute in side)


def timed(side: Sequence[Minute]) -> int:
    """Return the requests of all minutes whose response time is known."""
    return round(math.fsum(math.fsum(minute.times) for minute in side))


def without(side: Sequence[Minute], probes: int) -> list[Minute]:
    """Return the minutes as if `probes` requests of each were not there, had been answered with 2xx and had
    been the fastest.

    Errors, 3xx and 4xx stay: they count as users', and each of them as a request.
    """
    return [
        replace(left, times=_slowest(minute.times, math.fsum(minute.times) - probes))
        for left, minute in zip(untimed_without(side, probes), side, strict=True)
    ]


def untimed_without(side: Sequence[Minute], probes: int) -> list[Minute]:
    """Return the minutes as `without` does, for where response times do not matter: they are left out."""
    return [
        replace(
            minute,
            requests=_left(minute, probes),
            times=(),
            succeeded=max(0, minute.succeeded - probes * minute.probed),
        )
        for minute in side
    ]


def without_redirected(side: Sequence[Minute], probes: int) -> list[Minute]:
    """Return the minutes as if `probes` requests of each were not there and had been answered with 3xx, which
    Route 53 counts as healthy, as far as there are so many (Route 53 Developer Guide,
    dns-failover-determining-health-of-endpoints)."""
    kept = (replace(m, redirected=max(0, m.redirected - probes)) for m in side)
    return [replace(minute, requests=_left(minute, probes)) for minute in kept]


def _left(minute: Minute, probes: int) -> int:
    surely = minute.errors + minute.redirected + minute.refused
    return max(surely, minute.less(probes))


def _slowest(times: Sequence[float], count: float) -> tuple[float, ...]:
    """Return the classes of the slowest `count` requests; empty where there are none."""
    if count <= 0:
        return ()
    kept: list[float] = []
    left = count
    for of_class in reversed(times):
        kept.append(min(of_class, left))
        left -= kept[-1]
    return tuple(reversed(kept))


def surely_users(side: Sequence[Minute], probes: Probes) -> int:
    """Return how many requests of all minutes are users' whatever the probes."""
    return sum(max(0, minute.less(probes.at_most)) for minute in side)


def surely_timed_users(side: Sequence[Minute], probes: Probes) -> int:
    """Return how many requests whose response time is known are users' whatever the probes."""
    return round(math.fsum(probes.surely_users(math.fsum(minute.times)) for minute in side))


def stretches(minutes: int, lookback: int) -> list[int]:
    """Return how many of the newest of `minutes` are looked at: all and half of them, `lookback`, half and
    a fifth of it, at least 3.

    What began three minutes ago is seen by the shortest before the others have forgotten better times; what
    is too rare for the look-back is seen by the longest.
    """
    wanted = (minutes, minutes // 2, lookback, -(-lookback // 2), -(-lookback // 5))
    return sorted({min(minutes, max(_BAD_MINUTES + 1, length)) for length in wanted})


def tempered(values: Sequence[Value]) -> list[Value]:
    """Return `values`, one a minute and 0 or more, with the largest fifth (two at least) cut down to the
    next one; all are 0 where there is no next one.

    So two bad minutes decide nothing, whatever is in them, and all the others count in full. A value that
    grows never makes the sum smaller.
    """
    ranked = sorted(values, reverse=True)
    cut = max(_BAD_MINUTES, len(ranked) // 5)
    if len(ranked) <= cut:
        return [value * 0 for value in values]
    return [min(value, ranked[cut]) for value in values]
