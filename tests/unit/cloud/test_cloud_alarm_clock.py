"""When the embedded cloud looks at an alarm: at one of ten seconds every ten, at a phase of its own."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.cloud.taught.alarm_clock import AlarmClock

START = 1_796_000_000.0


def looks(clock: AlarmClock, arn: str, period: int, seconds: int) -> list[float]:
    """Return at which of `seconds` ticks, one a second, the alarm is looked at."""
    return [START + s for s in range(seconds) if clock.is_due(arn, period, START + s)]


@given(seed=st.integers(0, 10_000), period=st.sampled_from([10, 20, 30]))
def test_a_fast_alarm_is_looked_at_every_ten_seconds_and_never_between(
    seed: int, period: int
) -> None:
    found = looks(AlarmClock(random.Random(seed)), "one", period, 120)
    assert len(found) in {11, 12}
    assert {later - earlier for earlier, later in pairwise(found)} == {10.0}


def test_each_alarm_and_each_cloud_has_a_phase_of_its_own() -> None:
    phases = {
        looks(AlarmClock(random.Random(seed)), arn, 10, 20)[0] % 10
        for seed in range(20)
        for arn in ("one", "other")
    }
    assert len(phases) >= 8
    clock = AlarmClock(random.Random(1))
    firsts = {arn: looks(clock, arn, 10, 20)[0] for arn in ("one", "other", "third")}
    assert len(set(firsts.values())) > 1


def test_a_look_that_comes_late_counts_once_and_moves_no_later_one() -> None:
    clock = AlarmClock(random.Random(3))
    first = looks(clock, "one", 10, 20)[0]
    assert clock.is_due("one", 10, first + 34.9)
    assert not clock.is_due("one", 10, first + 35.9)
    assert clock.is_due("one", 10, first + 40)


@pytest.mark.parametrize("period", [60, 300])
def test_an_alarm_of_a_minute_is_looked_at_each_second(period: int) -> None:
    assert len(looks(AlarmClock(random.Random(3)), "one", period, 60)) == 60
