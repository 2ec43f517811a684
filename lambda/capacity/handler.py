"""Releases what the gate reserved: each minute if it is due, and when the stack or the declaration goes."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from capacity.settings import Settings
from shared import people
from shared.aws import READS, clients
from shared.capacity import ours as held
from shared.capacity.due import Seen, due
from shared.capacity.ours import Ours
from shared.capacity.release import ReleaseError, release
from shared.capacity.settings import Place
from shared.cloudformation_answer import answer
from shared.doors.patience import DoorError, patiently
from shared.metrics import own
from shared.properties import text
from shared.settings import read
from shared.watch.hours import hours_at_full_weight
from shared.watch.look import last_whole_hour, look_at_doors

NOW_MINUTES: Final = 15
"""A door's weight counts for so long: the observer publishes it each minute."""
ABOUT: Final = "Capacity"
"""What a chat's message is about."""

_client = clients(READS)

logger = logging.getLogger("capacity")
logger.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Answer CloudFormation, or look whether the reservation is needed any more.

    Raises
    ------
    PropertyError
        When there is a request, and nobody to answer.
    ReleaseError, DoorError
        When it is due and cannot be released, or what is due cannot be told. CloudFormation is never told so:
        a deletion must not hang on it, and people are.
    """
    # Each minute's event is not looked at.
    if not isinstance(event, Mapping) or "RequestType" not in event:
        _release_if_due()
        return
    text(event, "ResponseURL")
    try:
        if event["RequestType"] == "Delete":
            _release_at_the_end()
    finally:
        answer(event, "")


def _release_if_due() -> None:
    settings, now = read(Settings, os.environ), datetime.now(UTC)
    place = settings.place()
    assert place is not None
    ours = held.read(_client("ssm"), place.parameter)
    if ours is None:
        return
    if ours.load_balancer != place.load_balancer:
        raise ReleaseError(
            f"{ours.asked[-1]} LCU are reserved on {ours.load_balancer}, which is new's load balancer no "
            f"more: take that away, and delete the parameter {place.parameter}"
        )
    seen = _seen(settings, ours, now)
    if seen.anybody and not ours.used:
        ours = replace(ours, used=True)
        held.write(_client("ssm"), place.parameter, ours)
    why = due(ours, seen, settings.watch_hours, now)
    if not why:
        return
    elbv2 = _client("elbv2", place.region)
    done = release(elbv2, _client("ssm"), place, ours, now)
    logger.info("released" if done else "not yet", extra={"because": why, "done": done})
    if done:
        people.tell(_client, settings, f"{settings.service}: {done}", f"{done}: {why}.", ABOUT)


def _release_at_the_end() -> None:
    """Release without asking whether it is due: nobody will look any more."""
    try:
        settings = read(Settings, os.environ)
        place = settings.place()
        assert place is not None
        why = _at_once(place)
        if why:
            people.tell(
                _client,
                settings,
                f"{settings.service}: a reservation is NOT RELEASED",
                "Load balancer capacity may stay reserved on new, and nothing will release it any more: "
                f"{why}. It is paid by the hour. Look with aws elbv2 describe-capacity-reservation, and "
                f"release it by hand: {place.by_hand}",
                ABOUT,
            )
    except Exception:
        # Whatever it is: a deletion must not hang on it.
        logger.exception("the reservation could not be looked at")


def _at_once(place: Place) -> str:
    """Release, and return why it could not be done, or nothing."""
    try:
        ours = held.read(_client("ssm"), place.parameter)
        if ours is None:
            return ""
        done = release(
            _client("elbv2", place.region), _client("ssm"), place, ours, datetime.now(UTC)
        )
    except (ReleaseError, DoorError) as error:
        return f"{error}"
    logger.info("the end", extra={"done": done})
    return "" if done else "AWS is still at an earlier request"


def _seen(settings: Settings, ours: Ours, now: datetime) -> Seen:
    cloudwatch = _client("cloudwatch")
    queries = [
        own("DeclaredWeight", settings.service, door).query(f"weight_{door}")
        for door in settings.doors
    ]
    answered = patiently(
        lambda: cloudwatch.get_metric_data(
            MetricDataQueries=queries,
            StartTime=now - timedelta(minutes=NOW_MINUTES),
            EndTime=now,
            ScanBy="TimestampDescending",
        )
    )
    weights = {
        result["Id"].removeprefix("weight_"): float(result["Values"][0])
        for result in answered["MetricDataResults"]
        if result["Values"]
    }
    seen = Seen(weights)
    watched = timedelta(hours=settings.watch_hours)
    # The watch can be over only after its hours, so until then nobody asks.
    if not seen.everybody or now - ours.since < watched:
        return seen
    at_doors = look_at_doors(
        cloudwatch,
        settings.service,
        settings.doors,
        last_whole_hour(now),
        settings.watch_hours,
    )
    return Seen(weights, hours_at_full_weight(at_doors))
