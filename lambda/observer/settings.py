"""What the observer's environment tells it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.doors.door import DoorSettings


@dataclass(frozen=True, kw_only=True)
class Settings(DoorSettings):
    """The observer's variables, each by its name in capitals; a door that is not there has none.

    Attributes
    ----------
    switch_every_minutes : int
        How often the edge's switch is read at least: each so many minutes.
    """

    service: str
    metric_namespace: str
    safety_stack: str
    traffic_stack: str
    switch_every_minutes: int
    router_function_name: str = ""
    hosted_zone_id: str = ""
    record_name: str = ""
