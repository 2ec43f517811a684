"""Teaches MiniStack reservations of load balancer capacity. Tags of a load balancer say what AWS would decide
(`load_balancer_tags`); without them the quota is 0, as in a new account.
"""

from __future__ import annotations

import time
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import alb

from rehearsal.cloud.reserved_capacity import RefusedError, Reservations
from rehearsal.cloud.taught.load_balancer_tags import PROVISIONING_SECONDS, RESERVABLE

_UNITS: Final = "MinimumLoadBalancerCapacity.CapacityUnits"


def teach() -> None:
    """Register the two calls."""
    by_region: dict[str, Reservations] = {}

    def told(arn: str) -> Reservations:
        region = arn.split(":")[3]
        found = by_region.setdefault(region, Reservations(clock=time.time))
        tags = {tag["Key"]: tag["Value"] for tag in alb._tags.get(arn) or []}
        found.zones = (f"{region}a", f"{region}b")
        found.quota = int(tags.get(RESERVABLE, "0"))
        found.provisioning_seconds = float(tags.get(PROVISIONING_SECONDS, "0"))
        return found

    def describe(params: dict[str, Any]) -> Any:
        arn = alb._p(params, "LoadBalancerArn")
        if arn not in alb._lbs:
            return alb._error("LoadBalancerNotFound", f"there is no {arn}")
        return _answer("DescribeCapacityReservation", told(arn).describe(arn))

    def modify(params: dict[str, Any]) -> Any:
        arn = alb._p(params, "LoadBalancerArn")
        if arn not in alb._lbs:
            return alb._error("LoadBalancerNotFound", f"there is no {arn}")
        reset = alb._p(params, "ResetCapacityReservation") == "true"
        units = alb._p(params, _UNITS)
        if not reset and not units:
            return alb._error("ValidationError", "say how many units, or reset")
        try:
            found = told(arn).modify(arn, 0 if reset else int(units))
        except RefusedError as error:
            return alb._error(error.code, f"{error}", error.status)
        return _answer("ModifyCapacityReservation", found)

    alb._ACTION_MAP.update(
        {"DescribeCapacityReservation": describe, "ModifyCapacityReservation": modify}
    )


def _answer(action: str, found: dict[str, Any]) -> Any:
    units = found.get("MinimumLoadBalancerCapacity")
    reserved = (
        f"<MinimumLoadBalancerCapacity><CapacityUnits>{units['CapacityUnits']}</CapacityUnits>"
        "</MinimumLoadBalancerCapacity>"
        if units
        else ""
    )
    zones = "".join(
        f"<member><State>{_members(zone['State'])}</State>"
        f"<AvailabilityZone>{zone['AvailabilityZone']}</AvailabilityZone>"
        f"<EffectiveCapacityUnits>{zone['EffectiveCapacityUnits']}</EffectiveCapacityUnits></member>"
        for zone in found["CapacityReservationState"]
    )
    return alb._xml(
        200,
        action,
        f"<DecreaseRequestsRemaining>{found['DecreaseRequestsRemaining']}</DecreaseRequestsRemaining>"
        f"{reserved}<CapacityReservationState>{zones}</CapacityReservationState>",
    )


def _members(state: dict[str, str]) -> str:
    return "".join(f"<{key}>{escape(value)}</{key}>" for key, value in state.items())
