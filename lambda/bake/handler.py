"""Watches this cutover's alarms for some minutes after a rise; CloudFormation puts the weights back when
it fails.

The CDK Provider framework calls `on_event` once and then `is_complete` every few seconds, each time with
the event merged with what `on_event` returned: that is all the memory there is between two calls.

IAM: cloudwatch:DescribeAlarms and DescribeAlarmHistory on `*`, cloudfront-keyvaluestore:DescribeKeyValueStore
and GetKey on the store, route53:GetHealthCheck on the switch, cloudformation:DescribeStacks on the Traffic
stack.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bake import look, verdict
from bake.request import Request, request_in
from shared.alarms.state import alarm_states
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.settings import required

STARTED_AT: Final = "BakeStartedAt"
NO_NEED: Final = "BakeNotNeeded"

# One look at hung APIs must end before the function does: the next one asks again anyway.
CLIENT_CONFIG: Final = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1}
)

logger = logging.getLogger("bake")
logger.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer either of the framework's two questions; only the second carries a start."""
    return is_complete(event) if STARTED_AT in event else on_event(event)


def on_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return when the bake starts, in seconds since 1970 by this function's clock, and why there is
    nothing to watch, if so. The physical id never changes: nothing is ever replaced.

    Raises
    ------
    ValueError
        When a rise is asked for that makes no sense.
    """
    no_need = _no_need(event)
    logger.info("no bake" if no_need else "the bake starts", extra={"why": no_need})
    return {
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        STARTED_AT: time.time(),
        NO_NEED: no_need,
    }


def is_complete(event: Mapping[str, Any]) -> dict[str, bool]:
    """Return whether the promotion is through.

    Raises
    ------
    BakeError
        When new did not pass, with the sentence for people.
    """
    # Somebody may have cancelled the update: what is put back needs no watching.
    if event[NO_NEED] or _is_rolling_back(event["StackId"]):
        return {"IsComplete": True}
    request = request_in(event)
    # Two machines' clocks may differ by a moment.
    elapsed = max(0.0, time.time() - float(event[STARTED_AT]))
    seen = _look(request, float(event[STARTED_AT]), back=verdict.is_over(request, elapsed))
    logger.info(
        "looked",
        extra={"elapsed": round(elapsed), "against": seen.against, "unseen": seen.unseen},
    )
    return {"IsComplete": verdict.passed(request, elapsed, seen)}


def _no_need(event: Mapping[str, Any]) -> str:
    if event["RequestType"] == "Delete":
        return "the stack no longer bakes"
    no_need = request_in(event).no_need()
    if not no_need and _is_rolling_back(event["StackId"]):
        return "CloudFormation is putting things back"
    return no_need


def _look(request: Request, started_at: float, *, back: bool) -> look.Look:
    states = alarm_states(request.alarms, _cloudwatch)
    seen = look.at_alarms(states) + look.at_switches(_doors())
    if back and not seen.against:
        seen += look.back(states, datetime.fromtimestamp(int(started_at), UTC), _cloudwatch)
    return seen


def _is_rolling_back(stack_id: str) -> bool:
    try:
        (stack,) = _client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    except (ClientError, BotoCoreError):
        logger.exception("the stack's state cannot be read; taken as an ordinary deploy")
        return False
    return "ROLLBACK" in str(stack["StackStatus"])


def _doors() -> list[EdgeDoor | DnsDoor]:
    doors: list[EdgeDoor | DnsDoor] = [
        EdgeDoor(_client("cloudfront-keyvaluestore"), required(os.environ, "KVS_ARN"))
    ]
    check_id = os.environ.get("SWITCH_HEALTH_CHECK_ID")
    if check_id:
        doors.append(DnsDoor(_client("route53"), check_id))
    return doors


def _cloudwatch(region: str) -> Any:
    return _client("cloudwatch", region)


@cache
def _client(service: str, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region, config=CLIENT_CONFIG)  # type: ignore[call-overload]
