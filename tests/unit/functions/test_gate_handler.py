"""The gate lets every fall pass, a rise when all is well, and always answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.refusal import switches_against
from shared.cloudformation_answer import REASON_BYTES
from shared.doors.patience import DoorError
from shared.doors.switch import SwitchState
from shared.inference.verdict import Verdict
from shared.promotion.change import Change, parse_change
from shared.readiness.finding import Finding
from tests.unit.support.event_schema import EVENTS
from tests.unit.support.fake_doors import always
from tests.unit.support.gate_rig import THROWN, Rig
from tests.unit.support.json_schema import faults

percent = st.integers(0, 100)


def test_a_rise_passes_when_both_sides_are_ready(rig: Rig) -> None:
    assert rig.ask(10, 25) == ("SUCCESS", "")
    assert rig.ask(None, 10) == ("SUCCESS", "")
    assert rig.runs == 2


@pytest.mark.parametrize(
    ("verdict", "said"), [(Verdict.FAIL, "not ready"), (Verdict.INCONCLUSIVE, "could not tell")]
)
def test_a_side_that_is_not_ready_stops_a_rise_with_what_failed_and_by_how_much(
    rig: Rig, verdict: Verdict, said: str
) -> None:
    slow = "new answers in 480 ms on average; the limit is 250 ms"
    rig.findings.append(Finding("performance:average", verdict, slow))
    status, reason = rig.ask(10, 25)
    assert status == "FAILED"
    assert reason.startswith(f"{said}: {slow}. ")
    assert "override_by=YOU" in reason


@pytest.mark.parametrize(
    ("verdict", "value"), [(Verdict.PASS, 0), (Verdict.INCONCLUSIVE, 1), (Verdict.FAIL, 2)]
)
def test_what_readiness_was_is_published_for_the_next_reviewer(
    rig: Rig, verdict: Verdict, value: int
) -> None:
    rig.findings.append(Finding("performance:average", verdict, "as it is"))
    rig.ask(10, 25)
    (put,) = rig.metrics.put
    assert put["Namespace"] == "Cutover"
    (datum,) = put["MetricData"]
    assert datum == {
        "MetricName": "ReadinessVerdict",
        "Dimensions": [{"Name": "Service", "Value": "chatmrpt"}],
        "Value": value,
    }
    # Nothing was measured: nothing is said.
    rig.ask(25, 10)
    rig.ask(10, 90)
    assert len(rig.metrics.put) == 1


def test_a_rise_does_not_depend_on_the_metric(rig: Rig) -> None:
    rig.metrics.fault = always("Throttling", 400)[0]
    assert rig.ask(10, 25) == ("SUCCESS", "")


def test_a_long_reason_fits_into_cloudformations_answer(rig: Rig) -> None:
    rig.findings = [Finding(f"f{i}", Verdict.FAIL, "ä" * 300) for i in range(50)]
    _, reason = rig.ask(10, 25)
    assert 1500 < len(reason.encode()) <= REASON_BYTES + 3


def test_a_broken_rule_stops_a_rise_before_anybody_is_probed(rig: Rig) -> None:
    status, reason = rig.ask(10, 90)
    assert (status, rig.runs) == ("FAILED", 0)
    assert "may rise by at most 50 in one deploy, and 10 to 90 is 80: deploy 60 first" in reason


def test_an_alarm_that_fires_already_stops_a_rise_by_its_name(rig: Rig) -> None:
    rig.alarms.state = "ALARM"
    status, reason = rig.ask(10, 25)
    assert (status, rig.runs) == ("FAILED", 0)
    assert "chatmrpt-new-5xx-hard (us-east-2) is in ALARM already" in reason
    assert "6 % of 100" in reason
    assert rig.ask(25, 10) == ("SUCCESS", "")


def test_an_alarm_that_is_missing_stops_a_rise_but_not_the_stacks_creation(rig: Rig) -> None:
    rig.alarms.state = None
    status, reason = rig.ask(10, 25)
    assert status == "FAILED"
    assert "is missing: deploy all stacks" in reason
    assert rig.ask(None, 10) == ("SUCCESS", "")


def test_an_alarm_that_cannot_be_read_stops_a_rise(rig: Rig) -> None:
    rig.alarms.fault = always("AccessDenied", 403)[0]
    status, reason = rig.ask(10, 25)
    assert status == "FAILED"
    assert "cannot be read" in reason


BY_ADA = {"By": "ada", "Reason": "old is on fire"}


def test_an_override_passes_the_rules_and_readiness_and_people_are_told(rig: Rig) -> None:
    rig.findings = [Finding("parity:/ping:old", Verdict.FAIL, "/ping on old: status 500")]
    assert rig.ask(10, 100, Override=BY_ADA) == ("SUCCESS", "")
    (told,) = rig.sns.published
    assert told["Subject"] == "chatmrpt: OVERRIDE, new_weight 10 to 100"
    assert "ada raises" in told["Message"]
    assert "old is on fire" in told["Message"]


def test_a_refusal_is_an_event_and_a_pass_is_none(rig: Rig) -> None:
    rig.ask(10, 25)
    rig.ask(25, 10)
    assert rig.events.sent == []
    rig.store.items["switch"] = THROWN
    _, reason = rig.ask(10, 25)
    (sent,) = rig.events.sent
    assert not list(faults(sent, EVENTS, EVENTS))
    assert (sent["type"], sent["weight"]) == ("Gate Refused", {"before": 10, "after": 25})
    assert sent["reason"] == sent["text"] == reason


@pytest.mark.parametrize("how", ["refuses", "loses"])
def test_an_event_that_is_not_taken_changes_no_answer(rig: Rig, how: str) -> None:
    setattr(rig.events, how, True)
    assert rig.ask(10, 100, Override=BY_ADA) == ("SUCCESS", "")
    (told,) = rig.sns.published
    assert "The event 'Gate Overridden' was NOT SENT to EventBridge: " in told["Message"]
    rig.store.items["switch"] = THROWN
    assert rig.ask(10, 25)[0] == "FAILED"


def test_an_override_is_an_event(rig: Rig) -> None:
    rig.ask(10, 100, Override=BY_ADA)
    (sent,) = rig.events.sent
    assert not list(faults(sent, EVENTS, EVENTS))
    assert (sent["type"], sent["by"], sent["reason"]) == (
        "Gate Overridden",
        "ada",
        "old is on fire",
    )


def test_no_override_passes_a_thrown_switch_or_an_alarm(rig: Rig) -> None:
    rig.alarms.state = "ALARM"
    assert rig.ask(10, 25, Override=BY_ADA)[0] == "FAILED"
    rig.alarms.state = "OK"
    rig.store.items["switch"] = THROWN
    assert rig.ask(10, 25, Override=BY_ADA)[0] == "FAILED"
    assert rig.sns.published == []


def test_an_override_passes_the_edges_alarms_for_they_show_olds_death_too(rig: Rig) -> None:
    rig.alarms.state = "ALARM"
    edge = [{"Region": "us-east-1", "Name": "chatmrpt-edge-5xx-rate"}]
    rig.alarms.name = "chatmrpt-edge-5xx-rate"
    assert rig.ask(10, 100, Alarms=edge)[0] == "FAILED"
    assert rig.ask(10, 100, Alarms=edge, Override=BY_ADA) == ("SUCCESS", "")


def test_properties_of_another_version_are_told_by_name(rig: Rig) -> None:
    status, reason = rig.ask(10, 25, Readiness={"Service": "chatmrpt"})
    assert status == "FAILED"
    assert "Readiness.Old is missing" in reason


def test_a_rise_is_refused_while_the_switch_is_thrown_and_the_way_out_is_told(rig: Rig) -> None:
    rig.store.items["switch"] = THROWN
    status, reason = rig.ask(10, 25)
    assert status == "FAILED"
    assert "edge door is thrown by alarm:x since 2026-11-24T03:00:00+00:00" in reason
    assert "may not rise from 10 to 25" in reason
    assert '{"action":"release","by":"YOU","reason":"WHY"}' in reason


def test_one_door_thrown_is_enough(rig: Rig) -> None:
    rig.route53.disabled = rig.route53.inverted = True
    assert rig.ask(10, 25)[0] == "FAILED"


@pytest.mark.parametrize(("before", "after"), [(25, 10), (25, 25), (100, 0), (None, 0)])
def test_a_fall_passes_whatever_is_broken(rig: Rig, before: int | None, after: int) -> None:
    rig.store.items["switch"] = THROWN
    rig.store.faults = always("AccessDenied", 403)
    assert rig.ask(before, after) == ("SUCCESS", "")
    assert len(rig.store.faults) == 100


def test_a_switch_that_cannot_be_read_lets_nothing_rise(rig: Rig) -> None:
    rig.store.faults = always("AccessDenied", 403)
    status, reason = rig.ask(10, 25)
    assert status == "FAILED"
    assert "cannot be read" in reason


def test_cloudformation_that_puts_things_back_is_never_stopped(rig: Rig) -> None:
    rig.store.items["switch"] = THROWN
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.ask(0, 50) == ("SUCCESS", "")


def test_what_goes_wrong_inside_is_answered_too(rig: Rig) -> None:
    status, reason = rig.ask(10, "many")
    assert status == "FAILED"
    assert "the gate failed" in reason


class Door:
    def __init__(self, name: str, state: SwitchState | None) -> None:
        self.name = name
        self.state = state

    def read(self) -> SwitchState:
        if self.state is None:
            raise DoorError("no answer")
        return self.state


doors = st.lists(
    st.sampled_from([SwitchState("released"), SwitchState("thrown"), None]), min_size=1, max_size=2
)


@given(before=percent, after=percent, states=doors)
def test_only_a_rise_through_a_door_that_is_not_released_is_refused(
    before: int, after: int, states: list[SwitchState | None]
) -> None:
    asked = [Door(str(i), s) for i, s in enumerate(states)]
    said = switches_against("s", Change(before, after), asked)
    released = all(state is not None and not state.thrown for state in states)
    assert bool(said) == (after > before and not released)


def test_deleting_the_stack_takes_the_weight_away() -> None:
    event = {"RequestType": "Delete", "ResourceProperties": {"NewWeight": "50"}}
    assert parse_change(event) == Change(50, 0)
