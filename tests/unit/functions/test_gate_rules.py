"""How far a weight may rise at once, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.rules import Freeze, Promotion, broken_rules
from shared.promotion.change import Change

NIGHT = Promotion(max_step_percent=50, time_zone="America/New_York", window="02:00-06:00")
CHRISTMAS = Promotion(
    100, "Europe/Zurich", freezes=(Freeze("2026-12-24", "2026-12-26", "nobody is here"),)
)
percent = st.integers(0, 100)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        ("2026-11-24T06:59", False),  # 01:59 in New York
        ("2026-11-24T07:00", True),
        ("2026-11-24T10:59", True),
        ("2026-11-24T11:00", False),  # 06:00: the end is outside
        ("2026-07-24T06:00", True),  # in summer 02:00 comes an hour earlier in UTC
        ("2026-07-24T10:00", False),
    ],
)
def test_the_window_is_meant_in_the_services_time_zone(now: str, passes: bool) -> None:
    broken = broken_rules(Change(0, 10), NIGHT, at(now))
    assert (broken == []) is passes
    if not passes:
        assert "in America/New_York, outside the declared window 02:00-06:00" in broken[0]


@pytest.mark.parametrize(
    ("now", "passes"), [("23:30", True), ("00:30", True), ("12:00", False), ("02:00", False)]
)
def test_a_window_may_span_midnight(now: str, passes: bool) -> None:
    rules = Promotion(100, "UTC", "22:00-02:00")
    assert (broken_rules(Change(0, 10), rules, at(f"2026-11-24T{now}")) == []) is passes


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        ("2026-12-23T22:59", True),
        ("2026-12-23T23:00", False),  # midnight in Zurich
        ("2026-12-26T22:59", False),
        ("2026-12-26T23:00", True),
    ],
)
def test_a_freeze_holds_from_its_first_day_to_its_last(now: str, passes: bool) -> None:
    broken = broken_rules(Change(0, 10), CHRISTMAS, at(now))
    assert broken == (
        [] if passes else ["no weight may rise from 2026-12-24 to 2026-12-26: nobody is here"]
    )


def test_too_far_a_step_is_told_with_a_way_to_go() -> None:
    (said,) = broken_rules(Change(10, 100), Promotion(50, "UTC"), at("2026-11-24T03:00"))
    assert said == (
        "new_weight may rise by at most 50 in one deploy, and 10 to 100 is 90: deploy 60 first"
    )


def test_everything_that_is_broken_is_told_at_once() -> None:
    rules = Promotion(5, "UTC", "02:00-06:00", (Freeze("2026-11-24", "2026-11-24", "launch"),))
    assert len(broken_rules(Change(0, 10), rules, at("2026-11-24T12:00"))) == 3


@given(
    before=percent,
    after=percent,
    step=st.integers(1, 100),
    minutes=st.integers(0, 60 * 24 * 7),
)
def test_a_fall_breaks_no_rule_and_a_rise_never_takes_more_than_the_step(
    before: int, after: int, step: int, minutes: int
) -> None:
    rules = Promotion(step, "UTC", "02:00-06:00")
    now = at("2026-11-23T00:00") + timedelta(minutes=minutes)
    passes = broken_rules(Change(before, after), rules, now) == []
    assert passes is (after <= before or (after - before <= step and 2 <= now.hour < 6))
