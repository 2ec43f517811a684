"""Answers CloudFormation before any weight moves: a rise waits until both sides are found ready, and old
leaves the doors only when the evidence says so."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from gate.leaving import (
    PhaseChange,
    leaving_too_fast,
    parse_phase,
    returning_too_fast,
    said_of_missing,
)
from gate.refusal import (
    alarms_against,
    capacity_against,
    emergency,
    hook_against,
    judged_by,
    line_against,
    switches_against,
    switches_thrown,
)
from gate.request import Override, Request, parse
from gate.rules import broken_rules
from gate.settings import Settings
from shared import events, people
from shared.alarms.state import alarm_states
from shared.aws import DOORS, READS, clients
from shared.cloudformation_answer import answer
from shared.decommission.evidence import missing
from shared.decommission.look import look
from shared.hooks.asked import Asked, token_of
from shared.hooks.hook import client_for as _hook_client
from shared.inference.verdict import AS_METRIC, Verdict
from shared.metrics import READINESS
from shared.promotion import line
from shared.promotion.change import Change, parse_change
from shared.promotion.groups import said_of
from shared.promotion.rolling_back import is_rolling_back
from shared.properties import PropertyError, text
from shared.readiness.finding import Report
from shared.readiness.run import run
from shared.settings import read

ANSWER_SECONDS: Final = 30.0
"""Reserved from the function's time, so that it always answers."""

_client = clients(DOORS)
_readiness_client = clients(READS)

logger = logging.getLogger("gate")
logger.setLevel(logging.INFO)


class Context(Protocol):
    """What Lambda says about the time that is left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still run, in milliseconds."""


def handler(event: Mapping[str, Any], context: Context) -> None:
    """Let the change pass or refuse it, and always answer, because CloudFormation waits for the answer.

    Raises
    ------
    PropertyError
        When CloudFormation did not ask: there is nobody to answer.
    """
    text(event, "ResponseURL")
    try:
        reason = _refusal(event, context)
    except Exception as error:
        logger.exception("the gate failed")
        reason = f"the gate failed: {error}"
    logger.info("refused" if reason else "passed", extra={"refusal": reason})
    # First the answer: CloudFormation waits for it, and for nothing else here.
    answer(event, reason)
    if reason:
        _send_refusal(event, reason)


def _refusal(event: Mapping[str, Any], context: Context) -> str:
    asks = _what_it_asks(event)
    if asks is None:
        return ""
    change, phase = asks
    if phase.returns:
        return returning_too_fast(change)
    settings = read(Settings, os.environ)
    stopped = line_against(lambda: line.read(_client("ssm"), settings.line_parameter))
    if stopped:
        return stopped
    asked = parse(event["ResourceProperties"])
    if phase.leaves:
        return _still_needed(settings, change, asked)
    return _against_a_rise(settings, change, asked, context, event)


def _what_it_asks(event: Mapping[str, Any]) -> tuple[Change, PhaseChange] | None:
    """Return what is to be moved, or None where there is nothing that could be refused: no rise, or a
    rollback by CloudFormation, which must never be stopped half-way, even where it cannot be read."""

    def is_put_back() -> bool:
        return is_rolling_back(_client("cloudformation"), text(event, "StackId"))

    try:
        change, phase = parse_change(event), parse_phase(event)
    except PropertyError:
        if is_put_back():
            return None
        raise
    if not (change.rises or phase.moves) or is_put_back():
        return None
    return change, phase


def _against_a_rise(
    settings: Settings, change: Change, asked: Request, context: Context, event: Mapping[str, Any]
) -> str:
    # The cheapest first, and what no override skips before what an override does.
    judging = judged_by(settings.service, asked.alarms, overridden=asked.override is not None)
    refusal = switches_against(settings.service, change, settings.doors(_client)) or alarms_against(
        alarm_states(judging, _cloudwatch), creating=event["RequestType"] == "Create"
    )
    if refusal:
        return refusal
    if asked.override is not None:
        _announce(settings, change, asked.override)
        return ""
    broken = broken_rules(change, asked.promotion, datetime.now(UTC))
    if broken:
        return f"{'; '.join(broken)}. {emergency()}"
    # Before readiness, so that what they prepare is measured. The hook's no costs nothing, so it comes first.
    return (
        _hook_against(settings, change, event)
        or _capacity_against(settings, change)
        or _not_ready(settings, asked, context)
    )


def _hook_against(settings: Settings, change: Change, event: Mapping[str, Any]) -> str:
    hook = settings.hook()
    if hook is None:
        return ""
    why = hook.ask(
        Asked(
            when="before",
            service=settings.service,
            token=token_of(event, "before"),
            change=change,
            put_back=False,
            answer_by=datetime.now(UTC) + timedelta(seconds=hook.seconds),
        ),
        clients=_hook_client,
    )
    logger.info("hook", extra={"hook": hook.arn, "against": why})
    return hook_against(hook.arn, change, why)


def _capacity_against(settings: Settings, change: Change) -> str:
    ahead = settings.ahead()
    if ahead is None:
        return ""
    why = ahead.against(
        change,
        datetime.now(UTC),
        client_for=_readiness_client,
        tell=lambda said: logger.info("capacity", extra={"said": said}),
    )
    logger.info("capacity", extra={"against": why})
    return capacity_against(change, why)


def _still_needed(settings: Settings, change: Change, asked: Request) -> str:
    """Return why old may not leave the doors, or nothing; no override skips any of it."""
    rules, now = asked.decommission, datetime.now(UTC)
    assert rules is not None
    refusal = (
        leaving_too_fast(change)
        or switches_thrown(settings.service, settings.doors(_client))
        or alarms_against(alarm_states(asked.alarms, _cloudwatch), creating=False)
    )
    if refusal:
        return refusal
    lacks = missing(look(_cloudwatch, settings.service, rules, now), rules, now.date())
    logger.info("decommission", extra={"missing": lacks})
    return said_of_missing(lacks)


def _send_refusal(event: Mapping[str, Any], reason: str) -> None:
    try:
        service = read(Settings, os.environ).service
        change = parse_change(event)
        moves = change.rises or change.before != change.after
        what = change.said if moves else "a change of phase"
        said = f"{service}: the gate refused {what}"
        weight = {"before": change.before, "after": change.after}
        _send(events.GATE_REFUSED, service, said, reason, reason=reason, weight=weight)
    except Exception:
        # What made the gate fail may do so here again, and the answer has been given.
        logger.exception("the refusal was not sent as an event")


def _send(detail_type: str, service: str, says: str, text: str, **facts: Any) -> str:
    """Send an event; why it was not taken is logged and returned."""
    event = events.entry(detail_type, service, datetime.now(UTC), says, text, **facts)
    why = events.send(_client, event)
    if why:
        logger.error("the event was not sent", extra={"event": detail_type, "why": why})
    return why


def _not_ready(settings: Settings, asked: Request, context: Context) -> str:
    seconds = context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS
    report = asyncio.run(
        run(
            asked.readiness,
            today=datetime.now(UTC).date(),
            progress=_log_progress,
            clients=_readiness_client,
            fail_fast=True,
            deadline_seconds=seconds,
        )
    )
    logger.info("readiness", extra={"report": report.to_dict()})
    _publish(settings, report.verdict)
    return "" if report.verdict is Verdict.PASS else _said(report)


def _publish(settings: Settings, verdict: Verdict) -> None:
    """Let reviewers see it beside the next step; the rise does not depend on it."""
    datum = {
        "MetricName": READINESS,
        "Dimensions": [{"Name": "Service", "Value": settings.service}],
        "Value": AS_METRIC[verdict],
    }
    try:
        _client("cloudwatch").put_metric_data(
            Namespace=settings.metric_namespace, MetricData=[datum]
        )
    except (ClientError, BotoCoreError):
        logger.exception("what readiness was is not published")


def _said(report: Report) -> str:
    return f"{report.sentence()}. The whole report is in the gate's log. {emergency()}"


def _log_progress(check: str, done: float) -> None:
    if done in {0.0, 1.0}:
        logger.info("readiness", extra={"check": check, "done": done})


def _announce(settings: Settings, change: Change, override: Override) -> None:
    """Tell people about an override; the rise does not depend on it."""
    service = settings.service
    skipped = "".join(
        [
            f", the hook {settings.hook_arn}" if settings.hook_arn else "",
            ", the reservation of load balancer capacity" if settings.place() else "",
        ]
    )
    said = (
        f"{override.by} {_raises(service, change)}. The declared rules{skipped} and readiness are skipped. "
        f"Reason: {override.reason}"
    )
    logger.warning("override", extra={"by": override.by, "reason": override.reason})
    subject = f"{service}: OVERRIDE, new_weight {change.before} to {change.after}"
    lost = _send(
        events.GATE_OVERRIDDEN,
        service,
        subject,
        said,
        by=override.by,
        reason=override.reason,
        weight={"before": change.before, "after": change.after},
    )
    if lost:
        said += f"\n\nThe event '{events.GATE_OVERRIDDEN}' was NOT SENT to EventBridge: {lost}"
    people.tell(_client, settings, subject, said, events.GATE_OVERRIDDEN)


def _raises(service: str, change: Change) -> str:
    joins = f" and lets {said_of(change.joins)} in" if change.joins else ""
    if change.before == change.after:
        return f"keeps new_weight of {service} at {change.after}{joins}"
    return f"raises new_weight of {service} from {change.before} to {change.after}{joins}"


def _cloudwatch(region: str) -> Any:
    return _client("cloudwatch", region)
