"""What was reserved is released when it is due, and when stack or key go; people are told when it is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from capacity import handler as keeper
from shared.capacity.due import Seen, due
from shared.capacity.ours import Ours, parse
from shared.capacity.release import ReleaseError
from shared.doors.patience import DoorError
from tests.unit.support.fake_capacity import (
    NEW,
    NOW,
    PARAMETER,
    FakeBalancers,
    FakeMetrics,
    FakeParameters,
    Time,
)
from tests.unit.support.fake_doors import FakeSns, refusal
from tests.unit.support.gate_rig import Answers

HOUR = timedelta(hours=1)
OURS = Ours(NEW, (250,), 0, (NOW - HOUR).isoformat(), 50)


@pytest.mark.parametrize(
    ("weights", "hours_ago", "used", "full", "is_due"),
    [
        # Ahead of the first step nobody is on new, and the deploy that asked for it may come hours later.
        ({"edge": 0}, 1, False, 0, False),
        ({"edge": 0}, 23.9, False, 0, False),
        ({"edge": 0}, 24, False, 0, True),
        # The weight was lowered to 0.
        ({"edge": 0}, 0.1, True, 0, True),
        ({"edge": 0, "dns": 0}, 0.1, True, 0, True),
        # Between two steps, however long.
        ({"edge": 50}, 500, True, 0, False),
        ({"edge": 0, "dns": 1}, 500, True, 0, False),
        # After the watch, and not before it.
        ({"edge": 100}, 500, True, 23, False),
        ({"edge": 100}, 500, True, 24, True),
        ({"edge": 100, "dns": 50}, 500, True, 24, False),
        # The doors are gone, or the observer is silent.
        ({}, 1, True, 0, False),
        ({}, 24, True, 0, True),
    ],
)
def test_when_it_is_due(
    weights: dict[str, float], hours_ago: float, used: bool, full: int, is_due: bool
) -> None:
    ours = replace(OURS, at=(NOW - HOUR * hours_ago).isoformat(), used=used)
    assert bool(due(ours, Seen(weights, full), 24, NOW)) is is_due


class Rig:
    def __init__(self) -> None:
        self.time = Time()
        self.balancers, self.ssm = FakeBalancers(self.time), FakeParameters()
        self.metrics, self.sns = FakeMetrics(), FakeSns()
        self.answers = Answers()

    def hold(self, ours: Ours = OURS, *, reserved: int = 250) -> None:
        """Let it be reserved, and held as ours."""
        self.ssm.values[PARAMETER] = ours.written()
        self.balancers.reservations.modify(NEW, reserved)

    def weight(self, weight: float, hours: float = 0.2) -> None:
        """Let both doors have had the weight for so long, and no switch thrown."""
        minutes = [NOW - timedelta(minutes=1 + n) for n in range(int(hours * 60))]
        whole = NOW.replace(minute=0, second=0)
        by_hour = [whole - HOUR * (n + 1) for n in range(int(hours))]
        for door in ("edge", "dns"):
            self.metrics.values["DeclaredWeight/60", door] = dict.fromkeys(minutes, weight)
            self.metrics.values["DeclaredWeight/3600", door] = dict.fromkeys(by_hour, weight)
            self.metrics.values["SwitchThrown/3600", door] = dict.fromkeys(by_hour, 0.0)

    def event(self, kind: str) -> dict[str, Any]:
        return {
            "RequestType": kind,
            "ResponseURL": self.answers.url,
            "StackId": "s",
            "RequestId": "r",
            "LogicalResourceId": "Release",
            **({} if kind == "Create" else {"PhysicalResourceId": "Release"}),
        }


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    rig = Rig()

    class Clock(datetime):
        @classmethod
        def now(cls, _zone: Any = None) -> datetime:
            return NOW

    clients = {
        ("ssm", None): rig.ssm,
        ("cloudwatch", None): rig.metrics,
        ("sns", None): rig.sns,
        ("elbv2", "eu-central-1"): rig.balancers,
    }
    monkeypatch.setattr(keeper, "datetime", Clock)
    monkeypatch.setattr(keeper, "_client", lambda service, region=None: clients[service, region])
    for name, value in {
        "SERVICE": "desk",
        "DOORS": "edge,dns",
        "WATCH_HOURS": "24",
        "ANNOUNCEMENTS_TOPIC_ARN": "arn:topic",
        "CAPACITY_LOAD_BALANCER_ARN": NEW,
        "CAPACITY_PARAMETER": PARAMETER,
    }.items():
        monkeypatch.setenv(name, value)
    yield rig
    rig.answers.server.server_close()


def look() -> None:
    keeper.handler({}, None)


def test_without_anything_of_ours_nobody_is_asked(rig: Rig) -> None:
    rig.balancers.reservations.modify(NEW, 250)
    look()
    assert rig.metrics.calls == []
    assert rig.balancers.holds() == 250


def test_while_viewers_reach_new_it_stays_and_that_they_do_is_held(rig: Rig) -> None:
    rig.hold()
    rig.weight(50)
    look()
    assert rig.balancers.holds() == 250
    assert parse(rig.ssm.values[PARAMETER]) == replace(OURS, used=True)


def test_when_new_has_no_weight_any_more_it_is_released_and_people_are_told(rig: Rig) -> None:
    rig.hold(replace(OURS, used=True))
    rig.weight(0)
    look()
    assert rig.balancers.holds() == 0
    assert rig.ssm.values == {}
    (told,) = rig.sns.published
    assert told["Message"] == (
        "the reservation of 250 LCU is released: new has no weight any more."
    )


def test_after_the_watch_it_is_released_and_before_it_is_not(rig: Rig) -> None:
    long_ago = (NOW - HOUR * 100).isoformat()
    rig.hold(replace(OURS, used=True, at=long_ago))
    rig.weight(100, hours=23)
    look()
    assert rig.balancers.holds() == 250
    rig.weight(100, hours=25)
    look()
    assert rig.balancers.holds() == 0


def test_a_switch_that_was_thrown_begins_the_watch_anew(rig: Rig) -> None:
    rig.hold(replace(OURS, used=True, at=(NOW - HOUR * 100).isoformat()))
    rig.weight(100, hours=25)
    thrown = NOW.replace(minute=0, second=0) - HOUR * 3
    rig.metrics.values["SwitchThrown/3600", "edge"][thrown] = 1.0
    look()
    assert rig.balancers.holds() == 250


def test_it_goes_back_to_what_a_person_had_before(rig: Rig) -> None:
    rig.hold(replace(OURS, before=150, used=True))
    rig.weight(0)
    look()
    assert rig.balancers.holds() == 150
    assert rig.ssm.values == {}


def test_what_a_person_changed_since_stays_and_people_are_told(rig: Rig) -> None:
    rig.hold(replace(OURS, used=True), reserved=400)
    rig.weight(0)
    look()
    assert rig.balancers.asked == []
    assert rig.balancers.holds() == 400
    assert rig.ssm.values == {}
    assert "somebody changed the reservation of 250 LCU to 400" in rig.sns.published[0]["Message"]


def test_what_the_gate_may_be_asking_for_is_not_forgotten(rig: Rig) -> None:
    """It is held before AWS is asked."""
    rig.ssm.values[PARAMETER] = replace(OURS, at=NOW.isoformat(), used=True).written()
    rig.weight(0)
    look()
    assert PARAMETER in rig.ssm.values
    assert rig.sns.published == []


def test_while_aws_is_at_an_earlier_request_it_is_tried_again_and_nobody_is_woken(
    rig: Rig,
) -> None:
    rig.balancers.reservations.provisioning_seconds = 3600
    rig.hold(replace(OURS, used=True))
    rig.weight(0)
    look()
    assert (rig.balancers.holds(), rig.sns.published) == (250, [])
    rig.time.seconds = 3601
    look()
    assert rig.balancers.holds() == 0


def test_lowered_twice_today_is_an_error_that_says_what_to_type(rig: Rig) -> None:
    for units in (400, 300, 250):
        rig.balancers.reservations.modify(NEW, units)
    rig.ssm.values[PARAMETER] = replace(OURS, used=True).written()
    rig.weight(0)
    with pytest.raises(ReleaseError) as raised:
        look()
    said = str(raised.value)
    assert "250 LCU on new is NOT RELEASED: AWS lowers it twice a day" in said
    assert "aws elbv2 modify-capacity-reservation --region eu-central-1" in said
    assert PARAMETER in rig.ssm.values
    rig.time.seconds = 86_401
    look()
    assert rig.balancers.holds() == 0


@pytest.mark.parametrize("code", ["AccessDenied", "LoadBalancerNotFound"])
def test_a_refusal_is_an_error_so_that_the_alarm_tells_people(rig: Rig, code: str) -> None:
    rig.hold(replace(OURS, used=True))
    rig.weight(0)
    rig.balancers.faults = [refusal(code)]
    with pytest.raises(ReleaseError, match="is NOT RELEASED"):
        look()
    assert PARAMETER in rig.ssm.values


def test_what_cannot_be_read_is_an_error(rig: Rig) -> None:
    rig.ssm.values[PARAMETER] = "{}"
    with pytest.raises(DoorError):
        look()


def test_a_reservation_on_an_earlier_new_is_an_error(rig: Rig) -> None:
    rig.hold(replace(OURS, load_balancer=f"{NEW[:-1]}5"))
    with pytest.raises(ReleaseError, match="which is new's load balancer no more"):
        look()
    assert rig.balancers.asked == []


def answered(rig: Rig, kind: str) -> dict[str, Any]:
    """Return what CloudFormation is told."""
    serving = threading.Thread(target=rig.answers.server.handle_request)
    serving.start()
    keeper.handler(rig.event(kind), None)
    serving.join()
    (answer,) = rig.answers.given
    return answer


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_stack_that_comes_or_changes_releases_nothing(rig: Rig, kind: str) -> None:
    rig.hold()
    answer = answered(rig, kind)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "Release")
    assert rig.balancers.holds() == 250


def test_a_stack_that_goes_releases_it_whatever_the_weight(rig: Rig) -> None:
    rig.hold()
    rig.weight(50)
    assert answered(rig, "Delete")["Status"] == "SUCCESS"
    assert rig.balancers.holds() == 0
    assert rig.sns.published == []


@pytest.mark.parametrize("fault", ["refused", "pending", "unread"])
def test_a_stack_that_goes_never_hangs_on_it_and_people_are_told(rig: Rig, fault: str) -> None:
    if fault == "pending":
        rig.balancers.reservations.provisioning_seconds = 3600
    rig.hold()
    if fault == "refused":
        rig.balancers.faults = [refusal("AccessDenied", 403)]
    elif fault == "unread":
        rig.ssm.values[PARAMETER] = "{}"
    assert answered(rig, "Delete")["Status"] == "SUCCESS"
    assert rig.balancers.holds() == 250
    (told,) = rig.sns.published
    assert told["Subject"] == "desk: a reservation is NOT RELEASED"
    assert "nothing will release" in told["Message"]
    assert "aws elbv2 modify-capacity-reservation" in told["Message"]


def test_a_chat_is_told_too(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_TOPIC_ARN", "arn:chat")
    rig.hold(replace(OURS, used=True))
    rig.weight(0)
    look()
    (chat,) = [one for one in rig.sns.published if one["TopicArn"] == "arn:chat"]
    assert "250 LCU is released" in json.loads(chat["Message"])["content"]["title"]


def test_a_topic_that_is_gone_is_no_reason_to_fail(rig: Rig) -> None:
    rig.sns.refuses = True
    rig.hold(replace(OURS, used=True))
    rig.weight(0)
    look()
    assert rig.balancers.holds() == 0
