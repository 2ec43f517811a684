"""Reads the evidence from CloudWatch: two calls, one in each region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from shared.decommission.evidence import DAY_HOURS, HOUR, ByHour, Evidence
from shared.decommission.rules import Rules
from shared.doors.patience import patiently
from shared.metrics import Metric, own

EDGE_REGION: Final = "us-east-1"
_HOUR_SECONDS: Final = 3600
_LATE: Final = timedelta(minutes=5)
"""Metrics come minutes after their time (Elastic Load Balancing User Guide,
load-balancer-cloudwatch-metrics)."""

_ASKED: Final = ("RequestCount",)
_ANSWERED_ITSELF: Final = (
    "HTTP_Redirect_Count",
    "HTTP_Fixed_Response_Count",
    "HTTPCode_ELB_4XX_Count",
)
"""RequestCount leaves out what reached no target (Elastic Load Balancing User Guide,
load-balancer-cloudwatch-metrics)."""


def look(client_for: Callable[[str], Any], service: str, rules: Rules, now: datetime) -> Evidence:
    """Return what CloudWatch holds of the time that the rules ask for.

    Parameters
    ----------
    client_for : callable
        CloudWatch's client by region.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    until = (now - _LATE).replace(minute=0, second=0, microsecond=0)
    since = until - HOUR * max(rules.watch_hours, rules.quiet_days * DAY_HOURS)
    doors = {
        **{
            f"weight_{door}": _own("DeclaredWeight", "Minimum", service, door)
            for door in rules.doors
        },
        **{
            f"thrown_{door}": _own("SwitchThrown", "Maximum", service, door) for door in rules.doors
        },
    }
    counted = {
        name.lower(): Metric(
            "AWS/ApplicationELB", name, "Sum", {"LoadBalancer": rules.load_balancer}
        )
        for name in (*_ASKED, *_ANSWERED_ITSELF)
    }
    at_doors = _read(client_for(EDGE_REGION), doors, since, until)
    at_old = _read(client_for(rules.region), counted, since, until)
    others: dict[datetime, float] = {}
    for name in _ANSWERED_ITSELF:
        for hour, value in at_old[name.lower()].items():
            others[hour] = others.get(hour, 0.0) + value
    return Evidence(
        until=until,
        weight={door: at_doors[f"weight_{door}"] for door in rules.doors},
        thrown={door: at_doors[f"thrown_{door}"] for door in rules.doors},
        requests=at_old["requestcount"],
        others=others,
    )


def _own(name: str, statistic: str, service: str, door: str) -> Metric:
    metric = own(name, service, door)
    return Metric(metric.namespace, metric.name, statistic, metric.dimensions)


def _read(
    client: Any, metrics: Mapping[str, Metric], since: datetime, until: datetime
) -> dict[str, ByHour]:
    queries: list[Any] = [metric.query(id_) for id_, metric in metrics.items()]
    for query in queries:
        query["MetricStat"]["Period"] = _HOUR_SECONDS
    found: dict[str, dict[datetime, float]] = {id_: {} for id_ in metrics}
    page: dict[str, str] = {}
    while True:
        asked = partial(
            client.get_metric_data,
            MetricDataQueries=queries,
            StartTime=since,
            EndTime=until,
            **page,
        )
        answer = patiently(asked)
        for result in answer["MetricDataResults"]:
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                hour = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
                found[result["Id"]][hour] = value
        if not answer.get("NextToken"):
            return dict(found)
        page = {"NextToken": answer["NextToken"]}
