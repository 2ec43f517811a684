"""What CloudWatch is asked for: metrics as data, and the queries that fetch them, a value a period.

constructs/cutover/alarms names the same metrics for alarms and the dashboard: that is the other side of
CloudFormation, and no code crosses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

MINUTE: Final = 60
"""The period of every metric here but two, in seconds."""

HOUR: Final = 3600
"""The period of what is paid by the hour."""

TEN_SECONDS: Final = 10
"""And of what the sentinel says, which is stored by the second and kept so for three hours (CloudWatch User
Guide, cloudwatch_concepts)."""

OWN_NAMESPACE: Final = "Cutover"
READINESS: Final = "ReadinessVerdict"
"""What the gate found the last time it measured both sides: 0 PASS, 1 INCONCLUSIVE, 2 FAIL."""

_LOAD_BALANCERS: Final = "AWS/ApplicationELB"


@dataclass(frozen=True)
class Metric:
    """One metric and its statistic, over each `period` of so many seconds."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str]
    period: int = MINUTE

    def query(self, id_: str) -> MetricDataQueryTypeDef:
        """Return the question for it, whose answer is found by `id_`."""
        return {
            "Id": id_,
            "MetricStat": {
                "Metric": {
                    "Namespace": self.namespace,
                    "MetricName": self.name,
                    "Dimensions": [
                        {"Name": name, "Value": value} for name, value in self.dimensions.items()
                    ],
                },
                "Period": self.period,
                "Stat": self.statistic,
            },
        }


@dataclass(frozen=True)
class SideMetrics:
    """What the load balancer of one side tells, once a minute.

    Source: Elastic Load Balancing User Guide for Application Load Balancers,
    load-balancer-cloudwatch-metrics (the counts of HTTP codes are reported only where there are any).

    Attributes
    ----------
    load_balancer, target_group : str
        The values of the CloudWatch dimensions LoadBalancer and TargetGroup.
    region : str
        Where CloudWatch keeps them: it answers for no other region.
    """

    load_balancer: str
    target_group: str
    region: str

    def requests(self) -> Metric:
        """Requests that had a target."""
        return self._of_targets("RequestCount", "Sum")

    def answers(self, kind: str) -> Metric:
        """Answers of the targets of one class: 2XX, 3XX, 4XX or 5XX. What the load balancer itself answers,
        like a redirect of its listener's or a refusal of its web ACL's, is not among them."""
        return self._of_targets(f"HTTPCode_Target_{kind}_Count", "Sum")

    def target_errors(self) -> Metric:
        """Answers of the targets with 5xx."""
        return self.answers("5XX")

    def load_balancer_errors(self) -> Metric:
        """Answers with 5xx of the load balancer itself."""
        dimensions = {"LoadBalancer": self.load_balancer}
        return Metric(_LOAD_BALANCERS, "HTTPCode_ELB_5XX_Count", "Sum", dimensions)

    def latency(self, statistic: str) -> Metric:
        """Response time of the targets in seconds: Average, p95, SampleCount, PR(:0.25) …"""
        return self._of_targets("TargetResponseTime", statistic)

    def peak_units(self) -> Metric:
        """The capacity units that the peaks of a minute need."""
        return Metric(_LOAD_BALANCERS, "PeakLCUs", "Sum", {"LoadBalancer": self.load_balancer})

    def consumed_units(self) -> Metric:
        """The capacity units that an hour is paid for."""
        dimensions = {"LoadBalancer": self.load_balancer}
        return Metric(_LOAD_BALANCERS, "ConsumedLCUs", "Sum", dimensions, HOUR)

    def healthy_targets(self) -> Metric:
        """Healthy targets, by the maximum: where it is 0, no node of the load balancer sees one."""
        return self._of_targets("HealthyHostCount", "Maximum")

    def unhealthy_targets(self) -> Metric:
        """Unhealthy targets, by the maximum."""
        return self._of_targets("UnHealthyHostCount", "Maximum")

    def _of_targets(self, name: str, statistic: str) -> Metric:
        dimensions = {"LoadBalancer": self.load_balancer, "TargetGroup": self.target_group}
        return Metric(_LOAD_BALANCERS, name, statistic, dimensions)


def by_region(sides: Mapping[str, SideMetrics]) -> dict[str, dict[str, SideMetrics]]:
    """Return `sides` by the region of their metrics, so that each region is asked once."""
    found: dict[str, dict[str, SideMetrics]] = {}
    for side, metrics in sides.items():
        found.setdefault(metrics.region, {})[side] = metrics
    return found


def own(
    name: str, service: str, door: str | None = None, *, namespace: str = OWN_NAMESPACE
) -> Metric:
    """Return a metric of this product's, of one `door` or of the whole service."""
    dimensions = {"Service": service, **({} if door is None else {"Door": door})}
    return Metric(namespace, name, "Maximum", dimensions)


def probe_down(service: str, side: str) -> Metric:
    """Return whether the sentinel finds a side down (1) while the other is up; else there is nothing."""
    return Metric(
        OWN_NAMESPACE, "ProbeDown", "Maximum", {"Service": service, "Side": side}, TEN_SECONDS
    )


def health_check(check_id: str) -> Metric:
    """Return whether Route 53 considers a check healthy (1) or not (0).

    GetHealthCheckStatus would answer too, but is "intended for use during development" (Route 53 API
    reference).
    """
    return Metric("AWS/Route53", "HealthCheckStatus", "Minimum", {"HealthCheckId": check_id})
