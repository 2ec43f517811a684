"""Answers CloudFormation before any weight moves: a rise waits until both environments are found ready.

IAM: cloudfront-keyvaluestore:DescribeKeyValueStore and GetKey on the store, route53:GetHealthCheck on the
switch, cloudformation:DescribeStacks on the Traffic stack, sns:Publish on the announcements topic, and to
read alarms, metrics and both load balancers what cutover.gate_function lists.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from gate.asked import Asked, Override, asked_in
from gate.refusal import Door, alarms_against, emergency, judged_by, switches_against
from gate.rules import broken_rules
from shared.alarms.state import alarm_states
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.patience import CLIENT_CONFIG
from shared.doors.settings import required
from shared.inference.verdict import Verdict
from shared.promotion.change import Change, change_in
from shared.readiness.aws.clients import boto_clients
from shared.readiness.finding import Report
from shared.readiness.run import run

REASON_BYTES: Final = 2000
"""CloudFormation takes an answer of 4,096 bytes (CloudFormation User Guide, crpg-ref-responses)."""

ANSWER_SECONDS: Final = 30.0
"""Kept back from the time of the function, so that the answer is always given."""

logger = logging.getLogger("gate")
logger.setLevel(logging.INFO)


class Context(Protocol):
    """What Lambda tells a function of its time."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still run."""


def handler(event: Mapping[str, Any], context: Context) -> None:
    """Let the change pass or refuse it, and always answer: CloudFormation waits for it."""
    try:
        reason = _refusal(event, context)
    except Exception as error:
        logger.exception("the gate failed")
        reason = f"the gate failed: {error}"
    logger.info("refused" if reason else "passed", extra={"refusal": reason})
    _answer(event, reason)


def _refusal(event: Mapping[str, Any], context: Context) -> str:
    change = change_in(event)
    # CloudFormation that puts things back must never be stopped half-way.
    if not change.rises or _is_rolling_back(event["StackId"]):
        return ""
    service = required(os.environ, "SERVICE")
    asked = asked_in(event["ResourceProperties"])
    # The cheapest first, and what no override lets pass before what one does.
    judging = judged_by(service, asked.alarms, overridden=asked.override is not None)
    refusal = switches_against(service, change, _doors()) or alarms_against(
        alarm_states(judging, _cloudwatch), creating=event["RequestType"] == "Create"
    )
    if refusal:
        return refusal
    if asked.override is not None:
        _announce(service, change, asked.override)
        return ""
    broken = broken_rules(change, asked.promotion, datetime.now(UTC))
    if broken:
        return f"{'; '.join(broken)}. {emergency()}"
    return _not_ready(asked, context)


def _not_ready(asked: Asked, context: Context) -> str:
    seconds = context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS
    report = asyncio.run(
        run(
            asked.readiness,
            today=datetime.now(UTC).date(),
            progress=_log_progress,
            clients=boto_clients,
            fail_fast=True,
            deadline_seconds=seconds,
        )
    )
    logger.info("readiness", extra={"report": report.to_dict()})
    return "" if report.verdict is Verdict.PASS else _said(report)


def _said(report: Report) -> str:
    return f"{report.sentence()}. The whole report is in the gate's log. {emergency()}"


def _log_progress(check: str, done: float) -> None:
    if done in {0.0, 1.0}:
        logger.info("readiness", extra={"check": check, "done": done})


def _announce(service: str, change: Change, override: Override) -> None:
    """Tell people of an override; the rise does not depend on it."""
    said = (
        f"{override.by} raises new_weight of {service} from {change.before} to {change.after} past the "
        f"declared rules and without readiness: {override.reason}"
    )
    logger.warning("override", extra={"by": override.by, "reason": override.reason})
    subject = f"{service}: OVERRIDE, new_weight {change.before} to {change.after}"
    try:
        _client("sns").publish(
            TopicArn=required(os.environ, "ANNOUNCEMENTS_TOPIC_ARN"), Subject=subject, Message=said
        )
    except (ClientError, BotoCoreError):
        logger.exception("nobody could be told")


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
        "Reason": _cut(reason),
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's own
        event["ResponseURL"],
        data=json.dumps(answer, ensure_ascii=False).encode(),
        method="PUT",
        headers={"content-type": ""},
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


def _cut(reason: str) -> str:
    if len(reason.encode()) <= REASON_BYTES:
        return reason
    return reason.encode()[:REASON_BYTES].decode(errors="ignore") + "…"


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=CLIENT_CONFIG)  # type: ignore[call-overload]


@cache
def _cloudwatch(region: str) -> Any:
    return boto3.client("cloudwatch", region_name=region, config=CLIENT_CONFIG)
