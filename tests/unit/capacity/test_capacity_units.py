"""How many capacity units a share needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.capacity.units import Peak, Used, needed, peak_of, said_of_need

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTHING = Used({}, {})


def peaks(*values: float, at: datetime = NINE) -> Used:
    return Used({at + MINUTE * n: value for n, value in enumerate(values)}, {})


@pytest.mark.parametrize(
    ("units", "weight", "headroom", "expected"),
    [
        (400, 25, 0, 100),
        (400.01, 25, 0, 101),
        (192, 50, 25, 120),
        (1000, 100, 10, 1100),
        (0, 100, 25, 0),
        (79.9, 100, 25, 100),
    ],
)
def test_the_share_of_the_peak_with_the_headroom_is_rounded_up(
    units: float, weight: int, headroom: int, expected: int
) -> None:
    assert needed(Peak(units, NINE), weight, headroom) == expected


@given(st.floats(0, 1e6), st.integers(1, 100), st.integers(0, 400), st.integers(0, 100))
def test_it_is_never_less_than_the_share_and_never_falls_with_the_weight(
    units: float, weight: int, headroom: int, less: int
) -> None:
    peak = Peak(units, NINE)
    found = needed(peak, weight, headroom)
    exact = units * weight / 100 * (100 + headroom) / 100
    assert exact - 1e-3 <= found < exact + 1 + 1e-3
    assert needed(peak, min(weight, less), headroom) <= found


def test_both_sides_are_added_at_the_same_minute_so_that_nobody_counts_twice() -> None:
    """Old had all, then new had half of it: together there never were more than 100."""
    old, new = peaks(100, 50), peaks(0, 48)
    assert peak_of(old, new) == Peak(100, NINE)
    assert peak_of(peaks(10, 40), peaks(1, 2)) == Peak(42, NINE + MINUTE)


def test_a_side_without_peaks_is_counted_by_what_it_consumed_in_the_hour() -> None:
    old = Used({}, {NINE: 60.0, NINE + HOUR: 80.0})
    new = Used({NINE + MINUTE * 5: 5.0, NINE + MINUTE * 9: 30.0, NINE + HOUR: 1.0}, {})
    assert peak_of(old, new) == Peak(90, NINE)
    assert peak_of(new, old) == Peak(90, NINE)


def test_peaks_count_before_what_was_consumed() -> None:
    both = Used({NINE: 200.0}, {NINE: 20.0})
    assert peak_of(both, NOTHING) == Peak(200, NINE)


def test_a_new_side_that_nobody_asked_yet_adds_nothing() -> None:
    assert peak_of(peaks(7, 9), NOTHING) == Peak(9, NINE + MINUTE)


def test_without_any_value_it_is_not_known() -> None:
    assert peak_of(NOTHING, NOTHING) is None


def test_it_says_how_the_number_comes_about() -> None:
    said = said_of_need(Peak(192, NINE), 50, 25)
    assert said == "120 LCU: 192 LCU at the peak of 2026-11-23 09:00 UTC x 50 % + 25 %"
