"""An alarm in seconds, over periods of ten seconds.

"If the alarm period is 10 seconds or 30 seconds, the alarm is evaluated every 10 seconds" (CloudWatch User
Guide, AlarmThatSendsEmail).
"""

from __future__ import annotations

from typing import Final

from cutover.alarms.alarm import AT_LEAST, QUIET, Watch
from cutover.alarms.metric import FAST_PERIOD_SECONDS, Metric, MetricMath

PERIODS: Final = 3
"""Out of so many. One of one would be as quick, but OK again ten seconds later; so an alarm lasts for half a
minute, and data that comes late counts for as long."""


def fast_watch(
    *,
    what: str,
    means: str,
    metric: Metric | MetricMath,
    threshold: float = 1,
    datapoints: int = 1,
) -> Watch:
    """Return the watch that fires where `metric`, of ten seconds, is at least `threshold` in `datapoints` of
    the last three periods; a period without data is a good one.

    Raises
    ------
    ValueError
        When the metric has another period.
    """
    if metric.period_seconds != FAST_PERIOD_SECONDS:
        raise ValueError(f"{what} is to fire within seconds: its metric has a period of a minute")
    return Watch(
        what=what,
        means=means,
        metric=metric,
        comparison=AT_LEAST,
        threshold=threshold,
        datapoints=datapoints,
        of=PERIODS,
        silence=QUIET,
    )
