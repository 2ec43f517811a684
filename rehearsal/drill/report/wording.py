"""Figures of the drills, as tables show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def seconds(value: float | None) -> str:
    """Return a duration as a table shows it."""
    return "" if value is None else f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def lost(result: Mapping[str, Any], door: str) -> str:
    """Return what was lost at a door, reads + writes."""
    if "phases" not in result:
        return ""
    of = result["phases"]["lost"][door]
    return f"{of['reads']} + {of['writes']}"


def slower_door(act: Mapping[str, float | None]) -> float | None:
    """Return how long it took until the switch was in force at the last door."""
    known = [value for value in act.values() if value is not None]
    return max(known) if known else None


def first_alarm(result: Mapping[str, Any]) -> str:
    """Return the short name of the first alarm after the fault; empty where there was none."""
    since = result.get("fault_at") or 0.0
    events = result.get("events") or ()
    named = (e["what"] for e in events if e["kind"] == "alarm" and e["at"] >= since)
    return next(named, "").removeprefix("chatmrpt-")
