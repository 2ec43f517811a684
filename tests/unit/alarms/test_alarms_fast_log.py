"""The rules over the edge's log, as CloudWatch's metric math works them out."""

from __future__ import annotations

import pytest

from cutover.alarms.fast_log_alarms import fast_log_behind, fast_log_watches
from cutover.alarms.metric import MetricMath
from cutover.declaration.thresholds import Thresholds
from rehearsal.cloud.taught.alarm_math import Series, evaluate

HARD, BURST, RATE = fast_log_watches("news", Thresholds())


def expression(metric: object) -> str:
    assert isinstance(metric, MetricMath)
    return metric.expression


def breaches(
    watch: object, e: float | None, n: float | None, eo: float | None, no: float | None
) -> bool:
    series: dict[str, Series] = {"e": [e], "n": [n], "eo": [eo], "no": [no]}
    metric = watch.metric  # type: ignore[attr-defined]
    (value,) = evaluate(expression(metric), series)
    return value is not None and value >= watch.threshold  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("e", "n", "eo", "no", "fires"),
    [
        (100, 100, 0, 100, True),
        (5, 10, 0, 10, True),
        (4, 4, 0, 10, False),
        (49, 100, 0, 100, False),
        # Old fails as well: that is nobody's to roll back from within seconds.
        (100, 100, 60, 100, False),
        (100, 100, 50, 100, True),
        # Weight 100: old has none, and one read that it could not save.
        (10, 10, 0, 0, True),
        (10, 10, None, None, True),
        (10, 10, 8, 8, False),
        (0, 100, 0, 100, False),
    ],
)
def test_hard_is_half_of_the_requests_and_twice_old_s_share(
    e: float, n: float, eo: float | None, no: float | None, fires: bool
) -> None:
    assert breaches(HARD, e, n, eo, no) is fires


@pytest.mark.parametrize(
    ("e", "n", "eo", "no", "fires"),
    [
        # 3 % at 100 requests a second on each side, and at 50.
        (30, 1000, 1, 1000, True),
        (15, 500, 1, 500, True),
        (11, 500, 0, 500, True),
        (10, 500, 0, 500, False),
        # Below the declared 1.5 %.
        (14, 1000, 0, 1000, False),
        (15, 1000, 0, 1000, True),
        # What old has too needs eleven more than three times as many.
        (25, 1000, 5, 1000, False),
        (26, 1000, 5, 1000, True),
        # The same share at weight 90: 900 to 100.
        (30, 900, 1, 100, False),
        (38, 900, 1, 100, True),
        (30, 900, 0, 100, True),
        # Weight 100.
        (11, 500, 0, 0, True),
        (10, 500, None, None, False),
    ],
)
def test_a_burst_is_eleven_more_than_three_times_old_s(
    e: float, n: float, eo: float | None, no: float | None, fires: bool
) -> None:
    assert breaches(BURST, e, n, eo, no) is fires


@pytest.mark.parametrize(
    ("e", "n", "eo", "no", "fires"),
    [
        (6, 300, 0, 300, True),
        (5, 100, 0, 100, False),
        (8, 300, 1, 300, False),
        (9, 300, 1, 300, True),
    ],
)
def test_a_rate_is_six_more_in_two_periods_of_three(
    e: float, n: float, eo: float, no: float, fires: bool
) -> None:
    assert breaches(RATE, e, n, eo, no) is fires
    assert [(w.datapoints, w.of) for w in (HARD, BURST, RATE)] == [(1, 3), (1, 3), (2, 3)]


def test_a_declared_share_is_the_rule_s() -> None:
    _, burst, rate = fast_log_watches("news", Thresholds(fast_error_rate_percent=4.5))
    for watch in (burst, rate):
        assert not breaches(watch, 44, 1000, 0, 1000)
        assert breaches(watch, 45, 1000, 0, 1000)


def test_ten_seconds_without_requests_of_new_say_nothing() -> None:
    for watch in (HARD, BURST, RATE):
        assert not breaches(watch, None, None, 5, 100)


BEHIND = fast_log_behind(
    "news",
    distribution_id="D",
    function_name="news-fast-log",
    stream_name="stream",
    minimum_requests=20,
)
QUIET: dict[str, float | None] = {
    **dict.fromkeys(["age", "waiting", "throttled", "errors", "throttles", "unread", "sideless"]),
    "requests": 1000,
    "records": 1000,
}


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({}, False),
        ({"age": 4, "waiting": 3000, "throttled": 0, "errors": 0, "unread": 0}, False),
        ({"age": 16}, True),
        ({"waiting": 15_001}, True),
        ({"throttled": 1}, True),
        ({"errors": 1}, True),
        ({"throttles": 1}, True),
        ({"unread": 1}, True),
        ({"sideless": 500}, False),
        ({"sideless": 501}, True),
        # The stream is silent, or half of it is lost, while viewers ask.
        ({"records": None}, True),
        ({"records": 499}, True),
        ({"records": None, "requests": 19}, False),
        ({"records": None, "requests": None}, False),
        # CloudFront's own count comes later than the log.
        ({"requests": None}, False),
    ],
)
def test_people_are_told_of_whatever_makes_the_log_blind(
    seen: dict[str, float | None], told: bool
) -> None:
    metric = BEHIND.metric
    assert isinstance(metric, MetricMath)
    series: dict[str, Series] = {id_: [value] for id_, value in (QUIET | seen).items()}
    assert set(series) == set(metric.using)
    (value,) = evaluate(metric.expression, series)
    assert value is not None
    assert (value >= BEHIND.threshold) is told
