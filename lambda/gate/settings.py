"""What the gate's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from gate.capacity import Ahead, AheadSettings
from shared.doors.door import DoorSettings
from shared.hooks.settings import HookSettings
from shared.metrics import SideMetrics


@dataclass(frozen=True, kw_only=True)
class Settings(DoorSettings, HookSettings, AheadSettings):
    """The gate's variables, each by its name in capitals."""

    service: str
    announcements_topic_arn: str
    line_parameter: str
    metric_namespace: str
    chat_topic_arn: str = ""

    def ahead(self) -> Ahead | None:
        """Return how new's capacity is reserved ahead of a rise, or None where it is not."""
        place = self.place()
        if place is None:
            return None
        region, _, old = self.capacity_old.partition(":")
        new = place.load_balancer.partition(":loadbalancer/")[2]
        return Ahead(
            place,
            {"old": SideMetrics(old, "", region), "new": SideMetrics(new, "", place.region)},
            self.capacity_headroom_percent,
            self.capacity_lookback_days,
            self.capacity_wait_seconds,
        )
