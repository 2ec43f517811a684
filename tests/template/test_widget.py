"""The widget's function may read exactly what it shows, and nothing of it knows a weight."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from cdk_nag import AwsSolutionsChecks

from cutover.declaration.reading.context import read_context
from cutover.doors.switch import Switches
from cutover.functions.widget import WidgetFunction
from cutover.naming import Names
from cutover.paths import CDK_JSON, ROOT
from tests.template.cfn_lint import cfn_lint
from tests.template.templates import resources

ROLLBACK = "arn:aws:lambda:us-east-1:123456789012:function:rollback"


@cache
def every_stack() -> dict[str, dict[str, Any]]:
    """A stack with the function for each service, and one for another weight, in one synthesis."""
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, analytics_reporting=False)
    for service, weight in (("chatmrpt", 0), ("chatmrpt", 50), ("shop", 0), ("reports", 0)):
        given = context | {"service": service, "new_weight": str(weight)}
        if service != "chatmrpt":
            given["declaration"] = str(ROOT / "examples" / "dns-door.json")
        (cutover,) = read_context(given)
        stack = cdk.Stack(app, f"{service}-{weight}", env=cdk.Environment(region="us-east-1"))
        WidgetFunction(
            stack,
            "Widget",
            names=Names(service),
            service=cutover.service,
            switches=Switches(
                cloudfront.KeyValueStore(stack, "Store", key_value_store_name="store"),
                None if cutover.service.dns is None else "check-1",
            ),
            rollback=lambda_.Function.from_function_arn(stack, "Rollback", ROLLBACK),
            layer=lambda_.LayerVersion.from_layer_version_arn(
                stack, "Layer", "arn:aws:lambda:us-east-1:123456789012:layer:awscrt:1"
            ),
        )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def synthesised(service: str, weight: int = 0) -> dict[str, Any]:
    return every_stack()[f"{service}-{weight}"]


def actions(template: dict[str, Any]) -> dict[str, str]:
    """Return each action with its resource as JSON; the log group's own are left out."""
    return {
        action: json.dumps(statement["Resource"])
        for policy in resources(template, "AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
        if not action.startswith("logs:")
    }


def variables(template: dict[str, Any]) -> dict[str, Any]:
    (function,) = resources(template, "AWS::Lambda::Function").values()
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


EVERYBODY = {
    "cloudfront-keyvaluestore:GetKey",
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudwatch:GetMetricData",
    "ssm:GetParameter",
}
EDGE = {"cloudfront:GetFunction"}
DNS = {"route53:GetHealthCheck", "route53:ListResourceRecordSets"}


@pytest.mark.parametrize(
    ("service", "may"),
    [
        ("chatmrpt", EVERYBODY | EDGE),
        ("shop", EVERYBODY | DNS),
        ("reports", EVERYBODY | EDGE | DNS),
    ],
)
def test_it_may_read_what_its_doors_have_and_press_no_button(service: str, may: set[str]) -> None:
    assert actions(synthesised(service)).keys() == may


def test_each_right_is_to_one_resource() -> None:
    may = actions(synthesised("reports"))
    assert "stack/reports-traffic/*" in may["cloudformation:GetTemplate"]
    assert "function/reports-router" in may["cloudfront:GetFunction"]
    assert "healthcheck/check-1" in may["route53:GetHealthCheck"]
    assert "hostedzone/Z0123456789ABCDEFGHIJ" in may["route53:ListResourceRecordSets"]
    assert ":parameter/cutover/line" in may["ssm:GetParameter"]
    assert [action for action, resource in may.items() if resource == '"*"'] == [
        "cloudwatch:GetMetricData"
    ]


def test_it_is_told_its_doors_and_the_function_that_the_buttons_call() -> None:
    told = variables(synthesised("chatmrpt"))
    assert told["ROLLBACK_FUNCTION_ARN"] == ROLLBACK
    assert (told["PROBES_A_MINUTE"], told["MOST_PROBES_A_MINUTE"]) == ("328", "448")
    assert told["ROUTER_FUNCTION_NAME"] == "chatmrpt-router"
    assert "SWITCH_HEALTH_CHECK_ID" not in told
    assert "ROUTER_FUNCTION_NAME" not in variables(synthesised("shop"))


def test_a_change_of_weight_changes_nothing_of_it() -> None:
    assert synthesised("chatmrpt", 0) == synthesised("chatmrpt", 50)


def test_cfn_lint_has_nothing_against_it(tmp_path: Path) -> None:
    for service in ("chatmrpt", "reports"):
        text = json.dumps(synthesised(service))
        (tmp_path / f"{service}.json").write_text(text, encoding="utf-8")
    assert cfn_lint(tmp_path) == []
