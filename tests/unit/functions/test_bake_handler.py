"""The bake as the Provider framework calls it: once to begin, then again and again with the same event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bake import handler as bake
from bake.verdict import BakeError
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from tests.unit.support.event_schema import EVENTS
from tests.unit.support.fake_doors import (
    FakeEvents,
    FakeRoute53,
    FakeStore,
    always,
    no_sleep,
    refusal,
)
from tests.unit.support.json_schema import faults

START = 1_800_000_000.25


class FakeStack:
    def __init__(self) -> None:
        self.status = "UPDATE_IN_PROGRESS"
        self.down = False

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if self.down:
            raise refusal("Throttling")
        return {"Stacks": [{"StackStatus": self.status}]}


class FakeCloudWatch:
    """One alarm and its history."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {
            "shop-new-5xx-hard": {"StateValue": "OK", "StateReason": ""}
        }
        self.history: list[dict[str, Any]] = []
        self.down = False

    def describe_alarms(self, **asked: Any) -> dict[str, Any]:
        if self.down:
            raise refusal("ThrottlingException")
        found = [
            {"AlarmName": name} | self.alarms[name]
            for name in asked["AlarmNames"]
            if name in self.alarms
        ]
        return {"MetricAlarms": found}

    def describe_alarm_history(self, **_asked: Any) -> dict[str, Any]:
        return {"AlarmHistoryItems": self.history}


class FakeCloudFront:
    """A distribution that has another status after some seconds of the rig's clock."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.deployed_after = 0.0
        self.asked: list[str] = []

    def get_distribution(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(Id)
        deployed = self.rig.now >= START + self.deployed_after
        return {"Distribution": {"Status": "Deployed" if deployed else "InProgress"}}


class Rig:
    """The framework, as far as its source shows: what `on_event` returns is merged into the event, goes
    through JSON, and comes back to every `is_complete`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = FakeStore({"switch": '{"state":"released"}'})
        self.route53 = FakeRoute53()
        self.stack = FakeStack()
        self.cloudwatch = FakeCloudWatch()
        self.cloudfront = FakeCloudFront(self)
        self.events = FakeEvents()
        self.regions: set[str | None] = set()
        self.now = START
        monkeypatch.setattr(bake, "_client", self._client)
        monkeypatch.setattr(bake.time, "time", lambda: self.now)
        monkeypatch.setattr(bake.time, "sleep", self._sleep)
        self.fires_at = float("inf")

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self.fires_at:
            fire(self)

    def _client(self, service: str, region: str | None = None) -> Any:
        if service == "cloudwatch":
            self.regions.add(region)
        return {
            "cloudfront-keyvaluestore": self.store,
            "route53": self.route53,
            "cloudformation": self.stack,
            "cloudwatch": self.cloudwatch,
            "cloudfront": self.cloudfront,
            "events": self.events,
        }[service]

    def begin(
        self,
        before: int | None,
        after: int,
        *,
        minutes: int = 5,
        kind: str = "",
        distribution: str = "",
    ) -> dict[str, Any]:
        event: dict[str, Any] = {
            "RequestType": kind or ("Create" if before is None else "Update"),
            "StackId": "arn:aws:cloudformation:us-east-1:1:stack/shop-traffic/1",
            "LogicalResourceId": "Bake",
            "ResourceProperties": {
                "NewWeight": str(after),
                "BakeMinutes": str(minutes),
                "Alarms": [{"Region": "us-east-2", "Name": "shop-new-5xx-hard"}],
            },
        }
        if distribution:
            event["ResourceProperties"]["DistributionId"] = distribution
        if before is not None:
            event["OldResourceProperties"] = {"NewWeight": str(before)}
            event["PhysicalResourceId"] = "Bake-of-old"
        merged: dict[str, Any] = json.loads(json.dumps(event | bake.handler(event, None)))
        return merged

    def look(self, event: dict[str, Any], after_seconds: float) -> bool:
        self.now = START + after_seconds
        answer = bake.handler(event, None)
        assert answer.keys() == {"IsComplete"}
        done: bool = answer["IsComplete"]
        return done


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setenv("SERVICE", "shop")
    monkeypatch.setenv("KVS_ARN", "arn")
    monkeypatch.setenv("SWITCH_HEALTH_CHECK_ID", "check")
    for door in (EdgeDoor, DnsDoor):
        monkeypatch.setattr(door.__init__, "__defaults__", (no_sleep,))
    return Rig(monkeypatch)


def fire(rig: Rig) -> None:
    rig.cloudwatch.alarms["shop-new-5xx-hard"] = {"StateValue": "ALARM", "StateReason": "7 > 5"}


def test_a_rise_is_watched_for_its_minutes_and_passes(rig: Rig) -> None:
    event = rig.begin(10, 25)
    assert event["PhysicalResourceId"] == "Bake-of-old"
    assert [rig.look(event, at) for at in (0, 150, 299, 300)] == [False, False, False, True]
    assert rig.regions == {"us-east-2"}


def test_a_clock_that_runs_behind_shortens_nothing(rig: Rig) -> None:
    event = rig.begin(10, 25)
    assert not rig.look(event, -30)


def test_a_new_stack_with_a_weight_is_watched_too(rig: Rig) -> None:
    event = rig.begin(None, 10)
    assert event["PhysicalResourceId"] == "Bake"
    assert not rig.look(event, 0)


def test_an_alarm_fails_the_deploy_by_name(rig: Rig) -> None:
    event = rig.begin(10, 25)
    assert not rig.look(event, 30)
    fire(rig)
    with pytest.raises(
        BakeError, match=r"after 35 s of 5 min: the alarm shop-new-5xx-hard \(us-east-2\) is in"
    ):
        rig.look(event, 35)


def test_an_alarm_that_is_deleted_meanwhile_fails_the_deploy(rig: Rig) -> None:
    event = rig.begin(10, 25)
    rig.cloudwatch.alarms.clear()
    with pytest.raises(BakeError, match=r"shop-new-5xx-hard.*does not exist"):
        rig.look(event, 35)


def test_a_thrown_switch_fails_the_deploy(rig: Rig) -> None:
    event = rig.begin(10, 25)
    rig.route53.disabled = rig.route53.inverted = True
    with pytest.raises(BakeError, match="the switch of the dns door was thrown"):
        rig.look(event, 35)


def test_silence_passes(rig: Rig) -> None:
    rig.cloudwatch.alarms["shop-new-5xx-hard"]["StateValue"] = "INSUFFICIENT_DATA"
    assert rig.look(rig.begin(10, 25), 300)


def test_alarms_that_cannot_be_read_never_pass(rig: Rig) -> None:
    event = rig.begin(10, 25)
    rig.cloudwatch.down = True
    assert not rig.look(event, 100)
    assert not rig.look(event, 400)
    with pytest.raises(BakeError, match="it is not known whether new is well"):
        rig.look(event, 420)
    rig.cloudwatch.down = False
    assert rig.look(event, 419)


def test_a_store_that_cannot_be_read_never_passes(rig: Rig) -> None:
    event = rig.begin(10, 25)
    rig.store.faults = always("AccessDenied", 403)
    assert not rig.look(event, 300)


def test_an_alarm_that_fired_while_nobody_could_look_fails_the_deploy(rig: Rig) -> None:
    event = rig.begin(10, 25)
    at = datetime.fromtimestamp(START + 60, UTC)
    rig.cloudwatch.alarms["shop-new-5xx-hard"]["StateTransitionedTimestamp"] = at
    rig.cloudwatch.history = [
        {"Timestamp": at, "HistoryData": '{"newState":{"stateValue":"ALARM"}}'}
    ]
    assert not rig.look(event, 299)
    with pytest.raises(BakeError, match="was in ALARM at"):
        rig.look(event, 300)


@pytest.mark.parametrize(("before", "after"), [(25, 10), (25, 25), (100, 0), (None, 0)])
def test_a_fall_is_through_at_once_whatever_is_broken(
    rig: Rig, before: int | None, after: int
) -> None:
    fire(rig)
    rig.stack.down = True
    rig.store.items["switch"] = '{"state":"thrown"}'
    assert rig.look(rig.begin(before, after), 0)


def test_no_minutes_no_bake(rig: Rig) -> None:
    fire(rig)
    assert rig.look(rig.begin(10, 25, minutes=0), 0)


def test_a_deletion_is_through_at_once(rig: Rig) -> None:
    fire(rig)
    event = rig.begin(25, 25, kind="Delete")
    assert event["PhysicalResourceId"] == "Bake-of-old"
    assert rig.look(event, 0)


def test_what_cloudformation_puts_back_is_not_watched(rig: Rig) -> None:
    fire(rig)
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    event = rig.begin(0, 50)
    rig.stack.down = True
    assert rig.look(event, 0)


def test_a_deploy_that_is_cancelled_meanwhile_waits_no_longer(rig: Rig) -> None:
    event = rig.begin(10, 25)
    assert not rig.look(event, 30)
    fire(rig)
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.look(event, 35)


def test_a_stack_whose_state_cannot_be_read_is_watched_like_any_other(rig: Rig) -> None:
    rig.stack.down = True
    event = rig.begin(10, 25)
    assert not rig.look(event, 30)
    fire(rig)
    with pytest.raises(BakeError):
        rig.look(event, 35)


# The weight is at every edge location when the distribution says so


def test_the_minutes_begin_when_the_distribution_is_deployed(rig: Rig) -> None:
    rig.cloudfront.deployed_after = 240
    event = rig.begin(10, 25, distribution="EDFDVBD6EXAMPLE")
    assert set(rig.cloudfront.asked) == {"EDFDVBD6EXAMPLE"}
    assert event["Data"] == {"Live": "the distribution was Deployed after 245 s"}
    assert [rig.look(event, at) for at in (300, 544, 545)] == [False, False, True]


def test_the_sentence_says_that_the_weight_had_not_reached_everybody(rig: Rig) -> None:
    rig.cloudfront.deployed_after = 9_999
    event = rig.begin(10, 25, distribution="EDFDVBD6EXAMPLE")
    fire(rig)
    with pytest.raises(
        BakeError,
        match=r"after 1 min 0 s of 5 min: .* Before the bake, the distribution still said InProgress "
        r"after 600 s, so some viewers may not have met the weight by then\.$",
    ):
        rig.look(event, 660)


@pytest.mark.parametrize(("minutes", "waits"), [(45, 600), (50, 300), (55, 0)])
def test_the_wait_and_the_bake_end_within_the_hour(rig: Rig, minutes: int, waits: int) -> None:
    rig.cloudfront.deployed_after = 9_999
    rig.begin(10, 25, minutes=minutes, distribution="EDFDVBD6EXAMPLE")
    assert rig.now == START + waits


def test_an_alarm_does_not_wait_for_the_distribution(rig: Rig) -> None:
    rig.cloudfront.deployed_after = 9_999
    rig.fires_at = START + 20
    event = rig.begin(10, 25, distribution="EDFDVBD6EXAMPLE")
    assert rig.now == START + 20
    with pytest.raises(BakeError, match="in ALARM"):
        rig.look(event, 20)


def test_an_alarm_that_came_and_went_before_the_start_fails_the_deploy(rig: Rig) -> None:
    rig.cloudfront.deployed_after = 240
    event = rig.begin(10, 25, distribution="EDFDVBD6EXAMPLE")
    at = datetime.fromtimestamp(START + 100, UTC)
    rig.cloudwatch.alarms["shop-new-5xx-hard"]["StateTransitionedTimestamp"] = at
    rig.cloudwatch.history = [
        {"Timestamp": at, "HistoryData": '{"newState":{"stateValue":"ALARM"}}'}
    ]
    with pytest.raises(BakeError, match="was in ALARM at"):
        rig.look(event, 545)


def test_a_deploy_that_is_put_back_waits_for_no_distribution(rig: Rig) -> None:
    rig.cloudfront.deployed_after = 9_999
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    event = rig.begin(0, 50, distribution="EDFDVBD6EXAMPLE")
    assert (rig.now, rig.look(event, 0)) == (START, True)


@pytest.mark.parametrize(("before", "after", "minutes"), [(25, 10, 5), (10, 25, 0)])
def test_without_a_bake_nobody_asks_the_distribution(
    rig: Rig, before: int, after: int, minutes: int
) -> None:
    rig.begin(before, after, minutes=minutes, distribution="EDFDVBD6EXAMPLE")
    assert rig.cloudfront.asked == []


def test_each_turn_of_a_promotion_is_an_event(rig: Rig) -> None:
    event = rig.begin(10, 25)
    assert rig.events.types == ["Weight Shifted"]
    assert not rig.look(event, 60)
    assert rig.look(event, 300)
    assert rig.events.types == ["Weight Shifted", "Bake Passed"]
    for sent in rig.events.sent:
        assert not list(faults(sent, EVENTS, EVENTS))
        assert (sent["service"], sent["weight"]) == ("shop", {"before": 10, "after": 25})


def test_a_bake_that_fails_is_an_event_with_its_sentence(rig: Rig) -> None:
    event = rig.begin(10, 25)
    fire(rig)
    with pytest.raises(BakeError) as failed:
        rig.look(event, 60)
    sent = rig.events.sent[-1]
    assert not list(faults(sent, EVENTS, EVENTS))
    assert (sent["type"], sent["reason"]) == ("Bake Failed", str(failed.value))


def test_a_fall_is_told_and_neither_a_deletion_nor_what_is_put_back(rig: Rig) -> None:
    rig.begin(25, 10)
    assert rig.events.types == ["Weight Shifted"]
    rig.begin(25, 10, kind="Delete")
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    rig.begin(10, 25)
    assert rig.events.types == ["Weight Shifted"]


@pytest.mark.parametrize("how", ["refuses", "loses"])
def test_a_bake_does_not_depend_on_its_events(rig: Rig, how: str) -> None:
    setattr(rig.events, how, True)
    event = rig.begin(10, 25)
    assert not rig.look(event, 60)
    assert rig.look(event, 300)
    fire(rig)
    with pytest.raises(BakeError):
        rig.look(event, 60)


def test_what_keeps_the_shift_from_being_told_stops_no_deploy(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVICE")
    assert rig.look(rig.begin(25, 10), 1)
