"""The declared rules of promotion: how far a weight may rise in one deploy, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.promotion.change import Change
from shared.promotion.window import within


@dataclass(frozen=True)
class Freeze:
    """Days (ISO dates, both included) on which no weight may rise."""

    start: str
    end: str
    reason: str


@dataclass(frozen=True)
class Promotion:
    """The declared rules.

    Attributes
    ----------
    max_step_percent : int
        How far a weight may rise in one deploy, 1 to 100.
    time_zone : str
        The time zone of window and freezes, like America/New_York.
    window : str
        Like 02:00-06:00, the end not included; empty: all day.
    freezes : tuple of Freeze
    """

    max_step_percent: int
    time_zone: str
    window: str = ""
    freezes: tuple[Freeze, ...] = ()


def broken_rules(change: Change, promotion: Promotion, now: datetime) -> list[str]:
    """Return a sentence for each rule that a rise at `now` (with a time zone) would break."""
    if not change.rises:
        return []
    there = now.astimezone(ZoneInfo(promotion.time_zone))
    broken = []
    step = change.after - change.before
    if step > promotion.max_step_percent:
        broken.append(
            f"new_weight may rise by at most {promotion.max_step_percent} in one deploy, and {change.before} "
            f"to {change.after} is {step}: deploy {change.before + promotion.max_step_percent} first"
        )
    if promotion.window and not within(promotion.window, there.time()):
        broken.append(
            f"it is {there:%H:%M} in {promotion.time_zone}, outside the declared window "
            f"{promotion.window}"
        )
    today = there.date()
    broken += [
        f"no weight may rise from {freeze.start} to {freeze.end}: {freeze.reason}"
        for freeze in promotion.freezes
        if date.fromisoformat(freeze.start) <= today <= date.fromisoformat(freeze.end)
    ]
    return broken
