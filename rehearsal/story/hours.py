"""Tells the clock: the hours that nobody waits for are what the minutes before them were, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cutover.declaration.service import Service
from rehearsal.cloud.process import EDGE_REGION, EmbeddedCloud

_DOORS: Final = ("edge", "dns")
_OF_BALANCER: Final = "AWS/ApplicationELB"
_A_CALL: Final = 500
"""PutMetricData takes 1,000 datapoints (CloudWatch API reference, PutMetricData)."""


@dataclass(frozen=True)
class _Kept:
    """A metric that is kept by the hour: what an hour says of its minutes is their `statistic`."""

    region: str
    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: str


def play_hours(
    cloud: EmbeddedCloud, service: str, declared: Service, since: datetime, hours: int
) -> None:
    """Publish for each of the `hours` after the one that runs what the minutes from `since` on said.

    A count is as many as in sixty of these minutes.

    Raises
    ------
    ValueError
        When a metric said nothing in these minutes: there is nothing to repeat.
    """
    now = datetime.now(UTC)
    first = now.replace(minute=30, second=0, microsecond=0) + timedelta(hours=1)
    for kept in _kept(service, declared):
        cloudwatch = cloud.client("cloudwatch", kept.region)
        value = _said(cloudwatch, kept, since, now)
        data = [
            {
                "MetricName": kept.name,
                "Dimensions": [{"Name": k, "Value": v} for k, v in kept.dimensions.items()],
                "Timestamp": first + timedelta(hours=hour),
                "Value": value,
            }
            for hour in range(hours)
        ]
        for at in range(0, len(data), _A_CALL):
            cloudwatch.put_metric_data(Namespace=kept.namespace, MetricData=data[at : at + _A_CALL])


def _kept(service: str, declared: Service) -> Iterator[_Kept]:
    for door in _DOORS:
        at = {"Service": service, "Door": door}
        yield _Kept(EDGE_REGION, "Cutover", "DeclaredWeight", at, "Minimum")
        yield _Kept(EDGE_REGION, "Cutover", "SwitchThrown", at, "Maximum")
    balancer = {"LoadBalancer": declared.old.load_balancer}
    yield _Kept(declared.region, _OF_BALANCER, "RequestCount", balancer, "Sum")


def _said(cloudwatch: Any, kept: _Kept, since: datetime, now: datetime) -> float:
    answer = cloudwatch.get_metric_statistics(
        Namespace=kept.namespace,
        MetricName=kept.name,
        Dimensions=[{"Name": k, "Value": v} for k, v in kept.dimensions.items()],
        StartTime=since,
        EndTime=now,
        Period=60,
        Statistics=[kept.statistic],
    )
    values: list[float] = [point[kept.statistic] for point in answer["Datapoints"]]
    if not values:
        raise ValueError(f"{kept.name} {kept.dimensions} said nothing since {since:%H:%M:%S}")
    if kept.statistic == "Sum":
        return 60.0 * sum(values) / len(values)
    return min(values) if kept.statistic == "Minimum" else max(values)
