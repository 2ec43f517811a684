"""The share that new serves, beside the one that it should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.share import tolerance
from shared.status.share import probes_a_minute, served, surely_above, surely_below
from tests.unit.support.statuses import requests

COUNTS = st.integers(0, 100_000)
PERCENT = st.floats(0, 100)


def test_without_requests_there_is_no_share() -> None:
    assert served(requests(0, 0)) is None
    assert not surely_above(requests(0, 0), 0, 0)
    assert not surely_below(requests(0, 0), 100, 0)


@given(old=COUNTS, new=COUNTS)
def test_the_share_lies_within_its_interval(old: int, new: int) -> None:
    share = served(requests(old, new))
    if share is None:
        assert old + new == 0
        return
    assert share.low is not None
    assert share.high is not None
    assert 0 <= share.low <= share.estimate <= share.high <= 100
    assert share.estimate == pytest.approx(100 * new / (old + new))


@given(old=COUNTS, new=COUNTS, expected=PERCENT, probes=st.integers(0, 1000))
def test_nothing_is_both_too_much_and_too_little_and_probes_only_make_it_milder(
    old: int, new: int, expected: float, probes: int
) -> None:
    seen = requests(old, new)
    above, below = surely_above(seen, expected, 0), surely_below(seen, expected, 0)
    assert not (above and below)
    assert above or not surely_above(seen, expected, probes)
    assert below or not surely_below(seen, expected, probes)


def test_the_tolerance_is_half_of_the_smaller_side_and_at_least_ten_points() -> None:
    assert [tolerance(w) for w in (0, 5, 30, 50, 80, 100)] == [10, 10, 15, 25, 10, 10]


def test_few_requests_prove_nothing() -> None:
    assert not surely_above(requests(1, 2), 25, 0)
    assert surely_above(requests(100, 200), 25, 0)


def test_health_checkers_ask_each_endpoint_of_a_side() -> None:
    assert probes_a_minute(3, 10) == 360
    assert probes_a_minute(1, 30) == 40
