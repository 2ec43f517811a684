"""What to look at: the names of one service's parts in AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.doors.settings import required
from shared.status.seen import Unread
from shared.status.share import probes_a_minute


@dataclass(frozen=True)
class Subject:
    """One service's parts.

    Attributes
    ----------
    region : str
        Of both load balancers.
    store_arn, switch_check_id : str or Unread
        What the rollback function writes; the check is None where there is no dns door.
    router : str or None
        The edge function; None where there is no edge door.
    hosted_zone_id, record_name : str
        Of the dns door; empty where there is none.
    load_balancers : mapping
        By side, the values of the CloudWatch dimensions LoadBalancer and TargetGroup.
    probes_a_minute : int
        Requests a minute to each side that are Route 53's health checkers', at most.
    """

    service: str
    region: str
    traffic_stack: str
    store_arn: str | Unread
    switch_check_id: str | Unread | None
    router: str | None
    hosted_zone_id: str
    record_name: str
    load_balancers: Mapping[str, tuple[str, str]]
    probes_a_minute: int


def from_environment(environment: Mapping[str, str]) -> Subject:
    """Return what a function's environment names.

    Raises
    ------
    SettingsError
        When it names less than every service has.
    """
    return Subject(
        service=required(environment, "SERVICE"),
        region=required(environment, "SERVICE_REGION"),
        traffic_stack=required(environment, "TRAFFIC_STACK"),
        store_arn=required(environment, "KVS_ARN"),
        switch_check_id=environment.get("SWITCH_HEALTH_CHECK_ID") or None,
        router=environment.get("ROUTER_FUNCTION_NAME") or None,
        hosted_zone_id=environment.get("HOSTED_ZONE_ID", ""),
        record_name=environment.get("RECORD_NAME", ""),
        load_balancers={
            side: (
                required(environment, f"{side.upper()}_LOAD_BALANCER"),
                required(environment, f"{side.upper()}_TARGET_GROUP"),
            )
            for side in ("old", "new")
        },
        probes_a_minute=probes_a_minute(
            int(required(environment, "ENDPOINTS")),
            int(required(environment, "HEALTH_CHECK_SECONDS")),
        ),
    )
