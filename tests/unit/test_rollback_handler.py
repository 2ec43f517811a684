"""The rollback function with everything around it failing in turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_doors import FakeRoute53, FakeSns, FakeStore, always, no_sleep, refusal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from doors import patience
from doors.switch import parse
from rollback import handler as rollback

EVENTS = Path(__file__).parents[1] / "events"
ALARM = json.loads((EVENTS / "alarm_action.json").read_text(encoding="utf-8"))
BY_HAND = {"action": "roll_back", "by": "ada", "reason": "checkout is broken"}
RELEASE = {"action": "release", "by": "grace", "reason": "fixed in build 512"}


class Rig:
    """The function, with fakes behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = FakeStore({"switch": '{"state":"released"}'})
        self.route53 = FakeRoute53()
        self.sns = FakeSns()
        monkeypatch.setenv("SERVICE", "chatmrpt")
        monkeypatch.setenv("KVS_ARN", "arn:aws:cloudfront::1:key-value-store/chatmrpt-switch")
        monkeypatch.setenv("ANNOUNCEMENTS_TOPIC_ARN", "arn:aws:sns:us-east-1:1:announcements")
        monkeypatch.setenv("SWITCH_HEALTH_CHECK_ID", "check")
        monkeypatch.setattr(rollback, "_store", lambda: self.store)
        monkeypatch.setattr(rollback, "_route53", lambda: self.route53)
        monkeypatch.setattr(rollback, "_sns", lambda: self.sns)
        monkeypatch.setattr(patience.time, "sleep", no_sleep)
        for door in (rollback.EdgeDoor, rollback.DnsDoor):
            monkeypatch.setattr(door.__init__, "__defaults__", (no_sleep,))

    def call(self, event: object) -> dict[str, Any]:
        return rollback.handler(event, None)

    @property
    def edge(self) -> str:
        return parse(self.store.items["switch"]).state

    @property
    def dns(self) -> str:
        flags = (self.route53.disabled, self.route53.inverted)
        return {(True, True): "thrown", (False, False): "released"}.get(flags, "half-way")


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def test_an_alarm_throws_both_doors_and_tells_people(rig: Rig) -> None:
    answer = rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("thrown", "thrown")
    assert answer["doors"] == {"edge": "written", "dns": "written"}
    (told,) = rig.sns.published
    assert told["Subject"] == ("chatmrpt: ROLLED BACK to old by alarm:chatmrpt-new-endpoint-ping")
    assert "was less than the threshold" in told["Message"]
    assert '--payload \'{"action":"release","by":"YOU","reason":"WHY"}\'' in told["Message"]
    assert "cdk diff stays true" in told["Message"]


def test_a_second_alarm_changes_nothing_and_tells_nobody_twice(rig: Rig) -> None:
    rig.call(BY_HAND)
    first = rig.store.items["switch"]
    answer = rig.call(ALARM)
    assert answer["doors"] == {"edge": "already so", "dns": "already so"}
    assert rig.store.items["switch"] == first
    assert len(rig.sns.published) == 1


def test_an_alarm_that_is_over_does_not_release(rig: Rig) -> None:
    rig.call(ALARM)
    over = {**ALARM, "alarmData": {**ALARM["alarmData"], "state": {"value": "OK"}}}
    assert rig.call(over)["did"] == "nothing"
    assert (rig.edge, rig.dns) == ("thrown", "thrown")


def test_a_person_releases_both_doors_and_it_is_told(rig: Rig) -> None:
    rig.call(ALARM)
    rig.call(RELEASE)
    assert (rig.edge, rig.dns) == ("released", "released")
    assert parse(rig.store.items["switch"]).by == "grace"
    assert rig.sns.published[1]["Subject"] == "chatmrpt: released by grace"


def test_the_dns_door_is_thrown_though_the_edge_fails_and_the_failure_is_loud(rig: Rig) -> None:
    rig.store.faults = always("AccessDeniedException", 403)
    with pytest.raises(rollback.RollbackError, match=r"edge: .*AccessDenied"):
        rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("released", "thrown")
    assert rig.sns.published[0]["Subject"].startswith("chatmrpt: ROLLBACK FAILED at edge")


def test_the_edge_is_thrown_though_the_dns_door_fails_and_the_failure_is_loud(rig: Rig) -> None:
    rig.route53.faults = always("Throttling")
    with pytest.raises(rollback.RollbackError, match=r"dns: .*Throttling"):
        rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("thrown", "released")


def test_asking_again_mends_what_failed_and_leaves_the_rest(rig: Rig) -> None:
    rig.route53.faults = always("Throttling")
    with pytest.raises(rollback.RollbackError):
        rig.call(ALARM)
    rig.route53.faults = []
    written = rig.store.puts
    rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("thrown", "thrown")
    assert rig.store.puts == written


def test_a_door_that_cannot_be_read_is_written_all_the_same(rig: Rig) -> None:
    rig.store.faults = [refusal("AccessDeniedException", 403)]
    rig.call(ALARM)
    assert rig.edge == "thrown"


def test_traffic_moves_though_nobody_can_be_told(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.sns.refuses = True
    answer = rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("thrown", "thrown")
    assert answer["told"] is False
    assert "nobody could be told" in caplog.text


def test_two_alarms_at_once_both_succeed(rig: Rig) -> None:
    """The other's put falls between our put and our reading back."""
    other = json.dumps({"state": "thrown", "by": "alarm:other", "reason": "x", "at": "now"})
    put = rig.store.put_key

    def put_and_be_overtaken(**request: str) -> None:
        put(**request)
        rig.store.items["switch"] = other

    rig.store.put_key = put_and_be_overtaken  # type: ignore[method-assign]
    rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("thrown", "thrown")


def test_without_a_dns_door_the_edge_alone_is_thrown(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SWITCH_HEALTH_CHECK_ID")
    assert rig.call(ALARM)["doors"] == {"edge": "written"}
    assert rig.dns == "released"


def test_status_shows_each_door_and_writes_nothing(rig: Rig) -> None:
    rig.call(BY_HAND)
    rig.route53.faults = always("AccessDenied", 403)
    shown = rig.call({"action": "status"})["doors"]
    assert shown["edge"]["state"] == "thrown"
    assert (shown["edge"]["by"], shown["edge"]["reason"]) == ("ada", "checkout is broken")
    assert shown["dns"]["state"] == "unknown"
    assert "AccessDenied" in shown["dns"]["error"]
    assert (rig.store.puts, rig.route53.updates) == (1, 1)


def test_a_request_that_makes_no_sense_changes_nothing(rig: Rig) -> None:
    assert "release needs reason" in rig.call({"action": "release", "by": "ada"})["error"]
    assert (rig.store.puts, rig.route53.updates, rig.sns.published) == (0, 0, [])


def test_a_missing_setting_is_named(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KVS_ARN")
    with pytest.raises(Exception, match="KVS_ARN is missing"):
        rig.call(ALARM)


def test_a_subject_stays_within_what_sns_takes(rig: Rig) -> None:
    rig.call({"action": "roll_back", "by": "ä" * 200 + "\n", "reason": "long"})
    subject = rig.sns.published[0]["Subject"]
    assert len(subject) <= 100
    assert subject.isascii()
    assert "\n" not in subject


class SwitchHistory(RuleBasedStateMachine):
    """In any order of alarms, people and faults, only a person's release ever releases."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.rig = Rig(self.patch)
        self.may_be_released = {"edge": True, "dns": True}

    def teardown(self) -> None:
        self.patch.undo()

    @rule(fault=st.sampled_from(["Throttling", "AccessDenied"]), many=st.booleans())
    def edge_in_trouble(self, fault: str, many: bool) -> None:
        self.rig.store.faults = always(fault) if many else [refusal(fault)]

    @rule(fault=st.sampled_from(["Throttling", "PriorRequestNotComplete"]), many=st.booleans())
    def dns_in_trouble(self, fault: str, many: bool) -> None:
        self.rig.route53.faults = always(fault) if many else [refusal(fault)]

    @rule()
    def trouble_is_over(self) -> None:
        self.rig.store.faults, self.rig.route53.faults = [], []

    @rule()
    def somebody_else_writes_the_store(self) -> None:
        self.rig.store.version += 1

    @rule(event=st.sampled_from([ALARM, BY_HAND]))
    def throw(self, event: dict[str, Any]) -> None:
        self.may_be_released = {
            door: self.may_be_released[door] and state == "released"
            for door, state in (("edge", self.rig.edge), ("dns", self.rig.dns))
        }
        try:
            self.rig.call(event)
        except rollback.RollbackError:
            return
        assert (self.rig.edge, self.rig.dns) == ("thrown", "thrown")
        self.may_be_released = {"edge": False, "dns": False}

    @rule()
    def alarm_is_over(self) -> None:
        over = {**ALARM, "alarmData": {**ALARM["alarmData"], "state": {"value": "OK"}}}
        self.rig.call(over)

    @rule()
    def look(self) -> None:
        self.rig.call({"action": "status"})

    @rule()
    def release(self) -> None:
        self.may_be_released = {"edge": True, "dns": True}
        try:
            self.rig.call(RELEASE)
        except rollback.RollbackError:
            return
        assert (self.rig.edge, self.rig.dns) == ("released", "released")

    @invariant()
    def only_a_person_releases(self) -> None:
        for door, state in (("edge", self.rig.edge), ("dns", self.rig.dns)):
            assert state == "thrown" or self.may_be_released[door]


SwitchHistory.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSwitchHistory = SwitchHistory.TestCase
