"""Errors of new: how soon they fail it, how often by chance, and what is taken for nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import FLOOR, RATIO, Said
from judge.minutes import Minute
from shared.inference.watch import WATCH_MINUTES
from shared.probes import NO_PROBES, Probes
from tests.unit.support.judged_minutes import minutes, weighed_errors, with_errors

LEVEL = 0.1
AGES = [0, 60, 700, WATCH_MINUTES]


def course(old: list[Minute], new: list[Minute], age: int = 0, level: float = LEVEL) -> list[float]:
    ages = range(age, age + len(old))
    return Said.of(old, new, ages, probes=NO_PROBES, level=level).course()


@given(
    age=st.sampled_from([*range(0, 120, 7), *AGES]),
    level=st.sampled_from([0.001, 0.01, 0.1, 0.5]),
    usual=st.integers(0, 2),
    apart=st.integers(1, 20),
    before=st.integers(0, 40),
)
def test_two_bad_minutes_decide_nothing_at_any_time_and_level(
    age: int, level: float, usual: int, apart: int, before: int
) -> None:
    rows = before + apart + 2
    old = with_errors(minutes(rows, 500), [usual] * rows)
    new = list(old)
    for bad in (before, before + apart):
        new[bad] = Minute(500, 500)
    assert min(course(old, new, age, level)) > level


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("level", [0.1, 0.5])
def test_three_bad_minutes_do(age: int, level: float) -> None:
    old = minutes(60, 500, 1)
    new = [*old[:57], *minutes(3, 500, 250)]
    assert course(old, new, age, level)[-1] <= level


def test_rare_errors_are_seen_over_hours() -> None:
    """0.5 % where old has none, of 50 requests a minute: in an hour there are 15 errors."""
    old, new = minutes(360, 500), with_errors(minutes(360, 50), [1, 0, 0, 0] * 90)
    found = course(old, new)
    assert min(found[:60]) > LEVEL
    assert found[-1] <= LEVEL


def test_a_fault_after_hours_without_any_is_seen_nearly_as_soon() -> None:
    old = minutes(300, 500, 1)
    sooner, later = ([*old[:good], *minutes(300 - good, 500, 6)] for good in (0, 240))
    waits = [
        next(i for i, p in enumerate(course(old, new)[good:]) if p <= LEVEL)
        for new, good in ((sooner, 0), (later, 240))
    ]
    assert waits[0] <= waits[1] <= waits[0] + 5


def test_a_fault_that_is_over_fails_new_for_some_minutes_only() -> None:
    old = minutes(60, 500, 1)
    new = [*minutes(40, 500, 100), *minutes(20, 500, 1)]
    assert course(old, new)[39] <= LEVEL
    assert course(old, new)[-1] > LEVEL


def test_a_part_of_a_minute_is_no_surer_than_what_is_in_it() -> None:
    """Each 10 s the newest minute has a few more: the judge may look at any time."""
    old, new = minutes(4, 500), minutes(4, 500, 5)
    looks = [
        weighed_errors([*old, Minute(part * 80, 0)], [*new, Minute(part * 80, part)]).p_value
        for part in range(1, 7)
    ]
    assert looks == sorted(looks, reverse=True)
    assert looks[0] > looks[-1]


def test_new_is_surely_above_the_ratio_that_is_told() -> None:
    old, new = minutes(60, 500, 1), minutes(60, 500, 10)
    evidence = weighed_errors(old, new)
    assert RATIO < evidence.times_old < 10
    # Less sure, it could tell more.
    assert weighed_errors(old, new, level=0.4).times_old > evidence.times_old


def test_errors_in_clusters_on_both_sides_weigh_less() -> None:
    """One client tries again at once: as many errors on both sides, but seldom in the same minute."""
    rng = np.random.default_rng(3)
    doubts = []
    for _ in range(20):
        old, new = (
            with_errors(minutes(240, 500), [8 * int(hit) for hit in rng.random(240) < 0.12])
            for _ in ("old", "new")
        )
        doubts.append(min(course(old, new)))
    assert min(doubts) > LEVEL


def test_new_that_fails_by_fits_and_starts_does_not_weigh_less_where_old_is_calm() -> None:
    old = minutes(120, 500, 1)
    by_fits = with_errors(minutes(120, 500), [0, 24, 0, 0] * 30)
    assert weighed_errors(old, by_fits).p_value <= LEVEL


def test_fewer_probes_are_no_smaller_doubt_and_what_they_may_have_met_is_suspicion() -> None:
    old, new = minutes(60, 630, 11), minutes(60, 150, 5)
    evidence = weighed_errors(old, new, probes=Probes(90, 120))
    assert evidence.suspicion <= LEVEL < evidence.p_value
    assert weighed_errors(old, new).suspicion == weighed_errors(old, new).p_value


def _day(seed: int, rate: float, times: float) -> tuple[list[Minute], list[Minute]]:
    """Return a day of both sides, whose rates move together and each by itself."""
    rng = np.random.default_rng([seed, 17])
    common = rng.gamma(4, 1 / 4, WATCH_MINUTES)
    sides = []
    for more in (1.0, times):
        asked = rng.poisson(300, WATCH_MINUTES)
        failing = rate * more * common * rng.gamma(11, 1 / 11, WATCH_MINUTES)
        failed = rng.binomial(asked, np.clip(failing, 0, 1))
        sides.append([Minute(int(n), int(count)) for n, count in zip(asked, failed, strict=True)])
    return sides[0], sides[1]


@pytest.mark.parametrize(("rate", "times", "most"), [(0.005, 2.0, 4), (0.01, 1.0, 0)])
def test_so_few_days_without_a_fault_fail_new(rate: float, times: float, most: int) -> None:
    """Of 12 days of a fixed seed, at the very ratio that is allowed, 1.2 may fail on average at a level of
    0.1; above 4 would be by chance in 4 of 1,000 such tests. Of sides that are alike none does."""
    wrong = sum(min(course(*_day(seed, rate, times))) <= LEVEL for seed in range(12))
    assert rate > FLOOR
    assert wrong <= most
