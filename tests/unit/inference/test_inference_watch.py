"""Bets that start anew each minute: how often they win by chance, and that they see what begins late."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.watch import WATCH_MINUTES, since, stake, surprise

PLENTY = 1e9
WATCHES = 100
bets = st.lists(st.floats(0.1, 10), min_size=1, max_size=40)


def test_a_watch_stakes_one_whatever_its_minutes_and_early_ones_more() -> None:
    assert math.fsum(map(stake, range(WATCH_MINUTES))) == pytest.approx(1)
    assert math.fsum(map(stake, range(WATCH_MINUTES, 2 * WATCH_MINUTES))) == pytest.approx(1)
    stakes = [stake(age) for age in range(WATCH_MINUTES)]
    assert stakes == sorted(stakes, reverse=True)


@pytest.mark.parametrize("age", [0, WATCH_MINUTES])
@pytest.mark.parametrize("level", [0.5, 0.1])
def test_fair_bets_reach_what_is_needed_in_no_more_watches_than_the_level_says(
    age: int, level: float
) -> None:
    """Ville's inequality, on simulated watches of a fixed seed; and they do reach it, so that the test could
    fail."""
    rng = random.Random(11)
    fair = [
        [1.5 if rng.random() < 0.5 else 0.5 for _ in range(WATCH_MINUTES)] for _ in range(WATCHES)
    ]
    ages = range(age, age + WATCH_MINUTES)
    wrong = sum(max(surprise([[bet] for bet in won], ages, PLENTY)) >= 1 / level for won in fair)
    # Three standard errors.
    assert wrong / WATCHES <= level + 3 * math.sqrt(level * (1 - level) / WATCHES)
    assert wrong / WATCHES >= level / 4


@given(won=bets, index=st.integers(0, 39), more=st.floats(1, 5))
def test_a_bet_that_wins_more_never_makes_the_sum_smaller(
    won: list[float], index: int, more: float
) -> None:
    index %= len(won)
    grown = [*won[:index], won[index] * more, *won[index + 1 :]]
    before, after = (
        surprise([[bet] for bet in row], range(len(row)), PLENTY) for row in (won, grown)
    )
    assert all(b <= a * (1 + 1e-9) for b, a in zip(before, after, strict=True))


@given(won=bets)
def test_the_sum_is_that_of_all_runs_of_bets(won: list[float]) -> None:
    runs = [stake(start) * math.prod(won[start:]) for start in range(len(won))]
    (*_, last) = surprise([[bet] for bet in won], range(len(won)), 1e300)
    assert last == pytest.approx(math.fsum(runs))
    surest = max(range(len(won)), key=lambda start: runs[start])
    found = since([[bet] for bet in won], range(len(won)))
    assert runs[len(won) - found] == pytest.approx(runs[surest])


def test_hours_in_which_nothing_was_wrong_do_not_count_against_a_fault() -> None:
    fault = [[2.0]] * 20
    ages = range(300, 320)
    alone = surprise(fault, ages, PLENTY)[-1]
    late = surprise([[0.5]] * 300 + fault, range(320), PLENTY)[-1]
    assert late >= alone


def test_a_fault_that_is_over_is_forgotten_the_sooner_the_less_is_kept_of_it() -> None:
    won = [[3.0]] * 100 + [[0.5]] * 12
    ages = range(len(won))
    assert surprise(won, ages, 1e9)[-1] > 10
    assert surprise(won, ages, 1e3)[-1] < 10


def test_nothing_looked_at_says_nothing() -> None:
    assert surprise([], [], PLENTY) == []


def test_stakes_are_divided_as_said_and_evenly_without_a_word() -> None:
    won = [[1.5, 0.8], [2.0, 0.9], [1.2, 3.0]]
    ages = range(3)
    first, second = (surprise([[row[i]] for row in won], ages, PLENTY) for i in range(2))
    found = surprise(won, ages, PLENTY, [0.75, 0.25])
    assert found == pytest.approx([0.75 * a + 0.25 * b for a, b in zip(first, second, strict=True)])
    assert surprise(won, ages, PLENTY) == pytest.approx(surprise(won, ages, PLENTY, [0.5, 0.5]))
    # All that the newest minute won is by the second, and what the three did by the first.
    assert since(won, ages, [0.0, 1.0]) == 1
    assert since(won, ages, [1.0, 0.0]) == 3
