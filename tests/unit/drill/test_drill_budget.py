"""What a drill takes of its budget, read off its events; and the median of those that share one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from rehearsal.drill.budget import Budget, took
from rehearsal.drill.report.budgets import medians, spent_by

FAULT = 1_000_000.0
HARD = Budget(20, median=15)


def event(after: float, kind: str, what: str) -> dict[str, Any]:
    return {"at": FAULT + after, "kind": kind, "what": what}


def result(
    *more: dict[str, Any], thrown: float = 8.0, last: float | None = 7.5, **changes: Any
) -> dict[str, Any]:
    events = [
        event(-3, "told", "chatmrpt: released"),
        event(-2, "edge", "the switch at the edge door: thrown"),
        event(-1, "edge", "the switch at the edge door: released"),
        event(0, "fault", "the log falls silent"),
        event(thrown, "edge", "the switch at the edge door: thrown"),
        event(thrown + 0.2, "told", "chatmrpt: ROLLED BACK to old"),
        *more,
    ]
    return {
        "name": "x",
        "fault_at": FAULT,
        "events": sorted(events, key=lambda e: float(e["at"])),
        "phases": {"last_wrong": {"edge": last, "dns": None}},
        **changes,
    }


def test_new_is_off_the_air_once_the_switch_is_in_force_and_its_last_answer_is_over() -> None:
    assert took(HARD, result()) == pytest.approx(8.0)
    assert took(HARD, result(last=9.5)) == pytest.approx(9.5)
    assert took(HARD, result(last=None)) == pytest.approx(8.0)


def test_what_never_came_took_no_time_that_could_be_told() -> None:
    never = result()
    never["events"] = [e for e in never["events"] if e["at"] <= FAULT]
    assert took(HARD, never) is None
    assert took(Budget(20, "told"), never) is None
    assert took(HARD, result(fault_at=None)) is None


def test_a_person_is_told_with_the_first_message_after_the_fault_that_says_it() -> None:
    called = event(40, "told", "chatmrpt: CALL A PERSON")
    assert took(Budget(20, "told"), result(called)) == pytest.approx(8.2)
    assert took(Budget(20, "told", of="CALL A PERSON"), result(called)) == pytest.approx(40)


def test_a_budget_may_count_from_a_later_fault_than_the_first() -> None:
    later = event(100, "fault", "new breaks")
    since = Budget(20, since="new breaks")
    assert took(since, result(later, thrown=107, last=107.5)) == pytest.approx(7.5)
    assert took(since, result()) is None


def with_budget(thrown: float, budget: Budget | None = HARD) -> dict[str, Any]:
    return result(thrown=thrown, last=None, budget=asdict(budget) if budget else None)


def test_what_was_spent_of_a_budget_is_said_and_is_over_without_any_slack() -> None:
    held, late = spent_by(with_budget(8.4)), spent_by(with_budget(20.4))
    assert held is not None
    assert late is not None
    assert (str(held), held.is_over) == ("8.4 of 20, off the air", False)
    assert (str(late), late.is_over) == ("20 of 20, off the air", True)
    assert spent_by(with_budget(8.4, None)) is None


def test_drills_of_one_budget_have_a_median_and_it_may_be_over_where_each_is_within() -> None:
    of_few = medians([with_budget(8), with_budget(12), with_budget(18), with_budget(90, None)])
    assert [str(median) for median in of_few] == [
        "What may take 20 s until new is off the air took 12.0 s in the median, of 15, and 18.0 s at most "
        "(3 of them)."
    ]
    assert not of_few[0].is_over
    (late,) = medians([with_budget(16), with_budget(17)])
    assert late.is_over
    assert medians([with_budget(16)]) == []
