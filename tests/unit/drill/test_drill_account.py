"""The account's table in docs/drills.md is the benchmark's."""

from __future__ import annotations

import random

import pytest

from benchmarks.seconds_clock import (
    BEGIN,
    END,
    HEAD,
    PAGE,
    ROWS,
    Times,
    by_minutes,
    row,
    said,
    with_table,
)

CHEAP = [name for name in ROWS if "metric" in name or "by two minutes" in name]
"""The rest runs the product's code for a minute or two: `python -m benchmarks.seconds_clock --write`."""
LINES = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].splitlines()


def test_the_document_has_every_row_in_its_order() -> None:
    assert LINES[0] == f"| {' | '.join(HEAD)} |"
    assert [line.split(" | ")[0].removeprefix("| ") for line in LINES[2:]] == list(ROWS)


@pytest.mark.parametrize("name", CHEAP)
def test_a_row_that_is_quickly_worked_out_again_is_as_the_document_says(name: str) -> None:
    assert row(name) in LINES, "run `.venv/bin/python -m benchmarks.seconds_clock --write`"


def test_the_phases_are_what_lies_between_the_moments_and_all_of_them_are_the_sum() -> None:
    assert Times(3.0, 8.0, 9.0, 12.0, 15.0).phases == (3.0, 5.0, 1.0, 3.0, 3.0, 15.0)
    assert Times(3.0, 8.0, 9.0).phases == (3.0, 5.0, 1.0, None, None, 9.0)


def test_a_fault_that_the_minute_hardly_holds_is_shown_by_the_next_one() -> None:
    chance = random.Random(3)
    one = [by_minutes(chance, least=0.05).seen for _ in range(2000)]
    two = [by_minutes(chance, minutes=2, least=1 / 3).seen for _ in range(2000)]
    assert 3 <= min(one) <= max(one) <= 63
    assert 80 <= min(two) <= max(two) <= 140


def test_what_is_said_is_median_95th_percentile_and_worst() -> None:
    assert said([float(n) for n in range(100)]) == "50.0, 95.0, 99.0"
    assert said([1.0, 2.0, float("inf")]) == "2.0, never, never"


def test_the_table_goes_between_its_marks_and_leaves_the_rest() -> None:
    text = with_table(f"a\n{BEGIN}old\n{END}b\n", ["| x |"])
    assert text == f"a\n{BEGIN}| x |\n{END}b\n"
