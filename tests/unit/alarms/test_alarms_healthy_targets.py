"""Which states of a side's targets are an outage, and which are an ordinary day."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.alarms.load_balancer_alarms import load_balancer_watches, old_capacity_watch
from cutover.alarms.metric import Metric, MetricMath
from cutover.alarms.probes import probes_of
from cutover.declaration.service import Service
from cutover.paths import CDK_JSON
from rehearsal.cloud.taught.alarm_math import evaluate
from rehearsal.cloud.taught.alarm_state import state_of

Minute = tuple[int, int] | None
"""Healthy and unhealthy targets, or nothing reported."""


def firing(*minutes: Minute, **thresholds: Any) -> set[str]:
    """Return which alarms over new's targets are in ALARM after `minutes`."""
    declared = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["cutover"]["chatmrpt"]
    service = Service.model_validate(declared | {"thresholds": thresholds})
    reported = {
        "HealthyHostCount": [None if minute is None else float(minute[0]) for minute in minutes],
        "UnHealthyHostCount": [None if minute is None else float(minute[1]) for minute in minutes],
    }
    found = set()
    for watch in load_balancer_watches("new", service.new, service.thresholds, probes_of(service)):
        metric = watch.metric
        if isinstance(metric, MetricMath):
            parts = {id_: part.name for id_, part in metric.using.items()}
            if not set(parts.values()) <= set(reported):
                continue
            series = {id_: reported[name] for id_, name in parts.items()}
            values = evaluate(metric.expression, series)
        elif metric.name in reported:
            values = reported[metric.name]
        else:
            continue
        state = state_of(
            values,
            comparison=watch.comparison,
            threshold=watch.threshold,
            datapoints=watch.datapoints,
            periods=watch.of,
            silence=watch.silence,
            before="OK",
        )
        if state == "ALARM":
            found.add(watch.what)
    return found


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param([(3, 0), (2, 1), (2, 1), (2, 1), (3, 0)], id="one of three is redeployed"),
        pytest.param([(2, 1)] * 8, id="the three of them, one after another"),
        pytest.param([(1, 1), (1, 1), (1, 1)], id="one of two is redeployed"),
        pytest.param([(3, 0), (2, 0), (2, 0)], id="one scales in and is counted no more"),
        pytest.param([(3, 3), (3, 3), (3, 0)], id="three more come and are not healthy yet"),
        pytest.param([(3, 0), (0, 3), (3, 0)], id="one bad minute"),
    ],
)
def test_an_ordinary_day_is_no_outage(minutes: list[Minute]) -> None:
    assert firing(*minutes) == set()


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param([(1, 2), (1, 2)], {"new-healthy-share"}, id="two of three die"),
        pytest.param(
            [(0, 1), (0, 1)], {"new-healthy-share", "new-healthy-hosts"}, id="none of one"
        ),
        pytest.param(
            [(0, 3), (0, 3)], {"new-healthy-share", "new-healthy-hosts"}, id="none of three"
        ),
        pytest.param(
            [(0, 0), (0, 0)], {"new-healthy-share", "new-healthy-hosts"}, id="none of none"
        ),
        pytest.param([None, None, None, None], {"new-healthy-hosts"}, id="nothing is reported"),
    ],
)
def test_a_side_that_cannot_carry_its_load_is_an_outage(
    minutes: list[Minute], expected: set[str]
) -> None:
    assert firing(*minutes) == expected


@given(
    percent=st.integers(1, 100),
    minutes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=2),
)
def test_what_is_declared_decides(percent: int, minutes: list[tuple[int, int]]) -> None:
    too_few = all(100 * h < percent * (h + u) or h + u == 0 for h, u in minutes)
    fires = "new-healthy-share" in firing(*minutes, healthy_targets_percent=percent)
    assert fires == too_few


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        pytest.param([4.0, 4.0, 4.0], "OK", id="all of them"),
        pytest.param([4.0, 3.0, 3.0], "OK", id="a rolling deploy of two minutes"),
        pytest.param(
            [3.0, 3.0, 3.0], "ALARM", id="its group scales in, and all that is left is healthy"
        ),
        pytest.param([None, None, None], "ALARM", id="its group is empty, and silent"),
        pytest.param([4.0, None, 4.0], "OK", id="a minute is lost"),
    ],
)
def test_old_that_can_no_longer_carry_everybody_is_told(
    counts: list[float | None], state: str
) -> None:
    declared = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["cutover"]["chatmrpt"]
    service = Service.model_validate(declared)
    watch = old_capacity_watch(service.old, 4, probes_of(service))
    assert isinstance(watch.metric, Metric)
    assert (watch.metric.name, watch.metric.statistic) == ("HealthyHostCount", "Minimum")
    assert watch.metric.region == service.region
    told = state_of(
        counts,
        comparison=watch.comparison,
        threshold=watch.threshold,
        datapoints=watch.datapoints,
        periods=watch.of,
        silence=watch.silence,
        before="OK",
    )
    assert told == state
