"""What an alarm, SNS or a person may ask of the function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.doors.mute import LONGEST_MINUTES
from shared.shown import NAME, shown, shown_value

ACTIONS: Final = ("roll_back", "release", "mute", "unmute", "status")
ALARM: Final = "alarm:"
"""Begins the name under which an alarm acts, and no person."""
_REASON: Final = 400
_ALARM_NAME: Final = 255
_ALARM_REASON: Final = 1023
"""CloudWatch API reference, MetricAlarm: the longest name and state reason."""


class RequestError(ValueError):
    """The request makes no sense; the message says what it must be."""


@dataclass(frozen=True)
class Alarm:
    """An alarm that fired: throw the switch, unless there is a reason not to.

    Attributes
    ----------
    name, reason : str
        The alarm and CloudWatch's words.
    region : str
        Where the alarm lives; empty where the payload does not tell.
    fired : datetime or None
        When it fired; None where the payload does not tell.
    """

    name: str
    reason: str
    region: str = ""
    fired: datetime | None = field(default=None, compare=False)

    @property
    def by(self) -> str:
        """The alarm as the switch records it."""
        return f"{ALARM}{self.name}"


@dataclass(frozen=True)
class RollBack:
    """A person asks to throw the switch."""

    by: str
    reason: str
    past_point_of_no_return: bool = False


@dataclass(frozen=True)
class Release:
    """A person asks to release the switch; nothing else ever does."""

    by: str
    reason: str


@dataclass(frozen=True)
class MuteFor:
    """Let no alarm roll back for `minutes` minutes."""

    by: str
    reason: str
    minutes: int


@dataclass(frozen=True)
class Unmute:
    """Let alarms roll back again."""

    by: str
    reason: str


@dataclass(frozen=True)
class Status:
    """Say what is known now."""


@dataclass(frozen=True)
class Nothing:
    """An alarm that is OK again or has no data: no reason to act."""

    why: str


Request = Alarm | RollBack | Release | MuteFor | Unmute | Status | Nothing


def parse(event: object) -> Request:
    """Return what `event` asks for. Of several SNS records one ALARM is enough, also beside damaged ones.

    Payloads: a direct alarm action (CloudWatch User Guide, alarms-and-actions-Lambda), SNS's event
    (Lambda Developer Guide, with-sns), or {"action": …, "by": …, "reason": …} from a person.

    Raises
    ------
    RequestError
        When it is none of these, or lacks what it must say.
    """
    if not isinstance(event, Mapping):
        raise RequestError(f"the payload must be a JSON object, not {type(event).__name__}")
    if "Records" in event:
        return _from_sns(event["Records"])
    if event.get("source") == "aws.cloudwatch":
        return _from_alarm(event)
    return _from_person(event)


def _from_person(event: Mapping[str, Any]) -> Request:
    action = event.get("action")
    if action not in ACTIONS:
        raise RequestError(
            f"action is {shown_value(action)}: it must be one of {', '.join(ACTIONS)}"
        )
    if action == "status":
        return Status()
    by = shown(_text(event, action, "by"), NAME)
    if by.startswith(ALARM):
        by = shown(f"a person called {by}", NAME)
    reason = shown(_text(event, action, "reason"), _REASON)
    if action == "release":
        return Release(by, reason)
    if action == "unmute":
        return Unmute(by, reason)
    if action == "mute":
        return MuteFor(by, reason, _minutes(event))
    past = event.get("past_point_of_no_return", False)
    if not isinstance(past, bool):
        raise RequestError(
            f"past_point_of_no_return is {shown_value(past)}: it must be true or left out"
        )
    return RollBack(by, reason, past)


def _text(event: Mapping[str, Any], action: str, key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value.strip():
        raise RequestError(f"{action} needs {key}: a name and a reason, in words")
    return value.strip()


def _minutes(event: Mapping[str, Any]) -> int:
    minutes = event.get("minutes")
    if type(minutes) is not int or not 1 <= minutes <= LONGEST_MINUTES:
        raise RequestError(
            f"minutes is {shown_value(minutes)}: a mute needs a whole number from 1 to {LONGEST_MINUTES}"
        )
    return minutes


def _from_alarm(event: Mapping[str, Any]) -> Request:
    try:
        data = event["alarmData"]
        name, state = data["alarmName"], data["state"]
        value, reason = state["value"], state.get("reason", "")
        fired = _time(state.get("timestamp"))
    except (KeyError, TypeError) as error:
        raise RequestError(f"the alarm's payload lacks {shown(str(error), NAME)}") from error
    return _alarm(str(name), str(value), str(reason), _region_in(event.get("alarmArn")), fired)


def _from_sns(records: object) -> Request:
    if not isinstance(records, list) or not records:
        raise RequestError("Records must be a list of SNS records")
    found: list[Request] = []
    damaged: list[RequestError] = []
    for record in records:
        try:
            found.append(_from_record(record))
        except RequestError as error:
            damaged.append(error)
    alarm = next((one for one in found if isinstance(one, Alarm)), None)
    if alarm is not None:
        return alarm
    # It may have been an alarm: that nothing is to be done cannot be said.
    if damaged:
        raise damaged[0]
    return found[0]


def _from_record(record: object) -> Request:
    try:
        sns = record["Sns"]  # type: ignore[index]
        message = json.loads(sns["Message"])
        name, value = message["AlarmName"], message["NewStateValue"]
        reason = message.get("NewStateReason", "")
        # An alarm acts on topics of its own region only; the message's Region is a place's name.
        region = _region_in(message.get("AlarmArn")) or _region_in(sns.get("TopicArn"))
        fired = _time(message.get("StateChangeTime"))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RequestError("the SNS message is not a CloudWatch alarm") from error
    return _alarm(str(name), str(value), str(reason), region, fired)


def _time(said: object) -> datetime | None:
    """Return the time that CloudWatch states, like 2026-11-24T03:12:37.435+0000, or None where it is none."""
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _region_in(arn: object) -> str:
    """Return the region of `arn` (arn:partition:service:region:account:…), empty where it has none."""
    parts = str(arn).split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""  # noqa: PLR2004 - as above


def _alarm(name: str, value: str, reason: str, region: str, fired: datetime | None) -> Request:
    if value != "ALARM":
        return Nothing(f"alarm {shown(name, _ALARM_NAME)} is {shown(value, NAME)}")
    return Alarm(shown(name, _ALARM_NAME), shown(reason, _ALARM_REASON), region, fired)
