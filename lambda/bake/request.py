"""What CloudFormation asks the bake: which change, how long, watched by which alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.alarms.state import AlarmRef
from shared.promotion.change import Change, parse_change
from shared.properties import listed, part, text, whole

LONGEST_MINUTES: Final = 55
"""A custom resource may take an hour (CloudFormation User Guide,
aws-resource-cloudformation-customresource); five minutes of it are for what is not the bake."""
UNWATCHED: Final = "bake_minutes is 0"
"""Why a rise is not watched."""
LONGEST_WAIT_MINUTES: Final = 10
"""How long the bake waits for the weight to be at every edge location. `constructs/cutover/promotion/bake.py`
has CloudFormation wait as long."""


@dataclass(frozen=True)
class Request:
    """A change of weight, and the bake that follows it.

    Attributes
    ----------
    minutes : int
        How long to watch, 0 to 55; 0: not at all.
    alarms : tuple of AlarmRef
        Those that may stop the promotion.
    distribution_id : str
        The edge door's; empty without one: CloudFormation itself waits for records.
    """

    change: Change
    minutes: int
    alarms: tuple[AlarmRef, ...]
    distribution_id: str = ""

    @property
    def longest_wait(self) -> float:
        """Seconds that the bake may wait for its start: none where its own minutes fill the hour."""
        return 60.0 * min(LONGEST_WAIT_MINUTES, LONGEST_MINUTES - self.minutes)

    def no_need(self) -> str:
        """Return why there is nothing to watch, or nothing when there is.

        A lower weight is the answer to an alarm: it must not wait for that alarm.
        """
        if not self.change.rises:
            return f"new_weight goes from {self.change.before} to {self.change.after}: no rise"
        if self.minutes == 0:
            return UNWATCHED
        return ""


def parse(event: Mapping[str, Any]) -> Request:
    """Return what a custom resource's event asks for; every value in it is a string
    (CloudFormation User Guide, crpg-ref-requests).

    Raises
    ------
    PropertyError
        When it names no weight from 0 to 100, no minutes from 0 to 55, or an alarm without region or name.
    """
    properties = part(event, "ResourceProperties")
    minutes = whole(properties, "BakeMinutes", 0, LONGEST_MINUTES)
    alarms = tuple(
        AlarmRef(text(alarm, "Region"), text(alarm, "Name"))
        for alarm in listed(properties, "Alarms")
    )
    distribution = text(properties, "DistributionId") if "DistributionId" in properties else ""
    return Request(parse_change(event), minutes, alarms, distribution)
