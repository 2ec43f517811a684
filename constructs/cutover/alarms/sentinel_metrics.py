"""What the sentinel tells: namespace Cutover in the region of old's load balancer."""

from __future__ import annotations

from cutover.alarms.metric import FAST_PERIOD_SECONDS, Metric, MetricMath
from cutover.alarms.own_metrics import NAMESPACE
from cutover.declaration.side import Which


def probe_down(service: str, which: Which, region: str) -> Metric:
    """1 while the sentinel finds the side down and the other one up, each ten seconds; else nothing."""
    of = {"Service": service, "Side": which}
    return Metric(NAMESPACE, "ProbeDown", of, "Maximum", region, FAST_PERIOD_SECONDS)


def watches(service: str, function_name: str, region: str) -> MetricMath:
    """1 in a minute in which the sentinel watches, or new has no weight; 0 where it sees neither side or its
    function fails; nothing where it is not called at all."""
    return MetricMath(
        expression="IF(FILL(errors, 0) > 0, 0, watches)",
        using={
            "watches": Metric(
                NAMESPACE, "SentinelWatches", {"Service": service}, "Minimum", region
            ),
            "errors": Metric(
                "AWS/Lambda", "Errors", {"FunctionName": function_name}, "Sum", region
            ),
        },
        label="the sentinel watches",
    )
