"""What the function may be asked: by an alarm, by SNS, by a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ACTIONS: Final = ("roll_back", "release", "status")


class RequestError(ValueError):
    """The request makes no sense; the message says what would."""


@dataclass(frozen=True)
class RollBack:
    """Throw the switch."""

    by: str
    reason: str


@dataclass(frozen=True)
class Release:
    """Release the switch: only ever asked by a person."""

    by: str
    reason: str


@dataclass(frozen=True)
class Status:
    """Say what the switch says."""


@dataclass(frozen=True)
class Nothing:
    """An alarm that is over, or has no data: no reason to act."""

    why: str


Request = RollBack | Release | Status | Nothing


def parse(event: object) -> Request:
    """Return what `event` asks for. Of several SNS records one ALARM is enough.

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
        raise RequestError(f"action is {action!r}: it must be one of {', '.join(ACTIONS)}")
    if action == "status":
        return Status()
    said = {}
    for key in ("by", "reason"):
        value = event.get(key)
        if not isinstance(value, str) or not value.strip():
            raise RequestError(f"{action} needs {key}: a name and a reason, in words")
        said[key] = value.strip()
    return RollBack(**said) if action == "roll_back" else Release(**said)


def _from_alarm(event: Mapping[str, Any]) -> Request:
    try:
        data = event["alarmData"]
        name, state = data["alarmName"], data["state"]
        value, reason = state["value"], state.get("reason", "")
    except (KeyError, TypeError) as error:
        raise RequestError(f"the alarm's payload lacks {error}") from error
    return _alarm(str(name), str(value), str(reason))


def _from_sns(records: object) -> Request:
    if not isinstance(records, list) or not records:
        raise RequestError("Records must be a list of SNS records")
    requests = [_from_record(record) for record in records]
    return next((r for r in requests if isinstance(r, RollBack)), requests[0])


def _from_record(record: object) -> Request:
    try:
        message = json.loads(record["Sns"]["Message"])  # type: ignore[index]
        name, value = message["AlarmName"], message["NewStateValue"]
        reason = message.get("NewStateReason", "")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RequestError("the SNS message is no CloudWatch alarm") from error
    return _alarm(str(name), str(value), str(reason))


def _alarm(name: str, value: str, reason: str) -> Request:
    if value != "ALARM":
        return Nothing(f"alarm {name} is {value}")
    return RollBack(f"alarm:{name}", reason)
