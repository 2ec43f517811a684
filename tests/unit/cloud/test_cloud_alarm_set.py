"""A state that somebody set stands long enough to be met, and then gives way to the alarm's own."""

from __future__ import annotations

import time

from rehearsal.cloud.process import EmbeddedCloud


def test_a_state_that_was_set_stands_for_seconds_and_not_for_good() -> None:
    with EmbeddedCloud() as cloud:
        cloudwatch = cloud.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName="quiet",
            Namespace="test",
            MetricName="none",
            Period=60,
            EvaluationPeriods=1,
            Statistic="Sum",
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )

        def state() -> str:
            (alarm,) = cloudwatch.describe_alarms(AlarmNames=["quiet"])["MetricAlarms"]
            found: str = alarm["StateValue"]
            return found

        def comes(wanted: str) -> float:
            began = time.monotonic()
            while state() != wanted:
                assert time.monotonic() < began + 60
                time.sleep(0.1)
            return time.monotonic() - began

        comes("OK")
        cloudwatch.set_alarm_state(AlarmName="quiet", StateValue="ALARM", StateReason="test")
        # The clock of states counts whole seconds.
        assert comes("OK") > 3
