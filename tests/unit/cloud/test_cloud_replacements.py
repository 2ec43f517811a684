"""A change set of the embedded cloud says what the registry says of a replacement."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.services.cloudformation import provisioners, stacks

from rehearsal.cloud.taught import replacements


@pytest.fixture(autouse=True)
def taught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        provisioners, "_REPLACING_PROPERTIES", dict(provisioners._REPLACING_PROPERTIES)
    )
    monkeypatch.setattr(stacks, "_property_recreation", provisioners._property_recreation)
    replacements.teach()


def door(weight: int) -> dict[str, Any]:
    """Return an edge door at `weight`, with what looks at it."""
    distribution = {"Fn::GetAtt": ["Edge", "Id"]}
    function = {"Fn::GetAtt": ["Router", "FunctionARN"]}
    properties = {
        "Router": (
            "AWS::CloudFront::Function",
            {"Name": "router", "FunctionCode": f"percent('{weight}')"},
        ),
        "Edge": ("AWS::CloudFront::Distribution", {"DistributionConfig": {"Function": function}}),
        "Alarm": ("AWS::CloudWatch::Alarm", {"AlarmName": "edge", "Metrics": [distribution]}),
        "Policy": ("AWS::IAM::Policy", {"PolicyDocument": {"Resource": distribution}}),
        "Dashboard": ("AWS::CloudWatch::Dashboard", {"DashboardBody": distribution}),
    }
    return {
        "Resources": {
            id_: {"Type": kind, "Properties": held} for id_, (kind, held) in properties.items()
        }
    }


def said(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    changes = [change["ResourceChange"] for change in stacks._diff_resources(before, after)]
    return {change["LogicalResourceId"]: change["Replacement"] for change in changes}


def test_a_weight_replaces_nothing_and_nothing_that_looks_at_the_door() -> None:
    assert said(door(10), door(25)) == dict.fromkeys(
        ["Alarm", "Dashboard", "Edge", "Policy", "Router"], "False"
    )


@pytest.mark.parametrize(
    ("kind", "name", "recreation"),
    [
        ("AWS::CloudWatch::Alarm", "AlarmName", "True"),
        ("AWS::CloudWatch::Alarm", "Threshold", "False"),
        ("AWS::Route53::HealthCheck", "HealthCheckConfig", "Conditional"),
        ("AWS::Events::Rule", "EventBusName", "Conditional"),
        ("AWS::Route53::RecordSet", "Weight", "False"),
        ("AWS::Route53::RecordSet", "SetIdentifier", "True"),
        ("Custom::Other", "Anything", "Conditional"),
    ],
)
def test_a_change_says_what_the_registry_says(kind: str, name: str, recreation: str) -> None:
    before, after = (
        {"Resources": {"One": {"Type": kind, "Properties": {name: value}}}} for value in "ab"
    )
    assert said(before, after) == {"One": recreation}
