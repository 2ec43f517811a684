"""What CloudWatch is asked about both sides, and how it answers: once for the decision and the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.answers import CLASSES
from shared.metrics import Metric, SideMetrics, health_check, own, probe_down

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

MINUTES: Final = 30
"""So far back it is looked: 30 minutes of everything below fit into one answer of GetMetricData, which
holds 100,800 datapoints (CloudWatch API reference)."""

MORE: Final = "judge_more_"
"""The ids of what the judge tells of a class of answers begin so."""

Points = list[tuple[datetime, float]]
Series = Mapping[str, Points]


def of_side(side: str, metrics: SideMetrics) -> dict[str, Metric]:
    """Return what a load balancer tells about `side`, by an id that starts with the side."""
    return {
        f"{side}_healthy": metrics.healthy_targets(),
        f"{side}_unhealthy": metrics.unhealthy_targets(),
        f"{side}_requests": metrics.requests(),
        f"{side}_target_errors": metrics.target_errors(),
        f"{side}_balancer_errors": metrics.load_balancer_errors(),
        f"{side}_latency": metrics.latency("Average"),
        f"{side}_latency_p95": metrics.latency("p95"),
    }


def of_sentinel(service: str) -> dict[str, Metric]:
    """Return what the sentinel says of both sides; it stands beside the load balancers."""
    return {f"{side}_probe_down": probe_down(service, side) for side in ("old", "new")}


def of_edge_region(
    service: str, *, doors: Iterable[str], old_entry_check_id: str | None
) -> dict[str, Metric]:
    """Return what us-east-1 tells: the deployed weights, as the observer saw them, how much more often new
    gives a class of answers, as the judge saw it, and Route 53's view of old's entry."""
    found = {f"weight_{door}": own("DeclaredWeight", service, door) for door in doors}
    found |= {f"{MORE}{name}": own(f"JudgeMore{name}", service) for name in CLASSES}
    if old_entry_check_id:
        found["old_entry"] = health_check(old_entry_check_id)
    return found


def fetch(client: CloudWatchClient, metrics: Mapping[str, Metric], now: datetime) -> Series:
    """Return the last MINUTES of each of `metrics`, oldest first; none where nothing is reported.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudWatch does not answer.
    """
    answer = client.get_metric_data(
        MetricDataQueries=[metric.query(id_) for id_, metric in metrics.items()],
        StartTime=now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES),
        EndTime=now,
        ScanBy="TimestampAscending",
    )
    return {
        result["Id"]: list(zip(result["Timestamps"], result["Values"], strict=True))
        for result in answer["MetricDataResults"]
    }
