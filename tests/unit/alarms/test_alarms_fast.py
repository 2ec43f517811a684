"""An alarm in seconds: what CloudFormation is told, and what it does with late data."""

from __future__ import annotations

import pytest

from cutover.alarms.fast_watch import fast_watch
from cutover.alarms.metric import FAST_PERIOD_SECONDS, Metric, MetricMath
from rehearsal.cloud.taught.alarm_state import state_of


def metric(name: str, period: int = FAST_PERIOD_SECONDS) -> Metric:
    return Metric("Cutover", name, {"Side": "new"}, "Maximum", "us-east-2", period)


def test_each_metric_of_an_expression_is_asked_for_in_its_own_period() -> None:
    both = MetricMath("a / b", {"a": metric("A"), "b": metric("B")}, "share")
    stated = both.in_alarm()["metrics"]
    assert [m["metricStat"]["period"] for m in stated if "metricStat" in m] == [10, 10]
    assert metric("A").in_alarm()["period"] == 10
    assert metric("A", 60).in_alarm()["period"] == 60
    graph = both.in_graph()
    assert {line[-1]["period"] for line in graph} == {10}


def test_one_bad_period_of_three_is_enough_and_lasts_half_a_minute() -> None:
    watch = fast_watch(what="new-probe-down", means="New is down.", metric=metric("ProbeDown"))

    def state(*values: float | None) -> str:
        return state_of(
            values,
            comparison=watch.comparison,
            threshold=watch.threshold,
            datapoints=watch.datapoints,
            periods=watch.of,
            silence=watch.silence,
            before="OK",
        )

    assert state(None, None, None) == "OK"
    assert state(None, None, 1.0) == "ALARM"
    # It comes 20 s late, and counts.
    assert state(1.0, 0.0, 0.0) == "ALARM"
    assert state(1.0, 0.0, 0.0, 0.0) == "OK"


def test_a_metric_of_a_minute_is_refused() -> None:
    slow = metric("ProbeDown", 60)
    for one in (slow, MetricMath("a", {"a": slow}, "a")):
        with pytest.raises(ValueError, match="a period of a minute"):
            fast_watch(what="new-probe-down", means="New is down.", metric=one)
