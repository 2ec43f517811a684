"""Endpoints whose paths look alike keep checks and alarms of their own."""

from __future__ import annotations

import copy
import json
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from cutover.paths import CDK_JSON
from tests.template.templates import resources

ALIKE = [
    "/",
    "/root",
    "/1-2",
    "/12",
    "/a-b",
    "/a/b",
    "/a.b",
    "/A-b",
    "/a-b/",
    "/%41",
    "/a?b=1&c=(d)",
]


@pytest.fixture(scope="module")
def safety() -> dict[str, Any]:
    context = copy.deepcopy(json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"])
    context["cutover"]["chatmrpt"]["endpoints"] = [{"path": path} for path in ALIKE]
    app = cdk.App(context=context, analytics_reporting=False)
    build(app)
    template: dict[str, Any] = app.synth().get_stack_by_name("chatmrpt-safety").template
    return template


def test_each_path_is_probed_on_both_sides(safety: dict[str, Any]) -> None:
    probed = [
        (
            check["HealthCheckConfig"]["FullyQualifiedDomainName"],
            check["HealthCheckConfig"]["ResourcePath"],
        )
        for check in resources(safety, "AWS::Route53::HealthCheck").values()
        if "ResourcePath" in check["HealthCheckConfig"]
    ]
    assert len(set(probed)) == len(probed) == 2 * len(ALIKE)
    assert {path for _, path in probed} == set(ALIKE)


def test_each_path_has_an_alarm_of_its_own_name(safety: dict[str, Any]) -> None:
    names = [
        alarm["AlarmName"]
        for alarm in resources(safety, "AWS::CloudWatch::Alarm").values()
        if "-endpoint-" in alarm["AlarmName"]
    ]
    assert len(set(names)) == len(names) == 2 * len(ALIKE)
    assert {
        "chatmrpt-new-endpoint-root",
        "chatmrpt-new-endpoint-12",
        "chatmrpt-new-endpoint-a-b",
    } <= set(names)
