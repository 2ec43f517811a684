"""A bet wins at most 1 on average where nothing is wrong, whatever the counts: it is an e-value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.inference.bets import Bet, likeness, of_both, of_one

SLACK = 1 + 1e-9
VARIATION = 0.42
odds_ = st.floats(0.01, 100)
times_ = st.floats(1.1, 20)
sums = st.integers(0, 40)
counts = st.floats(0, 200)


def _won_of_both(of_sum: stats.rv_discrete, events: int, odds: float, times: float) -> float:
    ratios = [of_both(k, events - k, odds, times, VARIATION) for k in range(events + 1)]
    return math.fsum(of_sum.pmf(k) * math.exp(ratio) for k, ratio in enumerate(ratios))


@given(odds=odds_, times=times_, events=sums)
def test_of_both_sides_it_wins_one_where_the_ratio_moves_as_is_said(
    odds: float, times: float, events: int
) -> None:
    allowed = odds / (1 + odds)
    alike = likeness(allowed, VARIATION)
    null = stats.betabinom(events, alike * allowed, alike * (1 - allowed))
    assert _won_of_both(null, events, odds, times) == pytest.approx(1, abs=1e-6)


@given(odds=odds_, times=times_, events=sums, less=st.floats(0.05, 1))
def test_of_both_sides_it_wins_no_more_where_the_ratio_is_smaller_or_still(
    odds: float, times: float, events: int, less: float
) -> None:
    null = stats.binom(events, less * odds / (1 + less * odds))
    assert _won_of_both(null, events, odds, times) <= SLACK


@given(odds=odds_, times=times_, events=st.integers(0, 20), others=st.integers(0, 20))
def test_of_a_part_of_a_minute_it_wins_on_average_what_it_has(
    odds: float, times: float, events: int, others: int
) -> None:
    """So a minute may be looked at before it is over: with the next error it neither wins nor loses."""
    allowed = odds / (1 + odds)
    alike = likeness(allowed, VARIATION)
    next_is_ours = (alike * allowed + events) / (alike + events + others)
    after = next_is_ours * math.exp(of_both(events + 1, others, odds, times, VARIATION)) + (
        1 - next_is_ours
    ) * math.exp(of_both(events, others + 1, odds, times, VARIATION))
    assert after == pytest.approx(math.exp(of_both(events, others, odds, times, VARIATION)))


@given(allowed=st.floats(0.01, 30), times=times_, less=st.floats(0.01, 1))
def test_of_one_side_it_wins_at_most_one(allowed: float, times: float, less: float) -> None:
    shape = 1 / VARIATION**2
    moving = stats.nbinom(shape, shape / (shape + allowed))
    still = stats.poisson(less * allowed)
    ks = np.arange(4000)
    ratios = np.array([of_one(int(k), allowed, times, VARIATION) for k in ks])
    assert np.exp(moving.logpmf(ks) + ratios).sum() == pytest.approx(1, abs=1e-6)
    assert np.exp(still.logpmf(ks) + ratios).sum() <= SLACK


@given(a=counts, more=counts, b=counts, odds=odds_, times=times_)
def test_more_errors_never_win_less_and_more_on_the_other_side_never_more(
    a: float, more: float, b: float, odds: float, times: float
) -> None:
    here = of_both(a, b, odds, times, VARIATION)
    assert of_both(a + more, b, odds, times, VARIATION) >= here - 1e-6
    assert of_both(a, b + more, odds, times, VARIATION) <= here + 1e-6
    assert of_one(a + more, odds, times, VARIATION) >= of_one(a, odds, times, VARIATION)


@given(
    likely=st.floats(0.01, 0.99),
    high=st.floats(0, 8),
    most=st.floats(0.1, 6),
    kept=st.floats(0, 0.5),
    bad=st.floats(0, 0.1),
)
def test_with_bad_minutes_at_their_worst_it_still_wins_at_most_one(
    likely: float, high: float, most: float, kept: float, bad: float
) -> None:
    # A fair bet: `likely` it becomes `high`, or else what makes up for it.
    won = 1 / likely * (high / 8)
    lost = (1 - likely * won) / (1 - likely)
    bet = Bet(times=2, most=most, kept=kept, bad=bad)
    usual = likely * bet.wins(math.log(max(won, 1e-9))) + (1 - likely) * bet.wins(
        math.log(max(lost, 1e-9))
    )
    assert (1 - bad) * usual + bad * bet.wins(math.inf) <= 1 + 1e-6
    assert bet.wins(-math.inf) >= kept / (1 + bad * math.exp(most))
