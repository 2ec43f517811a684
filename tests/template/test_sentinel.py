"""The sentinel: beside the load balancers, called each minute, with exactly the rights that it needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cutover.declaration.endpoints import Endpoint
from cutover.declaration.reading.context import read_context
from cutover.declaration.service import Service
from cutover.functions.sentinel import _limit_seconds, _that_fit, asked_as
from cutover.paths import CDK_JSON
from sentinel.endpoint import endpoints_in
from tests.template.templates import Templates, resources

ENVIRONMENT = "chatmrpt-environment"


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(template, kind).values()
    return found


def service_with(**declared: Any) -> Service:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["cutover"]["chatmrpt"]
    (cutover,) = read_context({"cutover": {"chatmrpt": context | declared}})
    return cutover.service


def test_it_is_called_each_minute_and_told_every_declared_endpoint(chatmrpt: Templates) -> None:
    rule = only(chatmrpt[ENVIRONMENT], "AWS::Events::Rule")
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = rule["Targets"]
    told = [(one.path, one.status) for one in endpoints_in(json.loads(target["Input"]))]
    assert told == [("/ping", 200), ("/", 200), ("/system-health", 200)]


def test_a_call_that_failed_or_waits_is_not_made_again(chatmrpt: Templates) -> None:
    """The next one comes within the minute; two old ones at once would be a third run."""
    config = only(chatmrpt[ENVIRONMENT], "AWS::Lambda::EventInvokeConfig")
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 60)
    function = only(chatmrpt[ENVIRONMENT], "AWS::Lambda::Function")
    assert 80 <= function["Timeout"] < 120
    assert "ReservedConcurrentExecutions" not in function


def test_it_may_read_one_weight_and_one_secret_and_publish_in_one_namespace(
    chatmrpt: Templates, dns_doors: Templates
) -> None:
    def rights(stack: str) -> dict[str, Any]:
        template = (chatmrpt | dns_doors)[stack]
        statements = [
            statement
            for policy in resources(template, "AWS::IAM::Policy").values()
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        found = {}
        for statement in statements:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                found[action] = (json.dumps(statement["Resource"]), statement.get("Condition"))
        return {action: of for action, of in found.items() if not action.startswith("logs:")}

    edge, both, dns = (rights(f"{s}-environment") for s in ("chatmrpt", "reports", "shop"))
    publish, weight, secret = (
        "cloudwatch:PutMetricData",
        "cloudfront:GetFunction",
        "secretsmanager:GetSecretValue",
    )
    records = "route53:ListResourceRecordSets"
    assert set(edge) == {publish, weight, secret}
    assert set(both) == {publish, weight, secret, records}
    assert set(dns) == {publish, records}
    assert edge[publish][1] == {"StringEquals": {"cloudwatch:namespace": "Cutover"}}
    assert "function/chatmrpt-router" in edge[weight][0]
    assert "us-east-1" in edge[secret][0]
    assert "secret:chatmrpt/origin-header-value-??????" in edge[secret][0]


def alarm(template: dict[str, Any], name: str) -> dict[str, Any]:
    return next(
        found
        for found in resources(template, "AWS::CloudWatch::Alarm").values()
        if found["AlarmName"] == name
    )


def test_that_new_is_down_rolls_back_within_periods_of_ten_seconds(chatmrpt: Templates) -> None:
    template = chatmrpt[ENVIRONMENT]
    down = alarm(template, "chatmrpt-new-probe-down")
    assert (down["Period"], down["DatapointsToAlarm"], down["EvaluationPeriods"]) == (10, 1, 3)
    assert down["TreatMissingData"] == "notBreaching"
    assert down["Statistic"] == "Maximum"
    hard = alarm(template, "chatmrpt-new-5xx-hard")
    assert down["AlarmActions"] == hard["AlarmActions"]
    assert {"Name": "Side", "Value": "new"} in down["Dimensions"]
    gate = only(chatmrpt["chatmrpt-traffic"], "Custom::WeightGate")
    assert "chatmrpt-new-probe-down" in json.dumps(gate["Alarms"])


def test_that_it_is_silent_is_told_to_people_and_stops_nothing(chatmrpt: Templates) -> None:
    template = chatmrpt[ENVIRONMENT]
    silent = alarm(template, "chatmrpt-sentinel-silent")
    old = alarm(template, "chatmrpt-old-5xx-hard")
    assert silent["AlarmActions"] == old["AlarmActions"]
    # A new alarm has no state until the first run has told, and only a change is an action.
    assert silent["TreatMissingData"] == "missing"
    assert silent["InsufficientDataActions"] == silent["AlarmActions"]
    for traffic in ("Custom::WeightGate", "Custom::Bake"):
        assert "silent" not in json.dumps(only(chatmrpt["chatmrpt-traffic"], traffic))
    others = resources(template, "AWS::CloudWatch::Alarm").values()
    assert sum("InsufficientDataActions" in one for one in others) == 1


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ({}, None),
        ({"edge": {"forward_host": False}}, None),
        (
            {
                "edge": {
                    "domain_names": ["*.example.com", "www.example.com"],
                    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/one",
                }
            },
            "www.example.com",
        ),
    ],
)
def test_it_asks_by_the_name_by_which_the_edge_asks(
    declared: dict[str, Any], name: str | None
) -> None:
    assert asked_as(service_with(**declared)) == name


@pytest.mark.parametrize(
    ("forward_host", "edge", "name"),
    [(True, True, "app.example.com"), (False, True, None), (True, False, "app.example.com")],
)
def test_at_the_dns_door_the_record_is_the_name(
    forward_host: bool, edge: bool, name: str | None
) -> None:
    dns = {
        "hosted_zone_id": "Z1",
        "zone_name": "example.com",
        "record_name": "app.example.com",
        "record": "alias",
    }
    declared = {"dns": dns, "edge": {"forward_host": forward_host} if edge else False}
    assert asked_as(service_with(**declared)) == name


def test_an_answer_may_take_twice_what_is_declared_as_slow_within_limits() -> None:
    def limit(p95: int) -> float:
        return _limit_seconds(service_with(thresholds={"latency_p95_ms": p95}))

    assert [limit(p95) for p95 in (250, 1000, 5000)] == [1.5, 2.0, 3.0]


def test_a_side_that_is_far_away_has_a_second_more() -> None:
    (desk,) = read_context({"declaration": "examples/two-regions.json"})
    assert desk.service.thresholds.latency_p95_ms < 750
    assert _limit_seconds(desk.service) == 2.5


def test_endpoints_that_a_rule_has_no_room_for_are_left_out_and_named() -> None:
    many = tuple(Endpoint(path=f"/{number}{'x' * 240}", contains="y" * 255) for number in range(20))
    told, left_out = _that_fit(many)
    assert len(json.dumps({"endpoints": told})) <= 8192
    assert [one["path"] for one in told] + [one.path for one in left_out] == [
        one.path for one in many
    ]
    assert 10 <= len(told) < 20
    assert _that_fit(many[:3])[1] == []
