"""When a weight may rise: by the window, the freezes and the clocks of the declared place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from commands.pipeline.schedule import closed_by, earliest, rises
from cutover.declaration.promotion import Promotion


def promotion(**declared: Any) -> Promotion:
    return Promotion.model_validate({"time_zone": "America/New_York", **declared})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = {"start": "02:00", "end": "06:00"}


@pytest.mark.parametrize(
    ("declared", "at", "first"),
    [
        ({}, "2026-11-28T15:00", "2026-11-28T15:00"),
        ({"window": NIGHT}, "2026-11-28T08:00", "2026-11-28T08:00"),  # 03:00 there
        ({"window": NIGHT}, "2026-11-28T15:00", "2026-11-29T07:00"),
        ({"window": NIGHT}, "2026-11-28T11:00", "2026-11-29T07:00"),  # 06:00: closed
        ({"window": {"start": "22:00", "end": "02:00"}}, "2026-11-28T20:00", "2026-11-29T03:00"),
        ({"window": {"start": "22:00", "end": "02:00"}}, "2026-11-28T06:30", "2026-11-28T06:30"),
        # The clocks skip 02:00 to 03:00 on 14 March.
        ({"window": NIGHT}, "2027-03-14T06:30", "2027-03-14T07:00"),
        ({"window": {"start": "02:00", "end": "02:30"}}, "2027-03-14T06:30", "2027-03-15T06:00"),
        (
            {"freezes": [{"start": "2026-12-20", "end": "2027-01-02", "reason": "holidays"}]},
            "2026-12-24T12:00",
            "2027-01-03T05:00",
        ),
        (
            {
                "window": NIGHT,
                "freezes": [
                    {"start": "2026-12-20", "end": "2027-01-02", "reason": "holidays"},
                    {"start": "2027-01-03", "end": "2027-01-03", "reason": "the day after"},
                ],
            },
            "2026-12-24T12:00",
            "2027-01-04T07:00",
        ),
    ],
)
def test_the_earliest_time(declared: dict[str, Any], at: str, first: str) -> None:
    assert earliest(promotion(**declared), utc(at)) == utc(first)


def test_a_freeze_without_an_end_in_sight_is_never() -> None:
    frozen = [{"start": "2026-01-01", "end": "9999-12-31", "reason": "sold"}]
    assert earliest(promotion(freezes=frozen), utc("2026-11-28T15:00")) is None


minutes = st.integers(0, 60 * 24 - 1).map(lambda m: f"{m // 60:02}:{m % 60:02}")


@settings(max_examples=60)
@given(
    minutes, minutes, st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1))  # noqa: DTZ001
)  # fmt: skip
def test_at_the_earliest_time_the_gate_s_own_rule_is_met(
    start: str, end: str, at: datetime
) -> None:
    if start == end:
        return
    declared = promotion(window={"start": start, "end": end})
    moment = at.replace(tzinfo=UTC)
    first = earliest(declared, moment)
    assert first is not None
    assert first >= moment
    assert closed_by(declared, first) == ""
    assert not (closed_by(declared, moment) and first == moment)


def test_each_step_begins_when_the_one_before_has_baked_and_the_window_is_open() -> None:
    declared = promotion(
        window={"start": "02:00", "end": "02:30"},
        bake_minutes=20,
        steps=[{"weight": 10}, {"weight": 50, "bake_minutes": 5}, {"weight": 100}],
    )
    told = [
        (rise.step.weight, rise.minutes, rise.earliest)
        for rise in rises(declared, 0, utc("2026-11-28T15:00"))
    ]
    assert told == [
        (10, 20, utc("2026-11-29T07:00")),
        (50, 5, utc("2026-11-29T07:20")),
        (100, 20, utc("2026-11-29T07:25")),
    ]
    assert [rise.step.weight for rise in rises(declared, 50, utc("2026-11-28T15:00"))] == [100]


@given(st.integers(1, 100))
def test_the_usual_steps_are_never_further_apart_than_a_deploy_may_go(most: int) -> None:
    way = [step.weight for step in Promotion(max_step_percent=most).way]
    assert way[-1] == 100
    assert {1, 5, 10, 25, 50, 100} <= set(way)
    assert all(0 < after - before <= most for before, after in zip([0, *way], way, strict=False))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([10, 10, 60, 100], "a step to 10 after 10"),
        ([50, 20, 100], "a step to 20 after 50"),
        ([60, 100], "from 0 to 60, and max_step_percent is 50"),
        ([50], "steps that end at 50"),
    ],
)
def test_steps_that_lead_nowhere_are_refused(steps: list[int], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        promotion(steps=[{"weight": weight} for weight in steps])


def test_a_step_without_minutes_bakes_as_long_as_every_other() -> None:
    declared = promotion(
        bake_minutes=7,
        steps=[{"weight": 1, "bake_minutes": 0}, {"weight": 50}, {"weight": 100}],
    )
    assert [declared.bake_minutes_at(weight) for weight in (1, 50, 33)] == [0, 7, 7]
