"""One side, as the judge sees it: what is asked of its load balancer, and what each minute was like.

Source: CloudWatch User Guide, Statistics-definitions: PR(:x), percentile rank, is the percentage of values
at most x.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from judge.minutes import Minute
from shared.metrics import Metric, SideMetrics

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_CLASSES: Final = ("2XX", "3XX", "4XX")
"""As the metrics are named; 5xx are among the errors."""

Series = Mapping[int, float]
"""Values by the second at which their minute began."""


@dataclass(frozen=True)
class Side:
    """Where one side is seen, and the bounds of its classes of response time in seconds, smallest first."""

    name: str
    metrics: SideMetrics
    upper: Sequence[float]

    def counts(self) -> list[MetricDataQueryTypeDef]:
        """Return the questions to one side that count its requests, 6."""
        return self._asked(
            {
                "requests": self.metrics.requests(),
                **{f"class{kind}": self.metrics.answers(kind) for kind in _CLASSES},
                "targets": self.metrics.target_errors(),
                "balancer": self.metrics.load_balancer_errors(),
            }
        )

    def times(self) -> list[MetricDataQueryTypeDef]:
        """Return the questions to one side for its response times, 1 and one for each bound."""
        return self._asked(
            {
                "timed": self.metrics.latency("SampleCount"),
                **{
                    f"rank{index}": self.metrics.latency(rank(bound))
                    for index, bound in enumerate(self.upper)
                },
            }
        )

    def _asked(self, asked: Mapping[str, Metric]) -> list[MetricDataQueryTypeDef]:
        return [metric.query(self._id(what)) for what, metric in asked.items()]

    def minutes(self, series: Mapping[str, Series], starts: Sequence[int]) -> list[Minute]:
        """Return this side's minutes that begin at `starts`, from the answers by the questions' ids.

        The load balancer's own 5xx count among the requests only where it had chosen a target, and an answer
        may come in the minute after its request: there are at least as many requests as answers.
        """
        return [self._minute(series, start) for start in starts]

    def _minute(self, series: Mapping[str, Series], start: int) -> Minute:
        def value(what: str) -> float:
            return max(0.0, series.get(self._id(what), {}).get(start, 0.0))

        failed = round(value("targets") + value("balancer"))
        answers = [round(value(f"class{kind}")) for kind in _CLASSES]
        requests = max(failed + sum(answers), round(value("requests")))
        ranks = [
            series.get(self._id(f"rank{index}"), {}).get(start) for index in range(len(self.upper))
        ]
        known = [min(100.0, max(0.0, share)) for share in ranks if share is not None]
        timed = value("timed")
        if not timed or len(known) < len(ranks):
            return _minute(requests, failed, (), answers)
        # The statistic is an approximation: a larger bound must still not hold fewer values.
        below = [0.0, *itertools.accumulate(known, max), 100.0]
        times = tuple(timed * (high - low) / 100 for low, high in itertools.pairwise(below))
        return _minute(requests, failed, times, answers)

    def _id(self, what: str) -> str:
        return f"{self.name}_{what}"


def _minute(requests: int, failed: int, times: tuple[float, ...], answers: Sequence[int]) -> Minute:
    succeeded, redirected, refused = answers
    return Minute(requests, failed, times, succeeded, redirected, refused)


def rank(bound: float) -> str:
    """Return the statistic that tells which percentage of values is at most `bound`."""
    return f"PR(:{bound:.5f})"
