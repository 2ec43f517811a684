"""What the rollback function is asked, and what it refuses to understand."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from rollback.requests import Nothing, Release, RequestError, RollBack, Status, parse

EVENTS = Path(__file__).parents[1] / "events"


def event(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def test_a_direct_alarm_action_rolls_back_in_the_alarm_s_name() -> None:
    assert parse(event("alarm_action")) == RollBack(
        "alarm:chatmrpt-new-endpoint-ping",
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (24/11/26 03:11:00)] was less than "
        "the threshold (1.0).",
    )


def test_an_alarm_over_sns_rolls_back() -> None:
    request = parse(event("sns_alarm"))
    assert isinstance(request, RollBack)
    assert request.by == "alarm:chatmrpt-new-5xx-hard"


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
    assert isinstance(parse(both), RollBack)


def test_a_person_rolls_back_releases_and_asks() -> None:
    said = {"by": " ada ", "reason": "checkout is broken"}
    assert parse({"action": "roll_back", **said}) == RollBack("ada", "checkout is broken")
    assert parse({"action": "release", **said}) == Release("ada", "checkout is broken")
    assert parse({"action": "status"}) == Status()


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        ([], "must be a JSON object, not list"),
        ("roll_back", "must be a JSON object, not str"),
        ({}, "it must be one of roll_back, release, status"),
        ({"action": "rollback"}, "action is 'rollback'"),
        ({"action": "release", "reason": "fixed"}, "release needs by"),
        ({"action": "release", "by": "ada"}, "release needs reason"),
        ({"action": "release", "by": "  ", "reason": "x"}, "release needs by"),
        ({"action": "roll_back", "by": 7, "reason": "x"}, "roll_back needs by"),
        ({"Records": []}, "must be a list of SNS records"),
        ({"Records": [{"Sns": {"Message": "hello"}}]}, "no CloudWatch alarm"),
        ({"Records": [{"Sns": {"Message": '{"AlarmName":"a"}'}}]}, "no CloudWatch alarm"),
        ({"Records": ["x"]}, "no CloudWatch alarm"),
        ({"source": "aws.cloudwatch"}, "lacks 'alarmData'"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(payload: object, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint):
        parse(payload)
