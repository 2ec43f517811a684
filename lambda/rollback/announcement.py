"""What people are told, in words that do at 3 a.m."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from doors.switch import SwitchState
from rollback.act import Outcome

SUBJECT_LENGTH: Final = 100
"""SNS takes a subject of ASCII text shorter than this many characters plus one (SNS API reference,
Publish)."""


def subject(service: str, wanted: SwitchState, outcomes: Sequence[Outcome]) -> str:
    """Return the subject: what happened, to which service, and whether it worked everywhere."""
    failed = [outcome.door for outcome in outcomes if outcome.error]
    if wanted.thrown:
        what = "ROLLED BACK to old" if not failed else f"ROLLBACK FAILED at {', '.join(failed)}"
    else:
        what = "released" if not failed else f"RELEASE FAILED at {', '.join(failed)}"
    text = f"{service}: {what} by {wanted.by}"
    return text.encode("ascii", "replace").decode()[:SUBJECT_LENGTH].replace("\n", " ")


def body(service: str, wanted: SwitchState, outcomes: Sequence[Outcome]) -> str:
    """Return the text: who, why, when, what became of each door, and what to do next."""
    doors = [f"  {outcome.door}: {_became(outcome, wanted)}" for outcome in outcomes]
    call = (
        f"aws lambda invoke --region us-east-1 --function-name {service}-rollback "
        "--cli-binary-format raw-in-base64-out --payload"
    )
    next_steps = (
        [
            "All traffic goes to old until somebody releases the switch. No weight was changed: "
            "cdk diff stays true.",
            "To look:",
            f"""  {call} '{{"action":"status"}}' /dev/stdout""",
            "To release, once it is mended and its alarms are OK (the declared weight then holds at once):",
            f"""  {call} '{{"action":"release","by":"YOU","reason":"WHY"}}' /dev/stdout""",
        ]
        if wanted.thrown
        else [
            "The declared weight holds again. To go back:",
            f"""  {call} '{{"action":"roll_back","by":"YOU","reason":"WHY"}}' /dev/stdout""",
        ]
    )
    return "\n".join(
        [
            f"{service}: the switch is to be {wanted.state}",
            "",
            f"who:  {wanted.by}",
            f"why:  {wanted.reason or 'no reason given'}",
            f"when: {wanted.at}",
            "",
            "doors:",
            *doors,
            "",
            *next_steps,
        ]
    )


def _became(outcome: Outcome, wanted: SwitchState) -> str:
    if outcome.error:
        return f"FAILED, it will be tried again: {outcome.error}"
    return wanted.state if outcome.changed else f"{wanted.state} already"
