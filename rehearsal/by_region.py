"""What is deployed of a service, looked for in the region in which it stands: its sides may be in two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cutover.alarms.own_metrics import NAMESPACE
from cutover.declaration.service import Service
from cutover.regions import EDGE_REGION

ClientFor = Callable[[str, str], Any]
"""Returns a client of a service of AWS in a region."""


def regions_of(service: Service) -> tuple[str, ...]:
    """Return every region in which something is deployed: us-east-1 and those of the sides."""
    return tuple(dict.fromkeys([EDGE_REGION, *service.regions]))


def in_alarm(client_for: ClientFor, service: Service) -> Iterator[str]:
    """Yield the names of the alarms in ALARM, of every region; it blocks for a moment."""
    for region in regions_of(service):
        told = client_for("cloudwatch", region).describe_alarms(StateValue="ALARM")
        yield from (alarm["AlarmName"] for alarm in told["MetricAlarms"])


def set_alarm(
    client_for: ClientFor, service: Service, name: str, *, state: str, reason: str
) -> None:
    """Bring an alarm to `state` by hand, where it stands; it blocks for a moment.

    Raises
    ------
    LookupError
        When no region has an alarm of that name.
    """
    for region in regions_of(service):
        cloudwatch = client_for("cloudwatch", region)
        if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
            return
    raise LookupError(f"no alarm {name} in {', '.join(regions_of(service))}")


def sentinel_watches(client_for: ClientFor, service: Service) -> bool:
    """Return whether the sentinel, which stands in old's region, has said yet that it watches."""
    cloudwatch = client_for("cloudwatch", service.old.stands_in)
    named = {"Namespace": NAMESPACE, "MetricName": "SentinelWatches"}
    return bool(cloudwatch.list_metrics(**named)["Metrics"])
