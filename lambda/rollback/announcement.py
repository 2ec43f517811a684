"""What people are told, in words for 3 a.m."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rollback.call import Call
from rollback.decide import Muted, OldIsDown, PastReturn, StandDown
from rollback.doors import Outcome
from rollback.request import ALARM, Alarm
from shared import events
from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.pointers import dashboard_of, watch_with
from shared.shown import shown

SUBJECT_LENGTH: Final = 99
"""SNS takes a subject of less than 100 ASCII characters, none of control (SNS API reference, Publish)."""

LINE_LENGTH: Final = 2000
"""More than any line of ours has: what CloudWatch says of an alarm has 1,023 characters at most
(CloudWatch API reference, MetricAlarm)."""

SAID: Final = '"by":"YOU","reason":"WHY"'

_SILENT: Final = "This alarm will NOT alert you again unless it changes state."
"""Alarms act on a change of state only (CloudWatch User Guide, alarms-and-actions)."""


@dataclass(frozen=True)
class Announcement:
    """A subject and a text, as SNS takes them; and the same as an event: its detail type, and what it holds
    beside the text."""

    subject: str
    body: str
    event: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def of_switch(
    service: str,
    wanted: SwitchState,
    outcomes: Sequence[Outcome],
    call: Call,
    findings: Sequence[str] = (),
    evidence: str | None = None,
) -> Announcement:
    """Say that the switch was thrown or released: who, why, when, the result at each door, what is known
    about old, and what to do next."""
    failed = " and ".join(outcome.door for outcome in outcomes if outcome.error)
    what, event, next_steps = (_of_throw if wanted.thrown else _of_release)(service, failed)
    body = [
        f"{service}: switch: {_at_the_doors(outcomes, wanted)}",
        "",
        f"who:  {_who(wanted.by)}",
        f"why:  {wanted.reason or 'no reason given'}",
        f"when: {wanted.at}",
        f"call: {call.said(service)}",
        "",
        *([*findings, ""] if findings else []),
        "doors:",
        *[f"  {outcome.door}: {_became(outcome, wanted)}" for outcome in outcomes],
        "",
        *next_steps,
        *_see(service),
    ]
    doors = [
        {"door": outcome.door, "error": outcome.error or None, "changed": outcome.changed}
        for outcome in outcomes
    ]
    return _announcement(
        event,
        f"{service}: {what} by {wanted.by}",
        body,
        by=wanted.by,
        reason=wanted.reason,
        doors=doors,
        evidence=evidence,
    )


def _of_throw(service: str, failed: str) -> tuple[str, str, list[str]]:
    """Return what happened, as which event, and what to do next; `failed` names the doors that failed."""
    what = f"ROLLBACK FAILED at {failed}" if failed else "ROLLED BACK to old"
    event = events.ROLLBACK_FAILED if failed else events.ROLLED_BACK
    again = [
        f"At {failed}, viewers may still reach new. Roll back again; it is safe to repeat:",
        _call(service, "roll_back", f'{{"action":"roll_back",{SAID}}}'),
    ]
    next_steps = [
        *(again if failed else ["Viewers go to old until a person releases the switch."]),
        "No weight was changed: cdk diff stays true.",
        "To check status:",
        _call(service, "status", '{"action":"status"}'),
        "Release only when new is fixed and its alarms are OK. New gets its declared weight "
        "immediately:",
        _call(service, "release", f'{{"action":"release",{SAID}}}'),
    ]
    return what, event, next_steps


def _of_release(service: str, failed: str) -> tuple[str, str, list[str]]:
    """Return the same of a release, as `_of_throw` does."""
    what = f"RELEASE FAILED at {failed}" if failed else "released"
    event = events.RELEASE_FAILED if failed else events.RELEASED
    again = [
        f"At {failed}, the switch may still be thrown. Release again; it is safe to repeat:",
        _call(service, "release", f'{{"action":"release",{SAID}}}'),
    ]
    next_steps = [
        *(again if failed else ["New gets its declared weight again."]),
        "To roll back:",
        _call(service, "roll_back", f'{{"action":"roll_back",{SAID}}}'),
    ]
    return what, event, next_steps


def of_call(
    service: str,
    alarm: Alarm,
    decision: OldIsDown | PastReturn,
    findings: Sequence[str],
    evidence: str | None = None,
) -> Announcement:
    """Call a person: an alarm fired, and nothing was done about it."""
    if isinstance(decision, OldIsDown):
        subject = f"{service}: NOT ROLLED BACK: old is down. CALL A PERSON ({alarm.name})"
        why = f"Old is known to be down: {decision.why}. A rollback would send everybody there."
        extra = ""
    else:
        subject = f"CALL A PERSON: {service} fails past the point of no return ({alarm.name})"
        why = f"The point of no return has passed: {decision.point}."
        extra = ',"past_point_of_no_return":true'
    return _announcement(
        events.PERSON_CALLED,
        subject,
        [
            f"{service}: an alarm fired and NOTHING WAS DONE. A person must decide.",
            "",
            f"alarm: {alarm.name}",
            f"says:  {alarm.reason or 'no reason given'}",
            f"why nothing was done: {why}",
            "",
            *findings,
            "",
            f"New is still serving as before. {_SILENT}",
            "To check status:",
            _call(service, "status", '{"action":"status"}'),
            "To roll back anyway:",
            _call(service, "roll_back", f'{{"action":"roll_back",{SAID}{extra}}}'),
            *_see(service),
        ],
        alarm=alarm.name,
        reason=why,
        evidence=evidence,
    )


def of_muted_alarm(service: str, alarm: Alarm, decision: Muted) -> Announcement:
    """Say what an alarm would have done."""
    return _announcement(
        events.ALARM_MUTED,
        f"{service}: muted, would {decision.would} ({alarm.name})",
        [
            f"{service}: alarm {alarm.name} fired. Alarms are muted, so nothing was done. Without the "
            f"mute it would {decision.would}.",
            "",
            f"says: {alarm.reason or 'no reason given'}",
            f"mute: {_mute(decision.mute)}",
            "",
            _SILENT,
            "To roll back by hand:",
            _call(service, "roll_back", f'{{"action":"roll_back",{SAID}}}'),
            "To unmute:",
            _call(service, "mute", f'{{"action":"unmute",{SAID}}}'),
            *_see(service),
        ],
        alarm=alarm.name,
        reason=alarm.reason,
        until=decision.mute.until.isoformat(),
    )


def of_stand_down(service: str, alarm: Alarm, decision: StandDown) -> Announcement:
    """Say that an alarm fired and was over before anything was done."""
    return _announcement(
        events.ALARM_STOOD_DOWN,
        f"{service}: NOT ROLLED BACK: {decision.why} ({alarm.name})",
        [
            f"{service}: alarm {alarm.name} fired, and nothing was done: {decision.why}.",
            "",
            f"said: {alarm.reason or 'no reason given'}",
            "",
            "New is still serving as before. If the alarm fires again, the rollback function looks again.",
            "To check status:",
            _call(service, "status", '{"action":"status"}'),
            "To roll back by hand:",
            _call(service, "roll_back", f'{{"action":"roll_back",{SAID}}}'),
            *_see(service),
        ],
        alarm=alarm.name,
        reason=decision.why,
    )


def of_mute(service: str, mute: Mute, call: Call) -> Announcement:
    """Say that alarms do not roll back for a while."""
    return _announcement(
        events.MUTED,
        f"{service}: alarms are MUTED until {mute.until:%H:%M} UTC by {mute.by}",
        [
            f"{service}: no alarm rolls back {_mute(mute)}. Your own roll_back works.",
            "",
            f"who:  {_who(mute.by)}",
            f"call: {call.said(service)}",
            "",
            "To unmute:",
            _call(service, "mute", f'{{"action":"unmute",{SAID}}}'),
        ],
        by=mute.by,
        reason=mute.reason,
        until=mute.until.isoformat(),
    )


def of_unmute(service: str, by: str, reason: str, call: Call) -> Announcement:
    """Say that alarms roll back again, but not those that fired meanwhile."""
    return _announcement(
        events.UNMUTED,
        f"{service}: alarms roll back again, by {by}",
        [
            f"{service}: unmuted by {by}: {reason}.",
            "",
            f"who:  {_who(by)}",
            f"call: {call.said(service)}",
            "",
            "Look at the dashboard: an alarm that is in ALARM now will NOT alert you again unless it "
            "changes state.",
        ],
        by=by,
        reason=reason,
    )


def of_lost_event(service: str, event: str, why: str) -> Announcement:
    """Say that what hangs on EventBridge was not told."""
    return _announcement(
        event,
        f"{service}: the event '{event}' was NOT SENT",
        [
            f"{service}: EventBridge did not take the event '{event}': {why}",
            "",
            "Whom a rule on it would page has not been paged. The message before this says what happened.",
        ],
    )


def _announcement(event: str, subject: str, body: Sequence[str], **facts: Any) -> Announcement:
    ascii_ = subject.encode("ascii", "replace").decode()
    plain = "".join(letter if letter.isprintable() else " " for letter in ascii_)
    return Announcement(
        plain[:SUBJECT_LENGTH],
        "\n".join(shown(line, LINE_LENGTH) for line in body),
        event,
        facts,
    )


def _who(by: str) -> str:
    """Return a name with what it is worth."""
    if by.startswith(ALARM):
        return by
    return f"{by} (as typed, not proven: the runbook's chapter 'Who was it?')"


def _call(service: str, alias: str, payload: str) -> str:
    return (
        f"  aws lambda invoke --region us-east-1 --function-name {service}-rollback:{alias} "
        f"--cli-binary-format raw-in-base64-out --payload '{payload}' /dev/stdout"
    )


def _see(service: str) -> list[str]:
    return ["", "To see it happen:", f"  {watch_with(service)}", f"  {dashboard_of(service)}"]


def _mute(mute: Mute) -> str:
    return f"until {mute.until:%Y-%m-%d %H:%M} UTC, by {mute.by}: {mute.reason}"


def _at_the_doors(outcomes: Sequence[Outcome], wanted: SwitchState) -> str:
    """Say it in one line: THROWN at edge and dns, or THROWN at dns, FAILED at edge."""
    came = {
        wanted.state.upper(): [outcome.door for outcome in outcomes if not outcome.error],
        "FAILED": [outcome.door for outcome in outcomes if outcome.error],
    }
    return ", ".join(f"{what} at {' and '.join(doors)}" for what, doors in came.items() if doors)


def _became(outcome: Outcome, wanted: SwitchState) -> str:
    if outcome.error:
        return f"FAILED: {outcome.error}"
    return wanted.state if outcome.changed else f"was {wanted.state} already"
