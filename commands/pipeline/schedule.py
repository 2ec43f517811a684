"""When a weight may rise by the declared window and freezes; the gate decides by the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cutover.declaration.promotion import Promotion, Step
from shared.promotion.window import within

_LOOKS: Final = 1000
"""Each look jumps to the end of a freeze or to the next opening: so many are years."""


@dataclass(frozen=True)
class Rise:
    """A step that is to come, and the earliest time at which it can begin; None where that is never."""

    step: Step
    minutes: int
    earliest: datetime | None


def closed_by(promotion: Promotion, at: datetime) -> str:
    """Return why no weight may rise at `at` (with a time zone), or nothing."""
    there = at.astimezone(ZoneInfo(promotion.time_zone))
    for freeze in promotion.freezes:
        if date.fromisoformat(freeze.start) <= there.date() <= date.fromisoformat(freeze.end):
            return f"frozen from {freeze.start} to {freeze.end}: {freeze.reason}"
    window = promotion.window
    if window is not None and not within(f"{window.start}-{window.end}", there.time()):
        return f"outside the window {window.start}-{window.end}"
    return ""


def earliest(promotion: Promotion, at: datetime) -> datetime | None:
    """Return the first time from `at` on at which a weight may rise; None if that is not in sight."""
    zone = ZoneInfo(promotion.time_zone)
    moment = at.astimezone(UTC)
    for _ in range(_LOOKS):
        there = moment.astimezone(zone)
        frozen = [
            date.fromisoformat(freeze.end)
            for freeze in promotion.freezes
            if date.fromisoformat(freeze.start) <= there.date() <= date.fromisoformat(freeze.end)
        ]
        try:
            if frozen:
                moment = _begin(max(frozen) + timedelta(days=1), time(0), zone)
            elif closed_by(promotion, moment) and promotion.window is not None:
                opens = time.fromisoformat(promotion.window.start)
                day = there.date() + timedelta(days=1 if there.time() >= opens else 0)
                moment = _begin(day, opens, zone)
            else:
                return moment
        except OverflowError:
            return None
    return None


def rises(promotion: Promotion, live: float, at: datetime) -> Iterator[Rise]:
    """Yield each step above `live`, in percent: each begins when the one before has baked, or later."""
    moment: datetime | None = at
    for step in promotion.way:
        if step.weight <= live:
            continue
        minutes = promotion.bake_minutes_at(step.weight)
        moment = None if moment is None else earliest(promotion, moment)
        yield Rise(step, minutes, moment)
        moment = None if moment is None else moment + timedelta(minutes=minutes)


def clock(promotion: Promotion, at: datetime) -> str:
    """Return the time of day where the window is declared, like `02:00 New York`."""
    there = at.astimezone(ZoneInfo(promotion.time_zone))
    return f"{there:%H:%M} {place(promotion)}"


def day_and_clock(promotion: Promotion, at: datetime) -> str:
    """Return day and time where the window is declared, like `Sat 2026-11-28 02:00 New York`."""
    there = at.astimezone(ZoneInfo(promotion.time_zone))
    return f"{there:%a %Y-%m-%d %H:%M} {place(promotion)}"


def place(promotion: Promotion) -> str:
    """Return the time zone as people say it: `New York` for America/New_York."""
    return promotion.time_zone.rsplit("/", 1)[-1].replace("_", " ")


def _begin(day: date, opens: time, zone: ZoneInfo) -> datetime:
    # A time that the clocks skip in spring becomes the one that they show instead.
    return datetime.combine(day, opens, zone).astimezone(UTC)
