"""What an Application Load Balancer tells about one side: namespace AWS/ApplicationELB, once a minute.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

from __future__ import annotations

from typing import Literal

from cutover.alarms.metric import Metric, MetricMath
from cutover.alarms.probes import Probes
from cutover.declaration.side import Side, Which


class LoadBalancerMetrics:
    """The metrics of one side, for alarms in its region and for a dashboard anywhere.

    `probes` of its requests a minute are Route 53's health checkers' and the sentinel's: they are in every
    count, and no dimension tells them apart.
    """

    def __init__(self, which: Which, side: Side, probes: Probes) -> None:
        self._which = which
        self._probes = probes.about
        self._region = side.stands_in
        self._load_balancer = {"LoadBalancer": side.load_balancer}
        self._target_group = {"TargetGroup": side.target_group} | self._load_balancer

    def _metric(self, name: str, statistic: str, dimensions: dict[str, str]) -> Metric:
        return Metric("AWS/ApplicationELB", name, dimensions, statistic, self._region)

    def requests(self) -> Metric:
        """Requests a minute, probes among them; always reported."""
        return self._metric("RequestCount", "Sum", self._target_group)

    def target_errors(self) -> Metric:
        """5xx answers of the targets a minute; reported only when there are any."""
        return self._answers("5XX")

    def load_balancer_errors(self) -> Metric:
        """5xx answers of the load balancer itself a minute; reported only when there are any."""
        return self._metric("HTTPCode_ELB_5XX_Count", "Sum", self._load_balancer)

    def users(self) -> MetricMath:
        """Requests a minute that are users', about: what the probes leave, and never less than 0."""
        requests = self._id("requests")
        return MetricMath(
            expression=self._users(),
            using={requests: self.requests()},
            label=f"{self._which} users' requests",
        )

    def share_beside(self, other: LoadBalancerMetrics) -> MetricMath:
        """This side's share, in percent, of the users' requests to both; none where nobody asks.

        Raises
        ------
        ValueError
            When the sides are in two regions.
        """
        return MetricMath(
            expression=f"100 * {self._users()} / ({self._users()} + {other._users()})",
            using={side._id("requests"): side.requests() for side in (other, self)},
            label=f"served by {self._which} %",
        )

    def error_rate(self, minimum_requests: int = 1) -> MetricMath:
        """5xx answers in percent of the users' requests, at most 100; 0 in a minute with fewer than
        `minimum_requests` of these.

        Every error counts as a user's, whosever it was: probes must not dilute the users' errors, and which
        errors are theirs no metric tells.
        """
        requests, target, balancer = (self._id(what) for what in ("requests", "target", "elb"))
        errors = f"(FILL({target}, 0) + FILL({balancer}, 0))"
        users = f"({requests} - {self._probes})"
        return MetricMath(
            expression=(
                f"IF({requests} >= {minimum_requests + self._probes}, "
                f"IF({errors} >= {users}, 100, 100 * {errors} / {users}), 0)"
            ),
            using={
                requests: self.requests(),
                target: self.target_errors(),
                balancer: self.load_balancer_errors(),
            },
            label=f"{self._which} 5xx %",
        )

    def answered(self, kind: Literal["2XX", "3XX", "4XX"]) -> MetricMath:
        """Answers of the targets of one class in percent of the users' requests, at most 100; the probes are
        taken to be answered with 2xx."""
        requests, count = self._id("requests"), self._id(f"answers_{kind}")
        probes = self._probes if kind == "2XX" else 0
        users = f"({requests} - {self._probes})"
        answers = f"(FILL({count}, 0) - {probes})"
        return MetricMath(
            expression=(
                f"IF({requests} > {self._probes}, IF({answers} >= {users}, 100, "
                f"IF({answers} > 0, 100 * {answers} / {users}, 0)), 0)"
            ),
            using={requests: self.requests(), count: self._answers(kind)},
            label=f"{self._which} {kind.lower()} %",
        )

    def _answers(self, kind: str) -> Metric:
        return self._metric(f"HTTPCode_Target_{kind}_Count", "Sum", self._target_group)

    def _users(self) -> str:
        requests = self._id("requests")
        return f"IF({requests} > {self._probes}, {requests} - {self._probes}, 0)"

    def _id(self, what: str) -> str:
        # CloudWatch wants ids to differ where both sides share a graph.
        return f"{self._which}_{what}"

    def latency(self, statistic: str) -> Metric:
        """Response time of the targets in seconds; `statistic` is Average or a percentile."""
        return self._metric("TargetResponseTime", statistic, self._target_group)

    def healthy_hosts(self) -> Metric:
        """Fewest healthy targets in the minute; reported only while targets are registered."""
        return self._metric("HealthyHostCount", "Minimum", self._target_group)

    def healthy_percent(self) -> MetricMath:
        """Healthy targets in percent of those that are healthy or not, at the worst of the minute.

        Nothing in a minute for which either is not reported: that is `healthy_hosts`'s to tell. A target that
        drains is no longer counted, or is counted as unhealthy: which of the two is not documented.
        """
        healthy, unhealthy = (f"{self._which}_{id_}" for id_ in ("healthy", "unhealthy"))
        return MetricMath(
            expression=(
                f"IF({healthy} + {unhealthy} > 0, 100 * {healthy} / ({healthy} + {unhealthy}), 0)"
            ),
            using={
                healthy: self.healthy_hosts(),
                unhealthy: self._metric("UnHealthyHostCount", "Maximum", self._target_group),
            },
            label=f"{self._which} healthy targets %",
        )

    def connection_errors(self) -> Metric:
        """Connections to targets that failed in the minute; reported only when there are any."""
        return self._metric("TargetConnectionErrorCount", "Sum", self._target_group)
