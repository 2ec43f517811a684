"""Throws, releases and reads the switch; asked by alarms, by SNS and by people.

IAM: what doors.edge and doors.dns say, and sns:Publish on the announcements topic.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from doors.dns import DnsDoor
from doors.edge import EdgeDoor
from doors.patience import CLIENT_CONFIG
from doors.settings import required
from doors.switch import SwitchState
from rollback import announcement
from rollback.act import Door, Outcome, bring_to, read_all
from rollback.requests import Nothing, Release, RequestError, RollBack, Status, parse

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

logger = logging.getLogger("rollback")
logger.setLevel(logging.INFO)


class RollbackError(Exception):
    """A door could not be brought to what was asked; Lambda tries an asynchronous call again."""


def handler(event: object, _context: object) -> dict[str, Any]:
    """Do what `event` asks and return what became of it.

    A request that makes no sense is answered with a sentence and changes nothing.

    Raises
    ------
    RollbackError
        When a door failed, after every door was tried and people were told. Asking again is safe.
    """
    service = required(os.environ, "SERVICE")
    try:
        request = parse(event)
    except RequestError as error:
        logger.warning("refused", extra={"refusal": str(error)})
        return {"service": service, "error": str(error)}
    if isinstance(request, Nothing):
        return {"service": service, "did": "nothing", "why": request.why}
    if isinstance(request, Status):
        return {"service": service, "doors": read_all(_doors())}
    return _bring(service, request)


def _bring(service: str, request: RollBack | Release) -> dict[str, Any]:
    wanted = SwitchState(
        "thrown" if isinstance(request, RollBack) else "released",
        request.by,
        request.reason,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    outcomes = bring_to(_doors(), wanted)
    failed = [outcome for outcome in outcomes if outcome.error]
    logger.log(
        logging.ERROR if failed else logging.INFO,
        wanted.state,
        extra={
            "service": service,
            "by": wanted.by,
            "reason": wanted.reason,
            "doors": [vars(outcome) for outcome in outcomes],
        },
    )
    told = _tell(service, wanted, outcomes)
    if failed:
        raise RollbackError("; ".join(f"{outcome.door}: {outcome.error}" for outcome in failed))
    return {
        "service": service,
        "state": wanted.state,
        "doors": {outcome.door: _word(outcome) for outcome in outcomes},
        "told": told,
    }


def _word(outcome: Outcome) -> str:
    return "written" if outcome.changed else "already so"


def _tell(service: str, wanted: SwitchState, outcomes: list[Outcome]) -> bool:
    """Announce it, unless nothing changed and nothing failed. Traffic has moved by now: a failure to
    tell is logged as an error, which raises no second rollback."""
    if not any(outcome.changed or outcome.error for outcome in outcomes):
        return False
    try:
        _sns().publish(
            TopicArn=required(os.environ, "ANNOUNCEMENTS_TOPIC_ARN"),
            Subject=announcement.subject(service, wanted, outcomes),
            Message=announcement.body(service, wanted, outcomes),
        )
    except (ClientError, BotoCoreError):
        logger.exception("nobody could be told")
        return False
    return True


def _doors() -> list[Door]:
    """Return the configured doors, the edge first: it is the faster way and holds the record."""
    doors: list[Door] = [EdgeDoor(_store(), required(os.environ, "KVS_ARN"))]
    check_id = os.environ.get("SWITCH_HEALTH_CHECK_ID")
    if check_id:
        doors.append(DnsDoor(_route53(), check_id))
    return doors


@cache
def _store() -> Any:
    return boto3.client("cloudfront-keyvaluestore", config=CLIENT_CONFIG)


@cache
def _route53() -> Any:
    return boto3.client("route53", config=CLIENT_CONFIG)


@cache
def _sns() -> SNSClient:
    return boto3.client("sns", config=CLIENT_CONFIG)
