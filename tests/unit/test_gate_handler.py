"""The gate lets every fall pass, refuses a rise while the switch is thrown, and always answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from fake_doors import FakeRoute53, FakeStore, always, no_sleep
from hypothesis import given
from hypothesis import strategies as st

from doors import patience
from doors.patience import DoorError
from doors.switch import SwitchState
from gate import handler as gate
from gate.change import Change, change_in
from gate.refusal import refusal

percent = st.integers(0, 100)


class Answers:
    """A presigned address that remembers what CloudFormation was told."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []
        answers = self

        class Receiver(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers["content-length"])
                answers.given.append(json.loads(self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server.server_port}/answer"


class FakeStack:
    def __init__(self) -> None:
        self.status = "UPDATE_IN_PROGRESS"

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"Stacks": [{"StackStatus": self.status}]}


class Rig:
    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.store = FakeStore({"switch": '{"state":"released"}'})
        self.route53 = FakeRoute53()
        self.stack = FakeStack()

    def ask(self, before: int | None, after: object) -> tuple[str, str]:
        event = {
            "RequestType": "Create" if before is None else "Update",
            "ResponseURL": self.answers.url,
            "StackId": "arn:aws:cloudformation:us-east-1:1:stack/chatmrpt-traffic/1",
            "RequestId": "r",
            "LogicalResourceId": "Gate",
            "ResourceProperties": {"NewWeight": str(after)},
        }
        if before is not None:
            event["OldResourceProperties"] = {"NewWeight": str(before)}
            event["PhysicalResourceId"] = "Gate"
        gate.handler(event, None)
        (answer,) = self.answers.given
        self.answers.given.clear()
        assert answer["PhysicalResourceId"] == "Gate"
        return answer["Status"], answer["Reason"]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    rig = Rig(Answers())
    clients = {
        "cloudfront-keyvaluestore": rig.store,
        "route53": rig.route53,
        "cloudformation": rig.stack,
    }
    monkeypatch.setattr(gate, "_client", clients.__getitem__)
    monkeypatch.setattr(patience.time, "sleep", no_sleep)
    for door in (gate.EdgeDoor, gate.DnsDoor):
        monkeypatch.setattr(door.__init__, "__defaults__", (no_sleep,))
    monkeypatch.setenv("SERVICE", "chatmrpt")
    monkeypatch.setenv("KVS_ARN", "arn")
    monkeypatch.setenv("SWITCH_HEALTH_CHECK_ID", "check")
    serving = threading.Thread(target=rig.answers.server.serve_forever)
    serving.start()
    yield rig
    rig.answers.server.shutdown()
    serving.join()
    rig.answers.server.server_close()


THROWN = json.dumps({"state": "thrown", "by": "alarm:x", "at": "2026-11-24T03:00:00+00:00"})


def test_a_rise_passes_while_the_switch_is_released(rig: Rig) -> None:
    assert rig.ask(10, 25) == ("SUCCESS", "")
    assert rig.ask(None, 10) == ("SUCCESS", "")


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
    said = refusal("s", Change(before, after), [Door(str(i), s) for i, s in enumerate(states)])
    released = all(state is not None and not state.thrown for state in states)
    assert bool(said) == (after > before and not released)


def test_deleting_the_stack_takes_the_weight_away() -> None:
    event = {"RequestType": "Delete", "ResourceProperties": {"NewWeight": "50"}}
    assert change_in(event) == Change(50, 0)
