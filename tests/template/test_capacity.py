"""Declared capacity: who may reserve and release it, and that nothing of it is there without the key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.template.templates import Templates, resources
from tests.template.test_hooks import statements
from tests.template.test_settings import variables

BALANCER = "loadbalancer/app/news-2/3d4e5f6071829304"


def rights(template: dict[str, Any], role: str) -> dict[str, str]:
    """Return, as text, the resource by action of what `role` may do to reservations and what is held."""
    return {
        action: json.dumps(statement["Resource"])
        for statement in statements(template, role)
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
        if "CapacityReservation" in action
        or (action.startswith("ssm:") and "capacity" in json.dumps(statement["Resource"]))
    }


@pytest.mark.parametrize("role", ["Gate", "Capacity"])
def test_it_may_change_the_reservation_of_new_alone_in_the_region_of_new(
    fast_log: Templates, role: str
) -> None:
    found = rights(fast_log["news-safety"], role)
    changed = found.pop("elasticloadbalancing:ModifyCapacityReservation")
    assert ":elasticloadbalancing:eu-west-1:" in changed
    assert changed.rstrip('"]} ').endswith(BALANCER)
    assert found.pop("elasticloadbalancing:DescribeCapacityReservation") == '"*"'
    assert set(found) == {"ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"}
    for held in found.values():
        assert ":parameter/cutover/news/capacity" in held


def test_the_gate_is_told_how_much_and_how_long(fast_log: Templates) -> None:
    told = variables(fast_log, "news", "gate")
    assert told["CAPACITY_OLD"] == "eu-west-1:app/news-1/1b2c3d4e5f607182"
    assert told["CAPACITY_PARAMETER"] == "/cutover/news/capacity"
    numbers = ("HEADROOM_PERCENT", "LOOKBACK_DAYS", "WAIT_SECONDS")
    assert [told[f"CAPACITY_{name}"] for name in numbers] == ["40", "7", "90"]


def test_it_is_looked_at_each_minute_and_people_are_told_when_it_fails(
    fast_log: Templates,
) -> None:
    safety = fast_log["news-safety"]
    (rule,) = (
        one
        for one in resources(safety, "AWS::Events::Rule").values()
        if one["Name"] == "news-capacity"
    )
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    (alarm,) = (
        one
        for one in resources(safety, "AWS::CloudWatch::Alarm").values()
        if one["AlarmName"] == "news-capacity-errors"
    )
    assert "Announcements" in json.dumps(alarm["AlarmActions"])
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (3, 5)
    # People, and nobody else: it must never stop a rise or throw the switch.
    assert "capacity-errors" not in json.dumps(fast_log["news-traffic"])
    assert "news-capacity-errors" in json.dumps(fast_log["news-observability"])


def test_when_the_key_or_the_stack_goes_it_is_released_before_the_rights_go(
    fast_log: Templates,
) -> None:
    """CloudFormation deletes what depends on another before the other."""
    found = fast_log["news-safety"]["Resources"]
    (release,) = (one for one in found.values() if one["Type"] == "Custom::CapacityRelease")
    function = release["Properties"]["ServiceToken"]["Fn::GetAtt"][0]
    assert found[function]["Properties"]["FunctionName"] == "news-capacity"
    assert any(name.startswith("CapacityRole") for name in found[function]["DependsOn"])
    policies = [name for name in found[function]["DependsOn"] if "Policy" in name]
    assert [found[name]["Type"] for name in policies] == ["AWS::IAM::Policy"]


def test_without_the_key_nothing_of_it_is_there(
    chatmrpt: Templates, dns_doors: Templates, two_regions: Templates
) -> None:
    for templates in (chatmrpt, dns_doors, two_regions):
        text = json.dumps(templates)
        assert "CapacityReservation" not in text
        assert "CAPACITY_" not in text
        assert "Custom::CapacityRelease" not in text
