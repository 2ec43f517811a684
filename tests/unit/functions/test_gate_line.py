"""While the line is stopped no weight rises, and everything that takes traffic from new passes."""

from __future__ import annotations

import pytest

from tests.unit.support.event_schema import EVENTS
from tests.unit.support.fake_doors import always, refusal
from tests.unit.support.gate_rig import Rig
from tests.unit.support.json_schema import faults

BY_ADA = {"By": "ada", "Reason": "old is on fire"}


def test_a_stopped_line_stops_a_rise_with_who_when_why_and_how_it_starts(rig: Rig) -> None:
    rig.line.stop()
    status, reason = rig.ask(10, 25)
    assert (status, rig.runs) == ("FAILED", 0)
    assert reason == (
        "the line is stopped by grace since 2026-11-24T03:00:00+00:00: the certificate expires. No weight "
        "rises in this account until a person starts the line: cutover line start 'WHY'. A lower weight and "
        "a rollback pass"
    )
    assert rig.line.asked == ["/cutover/line"]
    (sent,) = rig.events.sent
    assert not list(faults(sent, EVENTS, EVENTS))
    assert sent["reason"] == reason


def test_a_stack_that_is_made_with_a_weight_obeys_too(rig: Rig) -> None:
    rig.line.stop()
    assert rig.ask(None, 10)[0] == "FAILED"


def test_no_override_passes_a_stopped_line(rig: Rig) -> None:
    rig.line.stop()
    status, reason = rig.ask(10, 100, Override=BY_ADA)
    assert (status, reason[:19]) == ("FAILED", "the line is stopped")
    assert rig.sns.published == []


def test_old_does_not_leave_the_doors_while_the_line_is_stopped(rig: Rig) -> None:
    rig.line.stop()
    assert rig.ask(100, 100, Decommission={"Any": "rules"})[1].startswith("the line is stopped")
    assert rig.ask(100, 100, was={"Any": "rules"}) == ("SUCCESS", "")


@pytest.mark.parametrize(("before", "after"), [(25, 10), (25, 25), (100, 0), (None, 0)])
@pytest.mark.parametrize("broken", [False, True])
def test_a_fall_passes_and_nobody_asks_for_the_line(
    rig: Rig, before: int | None, after: int, *, broken: bool
) -> None:
    rig.line.stop()
    rig.line.faults = always("AccessDeniedException") if broken else []
    assert rig.ask(before, after) == ("SUCCESS", "")
    assert rig.line.asked == []


def test_cloudformation_that_puts_things_back_is_never_stopped_by_it(rig: Rig) -> None:
    rig.line.stop()
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.ask(0, 50) == ("SUCCESS", "")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_line_that_cannot_be_read_lets_nothing_rise_not_even_by_override(
    rig: Rig, code: str
) -> None:
    for override in ({}, {"Override": BY_ADA}):
        rig.line.faults = always(code)
        status, reason = rig.ask(10, 25, **override)
        assert (status, rig.runs) == ("FAILED", 0)
        assert f"it is not known whether the line is stopped: An error occurred ({code})" in reason


def test_a_throttle_that_passes_stops_nothing(rig: Rig) -> None:
    rig.line.faults = [refusal("ThrottlingException"), refusal("ThrottlingException")]
    assert rig.ask(10, 25) == ("SUCCESS", "")


def test_a_value_that_is_not_understood_stops_a_rise(rig: Rig) -> None:
    rig.line.value = "on\x1b[2J"
    status, reason = rig.ask(10, 25)
    assert status == "FAILED"
    assert "its parameter holds " in reason
    assert reason.isprintable()


def test_a_line_that_was_started_again_lets_rise(rig: Rig) -> None:
    rig.line.value = (
        '{"state":"running","by":"grace","reason":"renewed","at":"2026-11-24T04:00:00Z"}'
    )
    assert rig.ask(10, 25) == ("SUCCESS", "")
