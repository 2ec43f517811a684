"""The watch counts hours in which everybody was on new, and anything else begins it anew."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.watch.hours import HOUR, AtDoors, watch_of
from shared.watch.look import last_whole_hour

UNTIL = datetime(2026, 11, 24, 3, tzinfo=UTC)
HOURS = [UNTIL - HOUR * back for back in range(1, 31)]
Held = tuple[float | None, float | None]
"""New's lowest weight, and whether the switch was thrown; None where nothing was published."""


def seen(*newest_first: Held, doors: tuple[str, ...] = ("edge",)) -> AtDoors:
    weight = {h: w for h, (w, _) in zip(HOURS, newest_first, strict=False) if w is not None}
    thrown = {h: t for h, (_, t) in zip(HOURS, newest_first, strict=False) if t is not None}
    return AtDoors(UNTIL, dict.fromkeys(doors, weight), dict.fromkeys(doors, thrown))


GOOD: Held = (100.0, 0.0)


@given(
    st.lists(
        st.tuples(st.sampled_from([None, 99.0, 100.0]), st.sampled_from([None, 0.0, 1.0])),
        max_size=30,
    ),
    st.integers(1, 30),
)
def test_the_hours_are_those_before_the_first_that_was_not_good(
    held: list[Held], asked: int
) -> None:
    expected = next((at for at, one in enumerate(held) if one != GOOD), len(held))
    watch = watch_of(seen(*held), asked)
    assert (watch.hours, watch.over) == (expected, expected >= asked)
    assert watch.began == UNTIL - HOUR * expected
    assert watch.ends == watch.began + HOUR * asked
    assert bool(watch.broken) == (GOOD in held[expected + 1 :])


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ((100.0, 1.0), "the switch was thrown"),
        ((50.0, 0.0), "new had less than 100 %"),
        ((None, 0.0), "the observer published nothing"),
        ((100.0, None), "the observer published nothing"),
    ],
)
def test_what_broke_it_is_told_and_it_begins_anew(bad: Held, why: str) -> None:
    watch = watch_of(seen(GOOD, GOOD, bad, GOOD), 24)
    assert watch.hours == 2
    assert watch.broken == f"in the hour from 2026-11-24 00:00 UTC {why}"
    assert watch.broken in watch.said
    assert "of 24 (promotion.watch_hours); it ends at 2026-11-25 01:00 UTC" in watch.said


def test_one_door_is_enough_to_break_it() -> None:
    both = seen(GOOD, GOOD, doors=("edge", "dns"))
    thrown = {"edge": both.thrown["edge"], "dns": {**both.thrown["dns"], HOURS[1]: 1.0}}
    assert watch_of(AtDoors(UNTIL, both.weight, thrown), 2).hours == 1


def test_without_a_door_nothing_is_watched() -> None:
    assert watch_of(AtDoors(UNTIL, {}, {}), 1).hours == 0


def test_an_hour_counts_once_its_metrics_are_there() -> None:
    at = datetime(2026, 11, 24, 3, 4, 59, tzinfo=UTC)
    assert last_whole_hour(at) == UNTIL - HOUR
    assert last_whole_hour(at.replace(minute=5, second=0)) == UNTIL
