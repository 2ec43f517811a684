"""Reads from CloudWatch, by the hour, what the doors did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from shared.metrics import Metric, own
from shared.watch.hours import HOUR, AtDoors, ByHour
from shared.watch.series import read_series

EDGE_REGION: Final = "us-east-1"
HOURS_BEFORE: Final = 7 * 24
"""How far before the watch an earlier one is looked for, which was broken."""
_HOUR_SECONDS: Final = 3600
_LATE: Final = timedelta(minutes=5)
"""Metrics come minutes after their time (Elastic Load Balancing User Guide,
load-balancer-cloudwatch-metrics)."""


def last_whole_hour(now: datetime) -> datetime:
    """Return the end of the last hour whose metrics are there."""
    return (now - _LATE).replace(minute=0, second=0, microsecond=0)


def look_at_doors(
    cloudwatch: Any, service: str, doors: Sequence[str], until: datetime, hours: int
) -> AtDoors:
    """Return what each of `doors` did in `hours` hours before `until`; `cloudwatch` is the client of
    us-east-1. One call, and two metrics a door.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    asked = {
        **{f"weight_{door}": _own("DeclaredWeight", "Minimum", service, door) for door in doors},
        **{f"thrown_{door}": _own("SwitchThrown", "Maximum", service, door) for door in doors},
    }
    found = read_hours(cloudwatch, asked, until - HOUR * hours, until)
    return AtDoors(
        until,
        {door: found[f"weight_{door}"] for door in doors},
        {door: found[f"thrown_{door}"] for door in doors},
    )


def read_hours(
    client: Any, metrics: Mapping[str, Metric], since: datetime, until: datetime
) -> dict[str, ByHour]:
    """Return each metric by the hour, by the id that it is called.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    queries: list[Any] = [metric.query(id_) for id_, metric in metrics.items()]
    for query in queries:
        query["MetricStat"]["Period"] = _HOUR_SECONDS
    return dict(read_series(client, queries, since, until))


def _own(name: str, statistic: str, service: str, door: str) -> Metric:
    metric = own(name, service, door)
    return Metric(metric.namespace, metric.name, statistic, metric.dimensions)
