"""How far two sides lie apart: paired, so that what hits both alike cancels."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from shared.inference.difference import difference_interval, ratio_interval

QUICK = settings(max_examples=60, deadline=None)

Pairs = list[tuple[float, float]]
PAIRS = st.lists(st.tuples(st.floats(1, 1000), st.floats(1, 1000)), min_size=20, max_size=60)


@QUICK
@given(pairs=PAIRS)
def test_a_difference_of_means_is_scipys_paired_t(pairs: Pairs) -> None:
    old, new = map(list, zip(*pairs, strict=True))
    apart = [b - a for a, b in pairs]
    assume(max(apart) - min(apart) > 0.01)
    expected = stats.ttest_rel(new, old).confidence_interval()
    found = difference_interval([old], [new])
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-5)


@QUICK
@given(pairs=PAIRS)
def test_a_ratios_bounds_are_where_the_paired_t_test_just_tells_it_from_the_truth(
    pairs: Pairs,
) -> None:
    """Fieller's closed form against the definition, solved by scipy."""
    old, new = map(list, zip(*pairs, strict=True))
    found = ratio_interval([old], [new])
    assume(found.low is not None and found.high is not None)
    assert found.low is not None
    assert found.high is not None
    assume(found.high - found.low > 1e-6)
    t = stats.t.ppf(0.975, len(pairs) - 1)

    def untold(ratio: float) -> float:
        apart = [b - ratio * a for a, b in pairs]
        return abs(stats.tmean(apart)) - t * float(stats.sem(apart))

    low = optimize.brentq(untold, found.low - 1, found.estimate)
    high = optimize.brentq(untold, found.estimate, found.high + 1)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-5)


@QUICK
@given(pairs=PAIRS, times=st.floats(0.1, 10))
def test_a_side_that_is_so_many_times_as_slow_has_that_ratio_and_no_doubt(
    pairs: Pairs, times: float
) -> None:
    old = [a for a, _ in pairs]
    found = ratio_interval([old], [[times * a for a in old]])
    assume(found.low is not None)
    assert (found.estimate, found.low, found.high) == pytest.approx((times,) * 3, rel=1e-4)


def test_what_drifts_on_both_sides_alike_does_not_widen_the_interval() -> None:
    chance = random.Random(1)
    course = [100 * (1 + 0.8 * math.sin(i / 10)) for i in range(200)]
    old = [at * chance.uniform(0.98, 1.02) for at in course]
    new = [1.25 * at * chance.uniform(0.98, 1.02) for at in course]
    found = ratio_interval([old], [new])
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1.25 < found.high
    assert found.high - found.low < 0.02


def test_a_ratio_is_missed_above_and_below_once_in_forty() -> None:
    chance, runs = random.Random(11), 800
    found = [
        ratio_interval(
            [[chance.lognormvariate(0, 0.5) for _ in range(25)] for _ in range(2)],
            [[1.5 * chance.lognormvariate(0, 0.5) for _ in range(25)] for _ in range(2)],
        )
        for _ in range(runs)
    ]
    assert 0.01 < sum((f.low or 0) > 1.5 for f in found) / runs < 0.04
    assert 0.01 < sum((f.high or 0) < 1.5 for f in found) / runs < 0.04


def test_an_old_side_whose_mean_is_not_told_from_zero_gives_no_bounds() -> None:
    found = ratio_interval([[0.001] * 20 + [1000.0]], [[1.0] * 21])
    assert (found.low, found.high) == (None, None)


def test_too_few_pairs_have_an_estimate_and_no_bounds() -> None:
    old, new = [[1.0] * 19], [[2.0] * 19]
    ratio, difference = ratio_interval(old, new), difference_interval(old, new)
    assert (ratio.estimate, ratio.low, ratio.high) == (2.0, None, None)
    assert (difference.estimate, difference.low, difference.high) == (1.0, None, None)


@pytest.mark.parametrize(
    ("old", "new"), [([[1.0]], [[1.0, 2.0]]), ([[1.0]], []), ([], []), ([[]], [[]])]
)
def test_values_that_are_no_pairs_are_refused(
    old: list[list[float]], new: list[list[float]]
) -> None:
    with pytest.raises(ValueError, match=r"same number of values|needs a pair"):
        difference_interval(old, new)


def test_nothing_is_divided_by_zero() -> None:
    with pytest.raises(ValueError, match="above 0"):
        ratio_interval([[0.0] * 20], [[1.0] * 20])
