"""After a release an alarm must outlast the last bad minutes' late metrics."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.doors.switch import SwitchState
from tests.unit.support.rollback_rig import ALARM, BY_HAND, MUTE, RELEASE, SNS_ALARM, Rig, alarm


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A rig that was rolled back and released just now."""
    rig = Rig(monkeypatch)
    rig.call(BY_HAND)
    rig.call(RELEASE)
    rig.sns.published.clear()
    return rig


@pytest.mark.parametrize("event", [ALARM, SNS_ALARM])
def test_an_alarm_that_lasts_rolls_back_when_the_cool_down_ends(
    rig: Rig, event: dict[str, object]
) -> None:
    rig._sleep(20)
    rig.slept = 0
    rig.call(event)
    assert rig.both == ("thrown", "thrown")
    assert rig.slept == pytest.approx(100)


def test_an_alarm_that_is_over_by_then_does_nothing_and_people_are_told(rig: Rig) -> None:
    rig.cloudwatch.alarm = "OK"
    answer = rig.call(ALARM)
    assert (answer["why"], answer["told"]) == ("the alarm is OK again", True)
    assert rig.both == ("released", "released")
    (subject,) = rig.subjects
    assert "NOT ROLLED BACK: the alarm is OK again" in subject


def test_an_alarm_without_data_is_not_over(rig: Rig) -> None:
    rig.cloudwatch.alarm = "INSUFFICIENT_DATA"
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")
    (subject,) = rig.subjects
    assert "ROLLED BACK" in subject
    assert "NOT" not in subject


@pytest.mark.parametrize("trouble", ["unreadable", "gone", "without a region"])
def test_an_alarm_that_cannot_be_looked_up_rolls_back(rig: Rig, trouble: str) -> None:
    event = ALARM
    rig.cloudwatch.alarm = "OK"
    if trouble == "unreadable":
        rig.cloudwatch.faults = {"DescribeAlarms": "AccessDenied"}
    elif trouble == "gone":
        rig.cloudwatch.alarm = ""
    else:
        event = ALARM | {"alarmArn": "?"}
    rig.call(event)
    assert rig.both == ("thrown", "thrown")


def test_a_person_need_not_wait(rig: Rig) -> None:
    rig.slept = 0
    rig.call(BY_HAND)
    assert (rig.both, rig.slept) == (("thrown", "thrown"), 0)


def test_later_alarms_need_not_wait(rig: Rig) -> None:
    rig._sleep(120)
    rig.slept = 0
    rig.call(ALARM)
    assert (rig.both, rig.slept) == (("thrown", "thrown"), 0)


def test_a_switch_that_another_throws_ends_the_wait(rig: Rig) -> None:
    def once() -> None:
        rig.during_sleep = lambda: None
        rig.call(BY_HAND)

    rig.slept, rig.during_sleep = 0, once
    answer = rig.call(ALARM)
    assert answer["doors"] == {"edge": "already so", "dns": "already so"}
    assert rig.slept == 5
    assert len(rig.sns.published) == 1


def test_a_mute_ends_the_wait(rig: Rig) -> None:
    def once() -> None:
        rig.during_sleep = lambda: None
        rig.call(MUTE)

    rig.during_sleep = once
    assert rig.call(ALARM)["why"].startswith("muted by ada")
    assert rig.both == ("released", "released")


def test_releases_that_follow_each_other_hold_an_alarm_back_for_one_cool_down_only(
    rig: Rig,
) -> None:
    def release_again() -> None:
        at = rig.now.isoformat()
        rig.store.items["switch"] = SwitchState("released", "grace", "again", at).to_value()

    rig.slept, rig.during_sleep = 0, release_again
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")
    assert rig.slept == pytest.approx(120)


def test_a_flapping_alarm_makes_one_rollback(rig: Rig) -> None:
    for _ in range(5):
        rig.call(ALARM)
        rig._sleep(60)
    assert [s for s in rig.subjects if "ROLLED BACK" in s] == [
        "chatmrpt: ROLLED BACK to old by alarm:chatmrpt-new-endpoint-ping"
    ]


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-24T03:00:00", "2999-01-01T00:00:00Z"])
def test_a_release_without_a_plausible_date_has_no_cool_down(rig: Rig, at: str) -> None:
    rig.store.items["switch"] = SwitchState("released", "grace", "fixed", at).to_value()
    rig.slept = 0
    rig.call(ALARM)
    assert (rig.both, rig.slept) == (("thrown", "thrown"), 0)


@pytest.mark.parametrize("setting", ["0", "", "soon"])
def test_without_a_cool_down_an_alarm_acts_at_once(rig: Rig, setting: str) -> None:
    rig.patch.setenv("COOL_DOWN_SECONDS", setting)
    rig.slept = 0
    rig.call(ALARM)
    assert (rig.both, rig.slept) == (("thrown", "thrown"), 0)


def test_old_that_fell_during_the_wait_is_seen(rig: Rig) -> None:
    rig.old_is(healthy=2)
    rig.during_sleep = lambda: rig.old_is(healthy=0, requests=0)
    assert "old is down" in rig.call(ALARM)["why"]


def test_a_fast_alarm_that_is_ok_again_when_its_call_comes_rolls_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig(monkeypatch)
    rig.cloudwatch.alarm, rig.cloudwatch.period = "OK", 10
    fired = rig.now
    rig._sleep(40)
    rig.call(alarm("ALARM", fired))
    assert rig.both == ("thrown", "thrown")


@pytest.mark.parametrize(("period", "seconds"), [(60, 40), (10, 90)])
def test_one_of_a_minute_or_one_that_comes_late_does_not(
    monkeypatch: pytest.MonkeyPatch, period: int, seconds: int
) -> None:
    rig = Rig(monkeypatch)
    rig.cloudwatch.alarm, rig.cloudwatch.period = "OK", period
    fired = rig.now
    rig._sleep(seconds)
    assert rig.call(alarm("ALARM", fired))["why"] == "the alarm is OK again"
    assert rig.both == ("released", "released")


def test_a_fast_alarm_that_is_delivered_again_does_not_undo_a_release_even_without_a_cool_down(
    rig: Rig,
) -> None:
    rig.patch.setenv("COOL_DOWN_SECONDS", "0")
    rig.cloudwatch.alarm, rig.cloudwatch.period = "ALARM", 10
    fired = rig.now + timedelta(seconds=1)
    rig._sleep(2)
    rig.call(alarm("ALARM", fired))
    assert rig.both == ("thrown", "thrown")
    rig._sleep(10)
    rig.call(RELEASE)
    rig.cloudwatch.alarm = "OK"
    rig._sleep(10)
    assert rig.call(alarm("ALARM", fired))["why"] == "the alarm is OK again"
    assert rig.both == ("released", "released")
