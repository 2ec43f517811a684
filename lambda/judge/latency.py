"""Is new slower than old, by more than the declared slowdown?

CloudWatch keeps no single response times, but says which share of them is at most a given number of seconds
(statistic PR, percentile rank). The bounds make classes. Old's bounds are new's divided by the
allowed slowdown, so that the two sides' classes compare new with old *slowed by what is allowed*, whatever
the shape of the distribution: an effect that matters is what is tested, not any difference.

Probes are a larger part of the requests on the side with fewer users. How much that alone can make of the
chance is taken off before anything is sure: half of the difference between their two parts.

Each minute is compared with the same minute of the other side, so that what slows both cancels out. Requests
of one minute are alike; how much one side's minutes differ anyway is taken from old, whose minutes a
fault of new's does not touch. And the worst fifth of the minutes counts no more than the next one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from judge.minutes import Minute, stretches, tempered
from shared.inference.ranks import EVEN, Superiority, combine, superiority, unrest

_FASTEST: Final = 0.002
_SLOWEST: Final = 30.0
_BOUNDS: Final = 32


def bounds() -> tuple[float, ...]:
    """Return the upper bounds of all classes but the last, in seconds: 2 ms to 30 s, each 1.36 times
    the one before."""
    step = math.log(_SLOWEST / _FASTEST) / (_BOUNDS - 1)
    return tuple(_FASTEST * math.exp(step * i) for i in range(_BOUNDS))


def slowed(slowdown_percent: float) -> tuple[float, ...]:
    """Return the bounds by which old is counted, so that its classes are those of old slowed down."""
    return tuple(bound / (1 + slowdown_percent / 100) for bound in bounds())


@dataclass(frozen=True)
class LatencyEvidence:
    """What the classes say.

    Attributes
    ----------
    p_value : float
        Of the surest stretch, times the number of stretches looked at; 0 to 1.
    minutes : int
        Length of that stretch.
    slower : float
        Chance, 0 to 1, that a request to new takes longer than one to old that is slowed by what is
        allowed, in that stretch; at most 0.5 where new is no slower than it may be.
    """

    p_value: float
    minutes: int
    slower: float


def weigh_latency(
    old: Sequence[Minute], new: Sequence[Minute], *, lookback: int, probes: int = 0
) -> LatencyEvidence | None:
    """Return the evidence that new is slower than it may be, None where no minute has both sides.

    Parameters
    ----------
    old, new : sequence of Minute
        The same minutes, oldest first.
    lookback : int
        Minutes, from 2, that the declaration says to compare; the shorter stretches are parts of them.
    probes : int
        Of each minute's requests to either side as many, at most, may be probes.
    """
    strata = [_compared(o, n, probes) for o, n in zip(old, new, strict=True)]
    if not any(strata):
        return None
    timed = [minute.times for minute in old if minute.times]
    # Old's unrest counts once for old itself and once for new.
    between, degrees = 2 * unrest(timed), max(1, len(timed) - 1)
    lengths = stretches(len(old), lookback)
    surest = min(
        (_weigh(strata[-length:], between, degrees) for length in lengths), key=lambda e: e.p_value
    )
    return replace(surest, p_value=min(1.0, surest.p_value * len(lengths)))


def _compared(old: Minute, new: Minute, probes: int) -> Superiority | None:
    found = superiority(new.times, old.times)
    if found is None or not probes:
        return found
    parts = [min(1.0, probes / math.fsum(minute.times)) for minute in (old, new)]
    # Both sides hold the smaller part of probes alike. The rest of the larger part may all be slower, or
    # faster, than what the other side answers instead, where EVEN would be due.
    return replace(found, chance=max(0.0, found.chance - EVEN * abs(parts[0] - parts[1])))


def _weigh(strata: Sequence[Superiority | None], between: float, degrees: float) -> LatencyEvidence:
    """Return what the minutes say together, the worst fifth cut down to the next one."""
    known = [stratum for stratum in strata if stratum]
    chances = tempered([stratum.chance for stratum in known])
    evidence = combine(
        (replace(s, chance=chance) for s, chance in zip(known, chances, strict=True)),
        between=between,
        degrees=degrees,
    )
    if evidence is None:
        return LatencyEvidence(1.0, len(strata), EVEN)
    return LatencyEvidence(evidence.p_value, len(strata), evidence.chance)


def median_ms(side: Sequence[Minute], upper: Sequence[float]) -> float | None:
    """Return the median response time in ms, between the bounds `upper` of its class; None if none was
    timed."""
    counts = [math.fsum(column) for column in zip(*(m.times for m in side if m.times), strict=True)]
    if not any(counts):
        return None
    half = sum(counts) / 2
    below = [0.0, *itertools.accumulate(counts)]
    index = next(i for i in range(len(counts)) if below[i + 1] >= half)
    if index == len(upper):
        return 1000 * upper[-1]
    low = upper[index - 1] if index else upper[0] / 2
    into: float = (half - below[index]) / counts[index]
    return 1000 * low * math.pow(upper[index] / low, into)
