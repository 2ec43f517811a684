"""What CloudWatch is asked about both sides, and how it answers: once for the decision and the evidence.

IAM: cloudwatch:GetMetricData, which takes no resource.
Source: Elastic Load Balancing User Guide, load-balancer-cloudwatch-metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

MINUTES: Final = 30
"""So far back it is looked: 30 minutes of everything below fit into one answer of GetMetricData, which
holds 100,800 datapoints (CloudWatch API reference)."""

_PERIOD_SECONDS: Final = 60
_LOAD_BALANCERS: Final = "AWS/ApplicationELB"

Points = list[tuple[datetime, float]]
Series = Mapping[str, Points]


@dataclass(frozen=True)
class Metric:
    """One metric and its statistic, a datapoint a minute."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str]


def of_side(side: str, *, load_balancer: str, target_group: str) -> dict[str, Metric]:
    """Return what a load balancer tells about `side`, by an id that starts with the side.

    HealthyHostCount by its maximum: where it is 0, no node of the load balancer sees a healthy target.
    """
    balancer = {"LoadBalancer": load_balancer}
    group = balancer | {"TargetGroup": target_group}
    return {
        f"{side}_{id_}": Metric(_LOAD_BALANCERS, name, statistic, dimensions)
        for id_, name, statistic, dimensions in (
            ("healthy", "HealthyHostCount", "Maximum", group),
            ("unhealthy", "UnHealthyHostCount", "Maximum", group),
            ("requests", "RequestCount", "Sum", group),
            ("target_errors", "HTTPCode_Target_5XX_Count", "Sum", group),
            ("balancer_errors", "HTTPCode_ELB_5XX_Count", "Sum", balancer),
            ("latency", "TargetResponseTime", "Average", group),
            ("latency_p95", "TargetResponseTime", "p95", group),
        )
    }


def of_edge_region(
    service: str, *, doors: Iterable[str], old_entry_check_id: str | None
) -> dict[str, Metric]:
    """Return what us-east-1 tells: the deployed weights, as the observer saw them, and Route 53's view
    of old's entry.

    GetHealthCheckStatus would answer too, but is "intended for use during development" (Route 53
    API reference).
    """
    metrics = {
        f"weight_{door}": Metric(
            "Cutover", "DeclaredWeight", "Maximum", {"Service": service, "Door": door}
        )
        for door in doors
    }
    if old_entry_check_id:
        metrics["old_entry"] = Metric(
            "AWS/Route53", "HealthCheckStatus", "Minimum", {"HealthCheckId": old_entry_check_id}
        )
    return metrics


def fetch(client: CloudWatchClient, metrics: Mapping[str, Metric], now: datetime) -> Series:
    """Return the last MINUTES of each of `metrics`, oldest first; none where nothing is reported.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudWatch does not answer.
    """
    answer = client.get_metric_data(
        MetricDataQueries=[
            {
                "Id": id_,
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": [
                            {"Name": name, "Value": value}
                            for name, value in metric.dimensions.items()
                        ],
                    },
                    "Period": _PERIOD_SECONDS,
                    "Stat": metric.statistic,
                },
            }
            for id_, metric in metrics.items()
        ],
        StartTime=now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES),
        EndTime=now,
        ScanBy="TimestampAscending",
    )
    return {
        result["Id"]: list(zip(result["Timestamps"], result["Values"], strict=True))
        for result in answer["MetricDataResults"]
    }
