"""Carries a decision out: traffic first, then the evidence, then the telling."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rollback import announcement, clock, configured
from rollback.act import Outcome, bring_to
from rollback.announcement import Announcement
from rollback.decide import (
    Already,
    Decision,
    LetNewServe,
    Muted,
    OldIsDown,
    PastReturn,
    Refuse,
    StandDown,
    Throw,
)
from rollback.evidence import Place
from rollback.health import Health
from rollback.keep import keep
from rollback.look import Seen
from rollback.requests import Alarm, Release, RollBack
from shared.doors.settings import required
from shared.doors.switch import State, SwitchState

logger = logging.getLogger("rollback")


class RollbackError(Exception):
    """A door could not be brought to what was asked, or nobody could be called; Lambda tries an
    asynchronous call again."""


def carry_out(
    decision: Decision,
    service: str,
    request: Alarm | RollBack | Release,
    event: object,
    seen: Seen,
    health: Health,
) -> dict[str, Any]:
    """Do what was decided about `request` (made by `event`) and return the answer to it.

    Raises
    ------
    RollbackError
        When a door failed, after every door was tried and people were told; or when nothing was done
        and nobody could be told so.
    """
    match decision:
        case Throw():
            return _throw(service, request, event, seen, health)
        case LetNewServe():
            return _release(service, request)
        case Already():
            doors = dict.fromkeys(seen.doors, "already so")
            return {"service": service, "state": "thrown", "doors": doors, "told": False}
        case Muted() if isinstance(request, Alarm):
            told = tell(announcement.of_muted_alarm(service, request, decision))
            why = f"muted by {decision.mute.by}: it would {decision.would}"
            return _nothing(service, request, why) | {"told": told}
        case OldIsDown() | PastReturn() if isinstance(request, Alarm):
            return _call_a_person(service, request, event, decision, seen, health)
        case StandDown() | Refuse():
            answer = _nothing(service, request, decision.why)
            return answer | ({"error": decision.why} if isinstance(decision, Refuse) else {})
        case _:
            raise AssertionError(f"{decision} answers no {request}")


def _nothing(service: str, request: Alarm | RollBack | Release, why: str) -> dict[str, Any]:
    logger.warning("nothing was done", extra={"by": request.by, "why": why})
    return {"service": service, "did": "nothing", "why": why}


def _throw(
    service: str,
    request: Alarm | RollBack | Release,
    event: object,
    seen: Seen,
    health: Health,
) -> dict[str, Any]:
    wanted, outcomes = _bring(service, "thrown", request)
    answer: dict[str, Any] = {
        "service": service,
        "state": wanted.state,
        "doors": {outcome.door: _word(outcome) for outcome in outcomes},
        "old": str(health),
        "warnings": health.warnings,
        "told": False,
    }
    if any(outcome.changed or outcome.error for outcome in outcomes):
        did = {"did": "rolled back", "doors": [vars(outcome) for outcome in outcomes]}
        place = keep(service, request, event, seen, health, did, clock.now())
        findings = _findings(health, place)
        answer["told"] = tell(announcement.of_switch(service, wanted, outcomes, findings))
        answer["evidence"] = place.uri if place else None
    _raise_for(outcomes)
    return answer


def _release(service: str, request: Alarm | RollBack | Release) -> dict[str, Any]:
    wanted, outcomes = _bring(service, "released", request)
    told = False
    if any(outcome.changed or outcome.error for outcome in outcomes):
        told = tell(announcement.of_switch(service, wanted, outcomes))
    _raise_for(outcomes)
    return {
        "service": service,
        "state": wanted.state,
        "doors": {outcome.door: _word(outcome) for outcome in outcomes},
        "told": told,
    }


def _bring(
    service: str, state: State, request: Alarm | RollBack | Release
) -> tuple[SwitchState, list[Outcome]]:
    # To the millisecond: two deliveries of one alarm are told apart by it.
    at = clock.now().isoformat(timespec="milliseconds")
    wanted = SwitchState(state, request.by, request.reason, at)
    outcomes = bring_to(configured.doors(), wanted)
    logger.log(
        logging.ERROR if any(outcome.error for outcome in outcomes) else logging.INFO,
        wanted.state,
        extra={
            "service": service,
            "by": wanted.by,
            "reason": wanted.reason,
            "doors": [vars(outcome) for outcome in outcomes],
        },
    )
    return wanted, outcomes


def _raise_for(outcomes: Sequence[Outcome]) -> None:
    failed = [f"{outcome.door}: {outcome.error}" for outcome in outcomes if outcome.error]
    if failed:
        raise RollbackError("; ".join(failed))


def _word(outcome: Outcome) -> str:
    return "written" if outcome.changed else "already so"


def _call_a_person(
    service: str,
    alarm: Alarm,
    event: object,
    decision: OldIsDown | PastReturn,
    seen: Seen,
    health: Health,
) -> dict[str, Any]:
    why = (
        f"old is down: {decision.why}"
        if isinstance(decision, OldIsDown)
        else f"past the point of no return: {decision.point}"
    )
    did = {"did": "nothing", "why": why}
    place = keep(service, alarm, event, seen, health, did, clock.now())
    findings = _findings(health, place)
    if not tell(announcement.of_call(service, alarm, decision, findings)):
        raise RollbackError(f"not rolled back ({why}), and nobody could be told")
    return _nothing(service, alarm, why) | {
        "old": str(health),
        "told": True,
        "evidence": place.uri if place else None,
    }


def _findings(health: Health, place: Place | None) -> list[str]:
    kept = (
        [f"evidence: {place.uri}", f"  {place.console}"] if place else ["evidence: none was kept"]
    )
    return [str(health), *[f"WARNING: {warning}" for warning in health.warnings], *kept]


def tell(told: Announcement) -> bool:
    """Announce it. A failure is logged as an error and raises no second rollback."""
    try:
        configured.client("sns").publish(
            TopicArn=required(os.environ, "ANNOUNCEMENTS_TOPIC_ARN"),
            Subject=told.subject,
            Message=told.body,
        )
    except (ClientError, BotoCoreError):
        logger.exception("nobody could be told")
        return False
    return True
