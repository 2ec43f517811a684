"""The bake: who may do what, how long anybody waits, and that the rules have nothing against it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

from cutover.alarms.alarm import AlarmName
from cutover.doors.switch import Switches
from cutover.functions.bake import BakeFunction
from cutover.naming import Names
from cutover.paths import CDK_JSON
from cutover.promotion.bake import Bake
from tests.template.cfn_lint import cfn_lint
from tests.template.templates import Templates, resources

NAMES = Names("shop")


@cache
def synthesised() -> dict[str, dict[str, Any]]:
    """The function's stack, and for 0, 5 and 55 minutes a stack with the resource."""
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, analytics_reporting=False)
    env = cdk.Environment(region="us-east-1")
    safety = cdk.Stack(app, "safety", env=env)
    function = BakeFunction(
        safety,
        "Bake",
        names=NAMES,
        switches=Switches(cloudfront.KeyValueStore(safety, "Store"), "check-1"),
        announcements=sns.Topic.from_topic_arn(
            safety, "Told", "arn:aws:sns:us-east-1:123456789012:shop-announcements"
        ),
        chat=None,
        hook=None,
        layer=lambda_.LayerVersion.from_layer_version_arn(
            safety, "Layer", "arn:aws:lambda:us-east-1:123456789012:layer:awscrt:1"
        ),
    )
    for minutes in (0, 5, 55):
        Bake(
            cdk.Stack(app, f"traffic-{minutes}", env=env),
            "Bake",
            names=NAMES,
            new_weight=25,
            bake_minutes=minutes,
            alarms=[
                AlarmName("us-east-2", "shop-new-5xx-hard"),
                AlarmName("us-east-1", "shop-edge"),
            ],
        )
    for minutes in (5, 50):
        Bake(
            cdk.Stack(app, f"edge-{minutes}", env=env),
            "Bake",
            names=NAMES,
            new_weight=25,
            bake_minutes=minutes,
            alarms=[],
            distribution_id="EDFDVBD6EXAMPLE",
            function_role=function.role,
        )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def statements(template: dict[str, Any], word: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in resources(template, "AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if word in json.dumps(statement["Action"])
    ]


def test_the_resource_says_what_is_watched_and_finds_its_function_by_name() -> None:
    (bake,) = resources(synthesised()["traffic-5"], "Custom::Bake").values()
    assert (bake["NewWeight"], bake["BakeMinutes"]) == (25, 5)
    assert bake["Alarms"] == [
        {"Region": "us-east-2", "Name": "shop-new-5xx-hard"},
        {"Region": "us-east-1", "Name": "shop-edge"},
    ]
    token = bake["ServiceToken"]["Fn::Sub"]
    functions = resources(synthesised()["safety"], "AWS::Lambda::Function").values()
    assert token.rpartition(":")[2] in {f.get("FunctionName") for f in functions}


@pytest.mark.parametrize(("minutes", "seconds"), [(0, "300"), (5, "600"), (55, "3600")])
def test_cloudformation_waits_no_longer_than_the_bake_and_five_minutes(
    minutes: int, seconds: str
) -> None:
    (bake,) = resources(synthesised()[f"traffic-{minutes}"], "Custom::Bake").values()
    assert bake["ServiceTimeout"] == seconds


@pytest.mark.parametrize(("minutes", "seconds"), [(5, "1200"), (50, "3600")])
def test_with_an_edge_it_waits_for_the_distribution_too_and_never_longer_than_an_hour(
    minutes: int, seconds: str
) -> None:
    (bake,) = resources(synthesised()[f"edge-{minutes}"], "Custom::Bake").values()
    assert (bake["ServiceTimeout"], bake["DistributionId"]) == (seconds, "EDFDVBD6EXAMPLE")


def test_it_may_see_its_own_distribution_and_no_other(chatmrpt: Templates) -> None:
    template = chatmrpt["chatmrpt-traffic"]
    ((distribution, _),) = resources(template, "AWS::CloudFront::Distribution").items()
    (policy,) = resources(template, "AWS::IAM::Policy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "cloudfront:GetDistribution"
    parts = statement["Resource"]["Fn::Join"][1]
    assert parts[-2:] == [":distribution/", {"Fn::GetAtt": [distribution, "Id"]}]
    (role,) = policy["Roles"]
    assert "BakeRole" in json.dumps(role)
    # A right that is there after the question was asked is too late.
    (bake,) = (r for r in template["Resources"].values() if r["Type"] == "Custom::Bake")
    assert any("MaySeeTheDistribution" in needed for needed in bake["DependsOn"])


def test_it_is_asked_every_five_seconds_for_an_hour_and_every_event_is_logged() -> None:
    safety = synthesised()["safety"]
    (machine,) = resources(safety, "AWS::StepFunctions::StateMachine").values()
    definition = "".join(
        part if isinstance(part, str) else "arn"
        for part in machine["DefinitionString"]["Fn::Join"][1]
    )
    task = json.loads(definition)["States"]["framework-isComplete-task"]
    (retry,) = task["Retry"]
    assert (retry["IntervalSeconds"], retry["MaxAttempts"], retry["BackoffRate"]) == (5, 720, 1)
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)


def test_it_may_look_and_nothing_else() -> None:
    safety = synthesised()["safety"]
    (alarms,) = statements(safety, "cloudwatch:")
    assert set(alarms["Action"]) == {
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DescribeAlarmHistory",
    }
    (check,) = statements(safety, "route53:")
    assert check["Action"] == "route53:GetHealthCheck"
    assert "healthcheck/check-1" in json.dumps(check["Resource"])
    (store,) = statements(safety, "cloudfront-keyvaluestore:")
    assert "PutKey" not in json.dumps(store["Action"])
    (stack,) = statements(safety, "cloudformation:")
    assert "stack/shop-traffic/*" in json.dumps(stack["Resource"])
    managed = [r.get("ManagedPolicyArns") for r in resources(safety, "AWS::IAM::Role").values()]
    assert managed == [None] * len(managed)


def test_cfn_lint_has_nothing_against_it(tmp_path: Path) -> None:
    for name, template in synthesised().items():
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    assert cfn_lint(tmp_path) == []
