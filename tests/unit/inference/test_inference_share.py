"""The share of the users' requests that new serves, beside the one that it should: probes are nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.share import served, surely_above, surely_below, tolerance
from shared.probes import NO_PROBES, Probes

COUNTS = st.integers(0, 100_000)
PERCENT = st.floats(0, 100)
MINUTES = 5
# One endpoint, probed each 10 s.
PROBED = Probes(90, 120)


@st.composite
def probes(draw: st.DrawFn) -> Probes:
    about = draw(st.integers(0, 1000))
    return Probes(about, about + draw(st.integers(0, 500)))


def test_without_requests_there_is_no_share() -> None:
    assert served(0, 0, MINUTES, NO_PROBES) is None
    assert not surely_above(0, 0, MINUTES, NO_PROBES, 0)
    assert not surely_below(0, 0, MINUTES, NO_PROBES, 100)


def test_probes_alone_are_no_share_at_all() -> None:
    assert served(450, 450, MINUTES, PROBED) is None
    assert served(440, 449, MINUTES, PROBED) is None
    assert not surely_above(450, 450, MINUTES, PROBED, 0)
    assert not surely_below(450, 450, MINUTES, PROBED, 100)


@pytest.mark.parametrize(("weight", "share"), [(0, 0), (10, 10), (50, 50), (100, 100)])
def test_sixty_users_a_minute_are_shared_as_the_weight_says(weight: int, share: float) -> None:
    new = 300 * weight // 100
    counted = (450 + 300 - new, 450 + new, MINUTES, PROBED)
    seen = served(*counted)
    assert seen is not None
    assert seen.estimate == pytest.approx(share)
    assert not surely_above(*counted, weight)
    assert not surely_below(*counted, weight)


def test_many_users_at_weight_0_who_reach_new_are_seen_for_all_the_probes() -> None:
    assert surely_above(450 + 300, 450 + 3000, MINUTES, PROBED, 0)
    assert not surely_above(450 + 300, 450 + 150, MINUTES, PROBED, 0)


@given(old=COUNTS, new=COUNTS, probed=probes())
def test_the_share_lies_within_its_interval_and_is_a_share(
    old: int, new: int, probed: Probes
) -> None:
    share = served(old, new, MINUTES, probed)
    if share is None:
        assert max(old, new) <= probed.about * MINUTES
        return
    assert share.low is not None
    assert share.high is not None
    assert 0 <= share.low <= share.estimate <= share.high <= 100


@given(old=COUNTS, new=COUNTS, expected=PERCENT, probed=probes())
def test_nothing_is_both_too_much_and_too_little_and_probes_only_make_it_milder(
    old: int, new: int, expected: float, probed: Probes
) -> None:
    plain, counted = (old, new, MINUTES, NO_PROBES), (old, new, MINUTES, probed)
    above, below = surely_above(*plain, expected), surely_below(*plain, expected)
    assert not (above and below)
    assert above or not surely_above(*counted, expected)
    assert below or not surely_below(*counted, expected)


@given(
    requests=st.floats(0, 1e6),
    probed=probes(),
    minutes=st.integers(1, 60),
    real=st.integers(0, 1500),
)
def test_what_is_taken_off_leaves_no_less_than_nobody_and_surely_no_probe(
    requests: float, probed: Probes, minutes: int, real: int
) -> None:
    sure, about = probed.surely_users(requests, minutes), probed.users(requests, minutes)
    assert 0 <= sure <= about <= requests
    # Whatever of at most as many probes there really were among the requests: the rest are users'.
    if real <= probed.at_most:
        assert sure <= max(0, requests - real * minutes)


def test_the_tolerance_is_half_of_the_smaller_side_and_at_least_ten_points() -> None:
    assert [tolerance(w) for w in (0, 5, 30, 50, 80, 100)] == [10, 10, 15, 25, 10, 10]


def test_few_requests_prove_nothing() -> None:
    assert not surely_above(1, 2, MINUTES, NO_PROBES, 25)
    assert surely_above(100, 200, MINUTES, NO_PROBES, 25)
