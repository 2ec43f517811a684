"""How many load balancer capacity units (LCU) a share of the traffic needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

LEAST: Final = 100
"""The least that can be reserved on an Application Load Balancer. It reaches a smaller load by itself, so
below that there is nothing to do."""

MOST: Final = 15_000
"""The most on one Application Load Balancer unless AWS raised it (Elastic Load Balancing User Guide,
load-balancer-limits)."""

QUOTA_CODE: Final = "L-8A66D0E6"
QUOTA_NAME: Final = "Reserved Application Load Balancer Capacity Units (LCUs) per Region"
"""0 until AWS raised it (Elastic Load Balancing User Guide, load-balancer-limits)."""

Series = Mapping[datetime, float]
"""A value for each minute or hour, by its beginning."""


@dataclass(frozen=True)
class Used:
    """What one side's load balancer used.

    Attributes
    ----------
    peaks : mapping
        PeakLCUs by the minute.
    consumed : mapping
        ConsumedLCUs by the hour.
    """

    peaks: Series
    consumed: Series

    @property
    def silent(self) -> bool:
        """Whether nothing is known of it."""
        return not self.peaks and not self.consumed

    def by_hour(self) -> Series:
        """Return its highest peak in each hour; where it has no peaks, what it consumed."""
        if not self.peaks:
            return self.consumed
        found: dict[datetime, float] = {}
        for minute, value in self.peaks.items():
            hour = minute.replace(minute=0, second=0, microsecond=0)
            found[hour] = max(found.get(hour, 0.0), value)
        return found


@dataclass(frozen=True)
class Peak:
    """The most that both sides used at the same time: all the traffic that there was.

    Attributes
    ----------
    units : float
        LCU, 0 or more.
    at : datetime
        The minute, or the hour.
    """

    units: float
    at: datetime

    def __str__(self) -> str:
        """Say it as a message does."""
        return f"{self.units:.4g} LCU at the peak of {self.at:%Y-%m-%d %H:%M} UTC"


def peak_of(old: Used, new: Used) -> Peak | None:
    """Return the most that both used at the same time, or None where nothing is known of either.

    Added at the same time, not each side's own highest: after a step the same viewers would count twice. By
    the minute where both have peaks, by the hour where one has none.
    """
    if old.silent and new.silent:
        return None
    plain = all(side.peaks or side.silent for side in (old, new))
    one, other = (old.peaks, new.peaks) if plain else (old.by_hour(), new.by_hour())
    total = {at: one.get(at, 0.0) + other.get(at, 0.0) for at in {*one, *other}}
    at = max(total, key=lambda when: (total[when], when))
    return Peak(total[at], at)


def needed(peak: Peak, weight: int, headroom_percent: int) -> int:
    """Return the LCU that `weight` percent of the traffic need, with so much on top, rounded up: the API
    takes whole units (Elastic Load Balancing API reference, MinimumLoadBalancerCapacity)."""
    # In whole numbers: 0.1 x 1.1 would make one more of an even sum.
    exact = peak.units * weight * (100 + headroom_percent)
    return math.ceil(round(exact, 6) / 10_000)


def said_of_need(peak: Peak, weight: int, headroom_percent: int) -> str:
    """Return how the need comes about, like `120 LCU: 192 LCU at the peak of … x 50 % + 25 %`."""
    return (
        f"{needed(peak, weight, headroom_percent)} LCU: {peak} x {weight} % + {headroom_percent} %"
    )
