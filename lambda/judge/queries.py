"""What CloudWatch is asked, and what its answer says minute by minute.

Sources: Elastic Load Balancing User Guide for Application Load Balancers, load-balancer-cloudwatch-metrics
(one value a minute; the 5xx counts only where there are any); CloudWatch User Guide,
Statistics-definitions: PR(:x), percentile rank, is the percentage of values at most x.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from judge.minutes import Minute

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

MINUTE: Final = 60
Series = Mapping[int, float]
"""Values by the second at which their minute began."""


@dataclass(frozen=True)
class Balancer:
    """Where one side is seen: the dimensions of its metrics, and the bounds of its classes of response
    time in seconds, smallest first."""

    side: str
    load_balancer: str
    target_group: str
    upper: Sequence[float]

    def queries(self) -> list[MetricDataQueryTypeDef]:
        """Return the questions to one side, 4 and one for each bound."""
        balancer = {"LoadBalancer": self.load_balancer}
        targets = {"TargetGroup": self.target_group} | balancer
        space = "AWS/ApplicationELB"
        return [
            query(self._id("requests"), space, "RequestCount", targets, "Sum"),
            query(self._id("targets"), space, "HTTPCode_Target_5XX_Count", targets, "Sum"),
            query(self._id("balancer"), space, "HTTPCode_ELB_5XX_Count", balancer, "Sum"),
            query(self._id("timed"), space, "TargetResponseTime", targets, "SampleCount"),
            *(
                query(self._id(f"rank{index}"), space, "TargetResponseTime", targets, rank(bound))
                for index, bound in enumerate(self.upper)
            ),
        ]

    def minutes(self, series: Mapping[str, Series], starts: Sequence[int]) -> list[Minute]:
        """Return this side's minutes that begin at `starts`, from the answers by the questions' ids.

        The load balancer's own 5xx count among the requests only where it had chosen a target, so that
        there are at least as many requests as errors.
        """
        return [self._minute(series, start) for start in starts]

    def _minute(self, series: Mapping[str, Series], start: int) -> Minute:
        def value(what: str) -> float:
            return max(0.0, series.get(self._id(what), {}).get(start, 0.0))

        failed = round(value("targets") + value("balancer"))
        requests = max(failed, round(value("requests")))
        ranks = [
            series.get(self._id(f"rank{index}"), {}).get(start) for index in range(len(self.upper))
        ]
        known = [min(100.0, max(0.0, share)) for share in ranks if share is not None]
        timed = value("timed")
        if not timed or len(known) < len(ranks):
            return Minute(requests, failed)
        # The statistic is an approximation: a larger bound must still not hold fewer values.
        below = [0.0, *itertools.accumulate(known, max), 100.0]
        return Minute(
            requests,
            failed,
            tuple(timed * (high - low) / 100 for low, high in itertools.pairwise(below)),
        )

    def _id(self, what: str) -> str:
        return f"{self.side}_{what}"


def rank(bound: float) -> str:
    """Return the statistic that tells which percentage of values is at most `bound`."""
    return f"PR(:{bound:.5f})"


def query(
    id_: str, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str
) -> MetricDataQueryTypeDef:
    """Return a question for one statistic of one metric, a value a minute."""
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": of} for name, of in dimensions.items()],
            },
            "Period": MINUTE,
            "Stat": statistic,
        },
    }
