"""What people are told of is an event too, and neither waits for the other."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from cutover.paths import ROOT
from shared import events
from tests.unit.support.event_schema import EVENTS, FILE
from tests.unit.support.json_schema import faults
from tests.unit.support.rollback_rig import ALARM, BY_HAND, MUTE, POINT, RELEASE, UNMUTE, Rig

TYPES = {value for name, value in vars(events).items() if name.isupper() and " " in str(value)} | {
    "Released",
    "Muted",
    "Unmuted",
}


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def test_each_thing_that_people_are_told_of_is_an_event(rig: Rig) -> None:
    rig.old_is(healthy=2)
    for asked in (BY_HAND, RELEASE, MUTE, ALARM, UNMUTE):
        rig.call(asked)
    rig.patch.setenv("POINT_OF_NO_RETURN", POINT)
    rig.cloudwatch.values = {}
    rig.now += timedelta(minutes=10)
    rig.call(ALARM)
    assert rig.events.types == [
        *("Rolled Back", "Released", "Muted", "Alarm Muted", "Unmuted", "Person Called"),
    ]
    assert len(rig.sns.published) == len(rig.events.sent)
    for told, sent in zip(rig.sns.published, rig.events.sent, strict=True):
        assert not list(faults(sent, EVENTS, EVENTS))
        assert (sent["says"], sent["text"]) == (told["Subject"], told["Message"])
    first = rig.events.sent[0]
    assert (first["by"], first["reason"]) == ("ada", "checkout is broken")
    assert first["evidence"].startswith("s3://evidence/")
    assert [door["door"] for door in first["doors"]] == ["edge", "dns"]


@pytest.mark.parametrize("how", ["refuses", "loses"])
def test_a_bus_that_does_not_take_it_stops_no_rollback_and_people_hear_of_it(
    rig: Rig, how: str
) -> None:
    setattr(rig.events, how, True)
    answer = rig.call(BY_HAND)
    assert rig.both == ("thrown", "thrown")
    assert answer["told"] is True
    told, lost = rig.sns.published
    assert told["Subject"].startswith("chatmrpt: ROLLED BACK")
    assert lost["Subject"] == "chatmrpt: the event 'Rolled Back' was NOT SENT"


def test_an_event_goes_out_though_nobody_could_be_told(rig: Rig) -> None:
    rig.sns.refuses = True
    assert rig.call(BY_HAND)["told"] is False
    assert rig.events.types == ["Rolled Back"]


def test_the_schema_and_its_page_name_every_type() -> None:
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    assert set(schema["properties"]["detail-type"]["enum"]) == TYPES
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z][A-Za-z ]+)` \|", page, re.MULTILINE)) == TYPES


def test_a_chat_is_told_in_its_own_form_on_its_own_topic(rig: Rig) -> None:
    rig.patch.setenv("CHAT_TOPIC_ARN", "arn:chat")
    rig.call(BY_HAND)
    mail, chat = rig.sns.published
    assert chat["TopicArn"] == "arn:chat"
    told = json.loads(chat["Message"])
    assert told["content"]["title"] == mail["Subject"]
    assert mail["Message"] in told["content"]["description"]


@pytest.mark.parametrize("payload", [{}, None])
def test_the_button_of_a_chat_rolls_back_without_a_payload(rig: Rig, payload: object) -> None:
    answer = rig.call(payload, "roll_back")
    assert answer["state"] == "thrown"
    assert rig.both == ("thrown", "thrown")
    assert "a call without a payload" in rig.sns.published[0]["Subject"]


@pytest.mark.parametrize("alias", ["release", "mute", "status", "live", None])
def test_no_other_alias_takes_an_empty_payload(rig: Rig, alias: str | None) -> None:
    assert "action is null" in rig.call({}, alias)["error"]
    assert rig.both == ("released", "released")
    assert rig.events.sent == []
