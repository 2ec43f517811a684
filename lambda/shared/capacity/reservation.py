"""What a load balancer says of its reservation, and how it is changed.

Source: Elastic Load Balancing API reference, DescribeCapacityReservation and ModifyCapacityReservation;
Elastic Load Balancing User Guide, request-capacity-unit-reservation and monitor-capacity-unit-reservation.
The capacity is spread evenly over the zones, and each zone has a state of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.shown import NAME, shown

PROVISIONED: Final = "provisioned"
FAILED: Final = "failed"


@dataclass(frozen=True)
class Zone:
    """One zone: its state is provisioned, pending, rebalancing (a zone was added or removed) or failed."""

    name: str
    state: str
    reason: str = ""

    def __str__(self) -> str:
        """Say it as a message does."""
        return f"{self.name or 'the zone'} {self.state}{f' ({self.reason})' if self.reason else ''}"


@dataclass(frozen=True)
class Reservation:
    """What is reserved.

    Attributes
    ----------
    units : int
        LCU that were asked for; 0: nothing is reserved.
    zones : tuple of Zone
    decreases_left : int or None
        How often it may still be lowered today; None where it is not told.
    """

    units: int = 0
    zones: tuple[Zone, ...] = ()
    decreases_left: int | None = None

    @property
    def ready(self) -> bool:
        """Whether every zone has it."""
        return bool(self.zones) and all(zone.state == PROVISIONED for zone in self.zones)

    @property
    def failed(self) -> tuple[Zone, ...]:
        """The zones that could not get it."""
        return tuple(zone for zone in self.zones if zone.state == FAILED)

    @property
    def under_way(self) -> tuple[Zone, ...]:
        """The zones that are still changing: until they have ended, AWS takes no other request."""
        return tuple(zone for zone in self.zones if zone.state not in {PROVISIONED, FAILED})

    def __str__(self) -> str:
        """Say it as a message does."""
        if not self.units:
            return "nothing is reserved"
        zones = ", ".join(map(str, self.zones)) or "no zone says how far it is"
        return f"{self.units} LCU are reserved: {zones}"


def parse(answer: Mapping[str, Any]) -> Reservation:
    """Return what DescribeCapacityReservation answered; without a reservation it leaves keys out."""
    states = answer.get("CapacityReservationState") or ()
    return Reservation(
        units=int((answer.get("MinimumLoadBalancerCapacity") or {}).get("CapacityUnits") or 0),
        zones=tuple(
            Zone(
                shown(str(one.get("AvailabilityZone", "")), NAME),
                str(one.get("State", {}).get("Code", "")) or "of no state",
                shown(str(one.get("State", {}).get("Reason", "")), NAME),
            )
            for one in states
        ),
        decreases_left=answer.get("DecreaseRequestsRemaining"),
    )


def look(client: Any, load_balancer_arn: str) -> Reservation:
    """Return what is reserved; `client` is elbv2's of the load balancer's region.

    Raises
    ------
    ClientError, BotoCoreError
        When AWS does not tell.
    """
    return parse(client.describe_capacity_reservation(LoadBalancerArn=load_balancer_arn))


def reserve(client: Any, load_balancer_arn: str, units: int) -> None:
    """Ask for `units` LCU; with 0 the reservation is taken away.

    Raises
    ------
    ClientError, BotoCoreError
        When AWS refuses.
    """
    if units:
        client.modify_capacity_reservation(
            LoadBalancerArn=load_balancer_arn, MinimumLoadBalancerCapacity={"CapacityUnits": units}
        )
    else:
        client.modify_capacity_reservation(
            LoadBalancerArn=load_balancer_arn, ResetCapacityReservation=True
        )
