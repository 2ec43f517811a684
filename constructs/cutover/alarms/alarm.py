"""An alarm as data: what is watched, which value is too much, and what missing data means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cutover.alarms.metric import Metric, MetricMath
from cutover.alarms.topic import Topic
from cutover.naming import Names

AT_LEAST: Final = "GreaterThanOrEqualToThreshold"
ABOVE: Final = "GreaterThanThreshold"
BELOW: Final = "LessThanThreshold"
QUIET: Final = "notBreaching"
SUSPECT: Final = "breaching"
UNKNOWN: Final = "missing"
STANDS: Final = "ignore"


@dataclass(frozen=True)
class Watch:
    """One condition that becomes one alarm.

    Attributes
    ----------
    what : str
        The alarm's name after the service's, like new-5xx-rate.
    means : str
        One sentence for the person whom it wakes.
    metric : Metric or MetricMath
        What is watched, a datapoint each of its periods: a minute, or ten seconds.
    comparison, threshold
        When a datapoint breaches: AT_LEAST, ABOVE or BELOW; the unit is the metric's.
    datapoints, of : int
        `datapoints` breaching periods out of `of` raise the alarm.
    silence : str
        QUIET where the metric is reported only when there is something to count, SUSPECT where it
        always is, so that its absence is a fault in itself, UNKNOWN where it is not known what
        silence means: the alarm then has no state, and does nothing; STANDS where it is reported now
        and then, and holds until it says otherwise.
    ignore_few_samples : bool
        For percentiles: do not evaluate a minute with fewer samples than CloudWatch needs,
        10/(1-p): 200 for p95 (CloudWatch User Guide, percentiles-with-low-samples).
    tells_of_silence : bool
        With UNKNOWN: people are told when the metric falls silent. Not before its first datapoint: a new
        alarm begins without a state, and an action needs a change of it.
    """

    what: str
    means: str
    metric: Metric | MetricMath
    comparison: str
    threshold: float
    datapoints: int = 1
    of: int = 1
    silence: str = QUIET
    ignore_few_samples: bool = False
    tells_of_silence: bool = False


@dataclass(frozen=True)
class AlarmName:
    """Where an alarm is found: enough for another stack, in any region, to show it."""

    region: str
    name: str


def raise_alarms(
    scope: Construct, watches: Sequence[Watch], *, names: Names, topic: Topic
) -> list[AlarmName]:
    """Define an alarm in `scope` for each of `watches`; `topic` is told when it fires and when it is over.

    Actions happen only on a change of state (CloudWatch User Guide, alarms-and-actions): no alarm is created
    before all that listens to `topic`.

    Raises
    ------
    ValueError
        When a metric is in another region than the stack: the alarm would never fire (CloudWatch User Guide,
        Cross-Account-Cross-Region).
    """
    heard_by = [topic.topic.topic_arn]
    here = Stack.of(scope).region
    raised = []
    for watch in watches:
        name = names.alarm(watch.what)
        if watch.metric.region != here and not Token.is_unresolved(here):
            raise ValueError(
                f"the alarm {name} is to stand in {here}, and its metric is in {watch.metric.region}"
            )
        alarm = cloudwatch.CfnAlarm(
            Construct(scope, "".join(word.capitalize() for word in watch.what.split("-"))),
            "Resource",
            alarm_name=name,
            alarm_description=watch.means,
            comparison_operator=watch.comparison,
            threshold=watch.threshold,
            evaluation_periods=watch.of,
            datapoints_to_alarm=watch.datapoints,
            treat_missing_data=watch.silence,
            evaluate_low_sample_count_percentile="ignore" if watch.ignore_few_samples else None,
            alarm_actions=heard_by,
            ok_actions=heard_by,
            insufficient_data_actions=heard_by if watch.tells_of_silence else None,
            **watch.metric.in_alarm(),
        )
        alarm.node.add_dependency(topic.ears)
        raised.append(AlarmName(watch.metric.region, name))
    return raised
