"""The exact test of two error rates holds where counts are small, and agrees with scipy where it may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.inference.exact import above_ratio, least_ratio, tail, unrest

counts = st.integers(0, 60)


@given(events=counts, more=counts, probability=st.floats(0.001, 0.999))
def test_the_tail_is_the_binomial_one(events: int, more: int, probability: float) -> None:
    exact = stats.binom.sf(events - 1, events + more, probability)
    assert tail(events, events + more, probability) == pytest.approx(exact, rel=1e-9, abs=1e-300)


def test_six_in_500_against_none_in_5000_is_as_sure_as_fisher_says() -> None:
    fisher = stats.fisher_exact([[6, 494], [0, 5000]], alternative="greater").pvalue
    assert above_ratio(6, 0, 500 / 5000, 1) == pytest.approx(fisher, rel=0.05)


def test_none_against_none_says_nothing() -> None:
    assert above_ratio(0, 0, 0.1, 1) == 1
    assert least_ratio(0, 0, 0.1, 0.01) == 0


@given(
    new=st.integers(0, 25),
    old=st.integers(0, 25),
    of_new=st.integers(25, 2000),
    of_old=st.integers(25, 2000),
)
def test_from_one_error_above_its_due_on_it_is_never_surer_than_fisher(
    new: int, old: int, of_new: int, of_old: int
) -> None:
    table = [[new, of_new - new], [old, of_old - old]]
    fisher = stats.fisher_exact(table, alternative="greater").pvalue
    # Hoeffding (1956): Fisher's count is a sum of trials, and the binomial one of the same mean has the
    # larger tail.
    due = (new + old) * of_new / (of_new + of_old)
    if new >= due + 1:
        assert above_ratio(new, old, of_new / of_old, 1) >= fisher * (1 - 1e-9)


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1, 0.4])
@pytest.mark.parametrize(("of_new", "of_old"), [(30, 30), (20, 60), (60, 20)])
def test_equal_rates_are_called_unequal_no_more_often_than_the_level_says(
    rate: float, of_new: int, of_old: int
) -> None:
    level = 0.05
    wrong = sum(
        stats.binom.pmf(new, of_new, rate) * stats.binom.pmf(old, of_old, rate)
        for new in range(of_new + 1)
        for old in range(of_old + 1)
        if above_ratio(new, old, of_new / of_old, 1) <= level
    )
    assert wrong <= level


@given(new=st.integers(1, 60), old=counts, traffic=st.floats(0.01, 100))
def test_the_least_ratio_is_the_one_that_is_just_not_rejected(
    new: int, old: int, traffic: float
) -> None:
    ratio = least_ratio(new, old, traffic, 0.001)
    assert above_ratio(new, old, traffic, ratio) == pytest.approx(0.001, rel=1e-6)
    assert above_ratio(new, old, traffic, ratio * 0.9) < 0.001


@given(
    new=st.floats(0, 60),
    more=st.floats(0, 60),
    old=st.floats(0, 60),
    traffic=st.floats(0.01, 100),
    ratio=st.floats(0.5, 5),
)
def test_more_errors_are_never_weaker_evidence_and_more_on_the_other_side_never_stronger(
    new: float, more: float, old: float, traffic: float, ratio: float
) -> None:
    here = above_ratio(new, old, traffic, ratio)
    slack = 1 + 1e-9
    assert above_ratio(new + more, old, traffic, ratio) <= here * slack
    assert above_ratio(new, old + more, traffic, ratio) * slack >= here


def test_errors_that_come_evenly_show_no_unrest() -> None:
    assert unrest([5] * 10, [500] * 10) == 0


def test_errors_that_come_at_once_show_unrest() -> None:
    assert unrest([50] + [0] * 9, [500] * 10) == pytest.approx((50 - 1) * 10 / 50)


@pytest.mark.parametrize("rows", [([], []), ([3], [10]), ([0, 0], [10, 10]), ([0, 0], [0, 0])])
def test_too_little_to_tell_shows_no_unrest(rows: tuple[list[int], list[int]]) -> None:
    assert unrest(*rows) == 0
