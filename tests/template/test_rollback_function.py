"""The rollback function and its evidence, in a stack of their own."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

from cutover.declaration.endpoints import Endpoint
from cutover.declaration.rollback import PointOfNoReturn, Rollback
from cutover.declaration.service import Service
from cutover.declaration.side import Side
from cutover.doors.switch import Switches
from cutover.functions.evidence import Evidence
from cutover.functions.rollback import RollbackFunction
from cutover.naming import Names
from tests.template.templates import resources


def side(name: str) -> Side:
    return Side(
        load_balancer_dns_name=f"{name}-1.us-east-2.elb.amazonaws.com",
        load_balancer=f"app/{name}/50dc6c495c0c9188",
        target_group=f"targetgroup/{name}/73e2d6bc24d8a067",
    )


POINT = PointOfNoReturn(reason="data migrated", by="ada", on="2026-11-24")


def define(app: cdk.App, name: str, rules: Rollback, *, dns: bool) -> None:
    stack = cdk.Stack(app, name, env=cdk.Environment(region="us-east-1"))
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:us-east-1:111122223333:told")
    layer = lambda_.LayerVersion.from_layer_version_arn(
        stack, "Layer", "arn:aws:lambda:us-east-1:111122223333:layer:awscrt:1"
    )
    RollbackFunction(
        stack,
        "Rollback",
        names=Names("chatmrpt"),
        switches=Switches(
            cloudfront.KeyValueStore(stack, "Store"), "switch-check" if dns else None
        ),
        announcements=topic,
        chat=None,
        service=Service(
            region="us-east-2",
            new_weight=0,
            old=side("old"),
            new=side("new"),
            endpoints=(Endpoint(path="/ping"),),
            rollback=rules,
        ),
        old_entry_check_id="old-entry-check",
        evidence=Evidence(stack, "Evidence").bucket,
        layer=layer,
    )


@cache
def synthesised() -> dict[str, dict[str, Any]]:
    """With the switch of the dns door, and past the point of no return without it."""
    app = cdk.App(analytics_reporting=False)
    define(app, "bare", Rollback(), dns=True)
    define(app, "final", Rollback(point_of_no_return=POINT), dns=False)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return synthesised()["bare"]


def variables(template: dict[str, Any]) -> dict[str, Any]:
    (function,) = resources(template, "AWS::Lambda::Function").values()
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


def test_the_function_is_told_where_to_look_and_how_long_to_wait(template: dict[str, Any]) -> None:
    told = variables(template)
    assert {name: value for name, value in told.items() if isinstance(value, str)} == {
        "SERVICE": "chatmrpt",
        "ANNOUNCEMENTS_TOPIC_ARN": "arn:aws:sns:us-east-1:111122223333:told",
        "SWITCH_HEALTH_CHECK_ID": "switch-check",
        "SERVICE_REGION": "us-east-2",
        "OLD_LOAD_BALANCER": "app/old/50dc6c495c0c9188",
        "OLD_TARGET_GROUP": "targetgroup/old/73e2d6bc24d8a067",
        "NEW_LOAD_BALANCER": "app/new/50dc6c495c0c9188",
        "NEW_TARGET_GROUP": "targetgroup/new/73e2d6bc24d8a067",
        "PROBES_A_MINUTE": "125",
        "MOST_PROBES_A_MINUTE": "181",
        "OLD_ENTRY_HEALTH_CHECK_ID": "old-entry-check",
        "COOL_DOWN_SECONDS": "120",
    }
    (bucket,) = resources(template, "AWS::S3::Bucket")
    assert told["EVIDENCE_BUCKET"] == {"Ref": bucket}


def test_a_point_of_no_return_reaches_the_function_as_it_is_declared() -> None:
    told = variables(synthesised()["final"])
    assert json.loads(told["POINT_OF_NO_RETURN"]) == {
        "reason": "data migrated",
        "by": "ada",
        "on": "2026-11-24",
    }
    assert "SWITCH_HEALTH_CHECK_ID" not in told


def test_the_longest_cool_down_ends_before_the_function_is_ended(template: dict[str, Any]) -> None:
    (function,) = resources(template, "AWS::Lambda::Function").values()
    longest = 180
    assert function["Timeout"] >= longest + 60


def test_each_right_is_to_what_it_is_for(template: dict[str, Any]) -> None:
    rights = {}
    for policy in resources(template, "AWS::IAM::Policy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                rights[action] = statement["Resource"]
    (bucket,) = resources(template, "AWS::S3::Bucket")
    assert rights["s3:PutObject"] == {
        "Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/evidence/chatmrpt/*"]]
    }
    assert json.dumps(rights["events:PutEvents"]).endswith(':event-bus/default"]]}')
    assert {action for action, resource in rights.items() if resource == "*"} == {
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
    }
    assert set(rights) == {
        "cloudfront-keyvaluestore:DescribeKeyValueStore",
        "cloudfront-keyvaluestore:GetKey",
        "cloudfront-keyvaluestore:PutKey",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "events:PutEvents",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "route53:GetHealthCheck",
        "route53:UpdateHealthCheck",
        "s3:PutObject",
        "sns:Publish",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    }


def test_evidence_is_private_versioned_kept_a_year_and_outlives_the_stack(
    template: dict[str, Any],
) -> None:
    (resource,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::S3::Bucket")
    bucket = resource["Properties"]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "AES256" in json.dumps(bucket["BucketEncryption"])
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 400
    (policy,) = resources(template, "AWS::S3::BucketPolicy").values()
    (denied,) = (s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
