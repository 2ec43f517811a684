"""No weight moves before the gate has let it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.template.templates import Templates, resources


def waits_for(template: dict[str, Any], kind: str) -> set[bool]:
    """Return whether each resource of `kind` depends on the gate."""
    return {
        "Gate" in resource.get("DependsOn", [])
        for resource in template["Resources"].values()
        if resource["Type"] == kind
    }


def test_every_resource_that_holds_a_weight_waits_for_the_gate(dns_doors: Templates) -> None:
    traffic = dns_doors["reports-traffic"]
    assert waits_for(traffic, "AWS::CloudFront::Function") == {True}
    assert waits_for(traffic, "AWS::Route53::RecordSet") == {True}
    assert waits_for(dns_doors["shop-traffic"], "AWS::Route53::RecordSet") == {True}


def test_the_gate_knows_the_weight_and_is_not_waited_for_longer_than_it_may_run(
    chatmrpt: Templates,
) -> None:
    (gate,) = resources(chatmrpt["chatmrpt-traffic"], "Custom::WeightGate").values()
    assert (gate["NewWeight"], gate["ServiceTimeout"]) == (0, "910")
    (function,) = (
        found
        for found in resources(chatmrpt["chatmrpt-safety"], "AWS::Lambda::Function").values()
        if found.get("FunctionName") == "chatmrpt-gate"
    )
    assert function["Timeout"] == 900
    assert "function:chatmrpt-gate" in gate["ServiceToken"]["Fn::Sub"]


def test_the_gate_and_the_bake_look_at_every_alarm_that_rolls_back(
    dns_doors: Templates,
) -> None:
    (gate,) = resources(dns_doors["reports-traffic"], "Custom::WeightGate").values()
    (bake,) = resources(dns_doors["reports-traffic"], "Custom::Bake").values()
    listed = {(alarm["Region"], alarm["Name"]) for alarm in gate["Alarms"]}
    assert listed == {(alarm["Region"], alarm["Name"]) for alarm in bake["Alarms"]}
    people = (
        *("reports-old-", "reports-switch-", "reports-rollback-", "reports-doors-"),
        "reports-sentinel-",
    )
    raised = {
        alarm["AlarmName"]
        for stack in ("safety", "environment", "traffic")
        for alarm in resources(dns_doors[f"reports-{stack}"], "AWS::CloudWatch::Alarm").values()
        if not alarm["AlarmName"].startswith(people) and not alarm["AlarmName"].endswith("-errors")
    } | {"reports-edge-function-errors", "reports-new-connection-errors"}
    assert {name for _, name in listed} == raised


def test_the_gate_is_told_what_is_declared_and_nothing_of_it_is_a_weight(
    chatmrpt: Templates,
) -> None:
    (gate,) = resources(chatmrpt["chatmrpt-traffic"], "Custom::WeightGate").values()
    assert gate["Promotion"] == {
        "MaxStepPercent": 50,
        "TimeZone": "America/New_York",
        "Window": "02:00-06:00",
        "Freezes": [],
    }
    assert gate["Readiness"]["Latency"] == {
        "Samples": 100,
        "AverageMs": 250,
        "P95Ms": 250,
        "SlowdownPercent": 80,
    }
    assert "Override" not in gate


def test_an_override_stands_in_the_template_for_the_reviewer_to_see(
    synthesise: Callable[..., Templates],
) -> None:
    template = synthesise(override_by="ada", override_reason="old is on fire")["chatmrpt-traffic"]
    (gate,) = resources(template, "Custom::WeightGate").values()
    assert gate["Override"] == {"By": "ada", "Reason": "old is on fire"}
    (bake,) = resources(template, "Custom::Bake").values()
    assert bake["BakeMinutes"] == 0


def read_by_the_gate(template: dict[str, Any], service: str) -> list[Any]:
    """Return the secrets that the gate's role may read."""
    function = next(
        one
        for one in resources(template, "AWS::Lambda::Function").values()
        if one.get("FunctionName") == f"{service}-gate"
    )
    role = function["Role"]["Fn::GetAtt"][0]
    return [
        statement["Resource"]
        for policy in resources(template, "AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "secretsmanager:GetSecretValue"
    ]


def test_the_gate_may_read_the_declared_secrets_and_no_other(dns_doors: Templates) -> None:
    whole = "arn:aws:secretsmanager:us-east-1:123456789012:secret:reports/test-user-Qm3xYz"
    assert read_by_the_gate(dns_doors["reports-safety"], "reports") == [whole]
    assert read_by_the_gate(dns_doors["shop-safety"], "shop") == []


def test_every_gate_reads_the_one_line_of_the_account_and_nobody_writes_it(
    chatmrpt: Templates, dns_doors: Templates
) -> None:
    line = "parameter/cutover/line"
    for templates, services in ((chatmrpt, ["chatmrpt"]), (dns_doors, ["shop", "reports"])):
        for service in services:
            safety = templates[f"{service}-safety"]
            rights = [
                statement
                for policy in resources(safety, "AWS::IAM::Policy").values()
                for statement in policy["PolicyDocument"]["Statement"]
                if "ssm:" in json.dumps(statement["Action"])
            ]
            # The gate's and the widget's.
            assert [statement["Action"] for statement in rights] == ["ssm:GetParameter"] * 2
            assert all(json.dumps(one["Resource"]).endswith(f':{line}"]]}}') for one in rights)
            assert "AWS::SSM::Parameter" not in {
                resource["Type"] for resource in safety["Resources"].values()
            }
