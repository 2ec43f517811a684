"""The rank test on grouped values is Mann and Whitney's, as scipy computes it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from shared.inference.ranks import EVEN, Superiority, combine, superiority, unrest

CLASSES = 6
grouped = st.lists(st.integers(0, 8), min_size=CLASSES, max_size=CLASSES)


def ungrouped(counts: list[int]) -> list[int]:
    return [index for index, count in enumerate(counts) for _ in range(count)]


@given(values=grouped, others=grouped)
def test_the_p_value_is_scipys_with_its_tie_correction(
    values: list[int], others: list[int]
) -> None:
    x, y = ungrouped(values), ungrouped(others)
    assume(x and y and len(set(x + y)) > 1)
    found = superiority(values, others)
    assert found is not None
    theirs = stats.mannwhitneyu(
        x, y, alternative="greater", method="asymptotic", use_continuity=False
    )
    assert found.chance == pytest.approx(theirs.statistic / (len(x) * len(y)))
    ours = combine([found], between=0, degrees=1e9)
    assert ours is not None
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-4)


@given(values=grouped, others=grouped)
def test_the_two_samples_mirror_each_other(values: list[int], others: list[int]) -> None:
    one, other = superiority(values, others), superiority(others, values)
    if one is None or other is None:
        assert one is other is None
        assert not (sum(values) and sum(others))
    else:
        assert one.chance + other.chance == pytest.approx(1)
        assert one.variance == pytest.approx(other.variance)


@given(values=grouped, others=grouped, index=st.integers(0, CLASSES - 2))
def test_a_value_that_grows_never_lowers_the_chance(
    values: list[int], others: list[int], index: int
) -> None:
    assume(values[index] and sum(others))
    slower = list(values)
    slower[index] -= 1
    slower[index + 1] += 1
    before, after = superiority(values, others), superiority(slower, others)
    assert before is not None
    assert after is not None
    assert after.chance >= before.chance - 1e-12


def test_values_all_in_one_class_prove_nothing() -> None:
    found = superiority([0, 9, 0], [0, 5, 0])
    assert found == Superiority(EVEN, 0, 45 / 15)
    evidence = combine([found], between=0, degrees=9)
    assert evidence is not None
    assert evidence.p_value == 1


def test_counts_may_be_fractions() -> None:
    found = superiority([0.2, 0.3], [0.4, 0.1])
    assert found is not None
    assert found.chance == pytest.approx((0.2 * 0.2 + 0.3 * 0.45) / 0.25)
    assert found.variance >= 0


def test_no_strata_say_nothing() -> None:
    assert combine([], between=0, degrees=9) is None


def test_unrest_between_strata_and_few_of_them_make_the_same_chance_less_sure() -> None:
    strata = [Superiority(0.6, 0.0004, 100)] * 10
    p_values = [
        evidence.p_value
        for between, degrees in ((0, 1e6), (0, 9), (0.01, 9), (0.01, 2))
        if (evidence := combine(strata, between=between, degrees=degrees))
    ]
    assert p_values == sorted(p_values)
    assert p_values[0] < 1e-9
    assert p_values[-1] > 0.01


def test_a_steady_sample_has_no_unrest_and_a_jumping_one_has() -> None:
    slow, fast = [0.0, 10, 90], [90.0, 10, 0]
    assert unrest([slow] * 10) == 0
    assert unrest([slow]) == 0
    assert unrest([slow, fast] * 5) > 0.05
