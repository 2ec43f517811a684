"""Each alias takes its own action, so that IAM can grant one without the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rollback import handler
from rollback.call import ALIASES, call_of
from rollback.request import ACTIONS
from tests.unit.support.rollback_rig import (
    ALARM,
    BY_HAND,
    MUTE,
    RELEASE,
    REQUEST,
    SNS_ALARM,
    UNMUTE,
    Rig,
    alarm,
    called_by,
)

STATUS = {"action": "status"}
OWN: dict[str, list[dict[str, Any]]] = {
    "roll_back": [BY_HAND],
    "release": [RELEASE],
    "mute": [MUTE, UNMUTE],
    "status": [STATUS],
}
EVERYTHING = [BY_HAND, RELEASE, MUTE, UNMUTE, STATUS, ALARM, SNS_ALARM, alarm("OK")]
WITHOUT = [BY_HAND, STATUS, ALARM, SNS_ALARM, alarm("OK")]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def test_every_action_has_an_alias() -> None:
    assert {event["action"] for events in OWN.values() for event in events} == set(ACTIONS)
    assert OWN.keys() == ALIASES.keys()


@pytest.mark.parametrize("alias", OWN)
def test_an_alias_refuses_all_but_its_own_and_changes_nothing(rig: Rig, alias: str) -> None:
    before = dict(rig.store.items)
    for event in EVERYTHING:
        if event in OWN[alias]:
            continue
        answer = rig.call(event, alias)
        assert answer["error"].startswith(f"chatmrpt-rollback:{alias} does not take this: call ")
    assert (rig.store.items, rig.both, rig.sns.published) == (before, ("released", "released"), [])


@pytest.mark.parametrize("alias", OWN)
def test_an_alias_takes_its_own(rig: Rig, alias: str) -> None:
    for event in OWN[alias]:
        assert "error" not in rig.call(event, alias)


@pytest.mark.parametrize("qualifier", [None, "$LATEST", "7", "live"])
def test_without_an_alias_of_its_own_it_throws_and_tells_and_does_nothing_else(
    rig: Rig, qualifier: str | None
) -> None:
    for event in EVERYTHING:
        answer = handler.handler(event, called_by(qualifier))
        assert isinstance(answer, dict)
        refused = answer.get("error", "")
        assert bool(refused) == (event not in WITHOUT)
        if refused:
            own = "mute" if event in OWN["mute"] else "release"
            assert refused == (
                f"chatmrpt-rollback without an alias does not take this: call chatmrpt-rollback:{own}"
            )
    assert rig.both == ("thrown", "thrown")


@pytest.mark.parametrize("context", [None, object(), called_by(None)])
def test_an_alarm_throws_whatever_lambda_says_of_the_call(rig: Rig, context: object) -> None:
    handler.handler(SNS_ALARM, context)
    assert rig.both == ("thrown", "thrown")


@pytest.mark.parametrize("arn", ["", "x:" * 40, "arn:aws:lambda:us-east-1:1:function:f", None, 7])
def test_an_arn_without_a_qualifier_is_no_alias(arn: object) -> None:
    context = called_by(None)
    context.invoked_function_arn = arn
    assert call_of({}, context).alias == ""


def test_a_button_is_bound_to_its_alias_too(rig: Rig) -> None:
    click = RELEASE | {"widgetContext": {"forms": {"all": {}}}}
    page = handler.handler(click, called_by("roll_back"))
    assert "chatmrpt-rollback:roll_back does not take this" in page
    page = handler.handler(click, called_by("release"))
    assert "released" in page


def test_the_announcement_says_that_a_name_is_only_typed_and_which_request_it_was(
    rig: Rig,
) -> None:
    rig.call(BY_HAND)
    rig.call(MUTE)
    rig.call(UNMUTE)
    rig.call(RELEASE)
    for told, alias in zip(
        rig.sns.published, ("roll_back", "mute", "mute", "release"), strict=True
    ):
        assert "(as typed; CloudTrail knows whose request it was)" in told["Message"]
        assert f"call: chatmrpt-rollback:{alias}, request {REQUEST}" in told["Message"]


def test_an_alarm_s_name_is_not_called_typed_and_a_person_s_cannot_pass_for_one(rig: Rig) -> None:
    rig.call(ALARM)
    assert "who:  alarm:chatmrpt-new-endpoint-ping\n" in rig.sns.published[0]["Message"]
    rig.call(RELEASE)
    rig.call(BY_HAND | {"by": "alarm:chatmrpt-new-endpoint-ping"})
    assert "who:  a person called alarm:" in rig.sns.published[-1]["Message"]


def test_the_answer_the_evidence_and_the_log_hold_the_request(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    answer = rig.call(BY_HAND)
    assert answer["request"] == REQUEST
    (bundle,) = rig.s3.objects.values()
    assert bundle["who_called"]["request_id"] == REQUEST
    assert bundle["who_called"]["alias"] == "roll_back"
    assert "CloudTrail" in bundle["who_called"]["identity"]
    assert rig.call(MUTE)["request"] == REQUEST
    assert rig.call(UNMUTE)["request"] == REQUEST
    assert rig.call(RELEASE)["request"] == REQUEST
    calls = [record.__dict__["call"] for record in caplog.records if "call" in record.__dict__]
    assert [call["alias"] for call in calls] == ["roll_back", "mute", "mute", "release"]
    json.dumps(calls)


def test_each_command_in_an_announcement_names_the_alias_that_takes_it(rig: Rig) -> None:
    rig.call(ALARM)
    rig.call(MUTE)
    rig.call(RELEASE)
    commands = [
        line.split()
        for told in rig.sns.published
        for line in told["Message"].splitlines()
        if "lambda invoke" in line
    ]
    assert len(commands) >= 4
    for words in commands:
        alias = words[words.index("--function-name") + 1].removeprefix("chatmrpt-rollback:")
        action = json.loads(words[words.index("--payload") + 1].strip("'"))["action"]
        assert action in [event["action"] for event in OWN[alias]]
