"""What the alarms on error rates make of a minute, by the expressions that are deployed."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.alarms.alarm import Watch
from cutover.alarms.edge_alarms import edge_watches
from cutover.alarms.load_balancer_alarms import load_balancer_watches
from cutover.alarms.load_balancer_metrics import LoadBalancerMetrics
from cutover.alarms.metric import MetricMath
from cutover.alarms.probes import Probes, probes_of
from cutover.declaration.service import Service
from cutover.paths import CDK_JSON
from rehearsal.cloud.taught.alarm_math import evaluate
from rehearsal.cloud.taught.alarm_state import state_of

DECLARED: dict[str, Any] = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["cutover"][
    "chatmrpt"
]
SERVICE = Service.model_validate(DECLARED)
PROBES = probes_of(SERVICE)
COUNTS = st.integers(0, 5000)
MAYBE = st.one_of(st.none(), COUNTS.map(float))


def fires(watch: Watch, *minutes: dict[str, float | None]) -> bool:
    """Return whether `watch` is in ALARM after `minutes`, the newest last."""
    assert isinstance(watch.metric, MetricMath)
    series = {id_: [minute.get(id_) for minute in minutes] for id_ in watch.metric.using}
    state = state_of(
        evaluate(watch.metric.expression, series),
        comparison=watch.comparison,
        threshold=watch.threshold,
        datapoints=watch.datapoints,
        periods=watch.of,
        silence=watch.silence,
        before="OK",
    )
    return state == "ALARM"


def of_new(what: str) -> Watch:
    watches = load_balancer_watches("new", SERVICE.new, SERVICE.thresholds, PROBES)
    return next(watch for watch in watches if watch.what == what)


def of_edge(what: str) -> Watch:
    watches = edge_watches("E1", "chatmrpt-router", SERVICE.thresholds)
    return next(watch for watch in watches if watch.what == what)


def minute(users: int, errors: int, probes: int = PROBES.about) -> dict[str, float | None]:
    """Return what new's load balancer reports."""
    return {
        "new_requests": float(users + probes) or None,
        "new_target": float(errors) or None,
        "new_elb": None,
    }


def test_each_checker_probes_each_endpoint_of_a_side_once_an_interval_and_the_sentinel_asks() -> (
    None
):
    assert probes_of(SERVICE) == Probes(270 + 35 + 23, 360 + 35 + 23 + 26 + 2 * 2)
    slowly = DECLARED | {"health_checks": {"interval_seconds": 30}, "endpoints": [{"path": "/"}]}
    assert probes_of(Service.model_validate(slowly)) == Probes(30 + 35, 40 + 35 + 26)


@pytest.mark.parametrize(
    ("users", "errors", "hard"),
    [
        # Nobody asks: neither a probe that fails nor all of them make a rate. The health checks see that.
        (0, 0, False),
        (0, 1, False),
        (0, 328, False),
        (19, 19, False),
        (20, 0, False),
        (20, 1, True),
        (60, 2, False),
        (60, 3, True),
        (60, 60, True),
        # All fail, users' and probes': a share is at most 100 %.
        (60, 388, True),
        (6000, 299, False),
        (6000, 300, True),
    ],
)
def test_the_hard_rate_is_of_users_requests(users: int, errors: int, hard: bool) -> None:
    assert fires(of_new("new-5xx-hard"), minute(users, errors)) is hard


@pytest.mark.parametrize(
    ("first", "second", "fired"),
    [
        ((100, 2), (100, 2), True),
        ((100, 1), (100, 2), False),
        ((100, 2), (19, 19), False),
        ((0, 9), (0, 9), False),
    ],
)
def test_two_bad_minutes_of_users_requests_make_the_rate(
    first: tuple[int, int], second: tuple[int, int], fired: bool
) -> None:
    assert fires(of_new("new-5xx-rate"), minute(*first), minute(*second)) is fired


@pytest.mark.parametrize("probes", [270, 328, 344])
def test_a_few_probes_more_or_fewer_make_no_failure_of_users_disappear(probes: int) -> None:
    assert fires(of_new("new-5xx-hard"), minute(100, 20, probes))
    assert not fires(of_new("new-5xx-hard"), minute(100, 0, probes))


@given(requests=MAYBE, target=MAYBE, balancer=MAYBE)
def test_an_error_rate_is_a_share(
    requests: float | None, target: float | None, balancer: float | None
) -> None:
    rate = LoadBalancerMetrics("new", SERVICE.new, PROBES).error_rate(20)
    series = {"new_requests": [requests], "new_target": [target], "new_elb": [balancer]}
    (value,) = evaluate(rate.expression, series)
    assert value is None or 0 <= value <= 100
    if requests is not None and requests >= PROBES.about + 20:
        assert value is not None
        errors = (target or 0) + (balancer or 0)
        # Never milder than with the probes among the requests.
        assert value >= min(100, 100 * errors / requests) - 1e-9


@given(old=MAYBE, new=MAYBE)
def test_the_dashboard_shows_users_and_a_share_of_them(
    old: float | None, new: float | None
) -> None:
    both = {
        which: LoadBalancerMetrics(which, side, PROBES) for which, side in SERVICE.sides.items()
    }
    series = {"old_requests": [old], "new_requests": [new]}
    (users,) = evaluate(both["new"].users().expression, series)
    assert users == (None if new is None else max(0, new - PROBES.about))
    (share,) = evaluate(both["new"].share_beside(both["old"]).expression, series)
    assert share is None or 0 <= share <= 100


def test_at_weight_0_with_sixty_users_a_minute_the_share_on_the_dashboard_is_0() -> None:
    old, new = (
        LoadBalancerMetrics("old", SERVICE.old, PROBES),
        LoadBalancerMetrics("new", SERVICE.new, PROBES),
    )
    series: dict[str, list[float | None]] = {"old_requests": [330.0], "new_requests": [270.0]}
    assert evaluate(new.share_beside(old).expression, series) == [0.0]
    assert evaluate(new.share_beside(old).expression, series | {"old_requests": [270.0]}) == [None]


@pytest.mark.parametrize(
    ("requests", "failed", "fired"),
    [
        (1, 1, False),
        (19, 19, False),
        (20, 1, True),
        (21, 1, False),
        (100, 4, False),
        (100, 5, True),
    ],
)
def test_the_edge_s_rate_needs_as_many_requests_as_a_side_s(
    requests: int, failed: int, fired: bool
) -> None:
    seen: dict[str, float | None] = {"requests": float(requests), "rate": 100 * failed / requests}
    assert fires(of_edge("edge-5xx-rate"), seen) is fired


def test_an_edge_that_nobody_asks_is_quiet() -> None:
    assert not fires(of_edge("edge-5xx-rate"), {"requests": None, "rate": None})
    assert not fires(of_edge("edge-function-errors"), *[{"requests": None}] * 2)


def function_minute(requests: int, errors: int) -> dict[str, float | None]:
    return {"requests": float(requests), "store": float(errors) or None}


@pytest.mark.parametrize(
    ("minutes", "fired"),
    [
        # One read that fails in each of two busy minutes is noise.
        ([(5000, 1), (5000, 1)], False),
        ([(100, 4), (100, 4)], False),
        ([(100, 5), (100, 5)], True),
        ([(100, 5), (100, 0)], False),
        ([(20, 1), (20, 1)], True),
        # A store that nobody can read is seen however few ask.
        ([(5000, 5000), (5000, 5000)], True),
        ([(3, 3), (2, 2)], True),
        ([(1, 1), (1, 1)], True),
        ([(10, 1), (10, 1)], False),
        ([(3, 3), (2, 0)], False),
        ([(0, 0), (0, 0)], False),
    ],
)
def test_the_edge_function_fails_by_a_rate_and_by_an_outage(
    minutes: list[tuple[int, int]], fired: bool
) -> None:
    assert fires(of_edge("edge-function-errors"), *[function_minute(*m) for m in minutes]) is fired


@given(requests=MAYBE, count=MAYBE)
@pytest.mark.parametrize("kind", ["2XX", "3XX", "4XX"])
def test_the_share_of_a_class_is_one(
    kind: Literal["2XX", "3XX", "4XX"], requests: float | None, count: float | None
) -> None:
    rate = LoadBalancerMetrics("new", SERVICE.new, PROBES).answered(kind)
    series = {"new_requests": [requests], f"new_answers_{kind}": [count]}
    assert set(rate.using) == set(series)
    (value,) = evaluate(rate.expression, series)
    assert value is None or 0 <= value <= 100


def test_shares_are_of_users_and_probes_count_as_answered_with_2xx() -> None:
    new = LoadBalancerMetrics("new", SERVICE.new, PROBES)
    series: dict[str, list[float | None]] = {
        "new_requests": [100.0 + PROBES.about],
        "new_answers_2XX": [80.0 + PROBES.about],
        "new_answers_4XX": [20.0],
    }
    assert evaluate(new.answered("2XX").expression, series) == [80]
    assert evaluate(new.answered("4XX").expression, series) == [20]
