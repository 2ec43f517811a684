"""The hours of a day in which a weight may rise, for the gate and for whoever plans."""

from __future__ import annotations

from datetime import time


def within(window: str, now: time) -> bool:
    """Return whether the window, like 02:00-06:00, is open at `now`; the end is not part of it, and a window
    may span midnight."""
    start, end = (time.fromisoformat(part) for part in window.split("-"))
    if start < end:
        return start <= now < end
    return now >= start or now < end
