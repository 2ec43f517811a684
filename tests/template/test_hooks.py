"""A declared hook: who may call it, what else that allows, and that nothing of it is there without it."""

from __future__ import annotations

import json
from typing import Any

from tests.template.templates import Templates, resources
from tests.template.test_settings import variables

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:news-capacity:live"
DOCUMENT = "arn:aws:ssm:us-east-1:123456789012:document/NewsAfterStep"
ROLE = "arn:aws:iam::123456789012:role/news-after-step"


def statements(template: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """Return what the function's role (Gate, Bake) may do."""
    return [
        statement
        for logical_id, policy in resources(template, "AWS::IAM::Policy").items()
        if logical_id.startswith(f"{role}Role")
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def rights(template: dict[str, Any], role: str) -> dict[str, Any]:
    """Return the resources by action of what `role` may do to functions, documents and roles."""
    return {
        statement["Action"]: statement["Resource"]
        for statement in statements(template, role)
        if isinstance(statement["Action"], str)
        and statement["Action"].startswith(("lambda:", "ssm:", "iam:"))
        # The line of the account, which every gate reads, is no hook.
        and statement["Action"] != "ssm:GetParameter"
    }


def test_the_gate_may_call_its_function_and_no_other(fast_log: Templates) -> None:
    assert rights(fast_log["news-safety"], "Gate") == {"lambda:InvokeFunction": FUNCTION}
    told = variables(fast_log, "news", "gate")
    assert (told["HOOK_ARN"], told["HOOK_SECONDS"]) == (FUNCTION, "300")
    assert "HOOK_ROLE_ARN" not in told


def test_the_bake_may_start_its_document_look_at_it_and_give_it_its_role(
    fast_log: Templates,
) -> None:
    safety = fast_log["news-safety"]
    # The Provider framework's own roles call the bake.
    assert rights(safety, "Bake") == {
        "ssm:StartAutomationExecution": DOCUMENT,
        "ssm:GetAutomationExecution": "arn:aws:ssm:us-east-1:123456789012:automation-execution/*",
        "iam:PassRole": ROLE,
    }
    (passes,) = (one for one in statements(safety, "Bake") if one["Action"] == "iam:PassRole")
    assert passes["Condition"] == {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}
    told = variables(fast_log, "news", "bake")
    assert told["HOOK_ARN"] == f"{DOCUMENT}:3"
    assert (told["HOOK_ROLE_ARN"], told["HOOK_SECONDS"]) == (ROLE, "90")


def test_the_bake_tells_people_of_a_hook_that_fails(fast_log: Templates) -> None:
    (publishes,) = (
        one for one in statements(fast_log["news-safety"], "Bake") if one["Action"] == "sns:Publish"
    )
    assert "Announcements" in json.dumps(publishes["Resource"])
    (sends,) = (
        one
        for one in statements(fast_log["news-safety"], "Bake")
        if one["Action"] == "events:PutEvents"
    )
    assert "Hook Failed" in sends["Condition"]["StringEquals"]["events:detail-type"]


def test_without_a_hook_nobody_may_call_anything(chatmrpt: Templates) -> None:
    for role in ("Gate", "Bake"):
        assert rights(chatmrpt["chatmrpt-safety"], role) == {}
    for function in ("gate", "bake"):
        told = variables(chatmrpt, "chatmrpt", function)
        assert [name for name in told if name.startswith("HOOK")] == []


def test_people_are_told_when_old_can_no_longer_carry_everybody(
    fast_log: Templates, chatmrpt: Templates
) -> None:
    alarms = resources(fast_log["news-environment"], "AWS::CloudWatch::Alarm").values()
    (alarm,) = (one for one in alarms if one["AlarmName"] == "news-old-targets")
    assert alarm["MetricName"] == "HealthyHostCount"
    assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == {
        "LoadBalancer": "app/news-1/1b2c3d4e5f607182",
        "TargetGroup": "targetgroup/news-1/2c3d4e5f60718293",
    }
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (4, "LessThanThreshold")
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (3, 3)
    assert alarm["TreatMissingData"] == "breaching"
    # People, and nobody else: it must never throw the switch.
    assert "PeopleAlarms" in json.dumps(alarm["AlarmActions"])
    assert "old-targets" not in json.dumps(chatmrpt["chatmrpt-environment"])


def test_no_gate_or_bake_waits_for_it_and_the_dashboard_shows_it(fast_log: Templates) -> None:
    assert "old-targets" not in json.dumps(fast_log["news-traffic"])
    assert "news-old-targets" in json.dumps(fast_log["news-observability"])
