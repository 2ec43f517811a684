"""The rollback function with everything around it failing in turn."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from rollback import readings
from rollback.carry_out import RollbackError
from shared.doors.switch import parse
from tests.unit.support.fake_doors import always, refusal
from tests.unit.support.rollback_rig import (
    ALARM,
    BY_HAND,
    MUTE,
    POINT,
    RELEASE,
    SNS_ALARM,
    UNMUTE,
    Rig,
    alarm,
)


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
    assert "chatmrpt: switch: THROWN at edge and dns\n" in told["Message"]
    assert "FAILED" not in told["Message"]


def test_a_second_alarm_changes_nothing_and_tells_nobody_twice(rig: Rig) -> None:
    rig.call(BY_HAND)
    first = rig.store.items["switch"]
    answer = rig.call(ALARM)
    assert answer["doors"] == {"edge": "already so", "dns": "already so"}
    assert rig.store.items["switch"] == first
    assert len(rig.sns.published) == 1


def test_an_alarm_that_is_over_does_not_release(rig: Rig) -> None:
    rig.call(ALARM)
    assert rig.call(alarm("OK"))["did"] == "nothing"
    assert (rig.edge, rig.dns) == ("thrown", "thrown")


def test_a_person_releases_both_doors_and_it_is_told(rig: Rig) -> None:
    rig.call(ALARM)
    rig.call(RELEASE)
    assert (rig.edge, rig.dns) == ("released", "released")
    assert parse(rig.store.items["switch"]).by == "grace"
    assert rig.sns.published[1]["Subject"] == "chatmrpt: released by grace"
    assert "chatmrpt: switch: RELEASED at edge and dns\n" in rig.sns.published[1]["Message"]


def test_the_dns_door_is_thrown_though_the_edge_fails_and_the_failure_is_loud(rig: Rig) -> None:
    rig.store.faults = always("AccessDeniedException", 403)
    with pytest.raises(RollbackError, match=r"edge: .*AccessDenied"):
        rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("released", "thrown")
    (told,) = rig.sns.published
    assert told["Subject"].startswith("chatmrpt: ROLLBACK FAILED at edge")
    assert "chatmrpt: switch: THROWN at dns, FAILED at edge\n" in told["Message"]
    assert "At edge, viewers may still reach new. Roll back again" in told["Message"]
    assert "Viewers go to old until" not in told["Message"]


def test_the_edge_is_thrown_though_the_dns_door_fails_and_the_failure_is_loud(rig: Rig) -> None:
    rig.route53.faults = always("Throttling")
    with pytest.raises(RollbackError, match=r"dns: .*Throttling"):
        rig.call(ALARM)
    assert (rig.edge, rig.dns) == ("thrown", "released")


def test_asking_again_mends_what_failed_and_leaves_the_rest(rig: Rig) -> None:
    rig.route53.faults = always("Throttling")
    with pytest.raises(RollbackError):
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


def test_the_announcement_says_what_old_is_and_what_it_takes_on(rig: Rig) -> None:
    rig.old_is(healthy=2, requests=310)
    rig.cloudwatch.values |= {"new_requests": [290.0, 290.0], "old_latency": [0.123]}
    answer = rig.call(ALARM)
    said = (
        "old: 2 healthy targets, 310 requests/min, 0 % 5xx, 123 ms on average; "
        "it takes on 290 requests/min more"
    )
    assert answer["old"] == said
    assert said in rig.sns.published[0]["Message"]
    assert answer["warnings"] == []


def test_the_announcement_says_which_class_of_answers_differs_and_by_how_much(rig: Rig) -> None:
    rig.cloudwatch.values |= {"judge_more_4xx": [0.1, 19.84], "judge_more_3xx": [0.0, -0.01]}
    rig.call(ALARM)
    assert (
        "judge: new answers 4xx 19.8 percentage points more often than old, 3xx as often as old"
        in rig.sns.published[0]["Message"].splitlines()
    )


def test_what_the_judge_said_long_ago_is_not_told(rig: Rig) -> None:
    rig.call(ALARM)
    assert "judge:" not in rig.sns.published[0]["Message"]
    rig.call(RELEASE)
    rig.cloudwatch.values["judge_more_4xx"] = [19.8]
    now = rig.now
    rig.cloudwatch._now = lambda: now - timedelta(minutes=6)
    rig.call(BY_HAND)
    assert "judge:" not in rig.sns.published[-1]["Message"]


def test_old_that_is_small_is_warned_about(rig: Rig) -> None:
    rig.old_is(healthy=1, requests=12)
    rig.cloudwatch.values["new_requests"] = [600.0, 600.0]
    assert rig.call(ALARM)["doors"] == {"edge": "written", "dns": "written"}
    assert (
        "WARNING: old lately served 12 requests/min and takes on 600 more"
        in (rig.sns.published[0]["Message"])
    )


def test_an_alarm_does_not_roll_back_onto_old_that_is_down_and_calls_a_person(rig: Rig) -> None:
    rig.old_is(healthy=0, requests=0)
    answer = rig.call(ALARM)
    assert rig.both == ("released", "released")
    assert answer["did"] == "nothing"
    assert answer["why"] == "old is down: it has had no healthy target for two minutes"
    assert rig.subjects == [
        "chatmrpt: NOT ROLLED BACK: old is down. CALL A PERSON (chatmrpt-new-endpoint-ping)"
    ]
    (bundle,) = rig.s3.objects.values()
    assert bundle["did"] == "nothing"
    assert answer["evidence"] in rig.sns.published[0]["Message"]


def test_a_person_rolls_back_onto_old_that_is_down_and_is_told_so(rig: Rig) -> None:
    rig.old_is(healthy=0, requests=0)
    answer = rig.call(BY_HAND)
    assert rig.both == ("thrown", "thrown")
    assert answer["warnings"] == [
        "old is down: it has had no healthy target for two minutes",
    ]


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_metrics_that_do_not_answer_hold_no_alarm_back(rig: Rig, code: str) -> None:
    rig.old_is(healthy=0)
    rig.cloudwatch.faults = {"GetMetricData": code}
    answer = rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")
    assert answer["old"] == "old: its health is not known"


def test_metrics_that_hang_delay_no_rollback(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "LOOK_SECONDS", 0.05)
    released = threading.Event()
    rig.cloudwatch.before = lambda: released.wait(10) if rig.edge == "released" else None
    try:
        assert rig.call(ALARM)["old"] == "old: its health is not known"
    finally:
        released.set()
    assert rig.both == ("thrown", "thrown")


def test_an_answer_of_an_unforeseen_kind_costs_no_rollback(rig: Rig) -> None:
    rig.cloudwatch.values["old_healthy"] = [float("nan")]
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")


def test_a_store_that_hangs_delays_the_dns_door_no_longer_than_the_look(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "LOOK_SECONDS", 0.05)
    thrown_meanwhile = threading.Event()
    get, update = rig.store.get_key, rig.route53.update_health_check

    def hang(**request: str) -> dict[str, str]:
        assert thrown_meanwhile.wait(10)
        return get(**request)

    def update_and_say(**request: object) -> None:
        update(**request)  # type: ignore[arg-type]
        thrown_meanwhile.set()

    monkeypatch.setattr(rig.store, "get_key", hang)
    monkeypatch.setattr(rig.route53, "update_health_check", update_and_say)
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")


def test_before_the_day_of_the_point_of_no_return_an_alarm_rolls_back(rig: Rig) -> None:
    rig.patch.setenv("POINT_OF_NO_RETURN", POINT.replace("2026-11-24", "2026-11-25"))
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")


def test_past_the_point_of_no_return_an_alarm_calls_a_person(rig: Rig) -> None:
    rig.patch.setenv("POINT_OF_NO_RETURN", POINT)
    answer = rig.call(SNS_ALARM)
    assert rig.both == ("released", "released")
    assert "orders are written to the new schema (ada on 2026-11-24)" in answer["why"]
    assert rig.subjects == [
        "CALL A PERSON: chatmrpt fails past the point of no return (chatmrpt-new-5xx-hard)"
    ]
    assert '"past_point_of_no_return":true' in rig.sns.published[0]["Message"]


def test_past_the_point_of_no_return_a_person_must_say_that_they_know(rig: Rig) -> None:
    rig.patch.setenv("POINT_OF_NO_RETURN", POINT)
    refused = rig.call(BY_HAND)
    assert 'add "past_point_of_no_return": true' in refused["error"]
    assert (rig.both, rig.sns.published) == (("released", "released"), [])
    rig.call(BY_HAND | {"past_point_of_no_return": True})
    assert rig.both == ("thrown", "thrown")


def test_a_point_of_no_return_that_cannot_be_read_is_one(rig: Rig) -> None:
    rig.patch.setenv("POINT_OF_NO_RETURN", "{")
    assert rig.call(ALARM)["did"] == "nothing"
    assert "cannot be read" in rig.call({"action": "status"})["point_of_no_return"]["reason"]


def test_nothing_done_and_nobody_told_is_tried_again(rig: Rig) -> None:
    rig.patch.setenv("POINT_OF_NO_RETURN", POINT)
    rig.sns.refuses = True
    with pytest.raises(RollbackError, match="nobody could be told"):
        rig.call(ALARM)


def test_a_muted_alarm_says_what_it_would_have_done_and_a_person_acts_all_the_same(
    rig: Rig,
) -> None:
    assert rig.call(MUTE)["mute"]["until"] == "2026-11-24T03:30:00+00:00"
    answer = rig.call(ALARM)
    assert answer["why"] == "muted by ada: it would have rolled back"
    assert rig.both == ("released", "released")
    assert rig.subjects == [
        "chatmrpt: alarms are MUTED until 03:30 UTC by ada",
        "chatmrpt: muted, would have rolled back (chatmrpt-new-endpoint-ping)",
    ]
    assert rig.call({"action": "status"})["mute"]["reason"] == "load test"
    rig.call(BY_HAND)
    assert rig.both == ("thrown", "thrown")


def test_unmuted_alarms_roll_back_again(rig: Rig) -> None:
    rig.call(MUTE)
    assert rig.call(UNMUTE)["mute"] is None
    assert rig.call({"action": "status"})["mute"] is None
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")


def test_a_mute_ends_by_itself(rig: Rig) -> None:
    rig.call(MUTE | {"minutes": 1})
    rig._sleep(60)
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "{}",
        "null",
        '{"until": "soon", "by": "a", "reason": "b", "at": "c"}',
        '{"until": "2026-11-24T03:30:00", "by": "a", "reason": "b", "at": "2026-11-24T03:00:00"}',
        '{"until": "2999-01-01T00:00:00Z", "by": "a", "reason": "b", "at": "2026-11-24T03:00:00Z"}',
    ],
)
def test_a_mute_that_this_function_cannot_have_written_mutes_nothing(rig: Rig, stored: str) -> None:
    rig.store.items["mute"] = stored
    rig.call(ALARM)
    assert rig.both == ("thrown", "thrown")


def test_a_mute_that_cannot_be_written_says_so(rig: Rig) -> None:
    rig.store.faults = always("AccessDeniedException", 403)
    assert "could not be written" in rig.call(MUTE)["error"]
    assert rig.sns.published == []


def test_a_long_mute_s_words_fit_the_store(rig: Rig) -> None:
    rig.call(MUTE | {"by": "ä" * 900, "reason": "ö" * 900})
    assert len(rig.store.items["mute"].encode()) <= 1024
    assert rig.call({"action": "status"})["mute"]["by"].startswith("ä")


def test_a_health_check_that_is_gone_is_named_and_the_edge_is_thrown(rig: Rig) -> None:
    rig.route53.gone = True
    with pytest.raises(RollbackError, match="dns: the health check check does not exist") as raised:
        rig.call(ALARM)
    assert "edge" not in str(raised.value)
    assert rig.edge == "thrown"
    assert rig.subjects[0].startswith("chatmrpt: ROLLBACK FAILED at dns")


def test_a_store_that_is_gone_is_named_and_the_dns_door_is_thrown(rig: Rig) -> None:
    rig.store.gone = True
    with pytest.raises(RollbackError, match=r"edge: the store arn:\S+ does not exist"):
        rig.call(ALARM)
    assert rig.dns == "thrown"


def test_two_alarms_at_the_same_moment_are_told_once(rig: Rig) -> None:
    both = threading.Barrier(2)
    put = rig.store.put_key

    def put_together(**request: str) -> None:
        if not rig.store.puts:
            both.wait(10)
        put(**request)

    rig.patch.setattr(rig.store, "put_key", put_together)
    other = alarm("ALARM")
    other["alarmData"] = other["alarmData"] | {"alarmName": "chatmrpt-other"}
    answers: list[object] = []
    calls = [
        threading.Thread(target=lambda e=event: answers.append(rig.call(e)))
        for event in (ALARM, other)
    ]
    rig.patch.delenv("SWITCH_HEALTH_CHECK_ID")
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(answers) == 2
    assert rig.edge == "thrown"
    assert (rig.store.puts, len(rig.sns.published)) == (1, 1)


def test_a_throw_whose_answer_was_lost_is_told_all_the_same(rig: Rig) -> None:
    rig.store.lost = 1
    assert rig.call(ALARM)["doors"]["edge"] == "written"
    assert rig.store.puts == 1
    assert len(rig.sns.published) == 1


def test_status_says_how_old_is_and_what_could_not_be_read(rig: Rig) -> None:
    rig.old_is(healthy=2, requests=310)
    rig.cloudwatch.faults = {}
    shown = rig.call({"action": "status"})
    assert shown["old"]["healthy"] == 2
    assert (shown["mute"], shown["point_of_no_return"], shown["unread"]) == (None, None, {})
    rig.cloudwatch.faults = {"GetMetricData": "AccessDenied"}
    unread = rig.call({"action": "status"})["unread"]
    assert set(unread) == {"load balancers' metrics", "us-east-1's metrics"}


def test_what_the_sentinel_says_is_asked_for_in_ten_seconds_and_the_rest_in_minutes(
    rig: Rig,
) -> None:
    periods: dict[str, int] = {}
    answer = rig.cloudwatch.get_metric_data

    def remembering(**query: Any) -> dict[str, Any]:
        for asked in query["MetricDataQueries"]:
            periods[asked["Id"]] = asked["MetricStat"]["Period"]
        return answer(**query)

    rig.cloudwatch.get_metric_data = remembering  # type: ignore[method-assign]
    rig.call(ALARM)
    fast = {id_ for id_, period in periods.items() if period == 10}
    assert fast == {"old_probe_down", "new_probe_down"}
    assert set(periods.values()) == {10, 60}
