"""Carries a decision out: moves traffic first, then stores the evidence, then tells people."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from rollback import announcement, clock
from rollback import settings as rollback_settings
from rollback.announcement import Announcement
from rollback.call import Call
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
from rollback.doors import Outcome, bring_to
from rollback.evidence import Place, keep
from rollback.health import Health
from rollback.judge_said import judge_said
from rollback.readings import Readings
from rollback.request import Alarm, Release, RollBack
from rollback.settings import Settings
from shared import events, people
from shared.doors.switch import State, SwitchState

logger = logging.getLogger("rollback")


class RollbackError(Exception):
    """A door could not be switched, or no person could be told. Lambda repeats an asynchronous call."""


def carry_out(
    decision: Decision,
    settings: Settings,
    request: Alarm | RollBack | Release,
    call: Call,
    seen: Readings,
    health: Health,
) -> dict[str, Any]:
    """Do what was decided about `request` (made by `call`) and return the answer to it.

    Raises
    ------
    RollbackError
        When a door failed, after every door was tried and people were told; or when nothing was done
        and nobody could be told so.
    """
    match decision:
        case Throw():
            return _throw(settings, request, call, seen, health)
        case LetNewServe():
            return _release(settings, request, call)
        case Already():
            doors = dict.fromkeys(seen.doors, "already so")
            return {"service": settings.service, "state": "thrown", "doors": doors, "told": False}
        case Muted() if isinstance(request, Alarm):
            told = tell(settings, announcement.of_muted_alarm(settings.service, request, decision))
            why = f"muted by {decision.mute.by}: it would {decision.would}"
            return _nothing(settings, request, why) | {"told": told}
        case OldIsDown() | PastReturn() if isinstance(request, Alarm):
            return _call_a_person(settings, request, call, decision, seen, health)
        case StandDown() | Refuse():
            return _hold_back(settings, request, decision)
        case _:
            raise AssertionError(f"{decision} answers no {request}")


def _hold_back(
    settings: Settings, request: Alarm | RollBack | Release, decision: StandDown | Refuse
) -> dict[str, Any]:
    answer = _nothing(settings, request, decision.why)
    if isinstance(decision, Refuse) or not isinstance(request, Alarm):
        return answer | {"error": decision.why}
    told = tell(settings, announcement.of_stand_down(settings.service, request, decision))
    return answer | {"told": told}


def _nothing(settings: Settings, request: Alarm | RollBack | Release, why: str) -> dict[str, Any]:
    logger.warning("nothing was done", extra={"by": request.by, "why": why})
    return {"service": settings.service, "did": "nothing", "why": why}


def _throw(
    settings: Settings,
    request: Alarm | RollBack | Release,
    call: Call,
    seen: Readings,
    health: Health,
) -> dict[str, Any]:
    wanted, outcomes = _bring(settings, "thrown", request, call)
    answer: dict[str, Any] = {
        "service": settings.service,
        "state": wanted.state,
        "doors": {outcome.door: _word(outcome) for outcome in outcomes},
        "old": str(health),
        "warnings": health.warnings,
        "told": False,
        "request": call.request_id,
    }
    if any(outcome.changed or outcome.error for outcome in outcomes):
        did = {"did": "rolled back", "doors": [vars(outcome) for outcome in outcomes]}
        place = keep(settings, request, call, seen, health, did, clock.now())
        findings = _findings(health, seen, place)
        answer["told"] = tell(
            settings,
            announcement.of_switch(
                settings.service,
                wanted,
                outcomes,
                call,
                findings,
                evidence=place.uri if place else None,
            ),
        )
        answer["evidence"] = place.uri if place else None
    _raise_for(outcomes)
    return answer


def _release(settings: Settings, request: Alarm | RollBack | Release, call: Call) -> dict[str, Any]:
    wanted, outcomes = _bring(settings, "released", request, call)
    told = False
    if any(outcome.changed or outcome.error for outcome in outcomes):
        told = tell(settings, announcement.of_switch(settings.service, wanted, outcomes, call))
    _raise_for(outcomes)
    return {
        "service": settings.service,
        "state": wanted.state,
        "doors": {outcome.door: _word(outcome) for outcome in outcomes},
        "told": told,
        "request": call.request_id,
    }


def _bring(
    settings: Settings, state: State, request: Alarm | RollBack | Release, call: Call
) -> tuple[SwitchState, list[Outcome]]:
    # To the millisecond: two deliveries of one alarm are told apart by it.
    at = clock.now().isoformat(timespec="milliseconds")
    wanted = SwitchState(state, request.by, request.reason, at)
    outcomes = bring_to(settings.doors(rollback_settings.client), wanted)
    logger.log(
        logging.ERROR if any(outcome.error for outcome in outcomes) else logging.INFO,
        wanted.state,
        extra={
            "service": settings.service,
            "by": wanted.by,
            "reason": wanted.reason,
            "call": call.to_dict(),
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
    settings: Settings,
    alarm: Alarm,
    call: Call,
    decision: OldIsDown | PastReturn,
    seen: Readings,
    health: Health,
) -> dict[str, Any]:
    why = (
        f"old is down: {decision.why}"
        if isinstance(decision, OldIsDown)
        else f"past the point of no return: {decision.point}"
    )
    did = {"did": "nothing", "why": why}
    place = keep(settings, alarm, call, seen, health, did, clock.now())
    findings = _findings(health, seen, place)
    told = announcement.of_call(
        settings.service, alarm, decision, findings, evidence=place.uri if place else None
    )
    if not tell(settings, told):
        raise RollbackError(f"not rolled back ({why}), and nobody could be told")
    return _nothing(settings, alarm, why) | {
        "old": str(health),
        "told": True,
        "evidence": place.uri if place else None,
    }


def _findings(health: Health, seen: Readings, place: Place | None) -> list[str]:
    judged = judge_said(seen.series, clock.now())
    kept = (
        [f"evidence: {place.uri}", f"  {place.console}"] if place else ["evidence: none was kept"]
    )
    warnings = [f"WARNING: {warning}" for warning in health.warnings]
    return [str(health), *warnings, *([judged] if judged else []), *kept]


def tell(settings: Settings, told: Announcement) -> bool:
    """Announce it, and send it as an event. Return whether people were told.

    A failure is logged as an error and causes no second rollback; that an event was not sent is told to
    people.
    """
    client = rollback_settings.client
    was_told = people.tell(client, settings, told.subject, told.body, told.event)
    event = events.entry(
        told.event, settings.service, clock.now(), told.subject, told.body, **told.facts
    )
    if why := events.send(client, event):
        logger.error("the event was not sent", extra={"event": told.event, "why": why})
        lost = announcement.of_lost_event(settings.service, told.event, why)
        people.announce(client, settings, lost.subject, lost.body)
    return was_told
