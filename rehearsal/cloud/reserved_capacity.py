"""Reservations of load balancer capacity, as AWS answers for them; pure, and by a clock that is handed in.

Source: Elastic Load Balancing API reference, ModifyCapacityReservation (its errors) and
DescribeCapacityReservation; Elastic Load Balancing User Guide, request-capacity-unit-reservation: a request
must have ended before the next one, it can be raised at any time and lowered twice a day, some take hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

LEAST: Final = 100
DECREASES_A_DAY: Final = 2
DAY_SECONDS: Final = 86_400.0
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500


class RefusedError(Exception):
    """AWS's refusal.

    Attributes
    ----------
    code : str
    status : int
    """

    def __init__(self, code: str, message: str, status: int = _CLIENT_ERROR) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class Reservations:
    """The reservations of one region.

    Attributes
    ----------
    quota : int
        LCU that may be reserved in the region: 0, as in a new account.
    there : int or None
        LCU that AWS has; None: as many as are asked for.
    provisioning_seconds : float
        How long a request takes.
    failing : tuple of str
        Zones in which the next requests fail.
    """

    clock: Callable[[], float]
    zones: tuple[str, ...] = ("a", "b")
    quota: int = 0
    there: int | None = None
    provisioning_seconds: float = 0.0
    failing: tuple[str, ...] = ()
    _units: dict[str, int] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    _failed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lowered: dict[str, list[float]] = field(default_factory=dict)

    def modify(self, load_balancer: str, units: int) -> dict[str, Any]:
        """Ask for `units`; 0 takes the reservation away. Return what describe does.

        Raises
        ------
        RefusedError
            As AWS does.
        """
        if units and units < LEAST:
            raise RefusedError("InvalidConfigurationRequest", f"the least is {LEAST} LCU")
        if self._pending(load_balancer):
            raise RefusedError("CapacityReservationPending", "an earlier request is pending")
        held = self._units.get(load_balancer, 0)
        if sum(self._units.values()) - held + units > self.quota:
            raise RefusedError("CapacityUnitsLimitExceeded", f"the quota is {self.quota} LCU")
        if self.there is not None and units > max(self.there, held):
            raise RefusedError("InsufficientCapacity", "not so much is there", _SERVER_ERROR)
        if units < held:
            if not self._decreases_left(load_balancer):
                raise RefusedError("CapacityDecreaseRequestLimitExceeded", "lowered twice today")
            self._lowered.setdefault(load_balancer, []).append(self.clock())
        if units:
            self._units[load_balancer] = units
            self._asked[load_balancer] = self.clock()
            self._failed[load_balancer] = self.failing
        else:
            self._units.pop(load_balancer, None)
            self._asked.pop(load_balancer, None)
        return self.describe(load_balancer)

    def describe(self, load_balancer: str) -> dict[str, Any]:
        """Return what DescribeCapacityReservation answers; without a reservation it has no units."""
        answer: dict[str, Any] = {
            "DecreaseRequestsRemaining": self._decreases_left(load_balancer),
            "CapacityReservationState": [],
        }
        units = self._units.get(load_balancer)
        if units is None:
            return answer
        return answer | {
            "MinimumLoadBalancerCapacity": {"CapacityUnits": units},
            "CapacityReservationState": [
                self._zone(load_balancer, zone, units) for zone in self.zones
            ],
        }

    def _zone(self, load_balancer: str, zone: str, units: int) -> dict[str, Any]:
        if self._pending(load_balancer):
            state: dict[str, str] = {"Code": "pending"}
        elif zone in self._failed.get(load_balancer, ()):
            state = {"Code": "failed", "Reason": "insufficient capacity"}
        else:
            state = {"Code": "provisioned"}
        effective = units / len(self.zones) if state["Code"] == "provisioned" else 0.0
        return {"State": state, "AvailabilityZone": zone, "EffectiveCapacityUnits": effective}

    def _pending(self, load_balancer: str) -> bool:
        asked = self._asked.get(load_balancer)
        return asked is not None and self.clock() - asked < self.provisioning_seconds

    def _decreases_left(self, load_balancer: str) -> int:
        since = self.clock() - DAY_SECONDS
        today = [at for at in self._lowered.get(load_balancer, ()) if at > since]
        return max(0, DECREASES_A_DAY - len(today))
