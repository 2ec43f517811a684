"""Alarms in seconds on what the edge's real-time log tells, and one on the log itself.

Why these rules, and how often they are wrong: docs/fast-log.md and `benchmarks/fast_log_rules.py`.
With e, n for new's errors and requests of ten seconds, and eo, no for old's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cutover.alarms import edge_metrics, fast_log_metrics, function_metrics
from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.alarms.fast_watch import fast_watch
from cutover.alarms.metric import Metric, MetricMath
from cutover.declaration.side import Which
from cutover.declaration.thresholds import Thresholds
from cutover.regions import EDGE_REGION

HARD_ERRORS: Final = 5
HARD_SHARE: Final = 0.5
HARD_TIMES_OLD: Final = 2
"""So many errors, this share of the requests, and so many times old's share: new is down."""


@dataclass(frozen=True)
class Excess:
    """New has this many errors more than `times_old` times old's share explains, and the declared share, in
    `periods` of three."""

    errors: int
    times_old: int
    periods: int


BURST: Final = Excess(errors=11, times_old=3, periods=1)
RATE: Final = Excess(errors=6, times_old=3, periods=2)

LATE_SECONDS: Final = 15
"""From here on the log is late: an alarm would still see it, but a rollback comes that much later."""
_ARRIVED: Final = 0.5
"""Where less than this share of the edge's requests is in the log, it is blind on one eye."""


def fast_log_watches(service: str, thresholds: Thresholds) -> list[Watch]:
    """Return the watches that roll back, for alarms in us-east-1."""
    declared = thresholds.fast_error_rate_percent

    def watch(what: str, means: str, expression: str, periods: int = 1) -> Watch:
        metric = MetricMath(expression=expression, using=_counts(service), label=what)
        return fast_watch(what=what, means=means, metric=metric, datapoints=periods)

    return [
        watch(
            "new-fast-5xx-hard",
            "New fails at least half of its viewers' requests within ten seconds, and old does not.",
            hard(),
        ),
        watch(
            "new-fast-5xx-burst",
            f"New fails {declared:g} % of its viewers' requests or more within ten seconds, many more than "
            "old explains.",
            excess(BURST, declared),
            BURST.periods,
        ),
        watch(
            "new-fast-5xx-rate",
            f"New fails {declared:g} % of its viewers' requests or more in two of three times ten seconds, "
            "more than old explains.",
            excess(RATE, declared),
            RATE.periods,
        ),
    ]


def hard() -> str:
    """Return the rule of a new that is down."""
    return (
        f"(e >= {HARD_ERRORS}) * (e >= {HARD_SHARE:g} * n) * "
        f"(e * FILL(no, 0) >= {HARD_TIMES_OLD} * FILL(eo, 0) * n)"
    )


def excess(rule: Excess, percent: float) -> str:
    """Return the rule of a new that fails more than `percent`, and more than old explains.

    Where old has no requests, like at weight 100, nothing is compared: 0 is at least 0.
    """
    return (
        f"(e >= {rule.errors}) * (100 * e >= {percent:g} * n) * "
        f"((e - {rule.errors}) * FILL(no, 0) >= {rule.times_old} * FILL(eo, 0) * n)"
    )


def _counts(service: str) -> Mapping[str, Metric]:
    named: dict[str, tuple[str, Which]] = {
        "e": ("EdgeErrors", "new"),
        "n": ("EdgeRequests", "new"),
        "eo": ("EdgeErrors", "old"),
        "no": ("EdgeRequests", "old"),
    }
    return {
        id_: fast_log_metrics.of_side(name, service, which) for id_, (name, which) in named.items()
    }


def fast_log_behind(
    service: str,
    *,
    distribution_id: str,
    function_name: str,
    stream_name: str,
    minimum_requests: int,
) -> Watch:
    """Return the watch over the log itself, for people: what is slow, lost or not understood is not seen.

    Each of its terms is 1 where that is so, and the sum of them is watched.
    """

    def of_log(name: str, statistic: str = "Sum") -> Metric:
        return fast_log_metrics.of_log(name, service, statistic)

    stream = {"StreamName": stream_name}
    using = {
        "requests": edge_metrics.requests(distribution_id),
        "records": of_log("LogRecords"),
        "unread": of_log("LogUnread"),
        "sideless": of_log("LogSideless"),
        "age": of_log("LogAge", "Average"),
        # Kinesis Developer Guide, monitoring-with-cloudwatch: reported where there are any records.
        "throttled": Metric(
            "AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream, "Sum", EDGE_REGION
        ),
        # Milliseconds (Lambda Developer Guide, monitoring-metrics-types).
        "waiting": Metric(
            "AWS/Lambda", "IteratorAge", {"FunctionName": function_name}, "Maximum", EDGE_REGION
        ),
        "errors": function_metrics.errors(function_name),
        "throttles": function_metrics.throttles(function_name),
    }
    terms = (
        f"(FILL(age, 0) > {LATE_SECONDS})",
        f"(FILL(waiting, 0) > {LATE_SECONDS * 1000})",
        "(FILL(throttled, 0) > 0)",
        "(FILL(errors, 0) + FILL(throttles, 0) > 0)",
        "(FILL(unread, 0) > 0)",
        "(2 * FILL(sideless, 0) > FILL(records, 0))",
        f"(FILL(requests, 0) >= {minimum_requests}) * "
        f"(FILL(records, 0) < {_ARRIVED:g} * FILL(requests, 0))",
    )
    return Watch(
        what="fast-log-behind",
        means="The edge's real-time log is late, incomplete or not understood: alarms within seconds may not "
        "come, and those of a minute still do. Look at its graphs on the dashboard.",
        metric=MetricMath(expression=" + ".join(terms), using=using, label="what is wrong"),
        comparison=AT_LEAST,
        threshold=1,
        datapoints=2,
        of=3,
    )
