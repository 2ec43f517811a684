"""Tells the clock: the hours that nobody waits for are what the minutes before them were, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cutover.declaration.service import Service
from rehearsal.cloud.process import EDGE_REGION, EmbeddedCloud
from shared.metrics import Metric, own

_DOORS: Final = ("edge", "dns")
_ONLY_WHERE_THERE_ARE: Final = ("HTTP_Redirect_Count", "HTTP_Fixed_Response_Count")
"""Counts of old's load balancer that nobody publishes for a minute without one (Elastic Load Balancing,
load-balancer-cloudwatch-metrics, Reporting criteria)."""
_A_CALL: Final = 500
"""PutMetricData takes 1,000 datapoints (CloudWatch API reference, PutMetricData)."""


def play_hours(
    cloud: EmbeddedCloud,
    service: str,
    declared: Service,
    since: datetime,
    hours: int,
    played: int = 0,
) -> None:
    """Publish for each of `hours` what the minutes from `since` on said: the hours after the one that runs,
    and after those that were `played` already.

    A count is as many as in sixty of these minutes.

    Raises
    ------
    ValueError
        When a metric said nothing in these minutes: there is nothing to repeat.
    """
    now = datetime.now(UTC)
    first = now.replace(minute=30, second=0, microsecond=0) + timedelta(hours=1 + played)
    for region, metric in _kept(service, declared):
        cloudwatch = cloud.client("cloudwatch", region)
        value = _said(cloudwatch, metric, since, now)
        if value is None:
            continue
        data = [
            {
                "MetricName": metric.name,
                "Dimensions": _dimensions(metric),
                "Timestamp": first + timedelta(hours=hour),
                "Value": value,
            }
            for hour in range(hours)
        ]
        for at in range(0, len(data), _A_CALL):
            cloudwatch.put_metric_data(
                Namespace=metric.namespace, MetricData=data[at : at + _A_CALL]
            )


def _kept(service: str, declared: Service) -> Iterator[tuple[str, Metric]]:
    """Yield what is kept by the hour, with its region: an hour says the `statistic` of its minutes."""
    for door in _DOORS:
        yield EDGE_REGION, replace(own("DeclaredWeight", service, door), statistic="Minimum")
        yield EDGE_REGION, own("SwitchThrown", service, door)
    balancer = {"LoadBalancer": declared.old.load_balancer}
    for name in ("RequestCount", *_ONLY_WHERE_THERE_ARE):
        yield declared.old.stands_in, Metric("AWS/ApplicationELB", name, "Sum", balancer)


def _said(cloudwatch: Any, metric: Metric, since: datetime, now: datetime) -> float | None:
    answer = cloudwatch.get_metric_statistics(
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=_dimensions(metric),
        StartTime=since,
        EndTime=now,
        Period=metric.period,
        Statistics=[metric.statistic],
    )
    values: list[float] = [point[metric.statistic] for point in answer["Datapoints"]]
    if not values and metric.name in _ONLY_WHERE_THERE_ARE:
        return None
    if not values:
        raise ValueError(f"{metric.name} {metric.dimensions} said nothing since {since:%H:%M:%S}")
    if metric.statistic == "Sum":
        # A minute without one of them says nothing, and is a minute all the same.
        minutes = (now - since).total_seconds() / 60 if metric.name in _ONLY_WHERE_THERE_ARE else 0
        return 60.0 * sum(values) / max(minutes, len(values))
    return min(values) if metric.statistic == "Minimum" else max(values)


def _dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
