"""A front door, as far as its switch goes, and the doors that a function is told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shared.aws import Clients
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.switch import SwitchState


class Door(Protocol):
    """A front door's switch."""

    @property
    def name(self) -> str:
        """edge or dns."""

    def read(self) -> SwitchState:
        """Return what the switch says, or raise DoorError."""

    def bring(self, state: SwitchState) -> bool:
        """Write the switch unless it says so already, and read it back; return whether it was
        written, or raise DoorError."""


@dataclass(frozen=True, kw_only=True)
class DoorSettings:
    """The variables that name the doors.

    Attributes
    ----------
    kvs_arn : str
        The KeyValueStore, which holds the edge's switch, who threw it, and the mute.
    switch_health_check_id : str
        The dns door's switch; empty without a dns door.
    """

    kvs_arn: str
    switch_health_check_id: str = ""

    def store(self, client: Clients) -> EdgeDoor:
        """Return the KeyValueStore."""
        return EdgeDoor(client("cloudfront-keyvaluestore"), self.kvs_arn)

    def doors(self, client: Clients) -> list[Door]:
        """Return the doors, the edge first: it is the faster way and holds the record."""
        found: list[Door] = [self.store(client)]
        if self.switch_health_check_id:
            found.append(DnsDoor(client("route53"), self.switch_health_check_id))
        return found
