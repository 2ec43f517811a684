"""Intervals hold what they promise: against scipy, and against samples whose truth is known."""

from __future__ import annotations

import math
import random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from shared.inference.beta import incomplete_beta
from shared.inference.proportions import binomial_cdf, proportion_interval
from shared.inference.quantiles import quantile, quantile_interval
from shared.inference.student import LEAST, mean_interval, t_cdf, t_quantile

QUICK = settings(max_examples=60, deadline=None)

COUNTS = st.integers(1, 100_000)
VALUES = st.floats(0.001, 1e5)


@QUICK
@given(
    a=st.floats(0.01, 1e5),
    b=st.floats(0.01, 1e5),
    # Where x is subnormal it is scipy's that is wrong, in the third digit.
    x=st.floats(0, 1, allow_subnormal=False) | st.floats(1e-12, 1e-3),
)
def test_the_incomplete_beta_function_is_scipys(a: float, b: float, x: float) -> None:
    assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-7, abs=1e-12)


def test_the_smallest_number_of_all_has_its_integral_too() -> None:
    # For b = 2 it is (1 + a) x^a - a x^(1 + a).
    assert incomplete_beta(1 / 64, 2, 5e-324) == pytest.approx((65 / 64) * (5e-324) ** (1 / 64))


@pytest.mark.parametrize("wrong", [(0, 1, 0.5), (1, -1, 0.5), (1, 1, 1.1), (1, 1, -0.1)])
def test_a_beta_function_of_what_it_is_not_defined_for_is_refused(
    wrong: tuple[float, float, float],
) -> None:
    with pytest.raises(ValueError, match="a and b above 0"):
        incomplete_beta(*wrong)


@QUICK
@given(t=st.floats(-50, 50), degrees=st.floats(1, 1e5))
def test_students_t_is_scipys(t: float, degrees: float) -> None:
    # Close to zero it is scipy's that has no more than eight digits.
    assert t_cdf(t, degrees) == pytest.approx(stats.t.cdf(t, degrees), abs=2e-8)


@QUICK
@given(t=st.floats(-1e6, 1e6))
def test_students_t_with_one_degree_of_freedom_is_cauchys_distribution(t: float) -> None:
    assert t_cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-14)


@QUICK
@given(probability=st.floats(0.5, 0.9999), degrees=st.floats(1, 1e5))
def test_a_quantile_of_students_t_is_scipys(probability: float, degrees: float) -> None:
    expected = stats.t.ppf(probability, degrees)
    assert t_quantile(probability, degrees) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@QUICK
@given(of=COUNTS, data=st.data())
def test_a_share_is_between_clopper_and_pearsons_bounds(of: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, of))
    found = proportion_interval(events, of)
    expected = stats.binomtest(events, of).proportion_ci(method="exact")
    assert found.estimate == events / of
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-8)


@QUICK
@given(of=st.integers(1, 5000), share=st.floats(0, 1), data=st.data())
def test_the_binomial_distribution_is_scipys(of: int, share: float, data: st.DataObject) -> None:
    events = data.draw(st.integers(-1, of))
    expected = stats.binom.cdf(events, of, share)
    assert binomial_cdf(events, of, share) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("events", "of"), [(0, 0), (-1, 5), (6, 5)])
def test_a_share_of_nothing_or_of_more_than_all_is_refused(events: int, of: int) -> None:
    with pytest.raises(ValueError, match="make no share"):
        proportion_interval(events, of)


@pytest.mark.parametrize("share", [0.01, 0.07, 0.29, 0.5, 0.57, 0.95, 0.99])
def test_a_quantiles_rank_is_not_moved_by_the_last_bits_of_a_float(share: float) -> None:
    for n in range(100, 5001, 100):
        assert quantile(range(1, n + 1), share) == round(100 * share) * n // 100


@QUICK
@given(values=st.lists(VALUES, min_size=1, max_size=400), share=st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_lies_within_its_own_bounds(values: list[float], share: float) -> None:
    found = quantile_interval(values, share)
    assert found.low is None or found.low <= found.estimate
    assert found.high is None or found.high >= found.estimate
    assert found.estimate in values


@QUICK
@given(n=st.integers(1, 3000), share=st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_each_bound_of_a_quantile_is_wrong_at_most_once_in_forty_and_no_wider_than_that(
    n: int, share: float
) -> None:
    """How many of n values lie below the true quantile is binomial: the bounds' ranks say all."""
    found = quantile_interval(list(range(1, n + 1)), share)
    below = stats.binom(n, share)
    if found.low is not None:
        assert below.cdf(found.low - 1) <= 0.025 + 1e-9 < below.cdf(found.low) + 2e-9
    else:
        assert below.cdf(0) > 0.025
    if found.high is not None:
        assert below.sf(found.high - 1) <= 0.025 + 1e-9 < below.sf(found.high - 2) + 2e-9
    else:
        assert below.sf(n - 1) > 0.025


def test_a_95th_percentile_has_an_upper_bound_from_72_values_on_and_a_99th_from_368() -> None:
    for share, least in ((0.95, 72), (0.99, 368)):
        assert quantile_interval([1.0] * (least - 1), share).high is None
        assert quantile_interval([1.0] * least, share).high == 1.0


def test_the_interval_of_a_sample_without_skew_is_students() -> None:
    values = [float(v) for v in range(1, 101)]
    low, high = stats.t.interval(0.95, 99, loc=50.5, scale=stats.sem(values))
    found = mean_interval(values)
    assert (found.estimate, found.low, found.high) == pytest.approx((50.5, low, high))


@QUICK
@given(values=st.lists(VALUES, min_size=LEAST, max_size=100))
def test_a_mean_lies_within_its_own_bounds(values: list[float]) -> None:
    found = mean_interval(values)
    assert found.low is not None
    assert found.high is not None
    near = 1e-9 * found.estimate
    assert found.low - near <= found.estimate <= found.high + near


@QUICK
@given(values=st.lists(VALUES, min_size=LEAST, max_size=60), times=st.sampled_from([0.001, 1000.0]))
def test_a_mean_in_another_unit_has_the_same_bounds_in_that_unit(
    values: list[float], times: float
) -> None:
    here, there = mean_interval(values), mean_interval([times * v for v in values])
    assert (there.low, there.high) == pytest.approx(
        (times * (here.low or 0), times * (here.high or 0)), rel=1e-6, abs=1e-9 * times * 1e5
    )


def test_a_skewed_samples_bounds_reach_further_up_than_down() -> None:
    chance = random.Random(3)
    found = mean_interval([chance.lognormvariate(0, 1) for _ in range(100)])
    assert (found.high or 0) - found.estimate > 1.2 * (found.estimate - (found.low or 0))


@pytest.mark.parametrize("sigma", [0.3, 1.0])
def test_a_skewed_mean_is_above_its_interval_once_in_forty_and_below_it_a_little_more(
    sigma: float,
) -> None:
    chance, runs, truth = random.Random(7), 1500, math.exp(sigma * sigma / 2)
    found = [
        mean_interval([chance.lognormvariate(0, sigma) for _ in range(100)]) for _ in range(runs)
    ]
    assert sum((f.low or 0) > truth for f in found) / runs <= 0.035
    # Plain t is wrong in 7.7 of 100 here, for sigma 1.
    assert sum((f.high or 0) < truth for f in found) / runs <= 0.055


def test_how_far_endpoints_lie_apart_does_not_widen_the_interval_of_their_mean() -> None:
    chance = random.Random(5)
    quick = [chance.gauss(10, 1) for _ in range(50)]
    slow = [chance.gauss(1000, 1) for _ in range(50)]
    found = mean_interval(quick, slow)
    assert found.estimate == pytest.approx((fmean(quick) + fmean(slow)) / 2)
    assert (found.high or 0) - (found.low or 0) < 1


def test_one_endpoint_measured_more_often_does_not_count_for_more() -> None:
    assert mean_interval([1.0, 1.0] * 50, [3.0, 3.0]).estimate == 2.0


@pytest.mark.parametrize("strata", [([1.0] * 19,), ([1.0] * 50, [2.0])])
def test_too_few_values_have_a_mean_and_no_bounds(strata: tuple[list[float], ...]) -> None:
    found = mean_interval(*strata)
    assert (found.low, found.high) == (None, None)


def test_values_that_are_all_the_same_leave_no_doubt() -> None:
    found = mean_interval([7.0] * 20)
    assert (found.estimate, found.low, found.high) == (7.0, 7.0, 7.0)


def test_nothing_has_no_mean_and_no_quantile() -> None:
    for nothing in ((), ([],), ([1.0], [])):
        with pytest.raises(ValueError, match="needs a value"):
            mean_interval(*nothing)
    with pytest.raises(ValueError, match="needs a value"):
        quantile_interval([], 0.5)
