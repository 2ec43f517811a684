"""How much rates move by themselves is measured where it shows, and nowhere else."""

from __future__ import annotations

import math
import random

import pytest

from shared.inference.unrest import jumps, unrest


def test_errors_that_come_evenly_show_no_unrest() -> None:
    assert unrest([5] * 10, [500] * 10) == 0


def test_errors_that_come_at_once_show_unrest() -> None:
    assert unrest([50] + [0] * 9, [500] * 10) == pytest.approx((50 - 1) * 10 / 50)


@pytest.mark.parametrize("rows", [([], []), ([3], [10]), ([0, 0], [10, 10]), ([0, 0], [0, 0])])
def test_too_little_to_tell_shows_no_unrest(rows: tuple[list[int], list[int]]) -> None:
    assert unrest(*rows) == 0


def _pairs(variation: float, rows: int = 2000) -> tuple[list[int], list[int]]:
    """Return rows of 40 events each, one in three of the first kind, whose odds move by `variation`."""
    rng = random.Random(5)
    events = []
    for _ in range(rows):
        odds = 0.5 * math.exp(rng.gauss(0, variation))
        events.append(sum(rng.random() < odds / (1 + odds) for _ in range(40)))
    return events, [40 - count for count in events]


@pytest.mark.parametrize("variation", [0.4, 0.8])
def test_jumps_measure_how_the_ratio_of_two_rates_moves(variation: float) -> None:
    # The largest jumps are cut, so that it is measured a little too small.
    assert 0.6 * variation**2 < jumps(*_pairs(variation)) < 1.05 * variation**2


def test_a_steady_ratio_does_not_jump_however_much_both_rates_do() -> None:
    assert jumps(*_pairs(0.0)) == 0
    assert jumps([2, 20, 0, 200] * 5, [1, 10, 0, 100] * 5) == 0


def test_a_lasting_change_and_single_bad_rows_are_no_jumps() -> None:
    steady = [1, 2] * 20
    assert jumps([*steady, *[20] * 40], [2] * 80) == 0
    assert jumps([*steady, 100, *steady], [2] * 81) == 0


def test_errors_that_come_in_clusters_jump() -> None:
    assert jumps([5, 0] * 20, [0, 5] * 20) > 5


@pytest.mark.parametrize("rows", [([], []), ([3], [1]), ([0, 0], [0, 0]), ([1, 2], [0, 0])])
def test_too_little_to_tell_does_not_jump(rows: tuple[list[int], list[int]]) -> None:
    assert jumps(*rows) == 0
