"""What the edge's real-time log tells of each side, by ten seconds, and of itself, by the minute: namespace
Cutover, us-east-1.

They need no load balancer: whatever answers behind the edge is counted.
"""

from __future__ import annotations

from cutover.alarms.metric import FAST_PERIOD_SECONDS, PERIOD_SECONDS, Metric, MetricMath
from cutover.alarms.own_metrics import NAMESPACE
from cutover.declaration.side import Which
from cutover.regions import EDGE_REGION


def of_side(
    name: str, service: str, which: Which, *, period_seconds: int = FAST_PERIOD_SECONDS
) -> Metric:
    """Return EdgeRequests, EdgeErrors (5xx, and reads that the other side had to answer), EdgeSlow or Edge4xx
    of one side; testers, and what came from the cache, are not in it."""
    dimensions = {"Service": service, "Side": which}
    return Metric(NAMESPACE, name, dimensions, "Sum", EDGE_REGION, period_seconds)


def of_log(name: str, service: str, statistic: str = "Sum") -> Metric:
    """Return LogRecords, LogUnread, LogSideless, LogLate, LogRepeated or LogAge (seconds) a minute."""
    return Metric(NAMESPACE, name, {"Service": service}, statistic, EDGE_REGION)


def share_of_new(service: str) -> MetricMath:
    """New's share of the viewers' requests at the edge, in percent; none where nobody asks."""
    sides: dict[str, Which] = {"o": "old", "n": "new"}
    return MetricMath(
        expression="100 * n / (o + n)",
        using={
            id_: of_side("EdgeRequests", service, which, period_seconds=PERIOD_SECONDS)
            for id_, which in sides.items()
        },
        label="new's share at the edge %",
    )


def share_of_new_by_weight(service: str) -> MetricMath:
    """The same without the viewers of groups, who are on new whatever the weight."""
    share = share_of_new(service)
    return MetricMath(
        expression="100 * (n - g) / (o + n - g)",
        using={**share.using, "g": _of_groups(service)},
        label="new's share at the edge without groups %",
    )


def share_of_groups(service: str) -> MetricMath:
    """The share that viewers of groups have of all requests at the edge, in percent."""
    return MetricMath(
        expression="100 * in_groups / (of_old + of_new)",
        using={
            "in_groups": _of_groups(service),
            "of_old": of_side("EdgeRequests", service, "old", period_seconds=PERIOD_SECONDS),
            "of_new": of_side("EdgeRequests", service, "new", period_seconds=PERIOD_SECONDS),
        },
        label="groups at the edge %",
    )


def _of_groups(service: str) -> Metric:
    return of_side("EdgeGroupRequests", service, "new", period_seconds=PERIOD_SECONDS)


def share_answered(name: str, service: str, which: Which, label: str) -> MetricMath:
    """Return EdgeErrors, EdgeSlow or Edge4xx of a side in percent of its requests; none where nobody asks."""
    return MetricMath(
        expression=f"100 * {which}_part / {which}_all",
        using={
            f"{which}_part": of_side(name, service, which, period_seconds=PERIOD_SECONDS),
            f"{which}_all": of_side("EdgeRequests", service, which, period_seconds=PERIOD_SECONDS),
        },
        label=label,
    )
