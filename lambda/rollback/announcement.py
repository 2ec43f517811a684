"""What people are told, in words that do at 3 a.m."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rollback.decide import Muted, OldIsDown, PastReturn
from rollback.doors import Outcome
from rollback.request import Alarm
from shared.doors.mute import Mute
from shared.doors.switch import SwitchState

SUBJECT_LENGTH: Final = 100
"""SNS takes a subject of ASCII text shorter than this many characters plus one (SNS API reference,
Publish)."""

SAID: Final = '"by":"YOU","reason":"WHY"'


@dataclass(frozen=True)
class Announcement:
    """A subject and a text, as SNS takes them."""

    subject: str
    body: str


def of_switch(
    service: str, wanted: SwitchState, outcomes: Sequence[Outcome], findings: Sequence[str] = ()
) -> Announcement:
    """Say that the switch was thrown or released: who, why, when, what became of each door, what was
    found out about old, and what to do next."""
    failed = ", ".join(outcome.door for outcome in outcomes if outcome.error)
    if wanted.thrown:
        what = f"ROLLBACK FAILED at {failed}" if failed else "ROLLED BACK to old"
        next_steps = [
            "All traffic goes to old until somebody releases the switch. No weight was changed: "
            "cdk diff stays true.",
            "To look:",
            _call(service, '{"action":"status"}'),
            "To release, once it is mended and its alarms are OK (the declared weight then holds at once):",
            _call(service, f'{{"action":"release",{SAID}}}'),
        ]
    else:
        what = f"RELEASE FAILED at {failed}" if failed else "released"
        next_steps = [
            "The declared weight holds again. To go back:",
            _call(service, f'{{"action":"roll_back",{SAID}}}'),
        ]
    body = [
        f"{service}: the switch is to be {wanted.state}",
        "",
        f"who:  {wanted.by}",
        f"why:  {wanted.reason or 'no reason given'}",
        f"when: {wanted.at}",
        "",
        *([*findings, ""] if findings else []),
        "doors:",
        *[f"  {outcome.door}: {_became(outcome, wanted)}" for outcome in outcomes],
        "",
        *next_steps,
    ]
    return _announcement(f"{service}: {what} by {wanted.by}", body)


def of_call(
    service: str, alarm: Alarm, decision: OldIsDown | PastReturn, findings: Sequence[str]
) -> Announcement:
    """Call a person: an alarm fired, and nothing was done about it."""
    if isinstance(decision, OldIsDown):
        subject = f"{service}: NOT ROLLED BACK: old is down. CALL A PERSON ({alarm.name})"
        why = f"Old is known to be down ({decision.why}), so sending everybody there would be the outage."
        extra = ""
    else:
        subject = f"CALL A PERSON: {service} fails past the point of no return ({alarm.name})"
        why = f"The point of no return is passed: {decision.point}."
        extra = ',"past_point_of_no_return":true'
    return _announcement(
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
            "New goes on serving the declared weight, and the alarm will not call again unless it "
            "changes. To look:",
            _call(service, '{"action":"status"}'),
            "To send everybody to old all the same:",
            _call(service, f'{{"action":"roll_back",{SAID}{extra}}}'),
        ],
    )


def of_muted_alarm(service: str, alarm: Alarm, decision: Muted) -> Announcement:
    """Say what an alarm would have done."""
    return _announcement(
        f"{service}: muted, would {decision.would} ({alarm.name})",
        [
            f"{service}: alarm {alarm.name} fired and is muted: it would {decision.would}.",
            "",
            f"says: {alarm.reason or 'no reason given'}",
            f"mute: {_mute(decision.mute)}",
            "",
            "The alarm will not call again unless it changes. To roll back by hand:",
            _call(service, f'{{"action":"roll_back",{SAID}}}'),
            "To unmute:",
            _call(service, f'{{"action":"unmute",{SAID}}}'),
        ],
    )


def of_mute(service: str, mute: Mute) -> Announcement:
    """Say that alarms do not roll back for a while."""
    return _announcement(
        f"{service}: alarms are MUTED until {mute.until:%H:%M} UTC by {mute.by}",
        [
            f"{service}: no alarm rolls back by itself {_mute(mute)}. A person's roll_back works.",
            "",
            "To unmute:",
            _call(service, f'{{"action":"unmute",{SAID}}}'),
        ],
    )


def of_unmute(service: str, by: str, reason: str) -> Announcement:
    """Say that alarms roll back again, but not those that fired meanwhile."""
    return _announcement(
        f"{service}: alarms roll back again, by {by}",
        [
            f"{service}: unmuted by {by}: {reason}.",
            "",
            "An alarm that is in ALARM by now will not call again unless it changes: look at the dashboard.",
        ],
    )


def _announcement(subject: str, body: Sequence[str]) -> Announcement:
    plain = subject.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
    return Announcement(plain[:SUBJECT_LENGTH], "\n".join(body))


def _call(service: str, payload: str) -> str:
    return (
        f"  aws lambda invoke --region us-east-1 --function-name {service}-rollback "
        f"--cli-binary-format raw-in-base64-out --payload '{payload}' /dev/stdout"
    )


def _mute(mute: Mute) -> str:
    return f"until {mute.until:%Y-%m-%d %H:%M} UTC, by {mute.by}: {mute.reason}"


def _became(outcome: Outcome, wanted: SwitchState) -> str:
    if outcome.error:
        return f"FAILED, it will be tried again: {outcome.error}"
    return wanted.state if outcome.changed else f"{wanted.state} already"
