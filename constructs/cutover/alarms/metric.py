"""A metric as data, and how an alarm and a graph state it (CloudWatch API reference, MetricDataQuery;
CloudWatch User Guide, CloudWatch-Dashboard-Body-Structure).

Data, and not CDK's own Metric: CDK's code runs in Node, each of its objects is a message there and back, and
a service has a hundred metrics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PERIOD_SECONDS: Final = 60
"""What AWS tells of a service comes once a minute, and is watched so."""

FAST_PERIOD_SECONDS: Final = 10
"""For metrics of our own that are stored with StorageResolution 1 (CloudWatch API reference, PutMetricAlarm,
Period: 10, 20, 30 or a multiple of 60)."""


@dataclass(frozen=True)
class Metric:
    """One metric in one region; `statistic` is Sum, Average, Minimum, Maximum or a percentile like p95, over
    each `period_seconds`: PERIOD_SECONDS or FAST_PERIOD_SECONDS."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    region: str
    period_seconds: int = PERIOD_SECONDS

    def in_alarm(self) -> dict[str, Any]:
        """Return the properties by which an alarm states it."""
        kind = "extended_statistic" if self.statistic.startswith("p") else "statistic"
        return {
            "namespace": self.namespace,
            "metric_name": self.name,
            "dimensions": self._dimensions(),
            "period": self.period_seconds,
            kind: self.statistic,
        }

    def in_graph(self, **look: Any) -> list[list[Any]]:
        """Return the line of a graph that shows it as `look` (label, color, id, visible) says."""
        where = [part for dimension in self._sorted() for part in dimension]
        # A graph that is told no statistic shows the average.
        stat = {} if self.statistic == "Average" else {"stat": self.statistic}
        shown = look | {"region": self.region, "period": self.period_seconds} | stat
        return [[self.namespace, self.name, *where, shown]]

    def in_math(self, id_: str) -> dict[str, Any]:
        """Return the query by which metric math of an alarm knows it as `id_`."""
        return {
            "id": id_,
            "metricStat": {
                "metric": {
                    "namespace": self.namespace,
                    "metricName": self.name,
                    "dimensions": self._dimensions(),
                },
                "period": self.period_seconds,
                "stat": self.statistic,
            },
            "returnData": False,
        }

    def _dimensions(self) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in self._sorted()]

    def _sorted(self) -> list[tuple[str, str]]:
        return sorted(self.dimensions.items())


@dataclass(frozen=True)
class MetricMath:
    """An expression over metrics of one region and one period, by the ids that it calls them.

    Raises
    ------
    ValueError
        When they are of several regions: no alarm watches another region's metric (CloudWatch User Guide,
        Cross-Account-Cross-Region), and it would look like one that has nothing to say.
    """

    expression: str
    using: Mapping[str, Metric]
    label: str

    def __post_init__(self) -> None:
        regions = sorted({metric.region for metric in self.using.values()})
        if len(regions) > 1:
            raise ValueError(f"{self.label} is of metrics in {' and '.join(regions)}")

    @property
    def region(self) -> str:
        """The region of its metrics."""
        return next(iter(self.using.values())).region

    @property
    def period_seconds(self) -> int:
        """The period of its metrics."""
        return next(iter(self.using.values())).period_seconds

    def in_alarm(self) -> dict[str, Any]:
        """Return the properties by which an alarm states it."""
        watched = {
            "id": "expr_1",
            "expression": self.expression,
            "label": self.label,
            "returnData": True,
        }
        return {"metrics": [watched, *(metric.in_math(id_) for id_, metric in self.using.items())]}

    def in_graph(self, **look: Any) -> list[list[Any]]:
        """Return the lines of a graph that shows it as `look` (label, color) says, and not its parts."""
        shown = {"label": self.label} | look
        parts = [part.in_graph(id=id_, visible=False) for id_, part in self.using.items()]
        return [
            [shown | {"expression": self.expression, "period": self.period_seconds}],
            *(line for lines in parts for line in lines),
        ]
