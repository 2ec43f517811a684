"""Watches this cutover's alarms for some minutes after a rise. If it fails, CloudFormation puts the weights
back.

The CDK Provider framework calls `on_event` once and then `is_complete` every few seconds, each time with
the event merged with what `on_event` returned: that is all the memory there is between two calls.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bake import live, objections, verdict
from bake.request import UNWATCHED, Request, parse
from bake.settings import Settings
from shared import events, people
from shared.alarms.state import alarm_states
from shared.aws import ONE_TRY, clients
from shared.hooks.asked import Asked, token_of
from shared.hooks.hook import client_for as _hook_client
from shared.promotion.rolling_back import is_rolling_back
from shared.properties import part, seconds, text
from shared.settings import read

ASKED_AT: Final = "BakeAskedAt"
STARTED_AT: Final = "BakeStartedAt"
NO_NEED: Final = "BakeNotNeeded"
LIVE: Final = "Live"

# A look at hung APIs must end before the function does.
_client = clients(ONE_TRY)

logger = logging.getLogger("bake")
logger.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer either of the framework's two questions; only the second has a start in it."""
    part(event, "RequestType")
    return is_complete(event) if STARTED_AT in event else on_event(event)


def on_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """Wait until the weight is at every edge location, and return when the bake starts, in seconds since
    1970 by this function's clock, and, if so, why there is nothing to watch. The physical id never changes,
    so nothing is ever replaced. `Data` is what CloudFormation is told in the end.

    Raises
    ------
    ValueError
        When the request makes no sense.
    """
    asked_at = time.time()
    no_need = _no_need(event)
    told = "" if no_need else _until_live(event, asked_at)
    _send_shift(event)
    _tell_the_hook(event)
    logger.info("no bake" if no_need else "the bake starts", extra={"why": no_need, "live": told})
    return {
        "PhysicalResourceId": event.get("PhysicalResourceId") or part(event, "LogicalResourceId"),
        ASKED_AT: asked_at,
        STARTED_AT: time.time(),
        NO_NEED: no_need,
        "Data": {LIVE: told},
    }


def is_complete(event: Mapping[str, Any]) -> dict[str, bool]:
    """Return whether the promotion is complete.

    Raises
    ------
    BakeError
        When new did not pass, with the sentence for people.
    """
    # A person may have cancelled the update: what is put back needs no watching.
    no_need = part(event, NO_NEED)
    if no_need or _is_put_back(event):
        if no_need == UNWATCHED and not _is_put_back(event):
            _ask_the_hook(event)
        return {"IsComplete": True}
    request = parse(event)
    # Two machines' clocks may differ by a moment.
    elapsed = max(0.0, time.time() - seconds(event, STARTED_AT))
    seen = _look(request, seconds(event, ASKED_AT), back=verdict.is_over(request, elapsed))
    told = text(part(event, "Data"), LIVE)
    logger.info(
        "looked",
        extra={
            "elapsed": round(elapsed),
            "against": seen.against,
            "unseen": seen.unseen,
            "live": told,
        },
    )
    try:
        is_passed = verdict.passed(request, elapsed, seen, told)
    except verdict.BakeError as error:
        _send(events.BAKE_FAILED, request, "the bake failed", str(error), reason=str(error))
        raise
    if is_passed:
        _send(events.BAKE_PASSED, request, f"the bake of {request.minutes} min is passed")
        _ask_the_hook(event)
    return {"IsComplete": is_passed}


def _send_shift(event: Mapping[str, Any]) -> None:
    """Tell that viewers meet another weight; not when a stack goes, or when things are put back."""
    try:
        if event["RequestType"] == "Delete" or _is_put_back(event):
            return
        request = parse(event)
        if request.change.before != request.change.after:
            _send(events.WEIGHT_SHIFTED, request, "the weight has moved")
    except Exception:
        # Whatever it is: the weight has moved, and only the telling of it failed.
        logger.exception("it was not told that the weight has moved")


def _ask_the_hook(event: Mapping[str, Any]) -> None:
    """Ask the hook after a rise that stays, and wait for its answer; the rise does not depend on it."""
    try:
        settings = read(Settings, os.environ)
        hook = settings.hook()
        if hook is not None:
            asked = _asked(settings, event, hook.seconds, put_back=False)
            _say_of_the_hook(settings, asked, hook.arn, hook.ask(asked, clients=_hook_client))
    except Exception:
        # Whatever it is: the weight has moved, and the deploy is good.
        logger.exception("the hook was not called")


def _tell_the_hook(event: Mapping[str, Any]) -> None:
    """Tell the hook of a weight that fell or is put back, and wait for nothing: it may be an emergency."""
    try:
        settings = read(Settings, os.environ)
        hook = settings.hook()
        if hook is None or event["RequestType"] == "Delete":
            return
        change, put_back = parse(event).change, _is_put_back(event)
        if change.before == change.after or (change.rises and not put_back):
            return
        asked = _asked(settings, event, 0, put_back=put_back)
        _say_of_the_hook(settings, asked, hook.arn, hook.tell(asked, clients=_hook_client))
    except Exception:
        # Whatever it is: nothing may stand in the way of a fall.
        logger.exception("the hook was not told")


def _asked(settings: Settings, event: Mapping[str, Any], seconds: int, *, put_back: bool) -> Asked:
    return Asked(
        when="after",
        service=settings.service,
        token=token_of(event, "after"),
        change=parse(event).change,
        put_back=put_back,
        answer_by=datetime.fromtimestamp(time.time() + seconds, UTC),
    )


def _say_of_the_hook(settings: Settings, asked: Asked, arn: str, why: str) -> None:
    """Tell people that a hook did not do its part."""
    logger.info("hook", extra={"hook": arn, "against": why})
    if not why:
        return
    service, change = settings.service, asked.change
    says = f"{service}: the hook after {change.said} FAILED"
    text = (
        f"The hook {arn} of {service} did not do its part after {change.said}: {why}. The weight stays as it "
        "is. Do by hand what the hook should have done, or "
        "lower the weight."
    )
    weight = {"before": change.before, "after": change.after}
    event = events.entry(
        events.HOOK_FAILED, service, datetime.now(UTC), says, text, reason=why, weight=weight
    )
    if lost := events.send(_client, event):
        logger.error("the event was not sent", extra={"event": events.HOOK_FAILED, "why": lost})
        text += f"\n\nThe event '{events.HOOK_FAILED}' was NOT SENT to EventBridge: {lost}"
    people.tell(_client, settings, says, text, events.HOOK_FAILED)


def _send(detail_type: str, request: Request, says: str, text: str = "", **facts: Any) -> None:
    """Send an event. A bake neither waits for it nor fails for it."""
    service = read(Settings, os.environ).service
    change = request.change
    event = events.entry(
        detail_type,
        service,
        datetime.now(UTC),
        f"{service}: {says}: {change.said}",
        text,
        weight={"before": change.before, "after": change.after},
        **facts,
    )
    if why := events.send(_client, event):
        logger.error("the event was not sent", extra={"event": detail_type, "why": why})


def _until_live(event: Mapping[str, Any], asked_at: float) -> str:
    request = parse(event)
    if not request.distribution_id:
        return ""
    cloudfront = _client("cloudfront")
    return live.wait_until_live(
        lambda: live.status_of(cloudfront, request.distribution_id),
        # What speaks against new must not wait until everybody has met new.
        lambda: _is_put_back(event) or bool(_look(request, asked_at, back=False).against),
        request.longest_wait,
        clock=time.time,
        sleep=time.sleep,
    )


def _is_put_back(event: Mapping[str, Any]) -> bool:
    return is_rolling_back(_client("cloudformation"), text(event, "StackId"))


def _no_need(event: Mapping[str, Any]) -> str:
    if event["RequestType"] == "Delete":
        return "the stack no longer bakes"
    no_need = parse(event).no_need()
    if not no_need and _is_put_back(event):
        return "CloudFormation is putting things back"
    return no_need


def _look(request: Request, since: float, *, back: bool) -> objections.Objections:
    doors = read(Settings, os.environ).doors(_client)
    states = alarm_states(request.alarms, _cloudwatch)
    seen = objections.at_alarms(states) + objections.at_switches(doors)
    if back and not seen.against:
        seen += objections.back(states, datetime.fromtimestamp(int(since), UTC), _cloudwatch)
    return seen


def _cloudwatch(region: str) -> Any:
    return _client("cloudwatch", region)
