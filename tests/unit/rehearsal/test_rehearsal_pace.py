"""A slow machine is measured, told in a sentence, and played on with fewer viewers and longer limits."""

from __future__ import annotations

import asyncio

import pytest

from rehearsal.pace import FULL, SLOWEST, measure, pace_for


def test_a_machine_that_is_fast_enough_is_played_on_at_the_full_pace_and_without_a_word() -> None:
    assert pace_for(2000, 3) == FULL
    assert (FULL.longer(120), FULL.roomier(500), FULL.fewer(80)) == (120, 500, 80)
    assert FULL.said == ""


@pytest.mark.parametrize(
    ("answered", "late", "slowness", "lateness"),
    [
        (300, 5, 2.0, 1.0),
        (2000, 75, 3.0, 1.0),
        (300, 200, 8.0, 2.0),
        (1, 10_000, SLOWEST, SLOWEST),
        (0, 0, SLOWEST, 1.0),
    ],
)
def test_a_machine_is_as_slow_as_the_worse_of_what_it_answers_and_how_late_it_is(
    answered: float, late: float, slowness: float, lateness: float
) -> None:
    pace = pace_for(answered, late)
    assert pace.slowness == slowness
    assert pace.longer(120) == 120 * slowness
    assert pace.roomier(500) == 500 * lateness
    assert pace.fewer(80) == 80 / slowness
    assert f"it answers {answered:.0f} requests a second (600 would do)" in pace.said
    assert f"up to {late:.0f} ms late (25 would do)" in pace.said
    assert f"{100 / slowness:.0f} % of the viewers come" in pace.said


def test_this_machine_is_measured_within_a_pace_that_there_is() -> None:
    assert 1 <= asyncio.run(measure()).slowness <= SLOWEST
