"""A share is called above another by a margin as rarely as said, from few events and from many."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.proportions import proportion_interval
from shared.inference.rise import above_margin, clustering, effective, lower_share, upper_share

SPENT = 0.025


@pytest.mark.parametrize(("events", "of"), [(0, 40), (3, 40), (20, 40), (39, 40), (40, 40)])
def test_bounds_are_clopper_and_pearsons(events: int, of: int) -> None:
    known = proportion_interval(events, of, 1 - 2 * SPENT)
    assert lower_share(events / of, of, SPENT) == pytest.approx(known.low, abs=1e-12)
    assert upper_share(events / of, of, SPENT) == pytest.approx(known.high, abs=1e-12)


def test_what_is_not_above_the_margin_is_never_sure_however_many_there_are() -> None:
    assert above_margin(0.12, 1e9, 0.10, 1e9, margin=0.02, spent=1e-5) == 1
    assert above_margin(0.1201, 1e9, 0.10, 1e9, margin=0.02, spent=1e-5) < 1e-4


def test_where_old_gives_hardly_anything_else_there_is_no_room_for_more() -> None:
    assert above_margin(1.0, 500, 0.99, 500, margin=0.005, spent=1e-5) == 1


@pytest.mark.parametrize(
    ("share", "of", "of_other"), [(0.01, 60, 400), (0.05, 100, 100), (0.3, 300, 60), (0.6, 40, 900)]
)
def test_at_the_very_margin_it_is_wrong_at_most_as_often_as_its_level(
    share: float, of: int, of_other: int
) -> None:
    """Exact: over all outcomes of both sides, each with its probability."""
    margin, spent = 0.05, 0.025
    wrong = 0.0
    for others in range(of_other + 1):
        chance = _binomial(others, of_other, share)
        if chance < 1e-9:
            continue
        least = next(
            (
                events
                for events in range(of + 1)
                if above_margin(
                    events / of, of, others / of_other, of_other, margin=margin, spent=spent
                )
                <= 2 * spent
            ),
            of + 1,
        )
        wrong += chance * sum(_binomial(e, of, share + margin) for e in range(least, of + 1))
    assert 0 < wrong <= 2 * spent


def _binomial(events: int, of: int, share: float) -> float:
    return math.comb(of, events) * share**events * (1 - share) ** (of - events)


@given(
    share=st.floats(0, 1),
    more=st.floats(0, 1),
    other=st.floats(0, 1),
    of=st.floats(1, 1e4),
    of_other=st.floats(1, 1e4),
    margin=st.floats(0, 0.5),
)
def test_a_larger_share_is_never_smaller_evidence(
    share: float, more: float, other: float, of: float, of_other: float, margin: float
) -> None:
    before, after = (
        above_margin(min(1.0, s), of, other, of_other, margin=margin, spent=SPENT)
        for s in (share, share + more)
    )
    assert after <= before * (1 + 1e-9)


def test_trials_that_are_independent_are_not_alike_and_bursts_are() -> None:
    draw = random.Random(1)
    of = [200] * 400
    even = [sum(draw.random() < 0.1 for _ in range(n)) for n in of]
    assert clustering(even, of) < 0.002
    # A share that is 0.05 or 0.15 by turns: its variance is 0.05² of 0.1 * 0.9.
    bursts = [sum(draw.random() < (0.05, 0.15)[i % 2] for _ in range(n)) for i, n in enumerate(of)]
    assert clustering(bursts, of) == pytest.approx(0.05**2 / 0.09, rel=0.2)


@pytest.mark.parametrize(
    ("events", "of"), [([], []), ([3], [9]), ([0, 0], [5, 5]), ([5, 5], [5, 5]), ([1, 0], [1, 1])]
)
def test_where_nothing_can_vary_nothing_is_alike(events: list[int], of: list[int]) -> None:
    assert clustering(events, of) == 0


@given(of=st.lists(st.integers(1, 1000), min_size=1, max_size=20), alike=st.floats(0, 1))
def test_no_more_trials_count_than_there_are_and_no_fewer_than_one(
    of: list[int], alike: float
) -> None:
    assert 1 - 1e-9 <= effective(of, of, alike) <= sum(of) * (1 + 1e-9)
    assert effective(of, of, 0) == pytest.approx(sum(of))


def test_weights_that_leave_rows_out_leave_their_trials_out() -> None:
    assert effective([1, 1e-9], [50, 1000], 0) == pytest.approx(50, rel=1e-6)
