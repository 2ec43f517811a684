"""What the rollback function is asked, and what it refuses to understand."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cutover.paths import ROOT
from rollback.request import (
    Alarm,
    MuteFor,
    Nothing,
    Release,
    RequestError,
    RollBack,
    Status,
    Unmute,
    parse,
)

EVENTS = ROOT / "tests" / "events"


REASON = "Threshold Crossed: 1 datapoint [42.0] was greater than or equal to the threshold (5.0)."


def event(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def test_a_direct_alarm_action_rolls_back_in_the_alarm_s_name() -> None:
    assert parse(event("alarm_action")) == Alarm(
        "chatmrpt-new-endpoint-ping",
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (24/11/26 03:11:00)] was less than "
        "the threshold (1.0).",
        "us-east-1",
    )


def test_an_alarm_over_sns_rolls_back() -> None:
    request = parse(event("sns_alarm"))
    assert isinstance(request, Alarm)
    assert request.by == "alarm:chatmrpt-new-5xx-hard"


def test_an_alarm_s_region_is_its_arn_s_or_else_its_topic_s() -> None:
    over_sns = event("sns_alarm")
    assert parse(over_sns) == Alarm("chatmrpt-new-5xx-hard", REASON, "us-east-2")
    sns = over_sns["Records"][0]["Sns"]
    arn = "arn:aws:cloudwatch:eu-west-1:444455556666:alarm:chatmrpt-new-5xx-hard"
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"AlarmArn": arn})
    assert parse(over_sns) == Alarm("chatmrpt-new-5xx-hard", REASON, "eu-west-1")
    del sns["TopicArn"]
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"AlarmArn": "nonsense"})
    assert parse(over_sns) == Alarm("chatmrpt-new-5xx-hard", REASON, "")


def test_an_alarm_says_when_it_fired_where_its_payload_does() -> None:
    at = datetime(2026, 11, 24, 3, 12, 37, 435_000, tzinfo=UTC)
    direct, over_sns = event("alarm_action"), event("sns_alarm")
    for payload in (direct, over_sns):
        request = parse(payload)
        assert isinstance(request, Alarm)
        assert request.fired == at
    direct["alarmData"]["state"]["timestamp"] = "yesterday"
    sns = over_sns["Records"][0]["Sns"]
    sns["Message"] = sns["Message"].replace("2026-11-24T03:12:37.435+0000", "2026-11-24T03:12:37")
    for payload in (direct, over_sns):
        request = parse(payload)
        assert isinstance(request, Alarm)
        assert request.fired is None


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_is_over_or_silent_does_nothing(state: str) -> None:
    direct = event("alarm_action")
    direct["alarmData"]["state"]["value"] = state
    over_sns = event("sns_alarm")
    sns = over_sns["Records"][0]["Sns"]
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"NewStateValue": state})
    assert isinstance(parse(direct), Nothing)
    assert isinstance(parse(over_sns), Nothing)


def test_one_alarm_among_two_records_is_enough() -> None:
    both = event("sns_alarm")
    over = copy.deepcopy(both["Records"][0])
    message = json.loads(over["Sns"]["Message"]) | {"NewStateValue": "OK"}
    over["Sns"]["Message"] = json.dumps(message)
    both["Records"].insert(0, over)
    assert isinstance(parse(both), Alarm)


@pytest.mark.parametrize(
    "damaged",
    [None, "x", {}, {"Sns": None}, {"Sns": {"Message": '{"AlarmName": "a", "NewSta'}}, {"Sns": []}],
)
@pytest.mark.parametrize("place", [0, 1])
def test_an_alarm_beside_a_damaged_record_rolls_back(damaged: object, place: int) -> None:
    records = event("sns_alarm")
    records["Records"].insert(place, damaged)
    assert isinstance(parse(records), Alarm)
    over = json.loads(records["Records"][1 - place]["Sns"]["Message"]) | {"NewStateValue": "OK"}
    records["Records"][1 - place]["Sns"]["Message"] = json.dumps(over)
    with pytest.raises(RequestError, match="not a CloudWatch alarm"):
        parse(records)


def test_a_person_rolls_back_releases_and_asks() -> None:
    said = {"by": " ada ", "reason": "checkout is broken"}
    assert parse({"action": "roll_back", **said}) == RollBack("ada", "checkout is broken")
    assert parse({"action": "release", **said}) == Release("ada", "checkout is broken")
    assert parse({"action": "status"}) == Status()
    assert parse({"action": "mute", "minutes": 240, **said}) == MuteFor(
        "ada", "checkout is broken", 240
    )
    assert parse({"action": "unmute", **said}) == Unmute("ada", "checkout is broken")
    past = {"action": "roll_back", "past_point_of_no_return": True, **said}
    assert parse(past) == RollBack("ada", "checkout is broken", past_point_of_no_return=True)


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        ([], "must be a JSON object, not list"),
        ("roll_back", "must be a JSON object, not str"),
        ({}, "it must be one of roll_back, release, mute"),
        ({"action": "rollback"}, 'action is "rollback"'),
        ({"action": "release", "reason": "fixed"}, "release needs by"),
        ({"action": "release", "by": "ada"}, "release needs reason"),
        ({"action": "release", "by": "  ", "reason": "x"}, "release needs by"),
        ({"action": "roll_back", "by": 7, "reason": "x"}, "roll_back needs by"),
        ({"action": "mute", "by": "ada", "reason": "x"}, "minutes is null"),
        ({"action": "mute", "by": "ada", "reason": "x", "minutes": 0}, "from 1 to 240"),
        ({"action": "mute", "by": "ada", "reason": "x", "minutes": 241}, "from 1 to 240"),
        ({"action": "mute", "by": "ada", "reason": "x", "minutes": True}, "minutes is true"),
        ({"action": "mute", "by": "ada", "reason": "x", "minutes": 1.5}, "whole number"),
        ({"action": "mute", "minutes": 5, "reason": "x"}, "mute needs by"),
        ({"action": "unmute", "by": "ada"}, "unmute needs reason"),
        (
            {"action": "roll_back", "by": "a", "reason": "x", "past_point_of_no_return": "yes"},
            "must be true or left out",
        ),
        ({"Records": []}, "must be a list of SNS records"),
        ({"Records": [{"Sns": {"Message": "hello"}}]}, "not a CloudWatch alarm"),
        ({"Records": [{"Sns": {"Message": '{"AlarmName":"a"}'}}]}, "not a CloudWatch alarm"),
        ({"Records": ["x"]}, "not a CloudWatch alarm"),
        ({"source": "aws.cloudwatch"}, "lacks 'alarmData'"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(payload: object, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint):
        parse(payload)
