"""Teaches MiniStack's evaluation of IAM (its AUTH) what the functions' rights need, and to note what it
decides.

- Which resource a call names, where MiniStack passes `*`: health checks, the keys of a KeyValueStore, edge
  functions, an alias of a function (Service Authorization Reference, the page of each service).
- `cloudwatch:namespace` of PutMetricData, `events:source` and `events:detail-type` of PutEvents (Service
  Authorization Reference, Amazon CloudWatch and Amazon EventBridge).
- That a service delivers only where the resource's own policy lets it: an alarm to a topic or a function,
  a topic to a function, a rule to a function; and that Lambda sends to an on-failure destination with the
  function's own role (Lambda Developer Guide, invocation-async-retain-records).
- Calls reach AWS by https: `aws:SecureTransport` is true, although this cloud is spoken to in plain http.

The roles that `cdk bootstrap` makes are not evaluated: they deploy, and are no part of this product.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.iam_evaluator import EvalContext
from ministack.services import cloudwatch, eventbridge, lambda_svc, sns, sts

from rehearsal.cloud.rights import VARIABLE, Decision, note

_LOG = logging.getLogger("rights")
_BOOTSTRAP_ROLES: Final = "cdk-"
ALARMS_TO_TOPICS: Final = "cloudwatch.amazonaws.com"
ALARMS_TO_FUNCTIONS: Final = "lambda.alarms.cloudwatch.amazonaws.com"
TOPICS: Final = "sns.amazonaws.com"
RULES: Final = "events.amazonaws.com"
_CALL: Final = "lambda:InvokeFunction"
_PUBLISH: Final = "sns:Publish"
_PLAIN_FUNCTION_COLONS: Final = 6


def teach() -> None:
    """Teach it, if rights are to be enforced: `REHEARSAL_RIGHTS` names where decisions are noted."""
    named = os.environ.get(VARIABLE)
    if not named:
        return
    file = Path(named)
    _teach_resources()
    _teach_secure_transport()
    _teach_context()
    _teach_decisions(file)
    _teach_deliveries(file)


def _teach_resources() -> None:
    plain = iam_actions.extract_resource_arn

    def extract(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        found: str = plain(service, method, path, headers, body, query_params, region, account_id)
        return resource_of(service, path, query_params, account_id, found)

    iam_actions.extract_resource_arn = extract


def resource_of(
    service: str, path: str, query: dict[str, Any], account: str, found: str = "*"
) -> str:
    """Return the ARN that a call to `path` is evaluated on; `found` where there is nothing to teach."""
    parts = [unquote(part) for part in path.split("/") if part]
    if service == "route53" and "healthcheck" in parts[:-1]:
        return f"arn:aws:route53:::healthcheck/{parts[parts.index('healthcheck') + 1]}"
    if service == "cloudfront" and "function" in parts[:-1]:
        return f"arn:aws:cloudfront::{account}:function/{parts[parts.index('function') + 1]}"
    if service == "cloudfront-keyvaluestore" and "key-value-stores" in parts[:-1]:
        # The ARN itself holds a slash, which the path may or may not hide.
        at = parts.index("key-value-stores") + 1
        return "/".join(parts[at : at + 2]) if "/" not in parts[at] else parts[at]
    if service == "lambda" and "Qualifier" in query and found.count(":") == _PLAIN_FUNCTION_COLONS:
        qualifier = query["Qualifier"]
        return f"{found}:{qualifier[0] if isinstance(qualifier, list) else qualifier}"
    return found


def _teach_secure_transport() -> None:
    plain = ministack.app.pin_request_origin

    def pin(source_ip: str, _secure: bool) -> None:
        plain(source_ip, True)

    ministack.app.pin_request_origin = pin


def _teach_context() -> None:
    plain = iam_actions.request_tag_context

    def context(
        service: str, iam_action: str, body: bytes, params: dict[str, Any]
    ) -> dict[str, Any]:
        found: dict[str, Any] = plain(service, iam_action, body, params)
        if iam_action == "cloudwatch:PutMetricData":
            found["cloudwatch:namespace"] = iam_actions._param(body, params, "Namespace")
        if iam_action == "events:PutEvents":
            # One entry a call is all that is sent here.
            (sent,) = json.loads(body)["Entries"]
            found["events:source"] = sent["Source"]
            found["events:detail-type"] = sent["DetailType"]
        return found

    iam_actions.request_tag_context = context


def _teach_decisions(file: Path) -> None:
    plain = iam_evaluator.enforce

    def enforce(access_key_id: str, iam_action: str, *more: Any, **named: Any) -> Any:
        role = _role_of(access_key_id)
        if role.startswith(_BOOTSTRAP_ROLES):
            return None
        refused = plain(access_key_id, iam_action, *more, **named)
        if role:
            resource = named.get("resource_arn", "*")
            _note(file, Decision(role, iam_action, resource, refused is None))
        return refused

    iam_evaluator.enforce = enforce


def _role_of(access_key_id: str) -> str:
    session = sts._sessions.get(access_key_id) if access_key_id else None
    arn = (session or {}).get("Arn", "")
    return str(arn.split(":assumed-role/")[1].split("/")[0]) if ":assumed-role/" in arn else ""


def _note(file: Path, decision: Decision) -> None:
    if not decision.allowed:
        _LOG.error("refused: %s", decision)
    note(file, decision)


def _teach_deliveries(file: Path) -> None:
    plain_dispatch, plain_to_function = cloudwatch._dispatch_alarm_actions, sns._deliver_to_lambda
    plain_target, plain_failure = eventbridge._invoke_target, lambda_svc._route_async_failure

    def dispatch(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        field = {"ALARM": "AlarmActions", "OK": "OKActions"}.get(new, "InsufficientDataActions")
        allowed = [
            target
            for target in alarm.get(field) or []
            if (
                _may(file, ALARMS_TO_FUNCTIONS, _CALL, target, alarm["AlarmArn"])
                if ":lambda:" in target
                else _may(file, ALARMS_TO_TOPICS, _PUBLISH, target, alarm["AlarmArn"])
            )
        ]
        plain_dispatch({**alarm, field: allowed}, old, new, reason)

    def to_function(endpoint: str, envelope: str, topic_arn: str, *more: Any) -> None:
        if _may(file, TOPICS, _CALL, endpoint, topic_arn):
            plain_to_function(endpoint, envelope, topic_arn, *more)

    def by_rule(target: dict[str, Any], event: Any, rule: dict[str, Any], *more: Any) -> None:
        arn = target.get("Arn", "")
        if ":lambda:" not in arn or _may(file, RULES, _CALL, arn, rule["Arn"]):
            plain_target(target, event, rule, *more)

    def failure(target: str, name: str, event: dict[str, Any], result: dict[str, Any]) -> None:
        if _may_give_up_to(file, target, name):
            plain_failure(target, name, event, result)

    cloudwatch._dispatch_alarm_actions = dispatch
    sns._deliver_to_lambda = to_function
    eventbridge._invoke_target = by_rule
    lambda_svc._route_async_failure = failure


def _may(file: Path, service: str, action: str, target: str, source: str) -> bool:
    """Return whether the policy of `target` lets `service` do it on behalf of `source`, and note it."""
    spec = parse_arn(target)
    context = EvalContext(
        # Nobody of the account: only what names the service, or everybody, lets it in.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=target,
        region=spec.region,
        secure_transport=True,
        service_context={
            "aws:sourcearn": source,
            "aws:sourceaccount": spec.account_id,
            "aws:sourceowner": spec.account_id,
        },
    )
    # In an opt-in region SNS goes by a name of its own (SNS Developer Guide, lambda-prereq).
    names = (
        (service, f"sns.{parse_arn(source).region}.amazonaws.com")
        if service == TOPICS
        else (service,)
    )
    policy = _policy_of(target)
    allowed = any(
        iam_evaluator.evaluate_resource_policy(policy, context, service=name).decision == "Allow"
        for name in names
    )
    _note(file, Decision(service, action, target, allowed))
    return allowed


def _policy_of(target: str) -> Any:
    spec = parse_arn(target)
    if spec.service == "sns":
        return (sns.topic_policy_for_arn(target) or ("", ""))[0]
    name = spec.resource.split(":")[1]
    function = lambda_svc._functions.get_scoped(spec.account_id, spec.region, name)
    return function["policy"] if function else None


def _may_give_up_to(file: Path, target: str, function: str) -> bool:
    config = lambda_svc._functions[function]["config"]
    role = config["Role"].rsplit("/", 1)[-1]
    spec = parse_arn(target)
    action = {"sqs": "sqs:SendMessage", "sns": _PUBLISH}[spec.service]
    context = EvalContext(
        principal_arn=config["Role"],
        principal_type="AssumedRole",
        principal_account=spec.account_id,
        action=action,
        resource_arn=target,
        region=spec.region,
        secure_transport=True,
    )
    policies = iam_evaluator._gather_role_policies(role, spec.account_id)
    allowed = bool(iam_evaluator.evaluate(context, policies).decision == "Allow")
    _note(file, Decision(role, action, target, allowed))
    return allowed
