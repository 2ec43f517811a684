"""How far the share of requests that new served may differ from its weight before people are told.

A weight does not promise a share: resolvers cache an answer for a whole office, a viewer keeps its side, and
people who know old's own name go past both doors.
"""

from __future__ import annotations

from typing import Final

LEAST_TOLERANCE: Final = 10.0


def tolerance(weight: float) -> float:
    """Return how many percentage points a share may lie off `weight` (percent): half of the smaller side's
    share, at least 10."""
    return max(LEAST_TOLERANCE, min(weight, 100 - weight) / 2)
