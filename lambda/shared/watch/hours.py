"""How far the watch is: whole hours, because that is what CloudWatch keeps for more than a year (CloudWatch
User Guide, cloudwatch_concepts, metrics retention)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
FULL: Final = 100.0

ByHour = Mapping[datetime, float]
"""A value for each whole hour, by its beginning; an hour without a datapoint is not there."""


@dataclass(frozen=True)
class AtDoors:
    """What each door did, by the hour.

    Attributes
    ----------
    until : datetime
        The end of the last whole hour that counts.
    weight : mapping
        By door, new's lowest weight in each hour, in percent.
    thrown : mapping
        By door, 1 for each hour in which the switch was thrown for a while, else 0.
    """

    until: datetime
    weight: Mapping[str, ByHour]
    thrown: Mapping[str, ByHour]

    def stops(self, hour: datetime) -> str:
        """Return why the hour is none of the watch, or nothing where everybody was on new in all of it."""
        if any(by_hour.get(hour) for by_hour in self.thrown.values()):
            return "the switch was thrown"
        weights = [by_hour.get(hour) for by_hour in self.weight.values()]
        if any(weight is not None and weight < FULL for weight in weights):
            return "new had less than 100 %"
        unread = any(hour not in by_hour for by_hour in self.thrown.values())
        if not weights or None in weights or unread:
            return "the observer published nothing"
        return ""


@dataclass(frozen=True)
class Watch:
    """A watch.

    Attributes
    ----------
    hours : int
        For how many whole hours, without a gap until now, every door has sent everybody to new.
    asked : int
        How many are asked for: promotion.watch_hours.
    began : datetime
        The beginning of the first of them; with none the end of the last whole hour.
    broken : str
        Why everything begins anew there, where an hour of an earlier watch is known; else empty.
    """

    hours: int
    asked: int
    began: datetime
    broken: str = ""

    @property
    def over(self) -> bool:
        """Whether the hours are full."""
        return self.hours >= self.asked

    @property
    def ends(self) -> datetime:
        """When they are full, if nothing breaks it."""
        return self.began + HOUR * self.asked

    @property
    def said(self) -> str:
        """How far it is."""
        broken = f" It was broken before: {self.broken}." if self.broken else ""
        if self.over:
            return (
                f"The watch is over: everybody has been on new for {self.hours} whole hours without a "
                f"rollback, of {self.asked} (promotion.watch_hours).{broken}"
            )
        return (
            f"The watch: everybody has been on new for {self.hours} whole hours without a rollback, of "
            f"{self.asked} (promotion.watch_hours); it ends at {self.ends:%Y-%m-%d %H:%M} UTC at the "
            f"earliest.{broken}"
        )


def hours_at_full_weight(seen: AtDoors) -> int:
    """Return for how many whole hours, without a gap until now, every door has sent everybody to new."""
    count = 0
    while not seen.stops(seen.until - HOUR * (count + 1)):
        count += 1
    return count


def watch_of(seen: AtDoors, asked: int) -> Watch:
    """Return how far the watch is that asks for `asked` hours."""
    hours = hours_at_full_weight(seen)
    began = seen.until - HOUR * hours
    known = [hour for by_hour in seen.weight.values() for hour in by_hour if hour < began]
    earlier = any(not seen.stops(hour) for hour in known)
    why = seen.stops(began - HOUR)
    return Watch(
        hours,
        asked,
        began,
        f"in the hour from {began - HOUR:%Y-%m-%d %H:%M} UTC {why}" if earlier else "",
    )
