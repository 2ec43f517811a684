"""Whether what was reserved is needed any more.

Releasing takes no capacity from traffic that is there: a load balancer goes on to scale by what it gets, and
a reservation only keeps it from going lower (Elastic Load Balancing User Guide, capacity-unit-reservation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.capacity.ours import Ours
from shared.promotion.change import HIGHEST

UNUSED: Final = timedelta(hours=24)
"""So long it waits for the deploy for which it was asked: AWS may take hours, and people go home."""


@dataclass(frozen=True)
class Seen:
    """What the doors say of new.

    Attributes
    ----------
    weights : mapping
        The last weight of new that each door had in the last minutes, in percent; a door that said nothing is
        not there.
    hours_at_full : int
        For how many whole hours everybody has been on new without a rollback; 0 where nobody looked.
    """

    weights: Mapping[str, float]
    hours_at_full: int = 0

    @property
    def everybody(self) -> bool:
        """Whether every door sends everybody to new."""
        return bool(self.weights) and min(self.weights.values()) >= HIGHEST

    @property
    def anybody(self) -> bool:
        """Whether a door sends anybody to new."""
        return any(self.weights.values())


def due(ours: Ours, seen: Seen, watch_hours: int, now: datetime) -> str:
    """Return why it is to be released now, or nothing while it is needed."""
    if seen.everybody:
        if seen.hours_at_full >= watch_hours:
            return f"everybody has been on new for {seen.hours_at_full} h (promotion.watch_hours)"
        return ""
    if seen.anybody:
        return ""
    if seen.weights and ours.used:
        return "new has no weight any more"
    if now - ours.since >= UNUSED:
        return f"the rise to {ours.weight} % has not come in {UNUSED / timedelta(hours=1):.0f} h"
    return ""
