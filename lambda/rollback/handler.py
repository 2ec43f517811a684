"""Throws, releases and reads the switch, and mutes alarms; asked by alarms, by SNS and by people."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from rollback import announcement, clock
from rollback import settings as rollback_settings
from rollback.alarm_now import AlarmNow, alarm_now
from rollback.call import Call, call_of
from rollback.carry_out import carry_out, tell
from rollback.decide import Situation, Wait, decide
from rollback.health import Health, judge
from rollback.readings import Readings, take
from rollback.request import (
    Alarm,
    MuteFor,
    Nothing,
    Release,
    RequestError,
    RollBack,
    Status,
    Unmute,
    parse,
)
from rollback.settings import Settings
from shared.alarms.description import described
from shared.doors.mute import MUTE_KEY, Mute
from shared.doors.patience import DoorError
from shared.probes import Probes
from shared.settings import read
from shared.widget_form.answer import page
from shared.widget_form.pressed import as_request, is_click

STEP_SECONDS: Final = 5.0
"""While it waits, the function checks this often whether a person has acted."""

logger = logging.getLogger("rollback")
logger.setLevel(logging.INFO)


def handler(event: object, context: object) -> dict[str, Any] | str:
    """Do what `event` asks and return the result; for a button of the dashboard, as a page.

    A request that makes no sense, or does not belong to the alias that was called, gets a sentence as its
    answer and changes nothing.

    Raises
    ------
    RollbackError
        When a door failed, after every door was tried and people were told; or when nothing was done
        and nobody could be told. It is safe to ask again.
    """
    if isinstance(event, Mapping) and is_click(event):
        return page(_answer(call_of(as_request(event), context)))
    return _answer(call_of(event, context))


def _answer(call: Call) -> dict[str, Any]:
    settings = read(Settings, os.environ)
    service = settings.service
    try:
        request = parse(call.asked)
    except RequestError as error:
        return _refuse(service, call, str(error))
    if refusal := call.refusal(service, request):
        return _refuse(service, call, refusal)
    match request:
        case Nothing():
            return {"service": service, "did": "nothing", "why": request.why}
        case Status():
            return _status(settings)
        case MuteFor() | Unmute():
            return _set_mute(settings, request, call)
        case _:
            return _decide_and_act(settings, request, call)


def _refuse(service: str, call: Call, why: str) -> dict[str, Any]:
    logger.warning("refused", extra={"refusal": why, "call": call.to_dict()})
    return {"service": service, "error": why}


def _decide_and_act(
    settings: Settings, request: Alarm | RollBack | Release, call: Call
) -> dict[str, Any]:
    began = clock.now()
    seen, situation = _look(settings, request)
    decision = decide(request, situation)
    while isinstance(decision, Wait):
        left = (decision.until - situation.now).total_seconds()
        logger.info("waiting", extra={"seconds": left, "by": request.by})
        clock.sleep(min(left, STEP_SECONDS))
        seen, situation = _look(settings, request, began)
        decision = decide(request, situation)
    return carry_out(decision, settings, request, call, seen, situation.health)


def _look(
    settings: Settings,
    asking: Alarm | RollBack | Release | None = None,
    began: datetime | None = None,
) -> tuple[Readings, Situation]:
    """Return what is known now; if `asking` is an alarm, its present state too."""
    now = clock.now()
    alarm = None
    if isinstance(asking, Alarm) and asking.region:
        alarm = partial(_alarm_now, asking)
    seen = take(
        settings.doors(rollback_settings.client),
        partial(settings.store(rollback_settings.client).get, MUTE_KEY),
        settings.metrics(now),
        alarm,
        now,
    )
    cool_down = settings.cool_down
    return seen, Situation(
        now=now,
        doors=seen.states,
        health=_health(seen, now, settings.probes),
        mute=seen.mute,
        point_of_no_return=settings.passed_point(now),
        cool_down=cool_down,
        alarm=seen.alarm,
        waited_out=began is not None and now - began >= cool_down,
    )


def _alarm_now(alarm: Alarm) -> AlarmNow:
    cloudwatch = rollback_settings.client("cloudwatch", alarm.region)
    return alarm_now(described(cloudwatch, [alarm.name]).get(alarm.name, {}))


def _health(seen: Readings, now: datetime, probes: Probes) -> Health:
    try:
        return judge(seen.series, now, probes)
    except Exception:
        # An unexpected answer must not stop the rollback.
        logger.exception("old's health cannot be judged")
        return Health()


def _set_mute(settings: Settings, request: MuteFor | Unmute, call: Call) -> dict[str, Any]:
    service = settings.service
    now = clock.now()
    minutes = request.minutes if isinstance(request, MuteFor) else 0
    mute = Mute(now + timedelta(minutes=minutes), request.by, request.reason, now)
    try:
        settings.store(rollback_settings.client).put(MUTE_KEY, mute.to_value())
    except DoorError as error:
        logger.exception("the mute could not be written")
        return {"service": service, "error": f"the mute could not be written: {error}"}
    logger.info(
        "mute",
        extra={
            "service": service,
            "minutes": minutes,
            "by": request.by,
            "reason": request.reason,
            "call": call.to_dict(),
        },
    )
    if isinstance(request, MuteFor):
        told = tell(settings, announcement.of_mute(service, mute, call))
        return {
            "service": service,
            "mute": mute.to_dict(),
            "told": told,
            "request": call.request_id,
        }
    told = tell(settings, announcement.of_unmute(service, request.by, request.reason, call))
    return {"service": service, "mute": None, "told": told, "request": call.request_id}


def _status(settings: Settings) -> dict[str, Any]:
    seen, situation = _look(settings)
    point = situation.point_of_no_return
    return {
        "service": settings.service,
        "doors": seen.shown(),
        "mute": seen.mute.to_dict() if seen.mute else None,
        "point_of_no_return": vars(point) if point else None,
        "old": situation.health.to_dict(),
        "unread": dict(seen.unread),
    }
