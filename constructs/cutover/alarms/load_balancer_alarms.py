"""Alarms for a side that fails, as its load balancer sees it."""

from __future__ import annotations

from cutover.alarms.alarm import ABOVE, AT_LEAST, BELOW, SUSPECT, Watch
from cutover.alarms.load_balancer_metrics import LoadBalancerMetrics
from cutover.alarms.metric import MetricMath
from cutover.alarms.probes import Probes
from cutover.declaration.side import Side, Which
from cutover.declaration.thresholds import Thresholds


def load_balancer_watches(
    which: Which, side: Side, thresholds: Thresholds, probes: Probes
) -> list[Watch]:
    """Return the watches over one side, `old` or `new`, for alarms in the side's region."""
    metrics = LoadBalancerMetrics(which, side, probes)

    def error_rate() -> MetricMath:
        return metrics.error_rate(thresholds.minimum_requests)

    return [
        Watch(
            what=f"{which}-5xx-rate",
            means=f"The {which} side answers too many requests with 5xx, two minutes in a row.",
            metric=error_rate(),
            comparison=ABOVE,
            threshold=thresholds.error_rate_percent,
            datapoints=2,
            of=2,
        ),
        Watch(
            what=f"{which}-5xx-hard",
            means=f"The {which} side fails: too many requests of one minute ended with 5xx.",
            metric=error_rate(),
            comparison=AT_LEAST,
            threshold=thresholds.hard_error_rate_percent,
        ),
        Watch(
            what=f"{which}-latency-average",
            means=f"The {which} side is slow on average.",
            metric=metrics.latency("Average"),
            comparison=ABOVE,
            threshold=thresholds.latency_average_ms / 1000,
            datapoints=2,
            of=3,
        ),
        Watch(
            what=f"{which}-latency-p95",
            means=f"The {which} side is slow for one request in twenty.",
            metric=metrics.latency("p95"),
            comparison=ABOVE,
            threshold=thresholds.latency_p95_ms / 1000,
            datapoints=2,
            of=3,
            ignore_few_samples=True,
        ),
        Watch(
            what=f"{which}-healthy-share",
            means=f"Too few targets of the {which} side are healthy to carry its load.",
            metric=metrics.healthy_percent(),
            comparison=BELOW,
            threshold=thresholds.healthy_targets_percent,
            datapoints=2,
            of=2,
        ),
        Watch(
            what=f"{which}-healthy-hosts",
            means=f"The {which} side has no healthy target, or its load balancer reports none.",
            metric=metrics.healthy_hosts(),
            comparison=BELOW,
            threshold=1,
            datapoints=2,
            of=2,
            silence=SUSPECT,
        ),
        Watch(
            what=f"{which}-connection-errors",
            means=f"The {which} side's load balancer cannot connect to its targets.",
            metric=metrics.connection_errors(),
            comparison=AT_LEAST,
            threshold=thresholds.connection_errors,
        ),
    ]


def old_capacity_watch(side: Side, at_least: int, probes: Probes) -> Watch:
    """Return the watch over whether old can still carry everybody, for an alarm in its region.

    A share does not show it: an Auto Scaling group that nobody asks scales in, and what is left of it is
    healthy. Silence is a fault, because only a group without a target is silent. Three minutes, because a
    rolling deploy of old takes its targets out one by one.
    """
    return Watch(
        what="old-targets",
        means=f"Old has had fewer than {at_least} healthy targets for three minutes, so it may not carry "
        "everybody after a rollback (rollback.old_targets). Scale it out again.",
        metric=LoadBalancerMetrics("old", side, probes).healthy_hosts(),
        comparison=BELOW,
        threshold=at_least,
        datapoints=3,
        of=3,
        silence=SUSPECT,
    )
