"""Answers CloudFormation before any weight moves: a rise is refused while the switch is thrown.

IAM: cloudfront-keyvaluestore:DescribeKeyValueStore and GetKey on the store, route53:GetHealthCheck on the
switch, cloudformation:DescribeStacks on the Traffic stack.
"""

from __future__ import annotations

import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from doors.dns import DnsDoor
from doors.edge import EdgeDoor
from doors.patience import CLIENT_CONFIG
from doors.settings import required
from gate.change import change_in
from gate.refusal import Door, refusal

REASON_LENGTH: Final = 1000
"""CloudFormation takes an answer of 4,096 bytes (CloudFormation User Guide, crpg-ref-responses)."""

logger = logging.getLogger("gate")
logger.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Let the change pass or refuse it, and always answer: CloudFormation waits for it."""
    try:
        reason = _refusal(event)
    except Exception as error:
        logger.exception("the gate failed")
        reason = f"the gate failed: {error}"
    logger.info("refused" if reason else "passed", extra={"refusal": reason})
    _answer(event, reason)


def _refusal(event: Mapping[str, Any]) -> str:
    change = change_in(event)
    # CloudFormation that puts things back must never be stopped half-way.
    if not change.rises or _is_rolling_back(event["StackId"]):
        return ""
    return refusal(required(os.environ, "SERVICE"), change, _doors())


def _is_rolling_back(stack_id: str) -> bool:
    try:
        (stack,) = _client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    except (ClientError, BotoCoreError):
        logger.exception("the stack's state cannot be read; taken as an ordinary deploy")
        return False
    return "ROLLBACK" in str(stack["StackStatus"])


def _doors() -> list[Door]:
    doors: list[Door] = [
        EdgeDoor(_client("cloudfront-keyvaluestore"), required(os.environ, "KVS_ARN"))
    ]
    check_id = os.environ.get("SWITCH_HEALTH_CHECK_ID")
    if check_id:
        doors.append(DnsDoor(_client("route53"), check_id))
    return doors


def _answer(event: Mapping[str, Any], reason: str) -> None:
    answer = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason[:REASON_LENGTH],
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's own
        event["ResponseURL"],
        data=json.dumps(answer).encode(),
        method="PUT",
        headers={"content-type": ""},
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=CLIENT_CONFIG)  # type: ignore[call-overload]
